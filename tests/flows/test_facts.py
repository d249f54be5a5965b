"""NIK rules, conditions, and what a review shows."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ErrorCode as E
from kiosk.flows import conditions as c
from kiosk.flows import nik
from kiosk.flows.compiled import Block, Kind, ReviewStep, Row
from kiosk.flows.review import ShownRow, sections
from kiosk.flows.state import Stage, State

from .journey import document

PROVINCES = nik.REAL_PROVINCES | {"99"}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("9901010101010001", None),
        ("9901014101010001", None),  # a woman, born on the 1st
        ("9901017112990001", None),  # a woman, born on the 31st
        ("9901012902000001", None),  # 29 February 2000
        ("9901012902040001", None),
        ("9901012902010001", E.NIK_DATE),
        ("9901013102900001", E.NIK_DATE),
        ("9901013104900001", E.NIK_DATE),
        ("9901010001900001", E.NIK_DATE),
        ("9901013201900001", E.NIK_DATE),
        ("9901014001900001", E.NIK_DATE),
        ("9901017201900001", E.NIK_DATE),
        ("9901010100900001", E.NIK_DATE),
        ("9999990101900001", None),  # a regency that no list has may be an old one
        ("2001010101900001", E.NIK_REGION),
        ("0001010101900001", E.NIK_REGION),
        ("990101010101000", E.NIK_LENGTH),
        ("99010101010100011", E.NIK_LENGTH),
        ("", E.NIK_LENGTH),
        ("990101010101000a", E.NIK_DIGITS),
        ("a", E.NIK_DIGITS),
        ("²901010101010001", E.NIK_DIGITS),
    ],
)
def test_nik(number: str, code: E | None) -> None:
    assert nik.check(number, PROVINCES) is code


def test_invented_region_is_refused_unless_configured() -> None:
    assert nik.check("9901010101010001") is E.NIK_REGION


def test_provinces() -> None:
    assert len(nik.REAL_PROVINCES) == 39
    assert {"11", "31", "53", "54", "76", "82", "91", "96"} <= nik.REAL_PROVINCES
    assert not {"00", "10", "20", "55", "77", "83", "97", "99"} & nik.REAL_PROVINCES


@pytest.mark.parametrize(
    "typed", ["990101 010101 0001", "990101.010101.0001", "990101-010101-0001", " 9901 0101 0101 0001\n"]
)
def test_separators_are_no_mistake(typed: str) -> None:
    assert nik.clean(typed) == "9901010101010001"


@given(st.dates(date(1920, 1, 1), date(2026, 11, 1)), st.integers(1, 9999), st.booleans())
def test_every_real_birth_date_is_accepted(born: date, serial: int, is_woman: bool) -> None:
    number = f"990101{born.day + 40 * is_woman:02}{born:%m%y}{serial:04}"
    assert nik.check(number, PROVINCES) is None


@given(st.text(max_size=24))
def test_no_text_brings_it_down(text: str) -> None:
    nik.check(nik.clean(text), PROVINCES)


# --- conditions -------------------------------------------------------------------------------------------------


def _state(**changes: Any) -> State:
    facts = {
        "proof": "card",
        "person": {
            "name": "SARI",
            "birth_date": date(1990, 2, 2),
            "marital_status": {"code": "2", "label": {"id": "KAWIN", "en": "MARRIED"}},
            "kitap": "",
            "address": {"rt": "001"},
        },
        "family": {"members": [1, 2, 3]},
        "documents": [document("kk"), document("kk", "two", can_print=False, can_hand_over=False), document("ktp-el")],
        "device": {"scanner": True, "card-printer": False},
    }
    return State(flow="f", step="s", stage=Stage.SHOW, facts=facts, **changes)


def _path(field: str) -> tuple[str, ...]:
    return tuple(field.split("."))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (c.Is(_path("proof"), "card"), True),
        (c.Is(_path("proof"), "nik"), False),
        (c.Is(_path("person.marital_status"), "2"), True),
        (c.Is(_path("person.birth_date"), "1990-02-02"), True),
        (c.Is(_path("person.address.rt"), "001"), True),
        (c.Is(_path("person.address.rt.deeper"), "001"), False),
        (c.Is(_path("nothing.at.all"), "x"), False),
        (c.In(_path("person.marital_status"), ("1", "2")), True),
        (c.In(_path("person.marital_status"), ("3",)), False),
        (c.Before(_path("person.birth_date"), "1990-02-03"), True),
        (c.Before(_path("person.birth_date"), "1990-02-02"), False),
        (c.Before(_path("person.nowhere"), "1990-02-02"), False),
        (c.AtLeast(_path("family.members"), 3), True),
        (c.AtLeast(_path("family.members"), 4), False),
        (c.AtLeast(_path("documents"), 3), True),
        (c.AtLeast(_path("documents.kk"), 1), True),
        (c.AtLeast(_path("documents.kk"), 2), False),
        (c.AtLeast(_path("documents.akta-kematian"), 1), False),
        (c.AtLeast(_path("person.name"), 1), False),
        (c.Exists(_path("person.kitap"), False), True),
        (c.Exists(_path("person.name"), True), True),
        (c.Exists(_path("person.nowhere"), True), False),
        (c.Is(_path("device.scanner"), True), True),
        (c.Is(_path("device.card-printer"), False), True),
        (c.All((c.Is(_path("proof"), "card"), c.Is(_path("proof"), "nik"))), False),
        (c.AnyOf((c.Is(_path("proof"), "card"), c.Is(_path("proof"), "nik"))), True),
        (c.Not(c.Is(_path("proof"), "card")), False),
    ],
)
def test_condition(condition: c.Condition, expected: bool) -> None:
    assert c.holds(condition, _state()) is expected


def test_document_and_choice_fields() -> None:
    chosen = _state(document="doc-ktp-el", values={"choice.way": "print"})
    assert c.holds(c.Is(_path("document.kind"), "ktp-el"), chosen)
    assert c.holds(c.Is(_path("document.can_print"), True), chosen)
    assert c.holds(c.Is(_path("choice.way"), "print"), chosen)
    assert not c.holds(c.Exists(_path("document.kind"), True), _state())
    assert not c.holds(c.Exists(_path("document.kind"), True), _state(document="gone"))
    assert not c.holds(c.AtLeast(_path("documents.kk"), 1), _state(closed=("doc-kk",)))


# --- review -----------------------------------------------------------------------------------------------------


def test_review_masks_and_reads_as_people_do() -> None:
    member = {
        "name": "BUDI",
        "nik": "9901010101010001",
        "relation": {"code": "1", "label": {"id": "KEPALA", "en": "HEAD"}},
    }
    person = {
        "nik": "9901014202900007",
        "birth_date": "1990-02-02",
        "passport": "",
        "marital_date": date(2015, 5, 4),
    }
    facts = {"person": person, "family": {"members": [member]}}
    state = State(flow="f", step="s", stage=Stage.SHOW, facts=facts)
    text = {"id": "X", "en": "Y"}
    step = ReviewStep(
        id="s",
        kind=Kind.REVIEW,
        blocks=(
            Block(
                {"id": "Data", "en": "Data"},
                (
                    Row("person.nik", text, is_masked=True),
                    Row("person.birth_date", text),
                    Row("person.marital_date", text),
                    Row("person.passport", text, is_masked=True),
                ),
            ),
            Block(
                {"id": "Keluarga"}, each="family.members", label="member.relation", value="member.nik", is_masked=True
            ),
            Block({"id": "Kosong"}, each="family.nobody", label="member.relation", value="member.name"),
        ),
    )
    data, family = sections(step, state, "en")
    assert data.rows == (
        ShownRow("Y", "990101 •••••• ••••"),
        ShownRow("Y", "02-02-1990"),
        ShownRow("Y", "04-05-2015"),
        ShownRow("Y", "-"),
    )
    assert (family.title, family.rows) == ("Keluarga", (ShownRow("HEAD", "990101 •••••• ••••"),))
    assert sections(step, state, "id")[1].rows[0].label == "KEPALA"
