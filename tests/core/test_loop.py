"""The core's one loop: order, timers on the clock, and a bug in a call that ends nothing."""

import gc
import threading
import weakref

import pytest

from kiosk.core.loop import Loop


class HandClock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_calls_run_in_the_order_in_which_they_were_posted() -> None:
    loop, seen = Loop(), list[int]()
    for number in range(5):
        loop.post(lambda number=number: seen.append(number))  # type: ignore[misc]
    loop.post(lambda: loop.post(lambda: seen.append(9)))
    loop.run_pending()
    assert seen == [0, 1, 2, 3, 4, 9]


def test_timers_run_by_time_and_those_of_one_moment_in_order() -> None:
    clock, seen = HandClock(), list[str]()
    loop = Loop(clock)
    for seconds, name in ((3, "c"), (1, "a"), (2, "b1"), (2, "b2")):
        loop.after(seconds, lambda name=name: seen.append(name))  # type: ignore[misc]
    loop.run_pending()
    assert seen == []
    clock.seconds += 2
    loop.run_pending()
    assert seen == ["a", "b1", "b2"]
    clock.seconds += 1
    loop.run_pending()
    loop.run_pending()
    assert seen == ["a", "b1", "b2", "c"]


def test_a_cancelled_timer_never_runs_and_holds_nothing() -> None:
    class Secret:
        pass

    clock, seen = HandClock(), list[object]()
    loop, secret = Loop(clock), Secret()
    gone = weakref.ref(secret)
    timer = loop.after(86_400, lambda secret=secret: seen.append(secret))  # type: ignore[misc]
    del secret
    timer.cancel()
    timer.cancel()
    gc.collect()
    assert gone() is None, "a cancelled timer still holds what its call knew"
    clock.seconds += 100_000
    loop.run_pending()
    assert seen == []


def test_cancelled_timers_do_not_pile_up() -> None:
    """A card that is waited for has a limit of a day; a visit cancels a dozen timers long before they are due."""
    clock, seen = HandClock(), list[int]()
    loop = Loop(clock)
    for number in range(5_000):
        loop.after(86_400, lambda: seen.append(-1)).cancel()
        if number % 100 == 0:
            loop.after(5_000 - number, lambda number=number: seen.append(number))  # type: ignore[misc]
    assert loop.waiting < 250
    clock.seconds += 5_000
    loop.run_pending()
    assert seen == list(range(4_900, -1, -100)), "and what was not cancelled runs at its time"


@pytest.mark.expects_warnings
def test_a_bug_is_told_and_the_loop_goes_on() -> None:
    loop, seen, told = Loop(), list[int](), list[BaseException]()

    def fail() -> None:
        raise KeyError("bug")

    loop.on_crash = told.append
    loop.post(fail)
    loop.after(0, fail)
    loop.post(lambda: seen.append(1))
    loop.run_pending()
    assert seen == [1]
    assert [type(error) for error in told] == [KeyError, KeyError]


@pytest.mark.expects_warnings
def test_a_bug_in_what_answers_a_bug_does_not_end_the_loop_either() -> None:
    loop, seen = Loop(), list[int]()

    def fail(error: BaseException | None = None) -> None:
        raise OSError("the disk is full")

    loop.on_crash = fail
    loop.post(fail)
    loop.post(lambda: seen.append(1))
    loop.post(loop.stop)
    loop.run()
    assert seen == [1]


def test_calls_from_other_threads_arrive_and_stop_ends_it() -> None:
    loop, seen, ran = Loop(), list[int](), threading.Event()
    thread = threading.Thread(target=lambda: (loop.run(), ran.set()))
    thread.start()
    posters = [
        threading.Thread(
            target=lambda base=base: [loop.post(lambda n=n: seen.append(n)) for n in range(base, base + 50)]
        )  # type: ignore[misc]
        for base in (0, 100, 200)
    ]
    for poster in posters:
        poster.start()
    for poster in posters:
        poster.join(10)
    loop.post(lambda: loop.after(0.01, loop.stop) and None)
    assert ran.wait(10)
    thread.join(10)
    assert sorted(seen) == [*range(50), *range(100, 150), *range(200, 250)]
    for base in (0, 100, 200):
        own = [number for number in seen if base <= number < base + 50]
        assert own == sorted(own)
    assert loop.beats > 1
