"""A worker that waits for its next call holds nothing of the last: no result, and by no traceback its caller."""

import gc
import time
import weakref

import pytest

from kiosk.devices.exchange_worker import ExchangeWorker


class Held:
    pass


@pytest.fixture
def worker() -> ExchangeWorker:
    return ExchangeWorker("holds-nothing")


def test_a_result_is_let_go(worker: ExchangeWorker) -> None:
    result = worker.run(Held, 5)
    gone = weakref.ref(result)
    del result
    assert goes(gone)
    worker.stop()


def test_what_the_caller_of_a_failed_call_held_is_let_go(worker: ExchangeWorker) -> None:
    def fail() -> None:
        raise ValueError("no card")

    def caller() -> weakref.ref[Held]:
        secret = Held()
        with pytest.raises(ValueError, match="no card"):
            worker.run(fail, 5)
        return weakref.ref(secret)

    gone = caller()
    # Without another call: it is the waiting thread that must not hold it.
    assert goes(gone)
    worker.stop()


def goes(gone: "weakref.ref[Held]") -> bool:
    """The call is told done a moment before its thread waits again."""
    end = time.monotonic() + 3
    while gone() is not None and time.monotonic() < end:
        gc.collect()
    return gone() is None
