"""Logs: allow-listed fields only, one JSON object a line, and never the words of a library or an exception."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.events import JsonFormatter, LogEvent, log, set_up_logging

CANARY = "9901014202900007"


@pytest.fixture
def lines() -> Iterator[Any]:
    """What reaches standard error when logging is set up as in production; put back afterwards."""
    root, own = logging.getLogger(), logging.getLogger("kiosk")
    before = (list(root.handlers), root.level, own.level)
    stream, real = io.StringIO(), sys.stderr
    sys.stderr = stream
    try:
        set_up_logging()
    finally:
        sys.stderr = real
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        own.setLevel(before[2])


def test_a_line_is_its_event_and_its_fields(lines: Any) -> None:
    log(LogEvent.SERVICE_ENDED, service="cetak-kk", ending="done")
    (line,) = lines()
    assert line.pop("at") > 1_700_000_000
    assert line == {"level": "info", "event": "SERVICE_ENDED", "service": "cetak-kk", "ending": "done"}


@pytest.mark.parametrize("field", ["nik", "name_of_person", "uid", "token", "pin", "values", "message"])
def test_a_field_outside_the_list_is_a_bug(field: str, lines: Any) -> None:
    with pytest.raises(ValueError, match=field) as error:
        log(LogEvent.BUG, **{field: CANARY})
    assert CANARY not in str(error.value)
    assert lines() == []


def test_an_event_keeps_its_level(lines: Any) -> None:
    log(LogEvent.FACE_TROUBLE, detail="x")
    log(LogEvent.BUG)
    log(LogEvent.VISIT_STARTED)
    assert [line["level"] for line in lines()] == ["warning", "error", "info"]


def test_every_event_says_what_it_means_and_none_is_for_debugging() -> None:
    for event in LogEvent:
        level, meaning = event.value
        assert level in (logging.INFO, logging.WARNING, logging.ERROR)
        assert len(meaning.split()) >= 3, event


def test_libraries_are_named_and_never_quoted(lines: Any) -> None:
    logging.getLogger("urllib3.connectionpool").warning("GET /person/%s", CANARY)
    logging.getLogger("urllib3.connectionpool").info("a library's chatter")
    (line,) = lines()
    assert line["event"] == "LIBRARY"
    assert line["name"] == "urllib3.connectionpool"
    assert CANARY not in json.dumps(line)


def test_an_exception_shows_its_type_and_its_place_alone(lines: Any) -> None:
    def fail() -> None:
        raise ValueError(f"bad value {CANARY}")

    try:
        fail()
    except ValueError as error:
        logging.getLogger("kiosk.crash").error("bug", exc_info=error)
    (line,) = lines()
    assert line["exception"] == "ValueError"
    assert line["where"] == f"test_events.py:{fail.__code__.co_firstlineno + 1}"
    assert CANARY not in json.dumps(line)


def test_a_field_with_line_ends_stays_one_line() -> None:
    record = logging.LogRecord("kiosk", logging.INFO, "", 0, "BUG", (), None)
    record.kiosk_fields = {"detail": 'a\nb"é'}
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert json.loads(text)["detail"] == 'a\nb"é'
