"""The parent of face and core for demo, tests and machines without systemd.

Imports nothing but the standard library: the face is started within milliseconds of the command. What ends is started
again; several quick ends in a row are slowed down, never given up. A process that hangs without ending is not noticed.
"""

import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

QUICK_S = 5.0
PAUSES_S = (0.0, 0.0, 0.2, 1.0, 5.0)
"""Waits before the next start, by how many quick ends came before it."""
STOP_S = 8.0
PAINTED_S = 1.5
"""How long the start of the core is held back for the face's first frame: both on two cores would delay it."""
CORE_NICENESS = 5


class Child:
    """One process that is kept alive. ``starts`` counts them.

    With ``tells_ready`` it gets the option ``--painted-fd N``, writes one byte there when its first frame is on the
    screen, and ``wait_ready`` waits for that.
    """

    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], *, tells_ready: bool = False
    ) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.tells_ready = tells_ready
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.quick_ends = 0
        self.lock = threading.Lock()
        """Held while it is started again: a stop waits for that, so that no child outlives its parent."""
        self._ready = -1

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.starts += 1
        command = self.command
        passed: tuple[int, ...] = ()
        told = -1
        if self.tells_ready:
            self._forget_ready()
            self._ready, told = os.pipe()
            command, passed = [*command, "--painted-fd", str(told)], (told,)
        try:
            self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, pass_fds=passed)
        finally:
            if told >= 0:
                os.close(told)

    def wait_ready(self, timeout_s: float) -> bool:
        """Whether it told in time that it is ready; an end counts as no."""
        if self._ready < 0:
            return False
        readable, _, _ = select.select([self._ready], [], [], timeout_s)
        is_ready = bool(readable) and os.read(self._ready, 1) != b""
        self._forget_ready()
        return is_ready

    def _forget_ready(self) -> None:
        if self._ready >= 0:
            os.close(self._ready)
            self._ready = -1

    @property
    def pid(self) -> int:
        return self.process.pid if self.process is not None else 0


class Supervisor:
    """Keeps ``children`` alive until ``stop``. ``run`` blocks on the calling thread."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self._is_stopping = threading.Event()

    def start(self) -> None:
        """Start all, in order, and watch each on a thread of its own; the next waits until a face has painted."""
        # A core dump of the face or the core would hold what a citizen typed; children inherit the limit.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for child in self.children:
            child.start()
            if child.tells_ready:
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
        while not self._is_stopping.is_set():
            process = child.process
            assert process is not None
            process.wait()
            if self._is_stopping.is_set():
                return
            was_quick = time.monotonic() - child.started_at < QUICK_S
            child.quick_ends = child.quick_ends + 1 if was_quick else 0
            pause = PAUSES_S[min(child.quick_ends, len(PAUSES_S) - 1)]
            print(
                f'{{"event": "RESTARTED", "name": "{child.name}", "code": {process.returncode}}}',
                file=sys.stderr,
                flush=True,
            )
            self._is_stopping.wait(pause)
            with child.lock:
                if self._is_stopping.is_set():
                    return
                child.start()


def screen_of(config: Path | None) -> dict[str, object]:
    """The ``[screen]`` table as it stands, unchecked: the core checks the whole file and says what is wrong."""
    if config is None:
        return {}
    import tomllib

    try:
        table = tomllib.loads(config.read_text(encoding="utf-8")).get("screen", {})
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
    environment = dict(os.environ)
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY") or environment.get("QT_QPA_PLATFORM")):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return Child("face", command + (extra or []), environment, tells_ready=True)


def core_child(run_dir: Path, config: Path | None, extra: list[str] | None = None) -> Child:
    """The core, niced: a busy core must not cost the face a frame."""
    command = [sys.executable, "-m", "kiosk.core", "--run-dir", str(run_dir), "--nice", str(CORE_NICENESS)]
    if config is not None:
        command += ["--config", str(config)]
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    # One heap for the workers' threads instead of eight a processor: what a visit freed is found again by the next.
    environment.setdefault("MALLOC_ARENA_MAX", "1")
    return Child("core", command + (extra or []), environment)


def run(run_dir: Path, config: Path | None, face: list[str] | None = None, core: list[str] | None = None) -> None:
    """``kiosk run``: both processes until a signal."""
    Supervisor([face_child(run_dir, config, face), core_child(run_dir, config, core)]).run()
