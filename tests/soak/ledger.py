"""What was said, what was settled and what came out, visit by visit: and whether the three agree."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import pypdfium2


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


@lru_cache(maxsize=4096)
def _words_of(digest: str, document: bytes) -> str:
    pdf = pypdfium2.PdfDocument(document)
    try:
        text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()
    # A filter on the way may break lines elsewhere.
    return hashlib.sha256(re.sub(r"\s+", "", text).encode()).hexdigest()


def content_of(document: bytes) -> str:
    """The document by what can be read on it, whatever filters made of its bytes."""
    return _words_of(hashlib.sha256(document).hexdigest(), document)


@dataclass
class VisitRecord:
    """``settled`` is how many of the office's grants became printed, with staff, or free again during the visit."""

    number: int
    said: Said
    pages: list[str]
    last_words: str
    contents: set[str]
    """Of the documents that the office signed for this visit; usually one, none when it never came so far."""
    settled: Counter[str]
    seconds: float


@dataclass
class Ledger:
    """``finished`` grows with each document that left the printer whole."""

    visits: list[VisitRecord] = field(default_factory=list)
    violations: list[tuple[int, Violation, str]] = field(default_factory=list)

    def note(self, number: int, violation: Violation, detail: str) -> None:
        self.violations.append((number, violation, detail))

    def close(self, finished: list[bytes]) -> None:
        """Compare, when all paper has come to rest."""
        copies = Counter(content_of(document) for document in finished)
        known: set[str] = set()
        for visit in self.visits:
            known |= visit.contents
            out = sum(copies[content] for content in visit.contents)
            detail = f"{out} copies, said {visit.said}, settled {dict(visit.settled)}, {'>'.join(visit.pages)}"
            if out > 1:
                self.note(visit.number, Violation.TWICE, detail)
            if visit.said is Said.PRINTED and out == 0:
                self.note(visit.number, Violation.NO_PAPER, detail)
            if visit.said is Said.NOTHING and out > 0:
                self.note(visit.number, Violation.UNTOLD, detail)
            if (visit.settled["printed"] == 1) != (visit.said is Said.PRINTED):
                self.note(visit.number, Violation.UNTRUE_SETTLEMENT, detail)
            if (visit.settled["with-staff"] == 1) != (visit.said is Said.UNKNOWN):
                self.note(visit.number, Violation.UNTRUE_SETTLEMENT, detail)
        for content in copies.keys() - known:
            self.note(-1, Violation.STRANGE_PAPER, f"{copies[content]} x {content[:12]}")

    def summary(self) -> dict[str, object]:
        said = Counter(str(visit.said) for visit in self.visits)
        return {
            "visits": len(self.visits),
            "said": dict(said),
            "longest visit s": round(max((visit.seconds for visit in self.visits), default=0.0), 1),
            "violations": dict(Counter(str(violation) for _, violation, _ in self.violations)),
        }
