"""Input devices as the kernel lists them in ``/proc/bus/input/devices``, and the switches of one."""

import fcntl
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

LIST = Path("/proc/bus/input/devices")
NODES = Path("/dev/input")
_MAX_LIST = 1 << 20
_EVENT = re.compile(r"\bevent(\d{1,4})\b")

SW_HEADPHONE_INSERT = 0x02
_EVIOCGSW_8 = 0x8008451B
"""``_IOC(_IOC_READ, 'E', 0x1b, 8)``: the state of all switches, one bit each."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """One block of the list. ``node`` is ``eventN`` or empty; ``switches`` are the bits that it has."""

    name: str
    node: str
    switches: int


def parse(text: str) -> list[InputDevice]:
    """Every device of the list; lines that nobody understands are passed over."""
    devices: list[InputDevice] = []
    for block in re.split(r"\n\s*\n", text.replace("\r", "")):
        name, node, switches = "", "", 0
        for line in block.splitlines():
            if line.startswith("N: Name="):
                name = line.removeprefix("N: Name=").strip().strip('"')
            elif line.startswith("H: Handlers="):
                found = _EVENT.search(line)
                node = f"event{found[1]}" if found else ""
            elif line.startswith("B: SW="):
                # Words of a long, the highest first; switches need no more than the last one.
                last = line.removeprefix("B: SW=").split()[-1:]
                switches = int(last[0], 16) if last and re.fullmatch(r"[0-9a-fA-F]{1,16}", last[0]) else 0
        if name or node:
            devices.append(InputDevice(name, node, switches))
    return devices


def listed(path: Path) -> list[InputDevice]:
    """The devices of this machine. Raises OSError."""
    with path.open("rb") as file:
        return parse(file.read(_MAX_LIST).decode("utf-8", "replace"))


def switch_states(node: Path) -> int:
    """The switches of an input device as bits. Raises OSError: no such node, no permission, no input device."""
    fd = os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return int.from_bytes(fcntl.ioctl(fd, _EVIOCGSW_8, bytes(8)), sys.byteorder)
    finally:
        os.close(fd)
