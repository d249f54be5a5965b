"""Texts: every language has every key, every code has its sentences, every key that the code names exists."""

import ast
import re
from pathlib import Path

import pytest

from kiosk import texts
from kiosk.devices.contract import Reason
from kiosk.errors import ErrorCode

ROOT = Path(__file__).resolve().parent.parent


def test_every_language_has_every_key() -> None:
    indonesian = texts.keys("id")
    for language in texts.languages():
        assert texts.keys(language) == indonesian
        empty = sorted(key for key in indonesian if not texts.has_text(language, key))
        assert not empty


@pytest.mark.parametrize("language", texts.languages())
@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_says_what_happened_what_to_do_and_what_staff_does(language: str, code: ErrorCode) -> None:
    for part in ("what", "do", "staff"):
        assert texts.has_text(language, f"error.{code}.{part}")


@pytest.mark.parametrize("language", texts.languages())
@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NONE])
def test_every_reason_has_its_sentences(language: str, reason: Reason) -> None:
    assert texts.has_text(language, f"reason.{reason}.citizen")
    assert texts.has_text(language, f"reason.{reason}.staff")


def test_placeholders_agree_between_languages() -> None:
    for key in texts.keys("id"):
        fields = {
            language: sorted(re.findall(r"{(\w+)}", texts._catalogue(language)[key])) for language in texts.languages()
        }
        assert len(set(map(tuple, fields.values()))) == 1, f"{key}: {fields}"


def literal_keys() -> set[str]:
    """Keys that the core's code asks for by a literal ``t("…")``."""
    found = set()
    for path in (ROOT / "kiosk").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in ("t", "texts") and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def test_every_key_that_the_code_names_exists() -> None:
    named = literal_keys()
    assert len(named) > 100
    assert not sorted(named - texts.keys("id"))


def test_no_text_shouts_or_blames() -> None:
    """Sentence case, no OK/Cancel: LOOK.md, Words. GRATIS and the papers' own names are meant to stand out."""
    for language in texts.languages():
        for key in texts.keys(language):
            if key.endswith(".staff"):
                continue
            text = texts._catalogue(language)[key]
            assert not re.search(r"\b(OK|Cancel|Batal)\b", text), f"{language}: {key}"
