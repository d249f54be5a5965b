"""Cores that start quickly: forked from a process that has loaded what a core loads, and is otherwise untouched.

Each is a process of its own that runs ``python -m kiosk.core`` from its first line, with its own signals, sockets and
end; only the two seconds of imports are saved. ``python -m tests.e2e.core_zygote`` reads one JSON line a core.
"""

import atexit
import ctypes
import functools
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOADED = (
    "kiosk.core.app",
    "kiosk.diagnostics.machine_check",
    "kiosk.documents.preview",
    "kiosk.documents.raster",
    "kiosk.documents.slip",
    "kiosk.documents.verify",
)
"""What a core has loaded after its first visit."""


class ForkedCore:
    """What the tests use of ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.ended = threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        if not self.ended.wait(timeout):
            raise subprocess.TimeoutExpired("kiosk.core", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class CoreZygote:
    """``start`` gives a core that runs."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._lock = threading.Lock()
        self._began = threading.Condition()
        self._cores: list[ForkedCore] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.core_zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MALLOC_ARENA_MAX": "1", **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read, name="core zygote", daemon=True)
        self._reader.start()

    def start(self, arguments: list[str], log: Path, environment: dict[str, str], first: str = "") -> ForkedCore:
        """``arguments`` of ``python -m kiosk.core``; what it writes on its error stream goes to the end of ``log``.

        ``first`` (``module:function``) is called in the new process before it becomes a core.
        """
        asked = {"arguments": arguments, "log": str(log), "environment": environment, "first": first}
        with self._lock, self._began:
            before = len(self._cores)
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            assert self._began.wait_for(lambda: len(self._cores) > before, 60), "no core was forked"
            return self._cores[-1]

    def close(self) -> None:
        """The cores have ended before."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._reader.join(5)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                told: dict[str, Any] = json.loads(line)
                with self._began:
                    if "status" not in told:
                        self._cores.append(ForkedCore(told["pid"]))
                        self._began.notify_all()
                        continue
                    core = next(core for core in reversed(self._cores) if core.pid == told["pid"])
                core.returncode = told["status"]
                core.ended.set()


@functools.cache
def core_zygote() -> CoreZygote:
    """The one of this worker; it ends with it."""
    zygote = CoreZygote()
    atexit.register(zygote.close)
    return zygote


def _fork(asked: dict[str, Any]) -> bool:
    """True in the child."""
    pid = os.fork()
    if pid:
        print(json.dumps({"pid": pid}), flush=True)
        return False
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number, opened in enumerate((nothing, nothing, log)):
        os.dup2(opened, number)
    os.close(nothing)
    os.close(log)
    os.environ.update(asked["environment"])
    # Let a tracer that is no ancestor attach where the kernel asks for consent.
    ctypes.CDLL(None).prctl(0x59616D61, -1, 0, 0, 0)
    if asked["first"]:
        module, _, name = asked["first"].partition(":")
        getattr(importlib.import_module(module), name)()
    sys.argv = ["kiosk.core", *asked["arguments"]]
    return True


def _reap() -> None:
    while True:
        try:
            pid, raw = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        print(json.dumps({"pid": pid, "status": os.waitstatus_to_exitcode(raw)}), flush=True)


def main() -> bool:
    """Fork until standard input ends. True in a child, which is to become a core."""
    for module in LOADED:
        importlib.import_module(module)
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    waiting = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            _reap()
        if 0 in ready:
            data = os.read(0, 65_536)
            if not data:
                return False
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                if _fork(json.loads(line)):
                    woken.close()
                    wake.close()
                    return True


if __name__ == "__main__" and main():
    runpy.run_module("kiosk.core", run_name="__main__", alter_sys=True)
