"""Tries, inside a unit's sandbox, what the unit must not be able to do. Prints one JSON line."""

import ctypes
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path


def can(act: Callable[[], object]) -> bool:
    try:
        act()
    except (OSError, ValueError, PermissionError):
        return False
    return True


def write(path: str) -> None:
    with open(path, "w") as file:
        file.write("x")


def write_and_run() -> None:
    """A page that is both written and run."""
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def mount() -> None:
    if ctypes.CDLL(None, use_errno=True).mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), "mount")


def trace() -> None:
    if ctypes.CDLL(None, use_errno=True).ptrace(16, 1, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


answers = {
    "internet": can(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()),
    "raw-packets": can(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()),
    "etc": can(lambda: write("/etc/probe")),
    "usr": can(lambda: write("/usr/probe")),
    "opt": can(lambda: write("/opt/anjungan/probe")),
    "home": can(lambda: list(Path("/root").iterdir())),
    "the-key": can(lambda: open("/etc/anjungan/store.key").close()),
    "the-store": can(lambda: list(Path("/var/lib/anjungan").iterdir())),
    "others": Path("/proc/1/status").exists(),
    "write-and-run": can(write_and_run),
    "mount": can(mount),
    "trace": can(trace),
    "input-devices": can(lambda: list(Path("/dev/input").iterdir())),
    "user": os.getuid() == 0,
}
print("PROBE " + json.dumps({"unit": sys.argv[1], "can": sorted(name for name, is_so in answers.items() if is_so)}))
