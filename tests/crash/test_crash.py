"""A kiosk killed at any write of a print never prints twice and never loses a grant."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import api
from tests.crash.harness import Lives, Zygote, job_id_precedes_bytes
from tests.crash.world import World

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
    assert len(points) >= 40, points
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
