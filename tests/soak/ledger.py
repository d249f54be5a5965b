"""What was said, what was settled and what came out, visit by visit: and whether the three agree."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import pypdfium2

LONGEST_QUEUE_NUMBER = 6
"""``A-017`` up to ``A-9999``; a complaint's has nine letters."""


class Said(StrEnum):
    """What the last pages told the visitor about the paper."""

    PRINTED = "printed"
    UNKNOWN = "unknown"
    NOTHING = "nothing"
    """Not printed, stopped, or never begun."""


class Violation(StrEnum):
    TWICE = "printed twice"
    NO_PAPER = "called printed without paper"
    UNTOLD = "paper, but called not printed"
    LOST_GRANT = "a grant that was never settled"
    UNTRUE_SETTLEMENT = "the office was told another end"
    HANGS = "a visit that hangs"
    STRANGE_PAPER = "paper that no visit of this time asked for"
    NUMBER_TWICE = "one number on the pages of two visits"
    NUMBER_UNKNOWN = "a number that the office never heard of"
    SLIP_TWICE = "two slips in one visit"


@lru_cache(maxsize=4096)
def content_of(document: bytes) -> str:
    """Which family card it is, by the number on it, whatever filters made of its bytes."""
    pdf = pypdfium2.PdfDocument(document)
    try:
        found = re.search(r"\d{16}", pdf[0].get_textpage().get_text_range())
        return found.group() if found else "no family card"
    finally:
        pdf.close()


@dataclass
class VisitRecord:
    """``family`` is the number of the visitor's family card; ``settled``: what became of the office's documents."""

    number: int
    said: Said
    pages: list[str]
    last_words: str
    family: str
    settled: Counter[str]
    seconds: float
    numbers: frozenset[str] = frozenset()
    slips: int = 0


@dataclass
class Ledger:
    """``finished`` grows with each document that left the printer whole."""

    visits: list[VisitRecord] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    """By what was said, over all visits that were compared."""
    violations: list[tuple[int, Violation, str]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    """Every queue number (with its day) and number of a complaint that was shown, and the visit that saw it."""

    def show(self, visit: VisitRecord, day: str) -> None:
        """Numbers are seen at once: they must be new whenever it was."""
        for number in visit.numbers:
            # A complaint's number is good for ever, a queue's for its day.
            key = number if len(number) > LONGEST_QUEUE_NUMBER else f"{day} {number}"
            before = self.numbers.setdefault(key, visit.number)
            if before != visit.number:
                self.note(visit.number, Violation.NUMBER_TWICE, f"{key} in visit {before} and in this")
        if visit.slips > 1:
            self.note(visit.number, Violation.SLIP_TWICE, f"{visit.slips}: {'>'.join(visit.pages)}")

    def compare_numbers(self, office: set[str]) -> None:
        """When everything has been told: the office knows each number that was shown. ``office``: as ``numbers``."""
        for key in self.numbers.keys() - office:
            self.note(self.numbers[key], Violation.NUMBER_UNKNOWN, key)

    def note(self, number: int, violation: Violation, detail: str) -> None:
        self.violations.append((number, violation, detail))

    def close(self, finished: list[bytes]) -> None:
        """Compare, when all paper has come to rest."""
        copies = Counter(content_of(document) for document in finished)
        asked: dict[str, list[VisitRecord]] = {}
        for visit in self.visits:
            self.told[str(visit.said)] += 1
            asked.setdefault(visit.family, []).append(visit)
            self._compare_settlement(visit)
        for family, visits in asked.items():
            out = copies[family]
            sure = sum(visit.said is Said.PRINTED for visit in visits)
            unsure = sum(visit.said is Said.UNKNOWN for visit in visits)
            detail = f"{out} copies; " + "; ".join(f"said {v.said}, {'>'.join(v.pages)}" for v in visits)
            if out < sure:
                self.note(visits[0].number, Violation.NO_PAPER, detail)
            elif out > sure + unsure:
                self.note(visits[0].number, Violation.TWICE if sure + unsure else Violation.UNTOLD, detail)
        for family in copies.keys() - asked.keys():
            self.note(-1, Violation.STRANGE_PAPER, f"{copies[family]} copies")

    def _compare_settlement(self, visit: VisitRecord) -> None:
        for end, said in (("printed", Said.PRINTED), ("with-staff", Said.UNKNOWN)):
            if (visit.settled[end] == 1) != (visit.said is said):
                detail = f"said {visit.said}, settled {dict(visit.settled)}, {'>'.join(visit.pages)}"
                self.note(visit.number, Violation.UNTRUE_SETTLEMENT, detail)

    def summary(self) -> dict[str, object]:
        return {
            "visits": self.told.total(),
            "said": dict(self.told),
            "numbers": len(self.numbers),
            "violations": dict(Counter(str(violation) for _, violation, _ in self.violations)),
        }
