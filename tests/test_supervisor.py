"""The parent of face and core: what ends is started again, quick ends are slowed, and no child outlives it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk import supervisor as s


def wait_until(is_so: Callable[[], bool], what: str, timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, f"waited for {what}"
        threading.Event().wait(0.005)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def child(script: str, name: str = "child") -> s.Child:
    return s.Child(name, ["/bin/sh", "-c", script], dict(os.environ))


@pytest.fixture
def keep() -> Iterator[Callable[..., s.Supervisor]]:
    """Start a supervisor over children; stopped at the end."""
    started: list[s.Supervisor] = []

    def start(*children: s.Child) -> s.Supervisor:
        supervisor = s.Supervisor(list(children))
        started.append(supervisor)
        supervisor.start()
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


def test_a_killed_child_is_back_at_once_and_the_other_is_left_alone(
    keep: Callable[..., s.Supervisor], capfd: pytest.CaptureFixture[str]
) -> None:
    face, core = child("exec sleep 60", "face"), child("exec sleep 60", "core")
    keep(face, core)
    first, other = face.pid, core.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: face.starts == 2 and face.pid != first, "the second start")
    assert is_alive(face.pid)
    assert (core.pid, core.starts) == (other, 1)
    assert '{"event": "RESTARTED", "name": "face", "code": -9}' in capfd.readouterr().err


def test_quick_ends_are_slowed_down_and_never_given_up(
    keep: Callable[..., s.Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s, "PAUSES_S", (0.0, 0.0, 0.01, 0.3))
    ends = child("exit 3")
    begun = time.monotonic()
    keep(ends)
    wait_until(lambda: ends.starts >= 5, "the fifth start")
    assert time.monotonic() - begun >= 0.6, "the fourth and the fifth start each waited for the longest pause"
    assert ends.quick_ends >= 4


def test_a_long_life_forgives_quick_ends(keep: Callable[..., s.Supervisor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s, "QUICK_S", 0.0)
    ends = child("exit 0")
    ends.quick_ends = 3
    keep(ends)
    wait_until(lambda: ends.starts >= 3, "a start without a pause")
    assert ends.quick_ends == 0


def test_the_pauses_grow_and_the_first_restart_has_none() -> None:
    assert s.PAUSES_S[1] == 0.0
    assert list(s.PAUSES_S) == sorted(s.PAUSES_S)
    assert s.PAUSES_S[-1] <= 5.0


def test_stop_ends_every_child_and_starts_none(keep: Callable[..., s.Supervisor]) -> None:
    children = [child("exec sleep 60", f"c{number}") for number in range(3)]
    supervisor = keep(*children)
    supervisor.stop()
    assert [one.process is not None and one.process.returncode for one in children] == [-15] * 3
    assert [one.starts for one in children] == [1, 1, 1]
    supervisor.stop()


def test_a_child_that_will_not_end_is_killed(
    keep: Callable[..., s.Supervisor], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(s, "STOP_S", 0.2)
    stubborn = child(f"trap '' TERM; touch {tmp_path}/ready; while :; do sleep 0.05; done")
    supervisor = keep(stubborn)
    wait_until((tmp_path / "ready").exists, "the trap")
    supervisor.stop()
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL


def test_a_stop_in_the_middle_of_a_restart_leaves_no_orphan(keep: Callable[..., s.Supervisor]) -> None:
    has_stopped, is_starting = threading.Event(), threading.Event()

    class Slow(s.Child):
        def start(self) -> None:
            if self.starts:
                is_starting.set()
                has_stopped.wait(0.4)
            super().start()

    slow = Slow("slow", ["/bin/sleep", "60"], dict(os.environ))
    supervisor = keep(slow)
    os.kill(slow.pid, signal.SIGKILL)
    assert is_starting.wait(10)
    supervisor.stop()
    has_stopped.set()
    keepers = [thread for thread in threading.enumerate() if thread.name == "keep-slow"]
    for thread in keepers:
        thread.join(10)
    assert slow.process is not None
    assert slow.process.poll() is not None, "a child runs on without its parent"


TELL = "import os, socket, time; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
TELL += "s.connect('\\0' + os.environ['NOTIFY_SOCKET'][1:]); "


def telling(script: str, name: str = "face", watchdog_s: float = 30.0) -> s.Child:
    """A process that speaks to its parent as to systemd."""
    return s.Child(name, [sys.executable, "-S", "-c", TELL + script], dict(os.environ), watchdog_s=watchdog_s)


def test_the_next_child_waits_until_the_face_is_ready(keep: Callable[..., s.Supervisor], tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    wait = f"[time.sleep(0.005) for _ in iter(lambda: os.path.exists({str(gate)!r}), True)]; "
    face = telling(wait + "s.send(b'READY=1\\nSTATUS=painted'); time.sleep(60)")
    core = child("exec sleep 60")
    supervisor = s.Supervisor([face, core])
    starting = threading.Thread(target=supervisor.start)
    monkey = s.PAINTED_S
    s.PAINTED_S = 20.0
    try:
        starting.start()
        wait_until(lambda: face.process is not None, "the face")
        assert core.starts == 0
        gate.touch()
        starting.join(10)
    finally:
        s.PAINTED_S = monkey
    assert face.is_ready
    assert core.starts == 1
    supervisor.stop()


def test_a_face_that_dies_before_its_first_frame_does_not_hold_the_core() -> None:
    face = s.Child("face", ["/bin/sh", "-c", "exit 3", "face"], dict(os.environ), watchdog_s=30.0)
    face.start()
    assert face.wait_ready(10) is False
    assert face.process is not None
    assert face.process.wait(10) == 3
    face.close()


def test_a_child_that_falls_silent_is_killed_and_started_again(
    keep: Callable[..., s.Supervisor], capfd: pytest.CaptureFixture[str]
) -> None:
    hangs = telling("s.send(b'READY=1'); s.send(b'WATCHDOG=1'); time.sleep(60)", watchdog_s=0.4)
    keep(hangs)
    first = hangs.pid
    wait_until(lambda: hangs.starts >= 2, "the second life")
    assert hangs.hangs >= 1
    assert f'{{"event": "HUNG", "name": "face", "code": {first}}}' in capfd.readouterr().err


def test_a_stopped_process_is_killed_too(keep: Callable[..., s.Supervisor]) -> None:
    """SIGSTOP stands for what hangs in the kernel: it would keep a SIGTERM or SIGABRT for later."""
    beat = "s.send(b'READY=1'); [(s.send(b'WATCHDOG=1'), time.sleep(0.05)) for _ in iter(int, 1)]"
    child_ = telling(beat, watchdog_s=1.0)
    keep(child_)
    wait_until(lambda: child_.is_ready, "ready")
    first = child_.pid
    os.kill(first, signal.SIGSTOP)
    wait_until(lambda: child_.pid != first, "the second life")
    assert child_.hangs == 1


def test_a_child_that_beats_is_left_alone(keep: Callable[..., s.Supervisor]) -> None:
    beat = "s.send(b'READY=1'); [(s.send(b'WATCHDOG=1'), time.sleep(0.02)) for _ in iter(int, 1)]"
    child_ = telling(beat, watchdog_s=0.5)
    keep(child_)
    wait_until(lambda: child_.is_ready, "ready")
    until = time.monotonic() + 1.5
    wait_until(lambda: time.monotonic() > until, "three times its patience")
    assert (child_.starts, child_.hangs) == (1, 0)


def test_a_child_that_never_gets_ready_is_started_again(
    keep: Callable[..., s.Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s, "START_S", 0.3)
    monkeypatch.setattr(s, "PAINTED_S", 0.1)
    child_ = telling("time.sleep(60)")
    keep(child_)
    wait_until(lambda: child_.starts >= 2, "the second life")


def test_a_signal_ends_run_and_its_children(tmp_path: Path) -> None:
    program = (
        "import os, sys; from kiosk.supervisor import *\n"
        "c = Child('c', ['/bin/sh', '-c', 'echo $$ > pid; exec sleep 60'], dict(os.environ))\n"
        "Supervisor([c]).run(); print('stopped')"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    pid_file = tmp_path / "pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text().strip() != "", "the child")
    pid = int(pid_file.read_text())
    parent.terminate()
    out, _ = parent.communicate(timeout=15)
    assert (out, parent.returncode) == ("stopped\n", 0)
    assert not is_alive(pid)


def test_the_face_takes_its_window_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "kiosk.toml"
    config.write_text("[screen]\nwidth = 1920\nheight = 1080\nmm_per_px = 0.25\nis_low_reach = true\n")
    face = s.face_child(tmp_path, config, ["--windowed"])
    own = ["-m", "kiosk.ui", "--socket", str(tmp_path / "core.sock")]
    assert face.command[1:5] == own
    assert face.command[5:] == ["--width", "1920", "--height", "1080", "--mm-per-px", "0.25", "--windowed"]
    assert face.environment["QT_QPA_PLATFORM"] == "offscreen"
    monkeypatch.setenv("DISPLAY", ":9")
    face = s.face_child(tmp_path, None)
    assert face.environment.get("QT_QPA_PLATFORM") is None
    assert "--width" not in face.command
    core = s.core_child(tmp_path, config, ["--allow-robot"])
    assert core.command[1:] == [
        "-m",
        "kiosk.core",
        "--run-dir",
        str(tmp_path),
        "--nice",
        str(s.CORE_NICENESS),
        "--config",
        str(config),
        "--allow-robot",
    ]
    assert "DISPLAY" not in core.environment
    assert "--nice" in core.command


@pytest.mark.parametrize("text", ["[screen", "screen = 3", "[visit]\nidle_s = 3", "[screen]\nwidth = 'wide'"])
def test_broken_settings_never_keep_the_face_from_starting(text: str, tmp_path: Path) -> None:
    """The core is the one who says what is wrong, and it needs a face to say it."""
    config = tmp_path / "kiosk.toml"
    config.write_text(text)
    assert "--width" not in s.face_child(tmp_path, config).command
    assert "--width" not in s.face_child(tmp_path, tmp_path / "gone.toml").command
