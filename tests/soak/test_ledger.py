"""The judge of the chaos test catches what it is there for."""

from collections import Counter

import pytest

from tests.soak import ledger as ledger_module
from tests.soak.ledger import Ledger, Said, Violation, VisitRecord

SETTLED = {Said.PRINTED: "printed", Said.UNKNOWN: "with-staff"}


def visit(number: int, said: Said, settled: str | None = None) -> VisitRecord:
    end = SETTLED.get(said, "") if settled is None else settled
    return VisitRecord(number, said, ["attract", "take"], "", f"kk-{number}", Counter([end] if end else []), 1.0)


@pytest.mark.parametrize(
    ("said", "settled", "copies", "found"),
    [
        (Said.PRINTED, None, 1, set()),
        (Said.PRINTED, None, 0, {Violation.NO_PAPER}),
        (Said.PRINTED, None, 2, {Violation.TWICE}),
        (Said.UNKNOWN, None, 0, set()),
        (Said.UNKNOWN, None, 1, set()),
        (Said.UNKNOWN, None, 2, {Violation.TWICE}),
        (Said.NOTHING, None, 0, set()),
        (Said.NOTHING, None, 1, {Violation.UNTOLD}),
        (Said.NOTHING, "printed", 0, {Violation.UNTRUE_SETTLEMENT}),
        (Said.UNKNOWN, "", 1, {Violation.UNTRUE_SETTLEMENT}),
        (Said.PRINTED, "with-staff", 1, {Violation.UNTRUE_SETTLEMENT}),
    ],
)
def test_what_was_said_is_held_against_paper_and_office(
    said: Said, settled: str | None, copies: int, found: set[Violation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "content_of", lambda document: document.decode())
    ledger = Ledger([visit(1, said, settled)])
    ledger.close([b"kk-1"] * copies)
    assert {violation for _, violation, _ in ledger.violations} == found


def test_paper_of_nobody_is_strange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "content_of", lambda document: document.decode())
    ledger = Ledger([visit(1, Said.PRINTED)])
    ledger.close([b"kk-1", b"kk-2"])
    assert [violation for _, violation, _ in ledger.violations] == [Violation.STRANGE_PAPER]


def with_numbers(number: int, *numbers: str, slips: int = 1) -> VisitRecord:
    return VisitRecord(number, Said.NOTHING, ["number"], "", "", Counter(), 1.0, frozenset(numbers), slips)


def test_a_number_belongs_to_one_visit_of_its_day() -> None:
    ledger = Ledger()
    ledger.show(with_numbers(1, "A-001"), "2026-11-22")
    ledger.show(with_numbers(2, "A-002", "K7M4-9XPT"), "2026-11-22")
    ledger.show(with_numbers(3, "A-001"), "2026-11-23")
    assert not ledger.violations
    ledger.show(with_numbers(4, "A-002"), "2026-11-22")
    ledger.show(with_numbers(5, "K7M4-9XPT"), "2026-11-23")
    assert [(visit, violation) for visit, violation, _ in ledger.violations] == [
        (4, Violation.NUMBER_TWICE),
        (5, Violation.NUMBER_TWICE),
    ]


def test_the_office_knows_every_number_that_was_shown() -> None:
    ledger = Ledger()
    ledger.show(with_numbers(1, "A-001"), "2026-11-22")
    ledger.show(with_numbers(2, "K7M4-9XPT"), "2026-11-22")
    ledger.compare_numbers({"2026-11-22 A-001", "2026-11-22 A-002", "K7M4-9XPT"})
    assert not ledger.violations
    ledger.compare_numbers({"2026-11-22 A-002", "K7M4-9XPT"})
    assert [(visit, violation) for visit, violation, _ in ledger.violations] == [(1, Violation.NUMBER_UNKNOWN)]


def test_a_visit_has_one_slip() -> None:
    ledger = Ledger()
    ledger.show(with_numbers(1, slips=2), "2026-11-22")
    assert [violation for _, violation, _ in ledger.violations] == [Violation.SLIP_TWICE]


def test_a_document_is_known_by_its_number() -> None:
    import io

    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, "No. 9901019999990001")
    canvas.save()
    assert ledger_module.content_of(out.getvalue()) == "9901019999990001"
