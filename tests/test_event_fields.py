"""Which fields each log event may carry: every call in the program is read, and values of a wrong form are withheld."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.event_fields import FIELDS, FORMS, FREE_WORDS, Form, as_text
from kiosk.events import LogEvent, log
from kiosk.protocol.scrub import LONGEST, WITHHELD, scrub

PACKAGE = Path(__file__).resolve().parent.parent / "kiosk"

DETAIL_SOURCES = {
    "detail",  # of a KioskError, taken before it is posted
    "error.detail",
    "one.detail",  # of the self-check
    "message.message",  # Qt's words, from the face
    "self.problems[0].splitlines()[0]",  # of a flow file
}
"""Where free words come from. Each is a sentence of ours or of a library that never saw the visit's data."""


def calls() -> list[tuple[str, ast.Call]]:
    """Every ``log(LogEvent.…)`` in the program, with its place."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log":
                found.append((f"{path.relative_to(PACKAGE)}:{node.lineno}", node))
    return found


def events_of(node: ast.expr) -> list[str]:
    """``LogEvent.X``, or what a local name stands for: every event is taken then."""
    text = ast.unparse(node)
    if text.startswith("LogEvent."):
        return [text.removeprefix("LogEvent.")]
    return []


def test_every_event_has_its_fields_and_no_field_is_left_over() -> None:
    assert set(FIELDS) == {event.name for event in LogEvent}
    assert {field for fields in FIELDS.values() for field in fields} <= set(FORMS)
    assert {event for event, fields in FIELDS.items() if "detail" in fields} == FREE_WORDS


def test_every_call_in_the_program_carries_what_its_event_may_carry() -> None:
    found = calls()
    assert len(found) >= 45
    used: dict[str, set[str]] = {}
    for place, call in found:
        assert all(keyword.arg for keyword in call.keywords), f"{place}: fields by ** can't be checked"
        fields = {str(keyword.arg) for keyword in call.keywords}
        events = events_of(call.args[0])
        if not events:
            assert place.startswith("core/effects.py"), f"{place}: name the event"
            events = ["DOCUMENT_REFUSED", "EFFECT_FAILED"]
        for event in events:
            assert fields <= FIELDS[event], f"{place}: {event} may not carry {fields - FIELDS[event]}"
            used.setdefault(event, set()).update(fields)
    idle = {event for event in FIELDS if event not in used}
    assert not idle, f"nobody logs {idle}"


def test_free_words_come_from_few_places() -> None:
    for place, call in calls():
        for keyword in call.keywords:
            if keyword.arg == "detail":
                text = ast.unparse(keyword.value)
                source = text.rsplit("[:", 1)[0] if text.endswith("]") and "[:" in text else text
                assert source in DETAIL_SOURCES, f"{place}: detail={text}"


def test_nothing_but_the_catalogue_writes_to_a_log_or_prints_a_message_of_an_error() -> None:
    """``print`` belongs to commands; a logger of its own would go past the list."""
    allowed = {"core/loop.py", "events.py", "devices/slip/encoder.py", "documents/verify.py"}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = str(path.relative_to(PACKAGE))
        if place.startswith(("office/", "demo/")) or place in allowed:
            continue
        text = path.read_text(encoding="utf-8")
        for bad in ("logging.getLogger", "logger.", "traceback.print", "warnings.warn", "syslog"):
            assert bad not in text, f"{place} uses {bad}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", "9901014202900007"),
        ("device", "BUDI\nSANTOSO"),
        ("service", "a" * 201),
        ("state", "x=123456"),
        ("code", "9901014202900007"),
        ("count", "9901014202900007"),
        ("file", "9901014202900007.pdf"),
        ("file", "../secret"),
        ("error", "ValueError('BUDI')"),
    ],
)
def test_a_value_of_another_form_is_withheld(field: str, value: str) -> None:
    assert as_text(field, value) == WITHHELD


def test_what_events_really_say_passes() -> None:
    good = {
        "code": "OFF-04",
        "reason": "media-empty,cover-open",
        "error": "listener: ValueError",
        "where": "app.py:12",
        "state": "online",
        "file": "kiosk.db.set-aside-20261122T054100",
        "milliseconds": "1234",
        "effect": "PrintDocument",
    }
    for field, value in good.items():
        assert as_text(field, value) == value


SAYS = [
    ("Input should be greater than 5", "Input should be greater than 5"),
    ("file:///opt/kiosk/ui/qml/NikPage.qml:14:3: Unable to assign", "NikPage.qml:14:3: Unable to assign"),
    ("status 0x0507", "status 0x0507"),
    ("SQLite 3.46.1 is older than 3.51.3", "SQLite 3.46.1 is older than 3.51.3"),
]


@pytest.mark.parametrize(("said", "kept"), SAYS)
def test_scrubbing_keeps_what_a_technician_needs(said: str, kept: str) -> None:
    assert scrub(said) == kept


@pytest.mark.parametrize(
    "personal",
    [
        "9901014202900007",
        "99 0101 420290 0007",
        "99-01-01-420290-0007",
        "043A2734CA8994",
        "BUDI SANTOSO",
        "SITI NUR'AINI, S.PD",
        "8V0J6VjYbH-UXLx1LUbY5LOx",
        "https://office/h/0f2e",
        "someone@example.org",
        "'Budi Santoso'",
        '"Budi Santoso"',
        "844480",
    ],
)
def test_scrubbing_takes_what_a_person_is(personal: str) -> None:
    for sentence in (personal, f"cannot use {personal} here", f"({personal})", f"value={personal};"):
        assert personal not in scrub(sentence)
        assert personal.strip("'\"") not in scrub(sentence)


@given(st.text(max_size=60), st.from_regex(r"[1-9]\d{5,15}", fullmatch=True), st.text(max_size=60))
def test_no_long_number_survives_whatever_stands_around_it(before: str, number: str, after: str) -> None:
    kept = scrub(before + number + after)
    assert number not in kept
    assert len(kept) <= LONGEST


def test_every_form_has_a_field() -> None:
    assert set(FORMS.values()) == set(Form)


def test_a_field_that_the_event_may_not_carry_is_a_bug() -> None:
    with pytest.raises(ValueError, match="VISIT_ENDED may not carry"):
        log(LogEvent.VISIT_ENDED, device="x")
