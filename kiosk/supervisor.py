"""The parent of face and core for demo, tests and machines without systemd.

Imports the standard library and one small module of ours: the face is started within milliseconds of the command. What
ends is started again, and what hangs is killed: a child tells as it would tell systemd (``kiosk.notify``) that it is
ready and alive.
Several quick ends in a row are slowed down, never given up.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from kiosk.sealed import forbid_core_dumps

QUICK_S = 5.0
PAUSES_S = (0.0, 0.0, 0.2, 1.0, 5.0)
"""Waits before the next start, by how many quick ends came before it."""
STOP_S = 8.0
PAINTED_S = 1.5
"""How long the start of the core is held back for the face's first frame: both on two cores would delay it."""
CORE_NICENESS = 5
WATCHDOG_S = 15.0
"""A child that said it is ready and then is silent for so long hangs. The units say the same."""
ATTEND_S = 1.0
"""How soon a keeper notices that it should stop."""
START_S = 60.0
"""A child that never gets ready hangs too."""


class Child:
    """One process that is kept alive. ``starts`` counts them.

    With ``watchdog_s`` it is given ``$NOTIFY_SOCKET`` and ``$WATCHDOG_USEC``, and is killed when it does not say
    ``READY=1`` within ``START_S`` or ``WATCHDOG=1`` as often as it should. ``attend`` is for one thread at a
    time.
    """

    def __init__(self, name: str, command: list[str], environment: dict[str, str], *, watchdog_s: float = 0.0) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.watchdog_s = watchdog_s
        self.starts = 0
        self.hangs = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.quick_ends = 0
        self.is_ready = False
        self.lock = threading.Lock()
        """Held while it is started again: a stop waits for that, so that no child outlives its parent."""
        self._ear: socket.socket | None = None
        self._pidfd = -1
        self._heard_at = 0.0

    def start(self) -> None:
        self.started_at = self._heard_at = time.monotonic()
        self.starts += 1
        self.is_ready = False
        environment = self.environment
        if self.watchdog_s > 0:
            told = {"NOTIFY_SOCKET": self._listen(), "WATCHDOG_USEC": str(round(self.watchdog_s * 1_000_000))}
            environment = environment | told
        self._forget_process()
        self.process = subprocess.Popen(self.command, env=environment, stdin=subprocess.DEVNULL)
        self._pidfd = os.pidfd_open(self.process.pid)

    def attend(self, timeout_s: float) -> bool:
        """Hear what it says and kill it when it hangs, for at most ``timeout_s``; False when it has ended."""
        process, ear = self.process, self._ear
        if process is None or process.poll() is not None:
            return False
        patience = timeout_s
        if self.watchdog_s > 0:
            limit = self.watchdog_s if self.is_ready else START_S
            patience = min(timeout_s, max(0.0, self._heard_at + limit - time.monotonic()))
        watched: list[int | socket.socket] = [self._pidfd]
        if ear is not None:
            watched.append(ear)
        readable, _, _ = select.select(watched, [], [], patience)
        if ear is not None and ear in readable:
            self._hear(ear.recv(4096).decode("utf-8", "replace"))
        elif not readable and self.watchdog_s > 0 and patience < timeout_s:
            self._kill_hung(process)
        return process.poll() is None

    def wait_ready(self, timeout_s: float) -> bool:
        """Whether it told in time that it is ready; an end counts as no."""
        end = time.monotonic() + timeout_s
        while not self.is_ready and (left := end - time.monotonic()) > 0:
            if not self.attend(left):
                return False
        return self.is_ready

    def close(self) -> None:
        """Give back its socket and descriptor, after its end."""
        self._forget_process()
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.close()

    @property
    def pid(self) -> int:
        return self.process.pid if self.process is not None else 0

    def _listen(self) -> str:
        """A new ear for each start: what a dead process said last must not speak for the next."""
        if self._ear is not None:
            self._ear.close()
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._ear.bind("")  # the kernel chooses an abstract name
        self._ear.setblocking(False)
        name: bytes = self._ear.getsockname()
        return "@" + name[1:].decode("ascii")

    def _hear(self, message: str) -> None:
        words = message.split("\n")
        if "READY=1" in words:
            self.is_ready = True
        if "READY=1" in words or "WATCHDOG=1" in words:
            self._heard_at = time.monotonic()

    def _kill_hung(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL, since a process that is stopped would keep any other signal for later."""
        self.hangs += 1
        _say("HUNG", self.name, process.pid)
        process.kill()
        process.wait()

    def _forget_process(self) -> None:
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


def _say(event: str, name: str, number: int) -> None:
    print(f'{{"event": "{event}", "name": "{name}", "code": {number}}}', file=sys.stderr, flush=True)


class Supervisor:
    """Keeps ``children`` alive until ``stop``. ``run`` blocks on the calling thread."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self._is_stopping = threading.Event()

    def start(self) -> None:
        """Start all, in order, and watch each on a thread of its own; the next waits until a face has painted."""
        # A core dump of the face or the core would hold what a citizen typed; children inherit the limit.
        forbid_core_dumps()
        for child in self.children:
            child.start()
            if child is not self.children[-1] and child.watchdog_s > 0:
                child.wait_ready(PAINTED_S)
            threading.Thread(target=self._keep, args=(child,), name=f"keep-{child.name}", daemon=True).start()

    def run(self) -> None:
        """Start, wait for SIGTERM or SIGINT, stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._is_stopping.set())
        self.start()
        self._is_stopping.wait()
        self.stop()

    def stop(self) -> None:
        """Ask all to end, the core last so that it can tell the face; kill what does not within STOP_S."""
        self._is_stopping.set()
        for child in self.children:
            with child.lock:
                process = child.process
            if process is None or process.poll() is not None:
                continue
            process.terminate()
        end = time.monotonic() + STOP_S
        for child in self.children:
            process = child.process
            if process is None:
                continue
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _keep(self, child: Child) -> None:
        try:
            self._keep_alive(child)
        finally:
            child.close()

    def _keep_alive(self, child: Child) -> None:
        while not self._is_stopping.is_set():
            while child.attend(ATTEND_S) and not self._is_stopping.is_set():
                pass
            process = child.process
            if self._is_stopping.is_set() or process is None:
                return
            was_quick = time.monotonic() - child.started_at < QUICK_S
            child.quick_ends = child.quick_ends + 1 if was_quick else 0
            pause = PAUSES_S[min(child.quick_ends, len(PAUSES_S) - 1)]
            _say("RESTARTED", child.name, process.returncode)
            self._is_stopping.wait(pause)
            with child.lock:
                if self._is_stopping.is_set():
                    return
                child.start()


def screen_of(config: Path | None) -> dict[str, object]:
    """The ``[screen]`` table as it stands, unchecked: the core checks the whole file and says what is wrong."""
    return _table_of(config, "screen")


def _table_of(config: Path | None, name: str) -> dict[str, object]:
    if config is None:
        return {}
    import tomllib

    try:
        table = tomllib.loads(config.read_text(encoding="utf-8")).get(name, {})
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}


def face_child(run_dir: Path, config: Path | None, extra: list[str] | None = None) -> Child:
    """The face: offscreen where there is no display."""
    screen = screen_of(config)
    command = [sys.executable, "-m", "kiosk.ui", "--socket", str(run_dir / "core.sock")]
    for key, option in (("width", "--width"), ("height", "--height"), ("mm_per_px", "--mm-per-px")):
        value = screen.get(key)
        if isinstance(value, int | float):
            command += [option, str(value)]
    if _table_of(config, "kiosk").get("is_production") is True:
        command.append("--sealed")
    environment = dict(os.environ)
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY") or environment.get("QT_QPA_PLATFORM")):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return Child("face", command + (extra or []), environment, watchdog_s=WATCHDOG_S)


def core_child(run_dir: Path, config: Path | None, extra: list[str] | None = None) -> Child:
    """The core, niced: a busy core must not cost the face a frame."""
    command = [sys.executable, "-m", "kiosk.core", "--run-dir", str(run_dir), "--nice", str(CORE_NICENESS)]
    if config is not None:
        command += ["--config", str(config)]
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    # One heap for the workers' threads instead of eight a processor: what a visit freed is found again by the next.
    environment.setdefault("MALLOC_ARENA_MAX", "1")
    return Child("core", command + (extra or []), environment, watchdog_s=WATCHDOG_S)


def run(run_dir: Path, config: Path | None, face: list[str] | None = None, core: list[str] | None = None) -> None:
    """``kiosk run``: both processes until a signal."""
    Supervisor([face_child(run_dir, config, face), core_child(run_dir, config, core)]).run()
