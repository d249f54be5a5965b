"""A kiosk killed at any write of a print never prints twice and never loses a grant."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import api
from tests.crash.harness import Lives, Zygote, job_id_precedes_bytes
from tests.crash.world import World

ASKS = ("connect", "sendto", "sendmsg")

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


@pytest.fixture
def lives(tmp_path: Path) -> Iterator[Lives]:
    world = World()
    zygote = Zygote(world)
    yield Lives(zygote, world, tmp_path)
    zygote.close()
    world.close()


def test_killed_at_every_write(lives: Lives, capsys: pytest.CaptureFixture[str]) -> None:
    points = lives.kill_points("print")
    assert len(points) >= 100, points
    lives.check(lives.fresh())
    ends: Counter[str] = Counter()
    for call, number in points:
        folder = lives.kill(call, number)
        try:
            ends[lives.check(folder) or "no grant used"] += 1
        except AssertionError as error:
            raise AssertionError(f"killed at {call} number {number}: {error}") from error
    with capsys.disabled():
        print(f"\nkill points: {len(points)} ({', '.join(f'{end}: {n}' for end, n in sorted(ends.items()))})")
    assert {api.PrintEnd.FAILED, api.PrintEnd.PRINTED} <= ends.keys(), "the kills did not reach both sides of the send"


def test_killed_while_it_recovers(lives: Lives, capsys: pytest.CaptureFixture[str]) -> None:
    """The kiosk dies in the middle of a print, and again at every write of its recovery."""
    strike = _after_the_send(lives)
    lives.check(_cut(lives, strike))
    # What it asks the printer meanwhile changes nothing there but the last request, a cancel; the disk is what counts.
    points = [point for point in _points(lives, "recover", _cut(lives, strike)) if point[0] not in ASKS]
    for call, number in points:
        folder = _cut(lives, strike)
        lives.traced(folder, "recover", f"{call}:signal=KILL:when={number}")
        try:
            assert lives.check(folder) is not None
        except AssertionError as error:
            raise AssertionError(f"killed at {call} number {number} of the recovery: {error}") from error
    with capsys.disabled():
        print(f"\nkill points of a recovery: {len(points)}")


def test_killed_while_staff_answers(lives: Lives, capsys: pytest.CaptureFixture[str]) -> None:
    """An attendant's word on an unknown print, cut at every write: it stands or it does not, and is told but once."""
    strike = _after_the_send(lives)
    points = [point for point in _points(lives, "reconcile", _unknown(lives, strike)) if point[0] not in ASKS]
    for call, number in points:
        folder = _unknown(lives, strike)
        grant_id = list(lives.world.book.grants.values())[-1]
        lives.traced(folder, "reconcile", f"{call}:signal=KILL:when={number}")
        assert lives.zygote.run(folder, "reconcile")["left"] == 0
        told = [one for one in lives.world.book.settlements if one.grant_id == grant_id]
        assert [one.end for one in dict.fromkeys(told)] == [api.PrintEnd.UNKNOWN, api.PrintEnd.PRINTED], (call, number)
        result = lives.zygote.run(folder, "recover")
        assert result["broken_link"] is None
        assert not result["was_set_aside"]
        assert result["waiting"] == result["unreported"] == 0
    with capsys.disabled():
        print(f"\nkill points of an attendant's answer: {len(points)}")


def _points(lives: Lives, do: str, folder: Path) -> list[tuple[str, int]]:
    """Every write of a run that begins in ``folder``."""
    status, trace = lives.traced(folder, do, None)
    assert status == 0
    points = lives.points_of(trace.read_text())
    assert len(points) >= 10
    return points


def _after_the_send(lives: Lives) -> int:
    """Which write of a print is the first that follows the document."""
    status, trace = lives.traced(lives.fresh(), "print", None)
    assert status == 0
    before = trace.read_text().partition("last-document")[0]
    return len(re.findall(r"^\d+ +pwrite64\(", before, re.MULTILINE)) + 1


def _cut(lives: Lives, strike: int) -> Path:
    """A kiosk that died at that write of a print."""
    folder = lives.fresh()
    status, _ = lives.traced(folder, "print", f"pwrite64:signal=KILL:when={strike}")
    assert status == -9
    return folder


def _unknown(lives: Lives, strike: int) -> Path:
    """A kiosk whose last print ended unknown: cut while the sheet moved, and the printer forgot the job."""
    folder = _cut(lives, strike)
    lives.world.double.forget_jobs()
    assert lives.zygote.run(folder, "recover")["found"] == [api.PrintEnd.UNKNOWN]
    return folder


def test_the_job_id_is_on_the_disk_before_a_byte_goes(lives: Lives) -> None:
    status, trace = lives.traced(lives.fresh(), "print", None)
    assert status == 0
    assert job_id_precedes_bytes(trace.read_text())


def test_the_harness_notices_a_missing_journal_write(lives: Lives) -> None:
    """A kiosk that forgets to journal the job id is caught by the order and by the paper."""
    lives.options = {"forgets_created": True}
    status, trace = lives.traced(lives.fresh(), "print", None)
    assert status == 0
    assert not job_id_precedes_bytes(trace.read_text())
    lives.check(lives.fresh())
    points = [point for point in lives.kill_points("print") if point[0] == "pwrite64"]
    lives.check(lives.fresh())

    def kill_backwards() -> None:
        """From the end: soon the kill strikes between the paper and its settlement."""
        for call, number in reversed(points):
            lives.check(lives.kill(call, number))

    with pytest.raises(AssertionError, match="told failed, but paper came out"):
        kill_backwards()


def test_killed_while_the_store_is_made(lives: Lives) -> None:
    """A store that was never finished opens, empty, and nothing is set aside."""
    empty = lives.fresh()
    for file in empty.glob("kiosk.db*"):
        file.unlink()
    lives._template = empty
    points = [
        point for point in lives.kill_points("open") if point[0] in ("pwrite64", "fdatasync", "fsync", "ftruncate")
    ]
    assert len(points) >= 10
    for call, number in points:
        folder = lives.fresh()
        lives.traced(folder, "open", f"{call}:signal=KILL:when={number}")
        result = lives.zygote.run(folder, "recover")
        assert not result["was_set_aside"], (call, number)
        assert result["broken_link"] is None
