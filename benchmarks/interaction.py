"""Touch to pixel: keys of the pad, page changes over every kind of page, and the first preview of a document.

A session starts a program, walks the round of pages while everything is new, and then walks it again and again; keys
and previews are measured on their pages in the middle of a walk. Sessions of the two programs alternate.
"""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import Metric, compare, rounded
from benchmarks.pages import ROUND
from benchmarks.rivals import Ours, Rival
from benchmarks.screen import POLL_S, Ink, NeverChangedError, Zone

SESSIONS = 3
WALKS = 2
"""Measured walks in a session, after the one in which everything is new."""
TAPS = 25
"""Key touches in each measured walk."""
PREVIEWS = 3
"""Documents opened in each session."""
PAUSE_S = (0.20, 0.26)
"""Between a page and the next touch, the same for both: longer than the slide of ours."""
AT_REST_S = 0.08
PREVIEW_S = 1.6

TITLE_SHARE = 0.6


@dataclass
class Samples:
    """Milliseconds of one program."""

    feedback: list[float] = field(default_factory=list)
    digit: list[float] = field(default_factory=list)
    change: dict[str, list[float]] = field(default_factory=dict)
    first_change: dict[str, list[float]] = field(default_factory=dict)
    preview: list[float] = field(default_factory=list)
    first_preview: list[float] = field(default_factory=list)

    @property
    def taps(self) -> list[float]:
        return self.feedback + self.digit

    @property
    def changes(self) -> list[float]:
        return [value for values in self.change.values() for value in values]

    @property
    def first_changes(self) -> list[float]:
        return [value for values in self.first_change.values() for value in values]


def _pause() -> None:
    time.sleep(random.uniform(*PAUSE_S))


class Session:
    """One start of one program."""

    def __init__(self, rival: Rival, samples: Samples, papers: list[Path]) -> None:
        self._rival = rival
        self._screen = rival.screen
        self._samples = samples
        self._papers = papers

    def run(self, *, has_taps: bool, has_pages: bool, has_previews: bool) -> None:
        rival = self._rival
        rival.open("attract")
        try:
            if isinstance(rival, Ours):
                rival.tell(do="papers", papers=[str(paper) for paper in self._papers])
            rival.wait_page("attract")
            # The first walk begins as soon as the first page stands there: whatever is built ahead is built beside it.
            self._walk(self._samples.first_change, 0, 0)
            for walk in range(WALKS if has_pages or has_taps else 1):
                previews = PREVIEWS if has_previews and walk == 0 else 0
                self._walk(self._samples.change, TAPS if has_taps else 0, previews)
        finally:
            rival.close()

    def _walk(self, into: dict[str, list[float]], taps: int, previews: int) -> None:
        names = list(ROUND)
        for number, (here, there) in enumerate(zip(names, names[1:] + names[:1], strict=True)):
            if taps and here == "nik":
                self._type(taps)
            if previews and here == "documents":
                for document in range(previews):
                    self._preview(is_first=document == 0)
            into.setdefault(there, []).append(self._change(here, there, 0.25 if number % 2 else 0.75))

    def _change(self, here: str, there: str, across: float) -> float:
        """Touch the control that leads on; milliseconds to the first frame with the new title.

        ``across`` is where on the control: no touch comes so near the last one that ours takes it for a double tap.
        """
        place = self._rival.places[there]
        ink = place.ink
        assert ink is not None
        control = self._rival.places[here].controls[ROUND[here]]
        self._screen.point((control.x + round(control.width * across), control.middle[1]))
        _pause()
        # At rest: a title that still slides would pass for the next one.
        before = self._screen.settle(place.title, AT_REST_S)
        self._screen.press()
        time.sleep(random.uniform(0.03, 0.06))
        began = self._screen.release()

        def is_there(seen: bytes) -> bool:
            return seen != before and ink.is_written(seen, TITLE_SHARE)

        return (self._screen.wait(place.title, is_there) - began) * 1000

    # --- keys

    def _type(self, count: int) -> None:
        """Each touch gives two samples: press to the key's answer, release to the digit in its field."""
        place = self._rival.places["nik"]
        field_zone = self._field(place.controls)
        typed = 0
        for _ in range(count):
            if typed == 12:
                self._screen.tap(place.controls["key-clear"].middle)
                typed = 0
                time.sleep(0.2)
            key = place.controls[f"key-{random.randint(0, 9)}"]
            corner = Zone(key.x + 24, key.y + key.height // 3, key.width // 5, 8)
            self._screen.point(key.middle)
            time.sleep(random.uniform(0.05, 0.09))
            before = self._screen.look(corner)
            field_before = self._screen.look(field_zone)
            pressed = self._screen.press()
            answered = self._screen.wait(corner, lambda seen, before=before: seen != before)  # type: ignore[misc]
            if self._screen.look(field_zone) != field_before:
                raise NeverChangedError("the digit came before the finger left")
            time.sleep(random.uniform(0.03, 0.06))
            released = self._screen.release()
            shown = self._screen.wait(field_zone, lambda seen, before=field_before: seen != before)  # type: ignore[misc]
            self._samples.feedback.append((answered - pressed) * 1000)
            self._samples.digit.append((shown - released) * 1000)
            typed += 1
        self._screen.tap(place.controls["key-clear"].middle)

    def _field(self, controls: dict[str, Zone]) -> Zone:
        """A slice through the row of digits, right above the pad and left of what stands beside it."""
        top = controls["key-1"].y
        right = controls["show-digits"].x - 4 if "show-digits" in controls else 1080 - 90
        return Zone(90, top - 26 - 64, right - 90, 14)

    # --- previews

    def _preview(self, *, is_first: bool) -> None:
        """Touch a document that was never shown; milliseconds to its page's pixels."""
        places = self._rival.places
        picture = places["preview"].controls["picture"]
        band = Zone(picture.x + 30, picture.y + round(picture.height * 0.42), picture.width - 60, 24)
        self._screen.point(places["documents"].controls["doc:2"].middle)
        _pause()
        frames = [(0.0, self._screen.look(band))]
        self._screen.press()
        time.sleep(random.uniform(0.03, 0.06))
        began = self._screen.release()
        while time.perf_counter() - began < PREVIEW_S:
            seen = self._screen.look(band)
            now = time.perf_counter()
            if seen != frames[-1][1]:
                frames.append((now, seen))
            time.sleep(POLL_S)
        milliseconds = (first_frame_of(frames) - began) * 1000
        (self._samples.first_preview if is_first else self._samples.preview).append(milliseconds)
        self._screen.tap(places["preview"].controls["back"].middle)
        ink = places["documents"].ink
        assert ink is not None
        title = places["documents"].title
        self._screen.wait(title, lambda seen: seen == ink.settled)


def first_frame_of(frames: list[tuple[float, bytes]]) -> float:
    """The moment of the first frame that holds what the last one shows, wherever it still slides to.

    The first frame of the list is the old page. Raises NeverChangedError when nothing tells the two apart.
    """
    ink = Ink(frames[-1][1])

    def holds(seen: bytes) -> bool:
        return 0.6 * ink.amount <= ink.count(seen) <= 1.5 * ink.amount

    if ink.amount < 200 or holds(frames[0][1]):
        raise NeverChangedError("the document cannot be told from the page before")
    return next(at for at, seen in frames[1:] if holds(seen))


def measure(rivals: tuple[Rival, Rival], papers: list[Path], names: set[str]) -> list[Metric]:
    """Sessions of both in turn; the metrics asked for."""
    samples = (Samples(), Samples())
    wants = {
        "has_taps": bool(names & {"tap_to_frame_p50", "tap_to_frame_p99"}),
        "has_pages": bool(names & {"page_change_p50", "page_change_p99", "page_first_build"}),
        "has_previews": "first_preview" in names,
    }
    for rival in rivals:
        if not rival.places:
            rival.learn()
    for number in range(SESSIONS):
        mine = papers[number * PREVIEWS : (number + 1) * PREVIEWS]
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for side in order:
            Session(rivals[side], samples[side], mine).run(**wants)
    ours, peer = samples
    return [metric for metric in _metrics(ours, peer, **wants) if metric.name in names]


def _metrics(ours: Samples, peer: Samples, *, has_taps: bool, has_pages: bool, has_previews: bool) -> list[Metric]:
    found = []
    if has_taps:
        parts: dict[str, Any] = {}
        for key, mine, other in (("feedback", ours.feedback, peer.feedback), ("digit", ours.digit, peer.digit)):
            both = compare(key, "ms", mine, other, 0.5, None)
            parts[f"{key}_ours"], parts[f"{key}_peer"] = both.ours, both.peer
        found.append(compare("tap_to_frame_p50", "ms", ours.taps, peer.taps, 0.5, None, **parts))
        found.append(compare("tap_to_frame_p99", "ms", ours.taps, peer.taps, 0.99, 0.35))
    if has_pages:
        slowest = sorted(ours.change, key=lambda name: -median(ours.change[name]))
        by_page = {name: [rounded(median(side.change[name])) for side in (ours, peer)] for name in slowest}
        found.append(compare("page_change_p50", "ms", ours.changes, peer.changes, 0.5, 0.45, medians_by_page=by_page))
        found.append(compare("page_change_p99", "ms", ours.changes, peer.changes, 0.99, 0.6))
        found.append(compare("page_first_build", "ms", ours.first_changes, peer.first_changes, 0.5, None))
    if has_previews:
        found.append(
            compare(
                "first_preview",
                "ms",
                ours.preview + ours.first_preview,
                peer.preview + peer.first_preview,
                0.5,
                0.2,
                very_first_ours=max(ours.first_preview),
                very_first_peer=max(peer.first_preview),
            )
        )
    return found
