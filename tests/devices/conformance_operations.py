"""What every operation of an adapter promises: it ends in time, with a typed outcome, whatever happens meanwhile.

Each check takes a bench and one operation of its kind. A device is built anew for each fault: so nothing that an
earlier fault left (damping of a flapping state, a line that is being opened again) explains the outcome.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from kiosk.devices.contract import JobState
from kiosk.errors import DeviceError
from tests.devices.bench import Bench
from tests.devices.operations import Operation, answer_of, tidy
from tests.devices.waiting import held, settled, until

AnyBench = Bench[Any, Any]

READY_S = 8.0
GOOD_S = 10.0
SHORT_S = 0.4
"""The deadline that operations get when their device is not going to answer."""
CUT_S = 1.5
"""The deadline while a device is taken away: some operations go on asking until it, in case it comes back."""
SLACK_S = 1.5
"""What a loaded machine may add to a deadline; the longest own time-out of an adapter is longer than both together."""
STOP_S = 5.0
WARM_UP = 3
KEPT = 6
"""Connections that a living adapter may keep, with both ends in this process; far fewer than the uses that follow."""
MOST_EXCHANGES = 6
MOMENTS_S = (0.0, 0.002, 0.01, 0.05)
"""When a device is taken away whose bench can't tell its exchanges."""


@contextmanager
def living(bench: AnyBench) -> Iterator[Any]:
    """A new adapter that is ready, and stopped at the end."""
    device = bench.build()
    device.start()
    try:
        until(lambda: device.status().is_usable, f"ready, but {device.status()}", READY_S)
        yield device
        tidy(bench, device)
    finally:
        device.stop()


@dataclass
class AtExchange:
    """Does something at the n-th exchange (0 is the first) of the double with anybody, and counts them."""

    bench: AnyBench
    number: int
    act: Callable[[], None]
    count: int = 0
    has_begun: bool = False
    has_acted: threading.Event = field(default_factory=threading.Event)
    _is_over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "AtExchange":
        assert self.bench.on_exchange is not None
        self.bench.on_exchange(self._happen)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.bench.on_exchange is not None
        self.bench.on_exchange(lambda: None)
        with self._lock:
            self._is_over = True

    def _happen(self) -> None:
        with self._lock:
            is_mine = self.count == self.number and not self._is_over
            self.has_begun = self.has_begun or is_mine
            self.count += 1
        if is_mine:
            self.act()
            self.has_acted.set()


def exchanges_of(bench: AnyBench, operation: Operation) -> int:
    """How many exchanges a good run of it takes, at most MOST_EXCHANGES."""
    with living(bench) as device:
        prepared = operation.prepare(bench, device)
        with AtExchange(bench, -1, lambda: None) as counting:
            operation.run(bench, device, prepared, GOOD_S)
            return max(1, min(MOST_EXCHANGES, counting.count))


def ends_well(bench: AnyBench, operation: Operation) -> None:
    """On a device in order it answers well, and paper is claimed exactly where it came out."""
    with living(bench) as device:
        prepared = operation.prepare(bench, device)
        before = bench.count_output() if bench.count_output else 0
        outcome = answer_of(operation, bench, device, prepared, GOOD_S)
        assert operation.is_good(outcome), f"{operation.name}: {outcome!r}"
        if operation.moves_paper and bench.count_output:
            assert bench.count_output() == before + 1


def keeps_its_deadline_when_the_device_hangs(bench: AnyBench, operation: Operation) -> None:
    """At each of its exchanges in turn the device goes dumb for good: the operation ends at its deadline."""
    if bench.on_exchange is None or not bench.can_stall:
        return _keeps_its_deadline_in_silence(bench, operation)
    for number in range(exchanges_of(bench, operation)):
        gate = threading.Event()
        with living(bench) as device:
            prepared = operation.prepare(bench, device)
            try:
                with AtExchange(bench, number, lambda gate=gate: gate.wait(20)):  # type: ignore[misc]
                    began = time.monotonic()
                    answer_of(operation, bench, device, prepared, SHORT_S)
                    took = time.monotonic() - began
                assert took < SHORT_S + SLACK_S, f"{operation.name} took {took:.2f} s, stuck at exchange {number}"
            finally:
                gate.set()
    return None


def _keeps_its_deadline_in_silence(bench: AnyBench, operation: Operation) -> None:
    """For benches that can only fall silent as a whole, or not even that: then at least when it is taken away."""
    with living(bench) as device:
        prepared = operation.prepare(bench, device)
        (bench.fall_silent or bench.take_away)()
        began = time.monotonic()
        answer_of(operation, bench, device, prepared, SHORT_S)
        took = time.monotonic() - began
    assert took < SHORT_S + SLACK_S, f"{operation.name} took {took:.2f} s in silence"


def survives_the_device_being_taken_away(bench: AnyBench, operation: Operation) -> None:
    """Before, at each exchange during, and after: a typed outcome in time, no paper claimed that is not there.

    Paper that came out may still be called unknown: nobody could see it.
    """
    moments: list[int | float | None] = [None]
    moments += list(range(exchanges_of(bench, operation))) if bench.on_exchange is not None else list(MOMENTS_S)
    for moment in moments:
        with living(bench) as device:
            prepared = operation.prepare(bench, device)
            before = bench.count_output() if bench.count_output else 0
            outcome, took = _run_and_take_away(bench, operation, device, prepared, moment)
            assert took < CUT_S + SLACK_S, f"{operation.name} took {took:.2f} s, taken away at {moment}"
            if operation.moves_paper and bench.count_output:
                sheets = bench.count_output() - before
                assert sheets <= 1, f"{sheets} pieces came out"
                is_claimed = not isinstance(outcome, DeviceError) and operation.is_good(outcome)
                assert sheets == 1 or not is_claimed, f"{outcome!r}, but nothing came out"
            until(lambda device=device: not device.status().is_usable, "away after it", READY_S)  # type: ignore[misc]
            bench.bring_back()
            until(lambda device=device: device.status().is_usable, "back after it", READY_S)  # type: ignore[misc]


def _run_and_take_away(
    bench: AnyBench, operation: Operation, device: Any, prepared: Any, moment: int | float | None
) -> tuple[object, float]:
    began = time.monotonic()
    if moment is None:
        bench.take_away()
        outcome = answer_of(operation, bench, device, prepared, CUT_S)
        assert not operation.moves_paper or isinstance(outcome, DeviceError) or not operation.is_good(outcome)
        return outcome, time.monotonic() - began
    if isinstance(moment, int):
        with AtExchange(bench, moment, bench.take_away) as cut:
            outcome = answer_of(operation, bench, device, prepared, CUT_S)
        took = time.monotonic() - began
        if cut.has_begun:
            assert cut.has_acted.wait(STOP_S)
        else:
            bench.take_away()
        return outcome, took
    hand = threading.Timer(moment, bench.take_away)
    hand.start()
    outcome = answer_of(operation, bench, device, prepared, CUT_S)
    took = time.monotonic() - began
    hand.join()
    return outcome, took


def ends_when_the_adapter_is_stopped(bench: AnyBench, operation: Operation) -> None:
    """``stop`` while it runs and its device hangs: stop is back in 5 s, the operation ends by its own deadline."""
    gate = threading.Event()
    answers: list[object] = []
    with living(bench) as device:
        prepared = operation.prepare(bench, device)

        def work() -> None:
            try:
                answers.append(answer_of(operation, bench, device, prepared, SHORT_S))
            except BaseException as error:  # noqa: BLE001 (handed to the test)
                answers.append(error)

        thread = threading.Thread(target=work)
        if bench.on_exchange is not None and bench.can_stall:
            with AtExchange(bench, 0, lambda: gate.wait(20) and None) as stuck:
                thread.start()
                until(lambda: stuck.count > 0, "the operation under way")
                took = _stop(device)
                thread.join(SHORT_S + SLACK_S)
                gate.set()
        else:
            thread.start()
            took = _stop(device)
            thread.join(SHORT_S + SLACK_S)
        assert took < STOP_S, f"stop took {took:.2f} s"
        assert not thread.is_alive(), f"{operation.name} goes on after its deadline"
        assert isinstance(answers[0], (*operation.outcomes, DeviceError)), repr(answers[0])


def _stop(device: Any) -> float:
    began = time.monotonic()
    device.stop()
    return time.monotonic() - began


def may_be_called_from_many_threads(bench: AnyBench, operation: Operation) -> None:
    """Six at once, with status and listeners asked beside them: each gets a typed outcome, and paper is counted."""
    failures: list[BaseException] = []
    outcomes: list[object] = []
    over = threading.Event()
    with living(bench) as device:
        prepared = [operation.prepare(bench, device) for _ in range(6)]
        before = bench.count_output() if bench.count_output else 0

        def work(mine: Any) -> None:
            try:
                outcomes.append(answer_of(operation, bench, device, mine, GOOD_S))
            except BaseException as error:  # noqa: BLE001 (handed to the test)
                failures.append(error)

        def ask() -> None:
            while not over.is_set():
                device.status()
                device.listen(lambda _: None)()
                over.wait(0.001)

        threads = [threading.Thread(target=work, args=(one,)) for one in prepared]
        asking = threading.Thread(target=ask)
        for thread in [asking, *threads]:
            thread.start()
        for thread in threads:
            thread.join(GOOD_S + SLACK_S)
        over.set()
        asking.join(5)
        assert not any(thread.is_alive() for thread in threads)
        if failures:
            raise failures[0]
        assert len(outcomes) == 6
        if operation.moves_paper and bench.count_output:
            good = sum(not isinstance(one, DeviceError) and operation.is_good(one) for one in outcomes)
            assert bench.count_output() - before == good


def does_not_mind_a_wall_clock_that_jumps(bench: AnyBench, operation: Operation) -> None:
    """Somebody sets the clock to and fro by a day: deadlines and states are measured with another one."""
    real = time.time
    jumps = iter(range(10**9))

    def leaping() -> float:
        return real() + (86_400.0 if next(jumps) % 2 else -86_400.0)

    with patch("time.time", leaping):
        ends_well(bench, operation)


def uses_leave_nothing(bench: AnyBench, operation: Operation, uses: int = 25) -> None:
    """No thread, socket or descriptor more after so many insertions, jobs, slips or codes."""
    with living(bench) as device:
        for _ in range(WARM_UP):
            _use(bench, operation, device)
        before = held()
        for _ in range(uses):
            _use(bench, operation, device)
        until(lambda: settled(before, KEPT), f"what was held before: {before}, now {held()}")


def _use(bench: AnyBench, operation: Operation, device: Any) -> None:
    outcome = answer_of(operation, bench, device, operation.prepare(bench, device), GOOD_S)
    assert operation.is_good(outcome), f"{operation.name}: {outcome!r}"
    tidy(bench, device)


OPERATION_CHECKS: list[Callable[[AnyBench, Operation], None]] = [
    ends_well,
    keeps_its_deadline_when_the_device_hangs,
    survives_the_device_being_taken_away,
    ends_when_the_adapter_is_stopped,
    may_be_called_from_many_threads,
    does_not_mind_a_wall_clock_that_jumps,
    uses_leave_nothing,
]


def ends_when_it_is_cancelled(bench: AnyBench) -> None:
    """``read`` waits for a card that does not come, and another thread cancels it: within a second."""
    with living(bench) as device:
        cancel = threading.Event()
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.append(device.read(20.0, cancel)))
        thread.start()
        until(lambda: thread.is_alive(), "the read")
        began = time.monotonic()
        cancel.set()
        thread.join(5)
        assert time.monotonic() - began < 1.0
        assert answers[0].kind.value == "cancelled"


def ends_a_print_when_it_is_cancelled(bench: AnyBench) -> None:
    """A job that was created and waits for its document is ended by another thread, and told as ended to the first."""
    from tests.devices.operations import new_name

    with living(bench) as device:
        job = device.create(new_name(), 1, 5.0)
        assert not device.poll(job).state.is_final
        is_over: list[bool] = []
        thread = threading.Thread(target=lambda: is_over.append(device.cancel(job, 5.0)))
        thread.start()
        until(lambda: device.poll(job).state in (JobState.CANCELED, JobState.ABORTED), "the end")
        thread.join(6)
        assert is_over == [True]
        assert job.id not in [one.id for one in device.open_jobs()]
