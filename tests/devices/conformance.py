"""What every adapter promises, whatever it drives: the body of the conformance suite.

Each check takes a bench (``benches.py``) and raises AssertionError. ``test_conformance.py`` runs them on every adapter
and every double; an integrator runs them on an adapter of their own.
"""

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from kiosk.devices.contract import Band, Reason, Status
from kiosk.devices.reasons import TABLE, band_of
from tests.devices.bench import Bench
from tests.devices.waiting import held, settled, until

AnyBench = Bench[Any, Any]
READY_S = 5.0
AWAY_S = 6.0


def is_ready(bench: AnyBench) -> bool:
    return bool(bench.device.status().is_usable)


def tells_nothing_before_it_is_started(bench: AnyBench) -> None:
    status = bench.device.status()
    assert status.band is Band.UNKNOWN
    assert status.kind is bench.device.kind
    assert bench.device.name


def starts_and_stops_any_number_of_times(bench: AnyBench) -> None:
    device = bench.device
    device.stop()
    for _ in range(3):
        device.start()
        device.start()
        until(lambda: is_ready(bench), "ready", READY_S)
        began = time.monotonic()
        device.stop()
        device.stop()
        assert time.monotonic() - began < 5
        assert bench.device.status().band is Band.UNKNOWN, "nobody watches it any more"


def answers_status_at_once(bench: AnyBench) -> None:
    """Also while the device is silent or away: a page may ask 100 times a second."""
    bench.device.start()
    until(lambda: is_ready(bench), "ready", READY_S)
    bench.take_away()
    began = time.monotonic()
    for _ in range(1000):
        bench.device.status()
    assert time.monotonic() - began < 0.5


def says_unknown_or_error_when_it_is_away_and_comes_back(bench: AnyBench) -> None:
    bench.device.start()
    until(lambda: is_ready(bench), "ready", READY_S)
    bench.take_away()
    until(lambda: not is_ready(bench), "away", AWAY_S)
    status = bench.device.status()
    assert status.band in (Band.UNKNOWN, Band.ERROR)
    assert status.reasons
    assert Reason.NONE not in status.reasons
    bench.bring_back()
    until(lambda: is_ready(bench), "back", AWAY_S)


def says_unknown_when_it_is_silent(bench: AnyBench) -> None:
    if bench.fall_silent is None:
        return
    bench.device.start()
    until(lambda: is_ready(bench), "ready", READY_S)
    bench.fall_silent()
    until(lambda: bench.device.status().band is Band.UNKNOWN, "unknown", AWAY_S)
    assert bench.device.status().reasons[0] in (Reason.SILENT, Reason.AWAY)


def keeps_band_and_reasons_together(bench: AnyBench) -> None:
    """Each told status has a band that its reasons explain, a monotonic time, and differs from the last."""
    seen: list[Status] = []
    end = bench.device.listen(seen.append)
    assert len(seen) == 1
    bench.device.start()
    until(lambda: is_ready(bench), "ready", READY_S)
    bench.take_away()
    until(lambda: not is_ready(bench), "away", AWAY_S)
    bench.bring_back()
    until(lambda: is_ready(bench), "back", AWAY_S)
    end()
    for before, after in pairwise(seen):
        assert (before.band, before.reasons) != (after.band, after.reasons)
        assert before.since <= after.since <= time.monotonic()
    for status in seen:
        assert all(reason in TABLE for reason in status.reasons)
        assert status.reasons or status.band is Band.OK
        if Reason.UNNAMED not in status.reasons:
            assert status.band is band_of(status.reasons)


def tells_no_more_after_the_listening_ended(bench: AnyBench) -> None:
    seen: list[Status] = []
    other: list[Status] = []
    end = bench.device.listen(seen.append)
    bench.device.listen(other.append)
    end()
    end()
    bench.device.start()
    until(lambda: is_ready(bench), "ready", READY_S)
    until(lambda: len(other) >= 2, "news for the other listener", READY_S)
    assert len(seen) == 1


def may_be_asked_from_many_threads(bench: AnyBench) -> None:
    device = bench.device
    failures: list[BaseException] = []
    over = threading.Event()

    def ask() -> None:
        try:
            while not over.is_set():
                device.status()
                device.listen(lambda _: None)()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            device.start()
            until(lambda: is_ready(bench), "ready", READY_S)
            device.stop()
    finally:
        over.set()
        for thread in threads:
            thread.join(5)
    assert not failures


def outlives_a_listener_that_raises(bench: AnyBench) -> None:
    """It is told again, the others are told too, and the device goes on."""
    device = bench.device
    seen: list[Status] = []
    calls: list[Status] = []

    def broken(status: Status) -> None:
        calls.append(status)
        raise RuntimeError("a listener's own fault")

    device.listen(broken)
    device.listen(seen.append)
    device.start()
    until(lambda: is_ready(bench), "ready", READY_S)
    bench.take_away()
    until(lambda: not is_ready(bench), "away", AWAY_S)
    bench.bring_back()
    until(lambda: is_ready(bench), "back", AWAY_S)
    until(lambda: seen[-1].is_usable, "the other listener told")
    assert calls == seen


def may_be_started_while_it_stops(bench: AnyBench) -> None:
    """Four threads start and stop it as they like; afterwards the last word counts, and nothing is left over."""
    device = bench.device
    device.start()
    until(lambda: is_ready(bench), "ready", READY_S)
    device.stop()
    before = held()
    failures: list[BaseException] = []

    def toggle(turns: int) -> None:
        try:
            for turn in range(turns):
                (device.start, device.stop)[turn % 2]()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            failures.append(error)

    threads = [threading.Thread(target=toggle, args=(20,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "start and stop wait for each other"
    assert not failures
    device.start()
    until(lambda: is_ready(bench), "ready again", READY_S)
    device.stop()
    assert device.status().band is Band.UNKNOWN
    until(lambda: settled(before), f"what was held before: {before}, now {held()}")


def leaks_nothing(bench: AnyBench, cycles: int = 1000) -> None:
    """No thread, socket or descriptor more after so many lives, every fifth of them with the device away."""
    first = bench.build()
    first.start()
    until(lambda: first.status().is_usable, "ready", READY_S)
    first.stop()
    before = held()
    for cycle in range(cycles):
        if cycle == cycles - cycles // 5:
            bench.take_away()
        device = bench.build()
        device.start()
        if cycle % 50 == 0 and cycle < cycles - cycles // 5:
            until(lambda device=device: device.status().is_usable, "ready", READY_S)  # type: ignore[misc]
        device.stop()
    bench.bring_back()
    until(lambda: settled(before), f"what was held before: {before}, now {held()}")


CHECKS: list[Callable[[AnyBench], None]] = [
    tells_nothing_before_it_is_started,
    starts_and_stops_any_number_of_times,
    answers_status_at_once,
    says_unknown_or_error_when_it_is_away_and_comes_back,
    says_unknown_when_it_is_silent,
    keeps_band_and_reasons_together,
    tells_no_more_after_the_listening_ended,
    may_be_asked_from_many_threads,
    outlives_a_listener_that_raises,
    may_be_started_while_it_stops,
    leaks_nothing,
]
