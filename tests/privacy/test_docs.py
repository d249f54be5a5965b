"""docs/privacy.md names every datum: each field of the office's API, each column of the store, each office table."""

import inspect
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import kiosk.office.access_tables
from kiosk import api
from kiosk.event_fields import FREE_WORDS
from kiosk.office.database import metadata as office_metadata
from kiosk.office.rules import Rules
from kiosk.settings import StoreTable
from kiosk.store.people import QUIET_S
from kiosk.store.schema import metadata

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([\w.]+)`", PAGE))

MODELS = {
    name: model
    for name, model in vars(api).items()
    if inspect.isclass(model) and issubclass(model, BaseModel) and model.model_fields
}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_each_field_of_the_api_is_named(name: str) -> None:
    fields = {f"{name}.{field}" for field in MODELS[name].model_fields}
    assert fields <= NAMED, sorted(fields - NAMED)


@pytest.mark.parametrize("table", [table.name for table in metadata.sorted_tables])
def test_each_column_of_the_store_is_named(table: str) -> None:
    columns = {f"{table}.{column.name}" for column in metadata.tables[table].columns}
    assert columns <= NAMED, sorted(columns - NAMED)


def test_each_table_of_the_office_is_named() -> None:
    assert kiosk.office.access_tables.token_use.name in office_metadata.tables
    assert set(office_metadata.tables) <= NAMED, sorted(set(office_metadata.tables) - NAMED)


def test_nothing_is_named_that_is_not_there() -> None:
    known = {f"{name}.{field}" for name, model in MODELS.items() for field in model.model_fields}
    known |= {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    roots = {one.partition(".")[0] for one in known}
    strange = {one for one in NAMED if "." in one and one.partition(".")[0] in roots and one not in known}
    assert strange == set()


def test_the_times_are_those_of_the_program() -> None:
    rules = Rules()
    assert StoreTable().keep_prints_days == 30
    assert rules.key_s == 180 * 86_400
    assert rules.message_s == 400 * 86_400
    assert rules.visit_s == 15 * 60
    assert rules.hand_over_s == 5 * 60
    assert rules.ticket_s == 120
    assert max(window_s for window_s, _ in rules.kiosk_windows) == 86_400
    assert rules.quiet_s == QUIET_S == 7 * 86_400


def test_the_tests_that_it_names_are_there() -> None:
    for path in re.findall(r"`(tests/[\w/.]+\.py)`", PAGE):
        assert (ROOT / path).is_file(), path


def test_few_events_carry_free_words() -> None:
    assert len(FREE_WORDS) < 12
