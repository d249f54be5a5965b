"""Starting, ending and weighing processes; everything is ended by its own pid."""

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STOP_S = 10.0


def start(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a process of its own session; its output goes to ``log``."""
    with log.open("ab") as out:
        return subprocess.Popen(
            list(command),
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then SIGKILL for it and for what it left behind."""
    tree = descendants(process.pid)
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    end = time.monotonic() + 2.0
    while (left := [pid for pid in tree if _is_alive(pid)]) and time.monotonic() < end:
        time.sleep(0.01)
    for pid in left:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, 9)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def descendants(pid: int) -> list[int]:
    """Every process below ``pid``, itself not included."""
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                stat = Path(entry.path, "stat").read_text()
                parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


@dataclass(frozen=True)
class Weight:
    """MiB. ``pss`` shares what several processes map; ``own`` is what would come free with it; ``rss`` counts all."""

    pss: float
    own: float
    rss: float
    processes: int


def weigh(pids: Sequence[int]) -> Weight:
    """Sum over processes, from ``smaps_rollup``."""
    pss = own = rss = 0
    count = 0
    for pid in pids:
        with suppress(OSError):
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            fields = dict(re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE))
            pss += int(fields["Pss"])
            own += int(fields["Private_Clean"]) + int(fields["Private_Dirty"])
            rss += int(fields["Rss"])
            count += 1
    return Weight(pss / 1024, own / 1024, rss / 1024, count)


def weigh_tree(pid: int) -> Weight:
    """A process and all below it."""
    return weigh([pid, *descendants(pid)])


def sharers(name: str, ours: Sequence[int]) -> list[int]:
    """Other processes that map a file whose path holds ``name``: they would make our PSS look smaller."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and int(entry.name) not in ours:
            with suppress(OSError):
                if name in Path(entry.path, "maps").read_text():
                    found.append(int(entry.name))
    return found
