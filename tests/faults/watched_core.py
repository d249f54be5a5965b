"""``python -m tests.faults.watched_core``: the core as it is, with a watch over every call of its one loop.

A call that held the loop longer than ``HELD_S`` stands in ``held-calls.jsonl`` of the run folder, with where it went.
The time that the machine gave to other processes does not count: the kernel tells how long the thread stood in line.
Nor does the time in which a write is made durable before a visit may begin: the disk is none of the devices.
"""

import functools
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.core.__main__ import main
from kiosk.core.loop import Call, Loop
from kiosk.store.stored_state import StoredState
from tests.faults.stalls import HELD_S, in_line_s

FILE = "held-calls.jsonl"


def _disk_time() -> dict[int, float]:
    """Seconds that each thread spent in durable writes of single values, from here on."""
    spent: dict[int, float] = {}
    for name in ("set", "remove"):
        write = getattr(StoredState, name)

        @functools.wraps(write)
        def timed(*arguments: Any, write: Callable[..., Any] = write, **named: Any) -> Any:
            begun, thread = time.monotonic(), threading.get_native_id()
            try:
                return write(*arguments, **named)
            finally:
                spent[thread] = spent.get(thread, 0.0) + time.monotonic() - begun

        setattr(StoredState, name, timed)
    return spent


def watch(path: Path) -> None:
    """Measure each call that the loop runs from here on."""
    guard = Loop._guard
    disk = _disk_time()
    samples = [0, 0.0]

    @functools.wraps(guard)
    def measured(self: Loop, call: Call) -> None:
        thread = threading.get_native_id()
        waited, begun, written = in_line_s(thread), time.monotonic(), disk.get(thread, 0.0)
        guard(self, call)
        wall = time.monotonic() - begun
        held = wall - (in_line_s(thread) - waited) - (disk.get(thread, 0.0) - written)
        samples[0] += 1
        samples[1] = max(samples[1], held)
        if held > HELD_S:
            name = getattr(call, "__qualname__", repr(call))
            with path.open("a", encoding="utf-8") as file:
                row = {"call": name, "held_ms": round(held * 1000, 1), "wall_ms": round(wall * 1000, 1), "at": begun}
                file.write(json.dumps(row) + "\n")

    Loop._guard = measured  # type: ignore[method-assign]


if __name__ == "__main__":
    watch(Path(sys.argv[sys.argv.index("--run-dir") + 1]) / FILE)
    sys.exit(main())
