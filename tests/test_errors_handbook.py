"""The handbook says what the screen says, for every code, in both languages."""

import re
from pathlib import Path

from kiosk.diagnostics.handbook import handbook
from kiosk.errors import ErrorCode
from kiosk.texts import Texts

FILE = Path(__file__).resolve().parent.parent / "docs" / "errors.md"


def test_the_handbook_has_not_drifted() -> None:
    assert FILE.read_text(encoding="utf-8") == handbook(), "run: python -m kiosk.diagnostics.handbook > docs/errors.md"


def test_every_code_has_a_chapter_with_all_that_is_said_of_it() -> None:
    chapters = re.split(r"\n### ", handbook())[1:]
    assert [chapter.split("\n", 1)[0] for chapter in chapters] == [code.value for code in ErrorCode]
    for code, chapter in zip(ErrorCode, chapters, strict=True):
        assert f"`{code.name}`" in chapter
        for part in ("what", "do", "staff"):
            english, indonesian = (Texts(language)(f"error.{code}.{part}") for language in ("en", "id"))
            assert english != indonesian
            assert f"| {english} | {indonesian} |" in chapter.replace("\\|", "|")
        rows = [line for line in chapter.splitlines() if line.startswith("| The ")]
        assert len(rows) == 3
        assert all(len(re.split(r"(?<!\\)\|", row)) == 5 for row in rows), "a text breaks its table"
