"""The real matchers with real libraries: who matches whom, and everything that must leave them in doubt."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image, ImageFilter

from kiosk.devices.biometrics import verdict
from kiosk.devices.biometrics.matcher import Matcher, face_matcher, finger_matcher
from kiosk.devices.biometrics.process import Worker
from kiosk.devices.contract import Band, Doubt, MatchEnd, MatchReport, Picture, Reason, ScoreBand
from kiosk.devices.simulated.sight_doubles import SightDouble
from tests.devices.biometrics import portraits as p
from tests.devices.biometrics.warm import warmed
from tests.devices.waiting import until

LIMIT_S = 100.0
"""Where time is not the subject."""


def face(images: list[Image.Image], reference: bytes | None) -> MatchReport:
    """One comparison; whatever comes of it, no picture is left in memory."""
    double = SightDouble([p.picture(image) for image in images])
    report = warmed(face_matcher(double)).match(reference, LIMIT_S, threading.Event())
    assert double.taken
    assert double.closed == 1, "the camera stayed on"
    assert all(not any(taken.pixels) for taken in double.taken), "a picture was not wiped"
    return report


def finger(images: list[Image.Image], reference: bytes | None) -> MatchReport:
    double = SightDouble([p.picture(image) for image in images])
    report = warmed(finger_matcher(double)).match(reference, LIMIT_S, threading.Event())
    assert all(not any(taken.pixels) for taken in double.taken)
    return report


def unsure(doubt: Doubt) -> MatchReport:
    return MatchReport(MatchEnd.NOT_SURE, doubt)


# --- faces


def test_one_person_matches_their_chip_photo() -> None:
    """With a process of its own, as every comparison of a visit."""
    double = SightDouble([p.picture(p.astronaut())])
    report = face_matcher(double).match(p.chip_photo(), LIMIT_S, threading.Event())
    assert report == MatchReport(MatchEnd.MATCH, band=ScoreBand.STRONG)
    assert double.closed == 1
    assert all(not any(taken.pixels) for taken in double.taken)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.convert("L"),
        lambda image: image.rotate(10, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90)),
        lambda image: image.point(lambda value: int(value * 0.5)),
        lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda image: image.resize((1280, 1280)).crop((0, 0, 1280, 900)),
    ],
    ids=["grey", "tilted", "dim", "mirrored", "large"],
)
def test_one_person_matches_in_other_light_and_poses(change: Callable[[Image.Image], Image.Image]) -> None:
    assert face([change(p.astronaut())], p.jpeg(p.astronaut())).end is MatchEnd.MATCH


def test_somebody_else_does_not_match() -> None:
    assert face([p.drawn_face()], p.chip_photo()) == MatchReport(MatchEnd.NO_MATCH)
    assert face([p.astronaut()], p.jpeg(p.drawn_face((120, 80, 60), 18, 55))) == MatchReport(MatchEnd.NO_MATCH)


def test_a_change_of_person_in_front_of_the_camera_is_doubt() -> None:
    assert face([p.astronaut(), p.drawn_face()], p.chip_photo()).end is MatchEnd.NOT_SURE


def test_between_the_thresholds_is_doubt() -> None:
    double = SightDouble([p.picture(p.astronaut())])
    strict = verdict.Thresholds(accept=0.01, reject=0.6, strong=0.01, is_distance=True)
    report = warmed(face_matcher(double, thresholds=strict)).match(p.chip_photo(), LIMIT_S, threading.Event())
    assert report == unsure(Doubt.BETWEEN)


@pytest.mark.parametrize(
    ("image", "doubt"),
    [
        (lambda: Image.new("RGB", (640, 480), (120, 120, 120)), Doubt.NOBODY),
        (lambda: Image.new("RGB", (640, 480), (3, 3, 3)), Doubt.TOO_DARK),
        (lambda: Image.new("RGB", (640, 480), (254, 254, 254)), Doubt.TOO_BRIGHT),
        (lambda: Image.effect_noise((640, 480), 120), Doubt.NOBODY),
        (lambda: p.astronaut().filter(ImageFilter.GaussianBlur(3)), Doubt.BLURRED),
        (lambda: p.astronaut().point(lambda value: int(value * 0.12)), Doubt.TOO_DARK),
        (lambda: _two(), Doubt.SEVERAL),
        (lambda: p.astronaut().resize((60, 60)), Doubt.TOO_SMALL),
        (lambda: Image.new("RGB", (1, 1)), Doubt.TOO_SMALL),
    ],
    ids=["wall", "dark", "bright", "noise", "blurred", "dim-face", "two", "far", "pixel"],
)
def test_what_can_not_be_compared_is_doubt(image: Callable[[], Image.Image], doubt: Doubt) -> None:
    assert face([image()], p.chip_photo()) == unsure(doubt)


def _two() -> Image.Image:
    both = Image.new("RGB", (912, 512), (150, 160, 170))
    both.paste(p.astronaut(), (0, 0))
    both.paste(p.drawn_face().resize((160, 192)), (612, 100))
    return both


@pytest.mark.parametrize(
    "reference",
    [
        b"",
        b"\0" * 5000,
        b"\xff\xd8\xff\xe0" + b"\0" * 400,
        lambda: p.chip_photo()[:-700],
        lambda: p.jpeg(Image.new("RGB", (200, 200), (90, 90, 90))),
        lambda: p.png(Image.new("I;16", (200, 200), 30_000)),
        lambda: p.png(Image.new("RGB", (3000, 3000))),
        lambda: p.jpeg(_two()),
        lambda: b"GIF89a" + p.chip_photo(),
        lambda: p.chip_photo() + b"\0" * (1 << 20),
    ],
    ids=["empty", "zeros", "head", "cut", "nobody", "sixteen-bit", "huge", "two", "gif", "long"],
)
def test_a_reference_that_is_no_portrait_is_doubt(reference: bytes | Callable[[], bytes]) -> None:
    data = reference() if callable(reference) else reference
    double = SightDouble([p.picture(p.astronaut())])
    assert warmed(face_matcher(double)).match(data, LIMIT_S, threading.Event()) == unsure(Doubt.REFERENCE_UNUSABLE)


def test_without_a_reference_the_frames_are_looked_at_all_the_same() -> None:
    """Nobody who watches the screen learns whether the office knows the person."""
    double = SightDouble([p.picture(p.astronaut())])
    assert face_matcher(double).match(None, LIMIT_S, threading.Event()) == MatchReport(MatchEnd.NO_MATCH)
    assert len(double.taken) > 1
    assert all(not any(taken.pixels) for taken in double.taken)
    assert face([Image.new("RGB", (640, 480), (3, 3, 3))], None) == unsure(Doubt.TOO_DARK)


# --- fingers


def test_one_finger_matches_turned_and_noisy() -> None:
    report = finger([p.finger(1, turn=8, noise=12)], p.template(p.finger(1)))
    assert report == MatchReport(MatchEnd.MATCH, band=ScoreBand.STRONG)


@pytest.mark.parametrize("other", [2, 3, 4])
def test_another_finger_never_matches(other: int) -> None:
    assert finger([p.finger(other)], p.template(p.finger(1))).end in (MatchEnd.NO_MATCH, MatchEnd.NOT_SURE)


@pytest.mark.parametrize(
    ("image", "doubt"),
    [
        (lambda: Image.new("L", (300, 300), 250), Doubt.NOBODY),
        (lambda: Image.new("L", (300, 300), 5), Doubt.TOO_DARK),
        (lambda: Image.new("L", (300, 300), 128), Doubt.BLURRED),
        (lambda: Image.new("L", (40, 40), 128), Doubt.TOO_SMALL),
        (lambda: _corner(), Doubt.FEW_MINUTIAE),
        (
            lambda: Image.frombytes("L", (300, 300), bytes((x // 9 % 2) * 200 for x in range(300)) * 300),
            Doubt.FEW_MINUTIAE,
        ),
    ],
    ids=["glass", "dark", "grey", "small", "corner", "stripes"],
)
def test_what_is_no_finger_is_doubt(image: Callable[[], Image.Image], doubt: Doubt) -> None:
    assert finger([image()], p.template(p.finger(1))) == unsure(doubt)


def _corner() -> Image.Image:
    glass = Image.new("L", (200, 200), 245)
    glass.paste(p.finger(1).crop((100, 100, 200, 200)), (0, 0))
    return glass


@pytest.mark.parametrize("cut", [0, 10, 28, 31, 100, 300])
def test_a_template_cut_short_is_doubt(cut: int) -> None:
    assert finger([p.finger(1)], p.template(p.finger(1))[:cut]).end is MatchEnd.NOT_SURE


# --- life


@pytest.mark.parametrize("make", [face_matcher, finger_matcher])
def test_a_sensor_that_is_away_says_so(make: Callable[[SightDouble], Matcher]) -> None:
    double = SightDouble()
    double.switch(False)
    matcher = make(double)
    assert matcher.match(b"x", 5.0, threading.Event()) == MatchReport(MatchEnd.NO_DEVICE)
    matcher.start()
    until(lambda: matcher.status().reasons == (Reason.AWAY,), "away", 5)
    matcher.stop()


def test_a_package_that_is_missing_is_a_device_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = face_matcher(SightDouble([p.picture(p.astronaut())]))
    monkeypatch.setattr(matcher, "_package", "no_such_package_of_ours")
    assert matcher.match(None, 5.0, threading.Event()) == MatchReport(MatchEnd.NO_DEVICE)
    matcher.start()
    until(lambda: matcher.status().reasons == (Reason.NOT_CONFIGURED,), "not configured", 5)
    assert matcher.status().band is Band.UNKNOWN
    matcher.stop()


def test_a_silent_sensor_times_out_at_the_deadline() -> None:
    double = SightDouble()
    began = time.monotonic()
    assert finger_matcher(double).match(None, 1.5, threading.Event()) == MatchReport(MatchEnd.TIMED_OUT)
    assert 1.5 <= time.monotonic() - began < 6


def test_the_deadline_ends_a_comparison_that_learns_nothing() -> None:
    """However long the worker needs to be ready: it looks until the time is over, and no longer."""
    ready = threading.Event()
    double = SightDouble([p.picture(Image.new("RGB", (640, 480), (120, 120, 120)))], lambda number: ready.set())
    matcher = face_matcher(double)
    limit_s = 4.0
    while True:
        began = time.monotonic()
        report = matcher.match(None, limit_s, threading.Event())
        assert limit_s <= time.monotonic() - began < limit_s + 5
        if ready.is_set() and report.end is not MatchEnd.TIMED_OUT:
            break
        limit_s *= 2
        assert limit_s < LIMIT_S, "the weights were never loaded"
    assert report == unsure(Doubt.NOBODY)
    assert len(double.taken) > 1


def test_a_deadline_before_the_weights_are_loaded_is_a_time_out() -> None:
    double = SightDouble([p.picture(p.astronaut())])
    assert face_matcher(double).match(p.chip_photo(), 0.02, threading.Event()) == MatchReport(MatchEnd.TIMED_OUT)


def test_cancel_ends_it_at_once_and_before_it_begins() -> None:
    double = SightDouble()
    cancel = threading.Event()
    threading.Timer(0.5, cancel.set).start()
    began = time.monotonic()
    assert finger_matcher(double).match(None, 30.0, cancel) == MatchReport(MatchEnd.CANCELLED)
    assert time.monotonic() - began < 6
    assert finger_matcher(double).match(None, 30.0, cancel) == MatchReport(MatchEnd.CANCELLED)


def test_unplugged_in_the_middle_is_no_device() -> None:
    double = SightDouble([p.picture(Image.new("RGB", (640, 480), (120, 120, 120)))])
    double._during = lambda number: double.switch(False) if number == 2 else None
    assert warmed(face_matcher(double)).match(p.chip_photo(), LIMIT_S, threading.Event()).end is MatchEnd.NO_DEVICE


def test_a_second_comparison_does_not_wait_for_the_first() -> None:
    double = SightDouble()
    matcher = finger_matcher(double)
    cancel = threading.Event()
    first = threading.Thread(target=matcher.match, args=(None, 30.0, cancel))
    first.start()
    until(matcher._one.locked, "the first runs", 5)
    assert matcher.match(None, 5.0, threading.Event()) == MatchReport(MatchEnd.CANCELLED)
    cancel.set()
    first.join(5)
    assert not first.is_alive()


def test_a_worker_that_is_killed_is_no_device_and_leaves_nothing() -> None:
    workers: list[Worker] = []

    def worker(kind: str) -> Worker:
        workers.append(Worker(kind))
        return workers[-1]

    double = SightDouble([p.picture(Image.new("RGB", (640, 480), (120, 120, 120)))])
    double._during = lambda number: os.kill(workers[0].pid, 9) if number == 1 else None
    matcher = face_matcher(double)
    matcher._worker = worker
    assert matcher.match(p.chip_photo(), LIMIT_S, threading.Event()) == MatchReport(MatchEnd.NO_DEVICE)
    assert workers[0]._process.poll() is not None
    assert all(not any(taken.pixels) for taken in double.taken)


def test_nothing_shows_a_picture_or_a_reference() -> None:
    shown = repr(p.picture(p.drawn_face())) + repr(MatchReport(MatchEnd.MATCH, band=ScoreBand.CLEAR))
    assert "pixels" not in shown
    assert len(shown) < 250


# --- verdicts, without any library


def test_thresholds_leave_room_for_doubt() -> None:
    with pytest.raises(ValueError, match="room for doubt"):
        replace(verdict.FACE, accept=0.6)
    with pytest.raises(ValueError, match="room for doubt"):
        verdict.Thresholds(accept=30, reject=60, strong=30, is_distance=False)


def test_wrong_numbers_of_a_picture_are_doubt() -> None:
    wrong = Picture(640, 480, 3, bytearray(100))
    assert warmed(face_matcher(SightDouble([wrong]))).match(None, LIMIT_S, threading.Event()) == unsure(Doubt.NOBODY)
