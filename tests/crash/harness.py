"""Kill a print at every write, recover, and hold what the kiosk says against the paper and the office's book."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk import api
from tests.crash.world import PAGES, World

ROOT = Path(__file__).resolve().parents[2]
WRITES = (
    *("pwrite64", "write", "pwritev", "writev", "fdatasync", "fsync", "ftruncate", "fallocate"),
    *("unlink", "unlinkat", "rename", "renameat", "renameat2", "connect", "sendto", "sendmsg"),
)
"""Calls that leave a trace outside of the process; the kill strikes before the call is carried out."""
DEADLINE_S = 30.0


class Zygote:
    """The driver, started once and forked for each run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.driver"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, folder: Path, do: str, **options: object) -> int:
        """Begin a run; the pid of its process."""
        command = {"folder": str(folder), "do": do, "office": self._world.office_port}
        line = json.dumps({**command, "printer": self._world.printer.uri, **options})
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return int(self._answer()["pid"])

    def wait(self) -> int:
        """Exit status of the run; minus the signal's number when it was killed."""
        return int(self._answer()["status"])

    def run(self, folder: Path, do: str, **options: object) -> dict[str, Any]:
        """A run without a tracer, to its end."""
        self.start(folder, do, **options)
        status = self.wait()
        assert status == 0, f"{do} ended with {status}"
        result: dict[str, Any] = json.loads((folder / f"{do}.json").read_text())
        return result

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass
class Lives:
    """Runs of the kiosk, each in a folder of its own with a fresh store."""

    zygote: Zygote
    world: World
    folder: Path
    count: int = 0
    options: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._template = self.folder / "template"
        self._template.mkdir()
        self.zygote.run(self._template, "open")

    def fresh(self) -> Path:
        self.count += 1
        folder = self.folder / f"run-{self.count:03d}"
        folder.mkdir()
        for file in self._template.glob("kiosk.db*"):
            shutil.copy(file, folder)
        return folder

    def traced(
        self, folder: Path, do: str, inject: str | None, calls: Sequence[str] = WRITES, **options: object
    ) -> tuple[int, Path]:
        """A run under strace, killed where ``inject`` says; its exit status and the trace."""
        trace = folder / "trace"
        (folder / "gate").unlink(missing_ok=True)
        os.mkfifo(folder / "gate")
        pid = self.zygote.start(folder, do, is_gated=True, **self.options, **options)
        command = ["strace", "-f", "-y", "-s", "6000", "-o", str(trace), "-e", f"trace={','.join(calls)}"]
        if inject is not None:
            command += ["-e", f"inject={inject}"]
        tracer = subprocess.Popen([*command, "-p", str(pid)], stderr=subprocess.PIPE, text=True)
        assert tracer.stderr is not None
        assert "attached" in tracer.stderr.readline()
        with (folder / "gate").open("wb") as gate:
            gate.write(b"g")
        status = self.zygote.wait()
        tracer.wait(DEADLINE_S)
        tracer.stderr.close()
        return status, trace

    def kill_points(self, do: str) -> list[tuple[str, int]]:
        """Every write of a run that is not disturbed, as (call, its number)."""
        status, trace = self.traced(self.fresh(), do, None)
        assert status == 0
        return self.points_of(trace.read_text())

    def points_of(self, trace: str) -> list[tuple[str, int]]:
        """Every write that a trace shows."""
        calls = Counter(found.group(1) for found in re.finditer(r"^\d+ +(\w+)\(", trace, re.MULTILINE))
        return [(call, number) for call in WRITES for number in range(1, calls[call] + 1)]

    def kill(self, call: str, number: int) -> Path:
        """Print, die at that write."""
        folder = self.fresh()
        status, _ = self.traced(folder, "print", f"{call}:signal=KILL:when={number}")
        assert status in (-9, 0), status
        return folder

    def check(self, folder: Path) -> api.PrintEnd | None:
        """Recover in a new process and compare; how the print was settled, None when no paper could be at stake."""
        before = set(self.world.book.grants)
        result = self.zygote.run(folder, "recover")
        assert result["again"] == 0, "a second recovery has nothing to do"
        assert result["open"] == result["unreported"] == result["waiting"] == 0, f"something is left over: {result}"
        assert not result["was_set_aside"], "the store did not open"
        assert result["broken_link"] is None, "the chain is broken"
        assert result["open_jobs"] == 0, "the printer still holds a job"
        assert set(self.world.book.grants) == before, "recovery asked for a grant"
        return self._settled(before)

    def _settled(self, prints: set[str]) -> api.PrintEnd | None:
        """Of the youngest print: what the office was told, against the paper."""
        if not prints or len(prints) == self._checked:
            return None
        self._checked = len(prints)
        print_id = list(self.world.book.grants)[-1]
        grant_id = self.world.book.grants[print_id]
        told = {one.end for one in self.world.book.settlements if one.grant_id == grant_id}
        jobs = [job for job in self.world.double.jobs.values() if job.name == print_id]
        sheets = sum(job.done for job in jobs)
        assert sheets <= PAGES, "printed twice"
        assert len([job for job in jobs if job.document]) <= 1, "sent twice"
        assert len(told) <= 1, f"settled with different ends: {told}"
        if not told:
            assert grant_id not in self.world.book.fetched, "a grant was lost"
            assert sheets == 0
            return None
        (end,) = told
        if end is api.PrintEnd.PRINTED:
            assert sheets == PAGES, "told printed, but paper is missing"
        if end is api.PrintEnd.FAILED:
            assert sheets == 0, "told failed, but paper came out"
        return end

    _checked: int = 0


def job_id_precedes_bytes(trace: str) -> bool:
    """Whether, between the Create-Job request and the first byte of the document, the log was written and flushed."""
    has_created = has_written = has_flushed = False
    for line in trace.splitlines():
        if "sendto(" in line or "sendmsg(" in line:
            if "last-document" in line:
                return has_created and has_flushed
            if "job-name" in line:
                has_created, has_written, has_flushed = True, False, False
        elif "kiosk.db-wal>" in line:
            has_written = has_written or "pwrite64(" in line
            has_flushed = has_flushed or (has_written and re.search(r"(fdatasync|fsync)\(.*= 0$", line) is not None)
    raise AssertionError("no document was sent")
