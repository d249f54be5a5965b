"""A throw-away machine: this one's files under an overlay, booted by the real systemd as PID 1.

Nothing of the host changes: writes go to the overlay's upper folder on a tmpfs. The checkout and its environment are
bound in at ``/opt/anjungan``, where the units look for them.
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPT = Path("/opt/anjungan")


@dataclass
class Machine:
    """``root`` is its file system, seen from outside, before and after its life."""

    root: Path
    folder: Path

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)

    def run(self, *command: str) -> str:
        """In the file system, without a boot."""
        return subprocess.run(["chroot", str(self.root), *command], check=True, capture_output=True, text=True).stdout

    @contextlib.contextmanager
    def booted(self, binds: list[str], seconds: int = 120) -> Iterator["Boot"]:
        """Boot it with more of the host's files (``host:guest``); at the end it is halted in order."""
        console = (self.folder / "console.txt").open("wb")
        process = subprocess.Popen(
            [
                "systemd-nspawn",
                "--quiet",
                "--register=no",
                "--keep-unit",
                "--private-network",
                f"--machine=anjungan-{os.getpid()}",
                "--link-journal=no",
                "--console=pipe",
                *_binds(),
                *[f"--bind={bind}" for bind in binds],
                "-D",
                str(self.root),
                "-b",
            ],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        boot = Boot(self, process, time.monotonic() + seconds)
        try:
            yield boot
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            console.close()


@dataclass
class Boot:
    """The machine while it runs. Its leader is found by the name of its first process's parent."""

    machine: Machine
    process: subprocess.Popen[bytes]
    end: float

    def leader(self) -> int:
        """Its PID 1, as the host numbers it."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = self.wait(lambda: children.read_text().split(), "PID 1 of the machine")
        return int(str(found[0]))

    def run(self, *command: str, check: bool = True) -> str:
        """Inside, as root."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.leader()), "-m", "-u", "-i", "-n", "-p", *command],
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def show(self, unit: str, key: str) -> str:
        return self.run("systemctl", "show", "--value", "-p", key, unit, check=False).strip()

    def journal(self, unit: str) -> str:
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit, check=False)

    def wait(self, is_so, what: str):  # type: ignore[no-untyped-def]
        """The first true answer; fails when the machine's time is up or it ended."""
        while True:
            with contextlib.suppress(OSError):
                found = is_so()
                if found:
                    return found
            assert time.monotonic() < self.end, f"waited for {what}"
            assert self.process.poll() is None, f"the machine ended while waiting for {what}"
            time.sleep(0.05)


def _binds() -> list[str]:
    """The checkout, its packages, and the interpreter they were made for, all below /opt/anjungan."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = Path(sys.prefix) / "lib" / version / "site-packages"
    return [
        f"--bind-ro={sys.base_prefix}:{OPT}/python",
        f"--bind-ro={packages}:{OPT}/.venv/lib/{version}/site-packages",
        *[f"--bind-ro={ROOT / part}:{OPT}/{part}" for part in ("kiosk", "assets", "config")],
    ]


@contextlib.contextmanager
def alone_on_the_host() -> Iterator[None]:
    """Waits until no other test run boots a machine here.

    Without a unit of its own each nspawn lays its ``supervisor`` and ``payload`` below the control group of whoever
    called it: a second one takes the first one's processes for its own, and ends them with itself.
    """
    with (Path(tempfile.gettempdir()) / "anjungan-nspawn.lock").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """An overlay of / with our environment in it. Needs root and leave to mount."""
    over = folder / "overlay"
    over.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(over)], check=True)
    try:
        for name in ("up", "work", "root"):
            (over / name).mkdir()
        layers = f"lowerdir=/,upperdir={over}/up,workdir={over}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(over / "root")], check=True)
        try:
            made = Machine(over / "root", folder)
            _lay_out(made)
            yield made
        finally:
            subprocess.run(["umount", "-R", str(over / "root")], check=True)
    finally:
        subprocess.run(["umount", str(over)], check=True)


def _lay_out(made: Machine) -> None:
    """What an installation would leave at /opt/anjungan; packages and interpreter are bound in at boot."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    opt = made.root / str(OPT).lstrip("/")
    if opt.exists():
        shutil.rmtree(opt)
    for folder in ("python", "kiosk", "assets", "config", ".venv/bin", f".venv/lib/{version}/site-packages"):
        (opt / folder).mkdir(parents=True)
    for folder in (opt, opt / ".venv", opt / ".venv/bin"):
        folder.chmod(0o755)
    python = opt / ".venv/bin/python"
    python.symlink_to(f"{OPT}/python/bin/{version}")
    made.write(f"{OPT}/.venv/pyvenv.cfg", f"home = {OPT}/python/bin\ninclude-system-site-packages = false\n")
    made.write(
        f"{OPT}/.venv/bin/kiosk",
        f"#!{OPT}/.venv/bin/python\nimport sys\nfrom kiosk.cli import main\nsys.exit(main())\n",
        0o755,
    )
    # Units of the host that mean nothing here would only be noise.
    default = made.root / "etc/systemd/system/default.target"
    default.unlink(missing_ok=True)
    default.symlink_to("/lib/systemd/system/multi-user.target")
    (made.root / "var/log/journal").mkdir(parents=True, exist_ok=True)
    leftovers = re.compile(r"^(cups|avahi|colord)")
    for wants in (made.root / "etc/systemd/system").glob("*.wants/*"):
        if leftovers.match(wants.name):
            wants.unlink()


def why_impossible(folder: Path) -> str:
    """Why this host may not boot a machine: no right to mount, or no containers in containers. Empty when it may.

    A program that is missing is no such reason: the tests' command installs it.
    """
    if os.geteuid() != 0:
        return "not root"
    try:
        with machine(folder) as tried:
            command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network"]
            done = subprocess.run(
                [*command, f"--machine=anjungan-try-{os.getpid()}", "-D", str(tried.root), "/bin/true"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
            )
    except subprocess.CalledProcessError as error:
        return f"{error.cmd[0]} is refused"
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""
