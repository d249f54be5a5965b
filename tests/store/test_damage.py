"""Damage at every place of the file, its log and its index: the store opens whole, or is put away and service goes on.

Seeded; a failure names its number. What opens must be a state that was once durable, with a chain that verifies. Only
what stood at the log's very end may be missing, since a power cut tears it alike, and only when the log was hit.
"""

import errno
import random
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.store import soundness
from kiosk.store.database import open_store
from kiosk.store.soundness import set_aside_stores
from kiosk.store.stored_state import StoredState
from tests.store.damage_acts import live, opened

KEY = "cd" * 32
TRIALS = 300


@dataclass(frozen=True)
class History:
    folder: Path
    states: list[str]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("history")
    states = live(folder / "kiosk.db", KEY, prints=6, folded_after=3)
    return History(folder, states)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundness, "_PAUSE_S", 0.0)


def _laid(history: History, folder: Path) -> Path:
    """The store as the power cut left it."""
    for file in history.folder.glob("cut-kiosk.db*"):
        shutil.copy(file, folder / file.name.removeprefix("cut-"))
    return folder / "kiosk.db"


def _damage(rng: random.Random, target: Path) -> str:
    """One misfortune; its name."""
    data = bytearray(target.read_bytes())
    kind = rng.choice(
        ("flip", "flip", "bytes", "zero-page", "zero-page", "truncate", "cut-page", "garbage-page", "swap")
    )
    at = rng.randrange(len(data))
    page = at // 4096 * 4096
    if kind == "flip":
        data[at] ^= 1 << rng.randrange(8)
    elif kind == "bytes":
        data[at : at + 16] = rng.randbytes(len(data[at : at + 16]))
    elif kind == "zero-page":
        data[page : page + 4096] = bytes(len(data[page : page + 4096]))
    elif kind == "truncate":
        del data[at:]
    elif kind == "cut-page":
        del data[page:]
    elif kind == "garbage-page":
        data[page : page + 4096] = rng.randbytes(len(data[page : page + 4096]))
    else:
        other = rng.randrange(len(data)) // 4096 * 4096
        first, second = data[page : page + 4096], data[other : other + 4096]
        if len(first) == len(second):
            data[page : page + 4096], data[other : other + 4096] = second, first
    target.write_bytes(bytes(data))
    return kind


def test_undamaged_the_cut_store_holds_everything(history: History, tmp_path: Path) -> None:
    assert opened(_laid(history, tmp_path), KEY) == (False, history.states[-1], None)


@pytest.mark.timeout(300)
def test_damage_anywhere_is_survived_or_put_away(
    history: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends: Counter[str] = Counter()
    for number in range(TRIALS):
        rng = random.Random(number)
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        path = _laid(history, folder)
        part = rng.choice(("", "", "-wal", "-wal", "-shm"))
        target = path.with_name(path.name + part)
        kind = _damage(rng, target)
        spoiled = {file.name: file.read_bytes() for file in folder.iterdir()}
        name = f"number {number}: {kind} in {part or 'file'}"
        was_set_aside, state, broken = opened(path, KEY)
        assert broken is None, name
        if was_set_aside:
            ends["put away"] += 1
            (kept,) = set_aside_stores(path)
            assert (folder / kept).read_bytes() == spoiled["kiosk.db"], (
                f"{name}: what was put away is not what was there"
            )
        else:
            assert state in history.states, f"{name}: a state that never was"
            behind = len(history.states) - 1 - history.states.index(state)
            ends["whole" if behind == 0 else "opened without its end"] += 1
            if part != "-wal":
                assert behind == 0, f"{name}: {behind} commits are missing"
            elif kind not in ("truncate", "cut-page"):
                # Damage to the log's very end looks like a power cut, and so does a log that ends earlier (above): what
                # is missing then is what the damaged bytes held, a page or two pages of small commits.
                assert behind <= {"flip": 1, "bytes": 1}.get(kind, 4), f"{name}: {behind} commits are missing"
        again = opened(path, KEY)
        assert again[0] is False, f"{name}: put away twice"
        shutil.rmtree(folder)
    with capsys.disabled():
        print(f"\ndamaged stores: {TRIALS} ({', '.join(f'{end}: {count}' for end, count in sorted(ends.items()))})")
    assert ends["put away"] > 50
    assert ends["whole"] > 50


@pytest.mark.parametrize("size", [0, 1, 15, 16, 100, 4095, 4096, 4097])
def test_a_file_cut_to_any_small_size(history: History, tmp_path: Path, size: int) -> None:
    """With its log beside it, and without."""
    for with_log in (True, False):
        folder = tmp_path / str(with_log)
        folder.mkdir()
        path = _laid(history, folder)
        path.write_bytes(path.read_bytes()[:size])
        if not with_log:
            path.with_name("kiosk.db-wal").unlink()
            path.with_name("kiosk.db-shm").unlink()
        was_set_aside, state, broken = opened(path, KEY)
        assert broken is None
        # An empty file without a log is what a kill at the very first start leaves.
        assert was_set_aside == (size > 0 or with_log)
        assert state == '{"audit": [], "prints": [], "state": [], "outbox": []}' or "store-begun" in state


def test_a_log_without_its_file_is_put_away(history: History, tmp_path: Path) -> None:
    path = _laid(history, tmp_path)
    log = path.with_name("kiosk.db-wal").read_bytes()
    path.unlink()
    assert opened(path, KEY)[0]
    (kept,) = set_aside_stores(path)
    assert (tmp_path / f"{kept}-wal").read_bytes() == log


def test_a_power_cut_while_it_is_put_away_never_leaves_an_older_state(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is broken in its middle; the file without it would open, and be believed."""
    path = _laid(history, tmp_path)
    log = path.with_name("kiosk.db-wal")
    data = bytearray(log.read_bytes())
    data[5000] ^= 0xFF
    log.write_bytes(bytes(data))
    rename = Path.rename
    moved: list[Path] = []

    def once(self: Path, target: Path) -> Path:
        if moved:
            raise OSError(errno.EIO, "the power is gone")
        moved.append(self)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", once)
    with pytest.raises(StoreError):
        open_store(path, KEY)
    assert moved == [path]
    monkeypatch.setattr(Path, "rename", rename)
    was_set_aside, state, broken = opened(path, KEY)
    assert was_set_aside
    assert broken is None
    assert "store-begun" in state


def test_a_file_without_its_log_opens_as_it_was_folded(history: History, tmp_path: Path) -> None:
    """It cannot be told from a store that was closed in order; what the audit's witness is for."""
    path = _laid(history, tmp_path)
    path.with_name("kiosk.db-wal").unlink()
    path.with_name("kiosk.db-shm").unlink()
    was_set_aside, state, broken = opened(path, KEY)
    assert not was_set_aside
    assert broken is None
    assert state in history.states


def test_a_torn_last_transaction_is_no_damage(history: History, tmp_path: Path) -> None:
    """As a power cut leaves it: any bytes of the last frames are missing, in any order."""
    data = (history.folder / "cut-kiosk.db-wal").read_bytes()
    frame = 4096 + 24
    last = len(data) - frame
    for number in range(40):
        rng = random.Random(number)
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        path = _laid(history, folder)
        torn = bytearray(data)
        for sector in range(last, len(data), 512):
            if rng.random() < 0.5:
                torn[sector : sector + 512] = bytes(len(torn[sector : sector + 512]))
        path.with_name("kiosk.db-wal").write_bytes(bytes(torn))
        was_set_aside, state, _ = opened(path, KEY)
        assert not was_set_aside, number
        assert state in history.states[-2:], number


def test_a_log_that_is_begun_anew_while_somebody_reads_it_is_no_damage(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command beside the core must not put its store away."""
    path = _laid(history, tmp_path)
    looks = iter((True, False))
    monkeypatch.setattr(soundness, "is_log_broken", lambda log: next(looks))
    assert not opened(path, KEY)[0]


def test_what_was_put_away_is_named_in_the_new_store(history: History, tmp_path: Path) -> None:
    from kiosk.store.database import STORE_BEGUN, open_store

    path = _laid(history, tmp_path)
    path.write_bytes(b"SQLite format 3\0" + bytes(5000))
    found = open_store(path, KEY)
    assert found.set_aside is not None
    begun = StoredState(found.store).get(STORE_BEGUN)
    assert begun["set_aside"] == found.set_aside.name
    found.store.close()
