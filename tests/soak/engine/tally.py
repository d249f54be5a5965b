"""What happened over all lives of the engine, and what must not."""

from collections import Counter
from dataclasses import dataclass, field


class WrongError(AssertionError):
    """A promise did not hold."""


@dataclass
class Tally:
    """What happened over all lives."""

    visits: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    """How prints were settled; ``none``: visits in which no document was granted."""
    struck: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    papers: int = 0
    late_sheets: int = 0
    """Sheets of a print that was given up as unknown, moved by a printer out of reach after its visit."""

    def add(self, other: "Tally") -> None:
        for name in ("visits", "deaths", "papers", "late_sheets"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ends += other.ends
        self.struck += other.struck
