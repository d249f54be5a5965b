"""The conformance suite and the checks of its kind against a real device. Collected only where an option names one."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from kiosk.devices.contract import CardReadKind, DeviceKind, SlipEnd
from kiosk.devices.contract.document_printer import JobState
from tests.devices import conformance, conformance_operations
from tests.devices.bench import Bench
from tests.devices.hardware import Hands, Person, named, real_bench
from tests.devices.operations import OPERATIONS, Operation, new_name, print_document
from tests.devices.papers import noise_slip, pdf
from tests.devices.waiting import until

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(1800)]

LIVES = 50
READY_S = 10.0

DEVICE_CHECKS: dict[str, Callable[[Bench[Any, Any]], None]] = {
    check.__name__: check for check in conformance.CHECKS if check is not conformance.leaks_nothing
}
DEVICE_CHECKS["leaks_nothing"] = partial(conformance.leaks_nothing, cycles=LIVES)
LOUD = {"outlives_a_listener_that_raises"}
ASKED = [
    conformance_operations.ends_well,
    conformance_operations.keeps_its_deadline_when_the_device_hangs,
    conformance_operations.ends_when_the_adapter_is_stopped,
]
"""Of the checks of operations those that a person can keep up with."""


def reader_tells_cards_as_they_come_and_go(real: Bench[Any, Hands]) -> None:
    device, hands = real.device, real.double
    hands.take()
    device.start()
    until(lambda: device.status().is_usable and not device.presence().is_present, "a reader without a card", READY_S)
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(device.read(200.0, threading.Event())))
    waiting.start()
    hands.lay()
    waiting.join(210)
    read = answers[0]
    assert read.kind is CardReadKind.READ, f"{read.kind} {read.detail}"
    assert device.is_same_card(read, 5.0)
    hands.take()
    until(lambda: not device.presence().is_present, "the card gone", READY_S)
    assert not device.is_same_card(read, 5.0)
    hands.lay()
    until(lambda: device.presence().is_present, "the card back", READY_S)
    assert not device.is_same_card(read, 5.0), "another insertion counts as another card"


def printer_prints_two_pages_and_counts_them(real: Bench[Any, Hands]) -> None:
    device = real.device
    device.start()
    until(lambda: device.status().is_usable, f"ready: {device.status()}", READY_S)
    name = new_name()
    report = print_document(device, name, pdf(2), 2, 120.0)
    assert report.state is JobState.COMPLETED, f"{report.state} {report.reasons} {report.detail}"
    if device.capabilities().has_impressions:
        assert report.impressions == 2
    found = device.find(name)
    assert found is None or found[1].state is JobState.COMPLETED
    assert name not in [job.name for job in device.open_jobs()]


def slip_wider_than_the_paper_is_refused(real: Bench[Any, Hands]) -> None:
    device = real.device
    device.start()
    until(lambda: device.status().is_usable, f"ready: {device.status()}", READY_S)
    outcome = device.print_slip(noise_slip(24, device.width_dots + 8), 10.0)
    assert outcome.end is SlipEnd.FAILED


def scanner_tells_each_code_once(real: Bench[Any, Hands]) -> None:
    device, hands = real.device, real.double
    codes: list[Any] = []
    device.listen_codes(codes.append)
    device.start()
    until(lambda: device.status().is_usable, f"ready: {device.status()}", READY_S)
    device.expect(True)
    for count in (1, 2):
        hands.show()
        until(lambda count=count: len(codes) == count, "the code", READY_S)  # type: ignore[misc]
    assert all(code.text for code in codes)


_PRINTER_CHECKS = [printer_prints_two_pages_and_counts_them]
KIND_CHECKS: dict[DeviceKind, list[Callable[[Bench[Any, Hands]], None]]] = {
    DeviceKind.CARD_READER: [reader_tells_cards_as_they_come_and_go],
    DeviceKind.DOCUMENT_PRINTER: _PRINTER_CHECKS,
    DeviceKind.CARD_PRINTER: _PRINTER_CHECKS,
    DeviceKind.SLIP_PRINTER: [slip_wider_than_the_paper_is_refused],
    DeviceKind.SCANNER: [scanner_tells_each_code_once],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One set of tests for each device that is named."""
    devices = named(metafunc.config)
    several = {"operation": OPERATIONS, "kind_check": KIND_CHECKS}
    for argument, table in several.items():
        if argument in metafunc.fixturenames:
            pairs = [(kind, one) for kind in devices for one in table[kind]]
            ids = [f"{kind.value}-{getattr(one, 'name', getattr(one, '__name__', ''))}" for kind, one in pairs]
            metafunc.parametrize(("kind", argument), pairs, ids=ids)
            return
    metafunc.parametrize("kind", list(devices), ids=lambda kind: kind.value)


_hands: dict[DeviceKind, Hands] = {}


@pytest.fixture
def real(request: pytest.FixtureRequest, kind: DeviceKind) -> Iterator[Bench[Any, Hands]]:
    hands = _hands.setdefault(kind, Hands(Person(request.config.getoption("--person") or ""), kind))
    with real_bench(kind, named(request.config)[kind], hands) as bench:
        yield bench


@pytest.mark.parametrize(
    "check",
    [pytest.param(name, marks=[pytest.mark.expects_warnings] if name in LOUD else []) for name in DEVICE_CHECKS],
)
def test_device(real: Bench[Any, Hands], check: str) -> None:
    DEVICE_CHECKS[check](real)


@pytest.mark.parametrize("check", ASKED, ids=lambda check: check.__name__)
def test_asked(
    real: Bench[Any, Hands], operation: Operation, check: Callable[[Bench[Any, Any], Operation], None]
) -> None:
    check(real, operation)


def test_kind(real: Bench[Any, Hands], kind_check: Callable[[Bench[Any, Hands]], None]) -> None:
    kind_check(real)
