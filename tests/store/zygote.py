"""Acts on a store in a process of its own that can be traced and struck: forked, so that each costs little.

``python -m tests.store.zygote`` reads one JSON line an act: ``module:function``, its arguments, where its answer goes.
"""

import ctypes
import importlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 60.0


class Zygote:
    """``modules`` are loaded once, before the first fork."""

    def __init__(self, *modules: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.zygote", *modules],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._count = 0

    def act(self, act: str, folder: Path, /, **arguments: object) -> Any:
        """Carry out undisturbed; what it returned."""
        answer, _ = self._start(act, folder, None, arguments)
        assert self._wait() == 0, f"{act} failed, see standard error"
        return json.loads(answer.read_text())

    def struck(
        self, act: str, folder: Path, /, *, calls: str, paths: list[Path], inject: str | None, **arguments: object
    ) -> tuple[int, Any, str]:
        """Under strace; the exit status (minus the signal), what it returned if it ended well, and the trace."""
        gate = folder / f"gate-{self._count}"
        os.mkfifo(gate)
        answer, pid = self._start(act, folder, gate, arguments)
        trace = folder / f"trace-{self._count}"
        command = ["strace", "-f", "-y", "-o", str(trace), "-e", f"trace={calls}", "-p", str(pid)]
        for path in paths:
            command += ["-P", str(path)]
        if inject is not None:
            command += ["-e", f"inject={inject}"]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert tracer.stderr is not None
        while "attached" not in (line := tracer.stderr.readline()):
            assert line, "strace could not attach"
        with gate.open("wb") as opened:
            opened.write(b"g")
        status = self._wait()
        tracer.wait(DEADLINE_S)
        tracer.stderr.close()
        return status, json.loads(answer.read_text()) if answer.exists() else None, trace.read_text()

    def _start(self, act: str, folder: Path, gate: Path | None, arguments: dict[str, object]) -> tuple[Path, int]:
        self._count += 1
        answer = folder / f"answer-{self._count}.json"
        line = {"act": act, "arguments": arguments, "answer": str(answer), "gate": str(gate) if gate else None}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return answer, int(self._read()["pid"])

    def _wait(self) -> int:
        return int(self._read()["status"])

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


def calls_in(trace: str) -> Counter[str]:
    """How often each call stands in a trace."""
    return Counter(found.group(1) for found in re.finditer(r"^\d+ +(\w+)\(", trace, re.MULTILINE))


def _child(line: dict[str, Any]) -> None:
    if line["gate"]:
        # Let a tracer that is no ancestor attach where the kernel asks for consent.
        ctypes.CDLL(None).prctl(0x59616D61, -1, 0, 0, 0)
        gate = os.open(line["gate"], os.O_RDONLY)
        os.read(gate, 1)
        os.close(gate)
    module, _, name = line["act"].partition(":")
    result = getattr(importlib.import_module(module), name)(**line["arguments"])
    Path(line["answer"]).write_text(json.dumps(result))


def main() -> None:
    for module in sys.argv[1:]:
        importlib.import_module(module)
    for text in sys.stdin:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _child(json.loads(text))
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        print(json.dumps({"pid": pid}), flush=True)
        _, raw = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(raw)}), flush=True)


if __name__ == "__main__":
    main()
