"""A power cut at any moment of a traced run: the disk as it could then be, and whether the kiosk's promises hold on it.

A kill leaves the page cache, a power cut does not: of each file only what was synced is sure. Of the rest any part may
have reached the disk, in any order, a write even in half. The real store is opened on what is left.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.store import audit
from kiosk.store.database import open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from tests.crash.driver import KEY
from tests.crash.trace import Event, Kind

FILES = ("kiosk.db", "kiosk.db-wal")
MOST_SUBSETS = 6
_RANK = {"": 0, "intended": 1, "granted": 2, "verified": 3, "created": 4, "sent": 5, "settled": 6, "reported": 7}
_STEP_RANK = {"intend": 1, "granted": 2, "verified": 3, "created": 4, "sent": 5, "settle": 6, "delivered": 7}
_BEFORE = {"grant": 1, "fetch": 2, "create": 3, "send": 4, "post": 6}
"""How far the journal must be before each of these leaves."""

Image = Mapping[str, bytes]


@dataclass
class Disk:
    """Files with what is sure of them, and what is written and not yet synced."""

    sure: dict[str, bytes] = field(default_factory=dict)
    waiting: dict[str, list[Event]] = field(default_factory=dict)

    def happen(self, event: Event) -> None:
        """Take one event of the trace."""
        if event.name not in FILES:
            return
        if event.kind is Kind.SYNC:
            content = self.sure.get(event.name)
            for one in self.waiting.pop(event.name, []):
                content = _applied(content, one)
            if content is not None:
                self.sure[event.name] = content
        elif event.kind in (Kind.WRITE, Kind.TRUNCATE, Kind.GONE):
            self.waiting.setdefault(event.name, []).append(event)

    def images(self) -> Iterator[Image]:
        """What could lie there when the power comes back, within bounds: nothing unsynced, each beginning of it, each
        part alone, all but each part, and the last write in half; of both files against each other."""
        for name, waiting in [*self.waiting.items(), ("", [])]:
            chosen = [waiting[:count] for count in range(len(waiting) + 1)]
            chosen += [[one] for one in waiting[-MOST_SUBSETS:]]
            chosen += [[one for one in waiting if one is not left] for left in waiting[-MOST_SUBSETS:]]
            if waiting and waiting[-1].kind is Kind.WRITE:
                last = waiting[-1]
                half = Event(Kind.WRITE, last.name, last.data[: len(last.data) // 2], last.offset)
                chosen.append([*waiting[:-1], half])
            for others in ((), tuple(other for other in self.waiting if other != name)):
                for part in chosen:
                    yield self._with({name: part} | {other: self.waiting[other] for other in others})

    def _with(self, parts: Mapping[str, list[Event]]) -> Image:
        files: dict[str, bytes | None] = dict(self.sure)
        for name, part in parts.items():
            for event in part:
                files[name] = _applied(files.get(name), event)
        return {name: content for name, content in files.items() if content is not None and name}


def _applied(content: bytes | None, event: Event) -> bytes | None:
    if event.kind is Kind.GONE:
        return None
    content = content or b""
    if event.kind is Kind.TRUNCATE:
        return content[: event.offset].ljust(event.offset, b"\0")
    end = event.offset + len(event.data)
    return content.ljust(event.offset, b"\0")[: event.offset] + event.data + content[end:]


@dataclass(frozen=True, slots=True)
class Found:
    """What the store says after the power came back; ``fault`` is empty when it opened whole."""

    state: str = ""
    grant_id: str | None = None
    waiting: tuple[str, ...] = ()
    fault: str = ""


def power_cuts(
    events: list[Event], start: Image, folder: Path, *, is_one_enough: bool = False
) -> tuple[int, list[str]]:
    """Cut the power at every moment. How many disks were looked at, and all that did not hold, or the first of it."""
    disk = Disk(dict(start))
    seen: dict[str, Found] = {}
    broken: list[str] = []
    acked = asked = 0
    has_answered = False
    for number, event in enumerate(events):
        disk.happen(event)
        if event.kind is Kind.MARK and event.name.startswith("end "):
            acked = max(acked, _STEP_RANK[event.name[4:]])
        elif event.kind is Kind.ACT:
            asked = max(asked, _BEFORE.get(event.name, 0))
        elif event.kind is Kind.ANSWER and event.name == "post":
            has_answered = True
        for image in disk.images():
            digest = digest_of(image)
            if digest not in seen:
                seen[digest] = _look(image, folder / f"cut-{len(seen):05d}")
            fault = _judge(seen[digest], acked, asked, has_answered=has_answered)
            if fault:
                broken.append(f"after event {number} ({event.kind} {event.name}): {fault}")
                if is_one_enough:
                    return len(seen), broken
    return len(seen), broken


def _judge(found: Found, acked: int, asked: int, *, has_answered: bool) -> str:
    if found.fault:
        return found.fault
    rank = _RANK[found.state]
    if rank < acked:
        return f"the journal answered for step {acked}, and after the cut it stands at {rank}"
    if rank < asked:
        return f"the world was asked what needs step {asked}, and after the cut the journal stands at {rank}"
    if found.state == "reported" and not has_answered:
        return "reported, but the office never answered"
    if found.state == "settled" and not found.waiting:
        return "settled, and nothing waits for the office"
    return ""


def digest_of(image: Image) -> str:
    return hashlib.sha256(
        b"".join(name.encode() + hashlib.sha256(image[name]).digest() for name in sorted(image))
    ).hexdigest()


def _look(image: Image, folder: Path) -> Found:
    folder.mkdir()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    opened = open_store(folder / "kiosk.db", KEY)
    try:
        if opened.set_aside is not None:
            return Found(fault="the store was set aside")
        link = audit.verify(opened.store)
        if link is not None:
            return Found(fault=f"the chain is broken at {link}")
        journal = Journal(opened.store)
        records = [*journal.open_prints(), *journal.settled_since(0)]
        waiting = tuple(row.key for row in OutboxStore(opened.store).heads())
    finally:
        opened.store.close()
    if not records:
        return Found()
    return Found(str(records[0].state), records[0].grant_id, waiting)
