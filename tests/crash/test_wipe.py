"""``kiosk wipe`` killed at its writes: no half-wiped machine ever serves, and the command goes on where it was."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.errors import ErrorCode
from tests.store.zygote import Zygote, calls_in

ACTS = "tests.crash.wipe_acts"
WRITES = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "unlinkat")

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote(ACTS)
    yield zygote
    zygote.close()


@pytest.fixture(scope="module")
def machine(zygote: Zygote, memory: Path) -> Path:
    """A machine that served; a copy of it is wiped each time."""
    folder = memory / "machine"
    folder.mkdir()
    zygote.act(f"{ACTS}:lay", memory, folder=str(folder))
    return folder


def _copy(machine: Path, name: str) -> Path:
    folder = machine.with_name(name)
    shutil.copytree(machine, folder)
    return folder


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_wipe_killed_at_every_write_is_resumed_and_nobody_serves_in_between(
    zygote: Zygote, machine: Path, memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def struck(name: str, inject: str | None) -> tuple[int, Path, str]:
        folder = _copy(machine, name)
        paths: list[Path] = []
        status, _, trace = zygote.struck(
            f"{ACTS}:run", memory, calls=",".join(WRITES), paths=paths, inject=inject, folder=str(folder)
        )
        return status, folder, trace

    status, folder, trace = struck("whole", None)
    assert status == 0
    assert _files(folder) == []
    points = [(call, number) for call in WRITES for number in range(1, calls_in(trace)[call] + 1)]
    # How the store bears a kill at any of its writes is shown elsewhere; of those some are enough.
    points = [point for point in points if point[0] != "pwrite64" or point[1] % 4 == 0]
    # The last of them is the test's own: the answer of the act.
    points.remove(("write", calls_in(trace)["write"]))
    assert len(points) >= 40, points
    said = set()
    for place, (call, number) in enumerate(points):
        status, folder, _ = struck(f"cut-{place}", f"{call}:signal=KILL:when={number}")
        assert status in (-9, 0), (call, number, status)
        is_over = not _files(folder)
        if not is_over:
            found = zygote.act(f"{ACTS}:start", memory, folder=str(folder))
            said.add(found["code"])
            if not found["code"]:
                # Nothing was erased yet: it serves as before, and knows of what it gave back.
                assert {"etc/kiosk.token", "etc/audit.key", "etc/store.key"} <= set(_files(folder)), (call, number)
                assert not found["was_set_aside"], (call, number)
            else:
                assert found["code"] == ErrorCode.STORE_WIPED, (call, number)
                assert "var/kiosk.db.wiping" in _files(folder)
        again = zygote.act(f"{ACTS}:run", memory, folder=str(folder))
        assert again["left"] == [], (call, number)
        assert again["undelivered"] == 0
        assert _files(folder) == [], (call, number)
        shutil.rmtree(folder)
    with capsys.disabled():
        print(f"\nkill points of a wipe: {len(points)}")
    assert said == {"", ErrorCode.STORE_WIPED}, "the kills did not reach both sides of the mark"


def test_what_can_not_be_erased_keeps_the_machine_out_of_use(zygote: Zygote, machine: Path, memory: Path) -> None:
    folder = _copy(machine, "stuck")
    aside = folder / "var" / "kiosk.db.set-aside-20261101T000000Z"
    aside.unlink()
    aside.mkdir()
    result = zygote.act(f"{ACTS}:run", memory, folder=str(folder))
    assert result["left"] == [str(aside)]
    assert result["returned"] == 4
    assert zygote.act(f"{ACTS}:start", memory, folder=str(folder))["code"] == ErrorCode.STORE_WIPED
    aside.rmdir()
    assert zygote.act(f"{ACTS}:run", memory, folder=str(folder))["left"] == []
    assert _files(folder) == []


def test_without_its_mark_a_half_wiped_machine_would_serve(zygote: Zygote, machine: Path, memory: Path) -> None:
    """What the mark is for: cut behind the store's key, such a machine begins a new life with the old credentials."""
    folder = _copy(machine, "unmarked")
    status, _, _ = zygote.struck(
        f"{ACTS}:run",
        memory,
        calls="unlink,unlinkat",
        paths=[folder / "etc" / "kiosk.token"],
        inject="unlink,unlinkat:signal=KILL:when=1",
        folder=str(folder),
        has_mark=False,
    )
    assert status == -9
    assert not (folder / "etc" / "store.key").exists()
    assert zygote.act(f"{ACTS}:start", memory, folder=str(folder))["code"] == ""
