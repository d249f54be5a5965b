"""Waiting for conditions with deadlines, and counting what a process holds."""

import threading
import time
from collections.abc import Callable
from pathlib import Path


def until(is_so: Callable[[], object], what: str = "the condition", timeout_s: float = 5.0) -> None:
    """Wait until it is so; fails the test at the deadline."""
    end = time.monotonic() + timeout_s
    pause = threading.Event()
    while not is_so():
        assert time.monotonic() < end, f"waited {timeout_s} s in vain for {what}"
        pause.wait(0.005)


def held() -> tuple[int, int]:
    """Open file descriptors and running threads of this process."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def settled(before: tuple[int, int], slack: int = 0) -> bool:
    """Whether nothing more is held than before; ``slack`` is what a living adapter may keep open for its next call."""
    return all(now <= then + slack for now, then in zip(held(), before, strict=True))


def thread_count_of(pid: int) -> int:
    """Threads of another process."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))
