"""How long a thread was held: wall time less the time that the kernel let it stand in line behind others."""

from pathlib import Path

HELD_S = 0.05
"""Longer than this nothing may hold the face's thread or the core's loop."""


def in_line_s(thread: int) -> float:
    """Seconds that a thread of this process was ready to run and did not get a processor (schedstat's second field)."""
    try:
        return int(Path(f"/proc/self/task/{thread}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
