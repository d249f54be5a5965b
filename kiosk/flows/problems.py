"""What is wrong with a flow file, where, and in which words.

One problem is one value: it is rendered in the language of whoever reads it, and every command, test and page says the
same. All problems of all files come at once.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

import msgspec

from kiosk.texts import Texts


class Rule(StrEnum):
    """The stable name of what was broken; ``docs/flows.md`` explains each."""

    FILE = "flow-file"
    YAML = "flow-yaml"
    SHAPE = "flow-shape"
    KIND = "flow-kind"
    ID = "flow-id"
    STANDARD = "flow-standard"
    WIRING = "flow-wiring"
    TARGET = "flow-target"
    TEXT = "flow-text"
    WORDS = "flow-words"
    DOT = "flow-dot"
    DEVICE = "flow-device"
    CHOICES = "flow-choices"
    PROOF = "flow-proof"
    FIELD = "flow-field"
    CONDITION = "flow-condition"
    UNSET = "flow-unset"
    UNMASKED = "flow-unmasked"
    FORM = "flow-form"
    PERSONAL = "flow-personal"
    UNSEEN = "flow-unseen"
    UNREACHABLE = "flow-unreachable"
    DEAD_END = "flow-dead-end"
    LOOP = "flow-loop"
    BACK = "flow-back"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """``line`` and ``column`` count from 1. ``where`` is the dotted place, ``key`` the message, ``source`` the line."""

    path: str
    line: int
    column: int
    rule: Rule
    key: str
    where: str = ""
    values: Mapping[str, Any] = {}
    guess: str = ""
    source: str = ""

    def message(self, language: str) -> str:
        """One sentence in ``language``."""
        texts = Texts(language)
        sentence = texts(f"flows.{self.key}", **self.values) if self.values else texts(f"flows.{self.key}")
        return sentence + (" " + texts("flows.guess", guess=self.guess) if self.guess else "")

    def render(self, language: str) -> str:
        """The problem as an editor and a person read it: place, sentence, rule, and the line with a caret."""
        place = f"{self.path}:{self.line}:{self.column}: " + (f"{self.where}: " if self.where else "")
        head = f"{place}{self.message(language)}   [{self.rule}]"
        if not self.source:
            return head
        return f"{head}\n   | {self.source}\n   | {' ' * (self.column - 1)}^"

    def as_json(self, language: str) -> dict[str, Any]:
        """For programs: an editor, a publishing server."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "where": self.where,
            "rule": str(self.rule),
            "message": self.message(language),
            "guess": self.guess,
        }


def order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """By file and place, each once."""
    seen: dict[tuple[Any, ...], Problem] = {}
    for problem in problems:
        seen.setdefault((problem.path, problem.line, problem.column, problem.rule, problem.key, problem.where), problem)
    return tuple(sorted(seen.values(), key=lambda problem: (problem.path, problem.line, problem.column, problem.rule)))


def closest(word: str, words: Sequence[str]) -> str:
    """What was probably meant, or ``""``."""
    return next(iter(get_close_matches(word, list(words), n=1, cutoff=0.6)), "")


def dotted(loc: Sequence[str | int]) -> str:
    """``steps.review.sections[0].rows[1].field``."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text
