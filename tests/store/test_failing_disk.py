"""A disk that is full, read-only or failing at each single write of a print, once and for good; and one that fills up.

The witness is the paper: no *printed* without every sheet, no document sent twice, every fetched grant settled with one
end that agrees with the tray, the store never put away, and service again as soon as the disk takes writes.
"""

import itertools
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import api
from kiosk.errors import ErrorCode
from kiosk.store.database import open_store
from kiosk.store.stored_state import StoredState
from tests.store import disk_acts
from tests.store.zygote import Zygote, calls_in

KEY = "ef" * 32
CALLS = ("openat", "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")
ERRORS = {
    "openat": ("EROFS", "EIO"),
    "pwrite64": ("ENOSPC", "EIO", "EROFS"),
    "fdatasync": ("EIO", "ENOSPC"),
    "fsync": ("EIO",),
    "ftruncate": ("EIO", "EROFS"),
    "unlink": ("EROFS", "EIO"),
}

pytestmark = [pytest.mark.crash, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote("tests.store.disk_acts")
    yield zygote
    zygote.close()


class Bench:
    def __init__(self, zygote: Zygote, folder: Path) -> None:
        self.zygote, self.folder = zygote, folder
        self.template = folder / "template.db"
        store = open_store(self.template, KEY).store
        StoredState(store).set("note", "x")
        store.close()
        self._numbers = itertools.count()

    def visits(self, inject: str | None) -> tuple[Path, dict[str, Any], str]:
        run = self.folder / f"run-{next(self._numbers)}"
        disk = run / "disk"
        disk.mkdir(parents=True)
        shutil.copy(self.template, disk / "kiosk.db")
        paths = [disk / f"kiosk.db{suffix}" for suffix in ("", "-wal", "-shm", "-journal")]
        status, told, trace = self.zygote.struck(
            "tests.store.disk_acts:visits",
            run,
            calls=",".join(CALLS),
            paths=paths,
            inject=inject,
            folder=str(disk),
            key=KEY,
        )
        assert status == 0, "an exception went through"
        return run, told, trace

    def points(self) -> list[tuple[str, int]]:
        _, told, trace = self.visits(None)
        assert told["said"] == ["Printed", "Printed"]
        counts = calls_in(trace)
        return [(call, number) for call in CALLS for number in range(1, counts[call] + 1)]

    def judge(self, run: Path, told: dict[str, Any], *, comes_back: bool) -> None:
        after = self.zygote.act("tests.store.disk_acts:next_start", run, folder=str(run / "disk"), key=KEY, told=told)
        assert not told["set_aside"], "a failing disk cost the store"
        assert not after["set_aside"], "the store did not open"
        assert after["broken_link"] is None
        assert after["open"] == after["waiting"] == 0
        said = [word for word in told["said"] if word.startswith("Printed")]
        ends: dict[str, set[api.PrintEnd]] = {}
        for body, _ in told["posted"] + after["posted"]:
            settlement = api.Settlement.model_validate_json(body)
            ends.setdefault(settlement.grant_id, set()).add(settlement.end)
            out = after["sheets"].get(settlement.print_id, 0)
            if settlement.end is api.PrintEnd.PRINTED:
                assert out == disk_acts.PAGES, "told printed, but paper is missing"
            if settlement.end is api.PrintEnd.FAILED:
                assert out == 0, "told failed, but paper came out"
        assert all(len(one) == 1 for one in ends.values()), f"two ends: {ends}"
        assert all(count == 1 for count in told["documents"].values()), "sent twice"
        assert after["documents"] == told["documents"], "the start after sent something"
        assert all(out <= disk_acts.PAGES for out in after["sheets"].values()), "printed twice"
        lost = [grant for grant in told["fetched"] if grant not in ends]
        assert not lost, f"grants without an end: {lost}"
        assert len(said) <= sum(out == disk_acts.PAGES for out in after["sheets"].values()), "a false printed"
        if comes_back:
            assert told["said"][-1].startswith(("Printed", "after")), told["said"]
            assert len(said) == 2, f"service did not come back: {told['said']}"
        # No words but codes of the store or of a print that was given up.
        codes = {word.split()[1] for word in told["said"] if " " in word}
        assert codes <= {ErrorCode.STORE_FULL, ErrorCode.STORE_UNREADABLE, ErrorCode.STORE_HELD}, told["said"]


@pytest.fixture
def bench(zygote: Zygote, tmp_path: Path) -> Bench:
    return Bench(zygote, tmp_path)


def test_a_disk_that_fails_once_at_each_write(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    points = bench.points()
    assert len(points) >= 40, points
    said: Counter[str] = Counter()
    for number, (call, when) in enumerate(points):
        errors = ERRORS[call]
        error = errors[number % len(errors)]
        run, told, trace = bench.visits(f"{call}:error={error}:when={when}")
        assert trace.count("(INJECTED)") == 1, f"{call} {when}"
        try:
            bench.judge(run, told, comes_back=True)
        except AssertionError as fault:
            raise AssertionError(f"{error} at {call} number {when}: {fault}; {told['said']}") from fault
        said.update(told["said"])
        shutil.rmtree(run)
    with capsys.disabled():
        print(f"\nfailing writes: {len(points)} ({', '.join(f'{word}: {n}' for word, n in sorted(said.items()))})")
    assert said[f"prepare {ErrorCode.STORE_FULL}"], "no failure was seen by anybody"


@pytest.mark.parametrize("error", ["ENOSPC", "EROFS", "EIO"])
def test_a_disk_that_fails_for_good_from_each_write_on(bench: Bench, error: str) -> None:
    """Until it is well again at the next start. Writes and flushes fail alike."""
    points = [(call, when) for call, when in bench.points() if call in ("pwrite64", "fdatasync")]
    chosen = points[{"ENOSPC": 0, "EROFS": 1, "EIO": 2}[error] :: 3]
    assert len(chosen) >= 10
    for call, when in chosen:
        run, told, _ = bench.visits(f"{call}:error={error}:when={when}+")
        try:
            bench.judge(run, told, comes_back=False)
        except AssertionError as fault:
            raise AssertionError(f"{error} from {call} number {when} on: {fault}; {told['said']}") from fault
        shutil.rmtree(run)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 400 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this host lets nobody mount: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.expects_warnings
def test_a_real_disk_that_fills_up_and_is_emptied(small_disk: Path) -> None:
    """Prints go on until there is no room; then none is begun; with room they go on, and all that came out is told."""
    world = disk_acts.World()
    opened = open_store(small_disk / "kiosk.db", KEY)
    assert disk_acts.until_full(world, opened.store) >= 1
    printed = world.said.count("Printed")
    assert world.said[-1] == f"prepare {ErrorCode.STORE_FULL}"
    assert disk_acts.until_full(world, opened.store) == 0, "still full"
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert disk_acts.until_full(world, opened.store, most=5) == 5
    opened.store.close()
    told = world.told()
    ends = {api.Settlement.model_validate_json(body).grant_id for body, _ in told["posted"]}
    assert set(told["fetched"]) <= ends
    assert [out for out in told["sheets"].values() if out != disk_acts.PAGES] == []
    assert len(told["sheets"]) == printed + 5
