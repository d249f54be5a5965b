"""Masked numbers: what a person who reads over a shoulder can complete, and what not."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kiosk.flows.fields import FIELDS, MEMBER_FIELDS
from kiosk.masking import HIDDEN, mask_number

ROOT = Path(__file__).resolve().parent.parent


def test_of_a_nik_the_region_stays_and_neither_birth_date_nor_serial() -> None:
    assert mask_number("9901014202900007") == "990101 •••••• ••••"


@given(st.text("0123456789", min_size=16, max_size=16), st.text("0123456789", min_size=10, max_size=10))
def test_everybody_of_a_region_looks_the_same(number: str, other: str) -> None:
    """Nothing of the serial or the date of birth goes into the mask, so nothing of them can be read out of it."""
    assert mask_number(number) == mask_number(number[:6] + other)


@given(st.text("ABCX0123456789", max_size=40).filter(lambda text: len(text) != 16))
def test_other_numbers_keep_one_sign_at_most(number: str) -> None:
    shown = mask_number(number)
    assert len(shown) == len(number)
    assert len(shown.replace(HIDDEN, "")) <= (1 if len(number) >= 6 else 0)


def test_numbers_that_identify_are_secret_fields_and_wanted_masked_by_the_linter() -> None:
    for name, field in {**FIELDS, **MEMBER_FIELDS}.items():
        is_number = name.rpartition(".")[2] in ("nik", "no_kk", "passport", "kitap")
        assert field.is_secret == is_number, name


def test_there_is_one_mask() -> None:
    ours = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "kiosk").rglob("*.py")
        if "office" not in path.parts and ("••" in path.read_text(encoding="utf-8") or '"•" *' in path.read_text())
    }
    assert ours == {"kiosk/masking.py"}
