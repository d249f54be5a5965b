"""Arithmetic on samples: percentiles, medians, paired ratios, and the form of ``build/bench.json``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


def percentile(samples: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; ``share`` in 0..1. Raises ValueError without samples."""
    if not samples:
        raise ValueError("no samples")
    if not 0 <= share <= 1:
        raise ValueError(f"share {share}")
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def paired_ratio(ours: Sequence[float], peer: Sequence[float]) -> float:
    """Median of the ratios of samples taken one after the other. Raises ValueError when they are not pairs."""
    if len(ours) != len(peer) or not ours:
        raise ValueError(f"{len(ours)} and {len(peer)} samples are no pairs")
    return median(a / b for a, b in zip(ours, peer, strict=True))


@dataclass(frozen=True)
class Metric:
    """One line of the table. ``ratio`` is ours/peer; ``target`` bounds the ratio, or ``ours`` without a peer."""

    name: str
    unit: str
    ours: float
    runs: int
    peer: float | None = None
    ratio: float | None = None
    target: float | None = None
    is_higher_better: bool = False
    ours_range: tuple[float, float] | None = None
    peer_range: tuple[float, float] | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def judged(self) -> float:
        """What the target is held against."""
        return self.ratio if self.ratio is not None else self.ours

    @property
    def is_reached(self) -> bool | None:
        """None without a target."""
        if self.target is None:
            return None
        return self.judged >= self.target if self.is_higher_better else self.judged <= self.target

    def as_json(self) -> dict[str, Any]:
        """The entry of ``build/bench.json``."""
        entry: dict[str, Any] = {
            "ours": rounded(self.ours),
            "peer": rounded(self.peer),
            "ratio": rounded(self.ratio),
            "unit": self.unit,
            "runs": self.runs,
            "target": self.target,
            "is_reached": self.is_reached,
        }
        for side, ends in (("ours", self.ours_range), ("peer", self.peer_range)):
            if ends is not None:
                entry[f"{side}_min"], entry[f"{side}_max"] = rounded(ends[0]), rounded(ends[1])
        return entry | {key: rounded(value) if isinstance(value, float) else value for key, value in self.more.items()}


def rounded(value: float | None) -> float | None:
    """Four significant digits; whole numbers above that."""
    if value is None or value == 0 or not math.isfinite(value):
        return value
    digits = max(0, 3 - math.floor(math.log10(abs(value))))
    return round(value, digits)


def compare(
    name: str,
    unit: str,
    ours: Sequence[float],
    peer: Sequence[float],
    share: float,
    target: float | None,
    **more: Any,
) -> Metric:
    """A metric of two pools of samples at one percentile (0.5 is the median)."""

    def at(samples: Sequence[float]) -> float:
        return median(samples) if share == 0.5 else percentile(samples, share)

    return Metric(
        name,
        unit,
        at(ours),
        len(ours),
        at(peer),
        at(ours) / at(peer),
        target,
        ours_range=(min(ours), max(ours)),
        peer_range=(min(peer), max(peer)),
        more=more,
    )
