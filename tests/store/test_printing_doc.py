"""The table of the journal's states in ``docs/printing.md`` says what the code does."""

import re
from pathlib import Path

from kiosk.errors import ErrorCode
from kiosk.store.prints import FOLLOWERS, OPEN_STATES, Finding, PrintState

DOC = Path(__file__).resolve().parents[2] / "docs" / "printing.md"


def _rows(heading: str) -> list[list[str]]:
    """Cells of the table's rows under a heading."""
    section = DOC.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_state_stands_there_with_what_may_follow() -> None:
    rows = _rows("States of the journal")
    assert [row[0] for row in rows] == [f"`{state}`" for state in PrintState]
    for row in rows:
        assert len(row) == 5
        state = PrintState(row[0].strip("`"))
        assert set(re.findall(r"`([a-z]+)`", row[2])) == {follower.value for follower in FOLLOWERS[state]}, state
        assert all(row), f"{state}: an empty cell"


def test_every_open_state_says_what_recovery_settles() -> None:
    for row in _rows("States of the journal"):
        is_open = PrintState(row[0].strip("`")) in OPEN_STATES
        assert (row[4].startswith("settles") or "asks the printer" in row[4] or row[4] == "the same") == is_open, row[0]


def test_every_answer_of_staff_stands_there_with_its_end() -> None:
    rows = _rows("Reconciliation")
    found = {re.findall(r"`([a-z-]+)`", row[0])[0]: re.findall(r"\*([a-z]+)\*", row[1])[0] for row in rows}
    assert found == {finding.value: finding.end.value for finding in Finding}


def test_every_code_of_the_store_stands_there() -> None:
    told = {code for row in _rows("The store under it") for code in re.findall(r"`(STO-\d\d)`", row[2])}
    assert told == {code.value for code in ErrorCode if code.name.startswith("STORE_")}
