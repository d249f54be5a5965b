"""From scores to a verdict: two thresholds, several pictures, and doubt wherever they don't agree. Pure."""

from dataclasses import dataclass, field

from kiosk.devices.biometrics.wire import Sight
from kiosk.devices.contract.biometrics import Doubt, MatchEnd, MatchReport, ScoreBand


@dataclass(frozen=True, slots=True)
class Thresholds:
    """``accept`` and ``strong`` towards sameness, ``reject`` towards difference; between them nothing is decided.

    For a distance (faces) ``strong <= accept < reject``; for a similarity (fingers) the other way round.
    """

    accept: float
    reject: float
    strong: float
    is_distance: bool

    def __post_init__(self) -> None:
        in_order = (
            self.strong <= self.accept < self.reject if self.is_distance else self.strong >= self.accept > self.reject
        )
        if not in_order:
            raise ValueError("the thresholds of a matcher must leave room for doubt")

    def is_same(self, score: float) -> bool:
        return score <= self.accept if self.is_distance else score >= self.accept

    def is_other(self, score: float) -> bool:
        return score >= self.reject if self.is_distance else score < self.reject

    def is_strong(self, score: float) -> bool:
        return score <= self.strong if self.is_distance else score >= self.strong


FACE = Thresholds(accept=0.45, reject=0.60, strong=0.35, is_distance=True)
FINGER = Thresholds(accept=60.0, reject=30.0, strong=100.0, is_distance=False)


@dataclass
class Tally:
    """Gathers the sights of one call. ``need`` pictures in a row must say the same, so that none decides alone."""

    thresholds: Thresholds
    need: int
    knows_reference: bool = True
    _same: int = 0
    _other: int = 0
    _is_strong: bool = True
    _last: Doubt = Doubt.NONE
    _good: int = field(default=0)

    def add(self, sight: Sight) -> MatchReport | None:
        """The verdict when this picture completes one, else None: more are needed."""
        if sight.doubt is not Doubt.NONE:
            self._doubted(sight.doubt)
            return None
        self._good += 1
        if not self.knows_reference or sight.score is None:
            return MatchReport(MatchEnd.NO_MATCH) if self._good >= self.need else None
        if self.thresholds.is_same(sight.score):
            self._same, self._other = self._same + 1, 0
            self._is_strong = self._is_strong and self.thresholds.is_strong(sight.score)
            if self._same >= self.need:
                return MatchReport(MatchEnd.MATCH, band=ScoreBand.STRONG if self._is_strong else ScoreBand.CLEAR)
            return None
        if self.thresholds.is_other(sight.score):
            self._same, self._other, self._is_strong = 0, self._other + 1, True
            return MatchReport(MatchEnd.NO_MATCH) if self._other >= self.need else None
        self._doubted(Doubt.BETWEEN)
        return None

    def _doubted(self, doubt: Doubt) -> None:
        """A picture that says nothing breaks the row."""
        self._same = self._other = 0
        self._is_strong = True
        self._last = doubt

    def at_the_end(self) -> MatchReport:
        """The time is over."""
        doubt = self._last if self._last is not Doubt.NONE else Doubt.BETWEEN
        return MatchReport(MatchEnd.NOT_SURE, doubt)
