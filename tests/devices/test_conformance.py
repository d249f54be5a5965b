"""The conformance suite on every adapter in front of every double."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.devices.benches import BENCHES, Bench
from tests.devices.conformance import CHECKS, leaks_nothing, outlives_a_listener_that_raises
from tests.devices.conformance_operations import (
    OPERATION_CHECKS,
    ends_a_print_when_it_is_cancelled,
    ends_when_it_is_cancelled,
)
from tests.devices.operations import Operation, operations_of

pytestmark = pytest.mark.conformance

SAME_ADAPTER = {
    "card-reader-memory",
    "document-printer-memory",
    "slip-printer-memory",
    "power-apcupsd",
    "finger-memory",
}
"""Benches whose adapter lives its thousand lives, sockets and all, behind another front."""
FEWER_LIVES = 100

ASKED = [
    pytest.param(name, operation, id=f"{name}-{operation.name}")
    for name in BENCHES
    for operation in operations_of(name)
]


def _checks() -> list[Any]:
    """One of them makes the adapter complain on purpose."""
    loud = {outlives_a_listener_that_raises: [pytest.mark.expects_warnings]}
    return [pytest.param(check, marks=loud.get(check, []), id=check.__name__) for check in CHECKS]


@pytest.mark.parametrize("check", _checks())
def test_adapter(
    any_bench: Bench[Any, Any], check: Callable[[Bench[Any, Any]], None], request: pytest.FixtureRequest
) -> None:
    if check is leaks_nothing and request.node.callspec.params["any_bench"] in SAME_ADAPTER:
        leaks_nothing(any_bench, FEWER_LIVES)
    else:
        check(any_bench)


@pytest.mark.parametrize("check", OPERATION_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("any_bench", "operation"), ASKED, indirect=["any_bench"])
def test_operation(
    any_bench: Bench[Any, Any], operation: Operation, check: Callable[[Bench[Any, Any], Operation], None]
) -> None:
    check(any_bench, operation)


def test_a_read_is_cancelled_from_another_thread(card_bench: Bench[Any, Any]) -> None:
    ends_when_it_is_cancelled(card_bench)


def test_a_job_is_cancelled_from_another_thread(printer_bench: Bench[Any, Any]) -> None:
    ends_a_print_when_it_is_cancelled(printer_bench)


def test_the_suite_is_not_small() -> None:
    """The brief's least is 60; each adapter that joins adds its share by itself."""
    assert len(BENCHES) * len(CHECKS) + len(ASKED) * len(OPERATION_CHECKS) >= 250
