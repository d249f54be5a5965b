"""What the processes of a lane hold after so many visits, and whether that grows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from tests.soak.inside import ask

WARM_UP = 0.2
"""The share of a lane's visits before growth counts."""
WARM_UP_VISITS = 500
"""So many at least: until then what is loaded on first use comes in, and the store's page cache fills."""
LEAST_VISITS = 1_000
"""A lane with fewer is too short for memory to be judged."""
MAX_LIVE_KIB = 0.35
"""A visit, of what the core holds alive: counted inside, after a collection, so that a third of a KiB is seen."""
MAX_KIB = 1.0
"""A visit, of a process's own pages: these come and go by the MiB."""
LEAST_PAGES_VISITS = 3_000
MAX_MORE = 2
"""Threads and descriptors of the last third over those of the first, each the middle of what was seen: while an office
is struck, or a store is folded, there are some more."""
KIB_A_BLOCK = 0.1
"""Python's blocks have 16 to 512 bytes; of the core's a hundred on the average."""


@dataclass(frozen=True)
class Held:
    """One process after so many visits. ``live_kib`` is 0 where nobody can be asked inside."""

    visits: int
    kib: float
    threads: int
    descriptors: int
    live_kib: float = 0.0


def slope(points: list[tuple[float, float]]) -> float:
    """Least squares."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


@dataclass
class Gauge:
    """Looks at the processes of a lane. ``ears`` are the sockets of those that can be asked inside."""

    pids: dict[str, int]
    ears: dict[str, Path] = field(default_factory=dict)
    held: dict[str, list[Held]] = field(default_factory=dict)

    def look(self, visits: int) -> str:
        """One line for the log."""
        words = []
        for name, pid in self.pids.items():
            process = psutil.Process(pid)
            live, inside_words = 0.0, ""
            if name in self.ears:
                inside = ask(self.ears[name])
                live = inside["bytes"] / 1024 + inside["blocks"] * KIB_A_BLOCK
                inside_words = f" ({inside['bytes'] >> 10} KiB and {inside['blocks']} blocks alive)"
            kib = process.memory_full_info().uss / 1024
            one = Held(visits, kib, process.num_threads(), process.num_fds(), live)
            self.held.setdefault(name, []).append(one)
            words.append(f"{name} {kib / 1024:.1f} MiB{inside_words} {one.threads} threads {one.descriptors} fds")
        return "; ".join(words)

    def cpu_s(self) -> float:
        """Seconds of processor time that its processes have had."""
        times = [psutil.Process(pid).cpu_times() for pid in self.pids.values()]
        return float(sum(one.user + one.system for one in times))

    def growth(self) -> dict[str, dict[str, float]]:
        """By process, what each visit adds after the warm-up; empty for a lane that was too short."""
        found: dict[str, dict[str, float]] = {}
        for name, held in self.held.items():
            last = held[-1].visits
            steady = [one for one in held if one.visits >= max(WARM_UP_VISITS, WARM_UP * last)]
            if last < LEAST_VISITS or len(steady) < 3:
                continue
            figures: dict[str, Callable[[Held], float]] = {
                "KiB": lambda one: one.kib,
                "threads": lambda one: one.threads,
                "descriptors": lambda one: one.descriptors,
            }
            if name in self.ears:
                figures["live KiB"] = lambda one: one.live_kib
            found[name] = {key: slope([(one.visits, of(one)) for one in steady]) for key, of in figures.items()}
            found[name]["visits"] = last
            third = max(1, len(steady) // 3)
            first, last_third = steady[:third], steady[-third:]
            found[name]["more threads"] = median(o.threads for o in last_third) - median(o.threads for o in first)
            found[name]["more descriptors"] = median(o.descriptors for o in last_third) - median(
                o.descriptors for o in first
            )
        return found


def troubles(growth: dict[str, dict[str, float]]) -> list[str]:
    """What grows more than it may."""
    found = []
    for name, figures in growth.items():
        if figures.get("live KiB", 0.0) > MAX_LIVE_KIB:
            found.append(f"{name} keeps {figures['live KiB']:.2f} KiB alive a visit")
        if figures["visits"] >= LEAST_PAGES_VISITS and figures["KiB"] > MAX_KIB:
            found.append(f"{name} grows by {figures['KiB']:.2f} KiB a visit")
        found += [
            f"{name} has {figures[key]:.0f} {key}"
            for key in ("more threads", "more descriptors")
            if figures[key] > MAX_MORE
        ]
    return found
