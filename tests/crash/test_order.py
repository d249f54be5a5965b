"""Every acknowledgement follows its sync, and a power cut at any moment keeps every promise; who breaks one is seen."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import trace
from tests.crash.harness import Lives, Zygote
from tests.crash.power import FILES, power_cuts
from tests.crash.spoilers import NO_SYNC, SPOILERS
from tests.crash.trace import Event, Kind
from tests.crash.world import World

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def lives(memory: Path) -> Iterator[Lives]:
    world = World()
    zygote = Zygote(world)
    yield Lives(zygote, world, memory)
    zygote.close()
    world.close()


def run(lives: Lives, spoiler: str = "", inject: str | None = None) -> tuple[int, list[Event], dict[str, bytes]]:
    """A marked and traced print; its exit status, what it did, and the disk before."""
    folder = lives.fresh()
    start = {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}
    status, log = lives.traced(folder, "print", inject, trace.TRACED, is_marked=True, spoiler=spoiler)
    return status, trace.read(log.read_text()), start


def test_every_acknowledgement_follows_its_sync(lives: Lives) -> None:
    status, events, _ = run(lives)
    assert status == 0
    assert trace.faults(events) == []
    assert sum(event.kind is Kind.SYNC for event in events) >= 9


def test_a_power_cut_at_any_moment_keeps_every_promise(
    lives: Lives, disks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, events, start = run(lives)
    count, broken = power_cuts(events, start, disks)
    with capsys.disabled():
        print(f"\npower cuts: {len(events)} moments, {count} disks")
    assert broken == []
    assert count > 150


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_the_trace_shows_what_was_broken(lives: Lives, spoiler: str) -> None:
    """A sync left out, a journal call taken out, its write taken out, two acts in the wrong order: each alone."""
    _, events, _ = run(lives, spoiler)
    assert trace.faults(events)


@pytest.mark.parametrize("spoiler", [*NO_SYNC, "swapped-created-send", "swapped-settle-post", "swapped-post-delivered"])
def test_a_power_cut_shows_what_was_broken(lives: Lives, spoiler: str, disks: Path) -> None:
    _, events, start = run(lives, spoiler)
    assert power_cuts(events, start, disks, is_one_enough=True)[1]


def test_a_sync_that_lies_is_no_sync(lives: Lives, disks: Path) -> None:
    """The call returns 0 and nothing was synced: what the kiosk believed is gone after a power cut."""
    status, events, start = run(lives, inject="fdatasync,fsync:retval=0")
    assert status == 0
    assert any("not synced" in fault for fault in trace.faults(events))
    assert power_cuts(events, start, disks, is_one_enough=True)[1]


def test_one_sync_that_lies_is_seen(lives: Lives) -> None:
    """Any one of the syncs that a step, or the checkpoint, rests on, left out alone."""
    _, events, _ = run(lives)
    numbers = syncs_that_matter(events)
    assert len(numbers) >= 8
    for number in numbers:
        status, spoiled, _ = run(lives, inject=f"fsync:retval=0:when={number}")
        assert status == 0
        assert any("synced" in fault for fault in trace.faults(spoiled)), number


def syncs_that_matter(events: list[Event]) -> list[int]:
    """The numbers of those syncs (from 1) behind which something is told, or written elsewhere, before the next one."""
    numbers, number = [], 0
    dirty: set[str] = set()
    for place, event in enumerate(events):
        if event.kind in (Kind.WRITE, Kind.TRUNCATE):
            dirty.add(event.name)
        if event.kind is not Kind.SYNC:
            continue
        number += 1
        if event.name not in dirty or event.name not in FILES:
            continue
        dirty.discard(event.name)
        for later in events[place + 1 :]:
            if later.kind is Kind.SYNC and later.name == event.name:
                break
            is_told = later.kind is Kind.ACT or later.name.startswith("end ")
            if is_told or (later.kind in (Kind.WRITE, Kind.GONE) and later.name in FILES and later.name != event.name):
                numbers.append(number)
                break
    return numbers


def test_the_model_of_the_disk_loses_what_was_not_synced() -> None:
    """Bytes written after the last sync of their file are in some of the disks, and missing in others."""
    from tests.crash.power import Disk

    disk = Disk({"kiosk.db": b"aaaa"})
    disk.happen(Event(Kind.WRITE, "kiosk.db", b"bb", 1))
    assert {image["kiosk.db"] for image in disk.images()} == {b"aaaa", b"abba", b"abaa"}
    disk.happen(Event(Kind.SYNC, "kiosk.db"))
    assert {image["kiosk.db"] for image in disk.images()} == {b"abba"}
    disk.happen(Event(Kind.GONE, "kiosk.db"))
    assert {image.get("kiosk.db") for image in disk.images()} == {b"abba", None}


@pytest.fixture(autouse=True)
def _quiet_stores() -> Iterator[None]:
    """A store that is put away says so; here some hundred are."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)
