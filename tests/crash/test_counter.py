"""A queue number and a complaint, killed and cut at every moment: never twice, never lost, durable before their slips.

And a card's blank: its serial is on the disk before the printer hears of a job.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk import api
from kiosk.store import audit
from kiosk.store.database import open_store
from kiosk.store.outbox import OutboxStore
from kiosk.store.schema import leases
from tests.crash import trace
from tests.crash.counter_spoilers import CARD_SEES, CUT_SEES, KILL_SEES, TRACE_SEES
from tests.crash.driver import KEY
from tests.crash.harness import Lives, Zygote
from tests.crash.power import FILES, Disk, Image, digest_of
from tests.crash.spoilers import NO_SYNC
from tests.crash.trace import CARD_ORDER, COUNTER_ONCE, COUNTER_ORDER, PRINT_ONCE, Event, Kind
from tests.crash.world import World

ASKS = ("connect", "sendto", "sendmsg")
"""What was asked and not answered is what the next write is killed before."""

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def lives(memory: Path) -> Iterator[Lives]:
    world = World()
    zygote = Zygote(world)
    yield Lives(zygote, world, memory)
    zygote.close()
    world.close()


@pytest.fixture(autouse=True)
def _quiet_stores() -> Iterator[None]:
    """A store that is put away says so; here some hundred are."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)


# --- killed


def _points(lives: Lives, do: str, folder: Path) -> list[tuple[str, int]]:
    status, log = lives.traced(folder, do, None)
    assert status == 0
    return [point for point in lives.points_of(log.read_text()) if point[0] not in ASKS]


def _two_lives(lives: Lives, point: tuple[str, int], spoiler: str = "") -> None:
    """Killed at that write, and begun again: the next citizen takes a number and files a complaint."""
    book = lives.world.book
    leased, slips, told = len(book.leases), len(book.slips), len(book.told)
    folder = lives.fresh()
    status, _ = lives.traced(folder, "counter", f"{point[0]}:signal=KILL:when={point[1]}", spoiler=spoiler)
    assert status in (-9, 0)
    result = lives.zygote.run(folder, "counter", spoiler=spoiler)
    assert not result["was_set_aside"], "the store did not open"
    assert result["broken_link"] is None
    assert len(book.leases) - leased == 1, "a range was burnt"
    for layout, heard in (
        ("ticket", [f"A-{one.number:03d}" for one in book.told[told:] if isinstance(one, api.Ticket)]),
        ("complaint", [one.number.upper() for one in book.told[told:] if isinstance(one, api.Complaint)]),
    ):
        held = [number for kind, number in book.slips[slips:] if kind == layout]
        assert 1 <= len(held) <= 2
        assert len(set(held)) == len(held), f"two people hold one {layout}"
        assert len(set(heard)) == len(heard), f"a {layout} was told twice"
        assert set(held) <= set(heard), f"the office never heard of a {layout} that somebody holds"
        # One that was given in the moment of the kill came out on no slip.
        assert len(heard) <= len(held) + 1


def test_a_number_and_a_complaint_killed_at_every_write(lives: Lives, capsys: pytest.CaptureFixture[str]) -> None:
    points = _points(lives, "counter", lives.fresh())
    assert len(points) >= 30, points
    for point in points:
        try:
            _two_lives(lives, point)
        except AssertionError as error:
            raise AssertionError(f"killed at {point}: {error}") from error
    held = [number for _, number in lives.world.book.slips]
    assert len(set(held)) == len(held)
    with capsys.disabled():
        print(f"\nkill points of a number and a complaint: {len(points)}")


@pytest.mark.parametrize("spoiler", KILL_SEES)
def test_a_kill_shows_what_was_broken(lives: Lives, spoiler: str) -> None:
    points = [point for point in _points(lives, "counter", lives.fresh()) if point[0] == "pwrite64"]

    def kill_all() -> None:
        for point in points:
            _two_lives(lives, point, spoiler)

    with pytest.raises(AssertionError):
        kill_all()


# --- traced


def _run(lives: Lives, do: str, folder: Path, spoiler: str = "") -> tuple[list[Event], Image]:
    start = {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}
    status, log = lives.traced(folder, do, None, trace.TRACED, is_marked=True, spoiler=spoiler)
    assert status == 0
    return trace.read(log.read_text()), start


def test_a_number_and_a_complaint_are_durable_before_their_slips(lives: Lives) -> None:
    events, _ = _run(lives, "counter", lives.fresh())
    assert trace.faults(events, COUNTER_ORDER, COUNTER_ONCE) == []


@pytest.mark.parametrize("spoiler", [*NO_SYNC, *TRACE_SEES])
def test_the_trace_shows_what_was_broken(lives: Lives, spoiler: str) -> None:
    events, _ = _run(lives, "counter", lives.fresh(), spoiler)
    assert trace.faults(events, COUNTER_ORDER, COUNTER_ONCE)


@pytest.fixture(scope="module")
def loaded(lives: Lives) -> Iterator[Lives]:
    """Kiosks with blanks in their card printer."""
    template = lives._template
    lives._template = lives.fresh()
    lives.zygote.run(lives._template, "load")
    yield lives
    lives._template = template


def test_a_blanks_serial_is_durable_before_the_cards_job(loaded: Lives) -> None:
    events, _ = _run(loaded, "card", loaded.fresh())
    assert trace.faults(events, CARD_ORDER, PRINT_ONCE) == []


@pytest.mark.parametrize("spoiler", [*NO_SYNC, *CARD_SEES])
def test_the_trace_shows_a_card_without_its_blank(loaded: Lives, spoiler: str) -> None:
    events, _ = _run(loaded, "card", loaded.fresh(), spoiler)
    assert trace.faults(events, CARD_ORDER, PRINT_ONCE)


def test_a_card_killed_around_its_blank_loses_no_serial(loaded: Lives) -> None:
    """At every write from the serial's first to the job id's last: the blank is in the feeder or is the print's."""
    folder = loaded.fresh()
    status, log = loaded.traced(folder, "card", None, ("pwrite64", "write", "sendto"), is_marked=True)
    assert status == 0
    text = log.read_text()
    before, _, rest = text.partition("begin blank")
    first, last = before.count(" pwrite64("), (before + rest.partition("begin sent")[0]).count(" pwrite64(")
    assert last - first >= 6
    seen = set()
    for number in range(first + 1, last + 1):
        folder = loaded.fresh()
        status, _ = loaded.traced(folder, "card", f"pwrite64:signal=KILL:when={number}")
        assert status == -9
        blanks = loaded.zygote.run(folder, "recover")["blanks"]
        assert blanks["left"] + blanks["ended"] == 9, number
        assert blanks["next"] == f"A{1 + blanks['ended']:04d}", number
        seen.add(blanks["ended"])
    assert 0 in seen


# --- the power cut


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store says after the power came back."""

    next: int = 0
    told: frozenset[str] = frozenset()
    fault: str = ""


def _look(image: Image, folder: Path) -> _Found:
    folder.mkdir()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    opened = open_store(folder / "kiosk.db", KEY)
    try:
        if opened.set_aside is not None:
            return _Found(fault="the store was set aside")
        if audit.verify(opened.store) is not None:
            return _Found(fault="the chain is broken")
        with opened.store.transaction() as connection:
            numbers = connection.execute(select(leases.c.next - leases.c.first)).scalars().all()
        rows = OutboxStore(opened.store).batch(0)
    finally:
        opened.store.close()
    return _Found(sum(numbers), frozenset(row.kind for row in rows))


def _power_cuts(events: list[Event], start: Image, folder: Path, most: int = 1000) -> tuple[int, list[str]]:
    """How many disks were looked at, and what did not hold, up to ``most``."""
    disk, seen, broken = Disk(dict(start)), dict[str, _Found](), list[str]()
    needs: set[str] = set()
    answers = 0
    for event in events:
        disk.happen(event)
        if event.kind is Kind.ACT and event.name.startswith("slip-"):
            needs.add(event.name.removeprefix("slip-"))
        elif (event.kind, event.name) in ((Kind.MARK, "end take"), (Kind.MARK, "end file")):
            needs.add({"end take": "ticket", "end file": "complaint"}[event.name])
        elif (event.kind, event.name) == (Kind.ANSWER, "post"):
            # In this order: the number, then the complaint.
            answers += 1
        for image in disk.images():
            digest = digest_of(image)
            if digest not in seen:
                seen[digest] = _look(image, folder / f"cut-{len(seen):05d}")
            found = seen[digest]
            missing = {kind for n, kind in enumerate(("ticket", "complaint")) if answers <= n} & needs - found.told
            is_free = "ticket" in needs and found.next < 1
            if found.fault or missing or is_free:
                broken.append(f"{event.kind} {event.name}: {found.fault or missing or 'the number can be given again'}")
                if len(broken) == most:
                    return len(seen), broken
    return len(seen), broken


def test_a_power_cut_at_any_moment_keeps_number_and_complaint(
    lives: Lives, disks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, start = _run(lives, "counter", lives.fresh())
    count, broken = _power_cuts(events, start, disks)
    with capsys.disabled():
        print(f"\npower cuts at the counter: {len(events)} moments, {count} disks")
    assert broken == []
    assert count > 60


@pytest.mark.parametrize("spoiler", ["synchronous-off", *CUT_SEES])
def test_a_power_cut_shows_what_was_broken(lives: Lives, spoiler: str, disks: Path) -> None:
    events, start = _run(lives, "counter", lives.fresh(), spoiler)
    assert _power_cuts(events, start, disks, most=1)[1]
