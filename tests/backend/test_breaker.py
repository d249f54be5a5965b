"""The breaker as a table, and under threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.backend.breaker import Breaker, BreakerRules, BreakerState
from kiosk.backend.contract import Reachability

CLOSED, OPEN, HALF = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def play(script: str, rules: BreakerRules | None = None) -> tuple[Breaker, list[str]]:
    """Each letter is a step: s and f a call that succeeds or fails, + a second, * ten seconds; ! where refused."""
    clock = Clock()
    breaker = Breaker(rules or BreakerRules(), clock)
    seen = []
    for letter in script:
        if letter in "+*":
            clock.now += 1 if letter == "+" else 10
            continue
        if not breaker.allow():
            seen.append("!")
            continue
        (breaker.succeed if letter == "s" else breaker.fail)()
        seen.append(letter)
    return breaker, seen


@pytest.mark.parametrize(
    ("script", "seen", "state", "reachability"),
    [
        ("", "", CLOSED, Reachability.UNKNOWN),
        ("s", "s", CLOSED, Reachability.ONLINE),
        ("f", "f", CLOSED, Reachability.ONLINE),
        ("ff", "ff", CLOSED, Reachability.ONLINE),
        ("fff", "fff", OPEN, Reachability.OFFLINE),
        ("ffsff", "ffsff", CLOSED, Reachability.ONLINE),
        ("sfsfsf", "sfsfsf", OPEN, Reachability.OFFLINE),
        ("ssssssfsf", "ssssssfsf", CLOSED, Reachability.ONLINE),
        ("fffs", "fff!", OPEN, Reachability.OFFLINE),
        ("fff++s", "fffs", HALF, Reachability.OFFLINE),
        ("fff++ss", "fffss", CLOSED, Reachability.ONLINE),
        ("fff++sf", "fffsf", OPEN, Reachability.OFFLINE),
        ("fff++f++s", "ffff!", OPEN, Reachability.OFFLINE),
        ("fff++f++++ss", "ffffss", CLOSED, Reachability.ONLINE),
        ("fff++ssf", "fffssf", CLOSED, Reachability.ONLINE),
        ("f*******ff", "fff", CLOSED, Reachability.ONLINE),
    ],
)
def test_table(script: str, seen: str, state: BreakerState, reachability: Reachability) -> None:
    breaker, happened = play(script)
    assert "".join(happened) == seen
    assert breaker.state is state
    assert breaker.reachability() is reachability


def test_wait_doubles_up_to_its_limit() -> None:
    clock = Clock()
    breaker = Breaker(BreakerRules(first_wait_s=2, longest_wait_s=10), clock)
    for _ in range(3):
        breaker.fail()
    waits = []
    for _ in range(5):
        waits.append(breaker.wait_s())
        clock.now += breaker.wait_s()
        assert breaker.allow()
        breaker.fail()
    assert waits == [2, 4, 8, 10, 10]


def test_one_probe_at_a_time_and_given_back() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    for _ in range(3):
        breaker.fail()
    clock.now += 2
    assert breaker.allow()
    assert not breaker.allow()
    breaker.give_back()
    assert breaker.allow()
    breaker.succeed()
    assert breaker.allow()


def test_probe_is_one_under_threads() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    for _ in range(3):
        breaker.fail()
    clock.now += 2
    start = threading.Barrier(8)

    def ask(_: int) -> bool:
        start.wait(10)
        return breaker.allow()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


def test_calls_run_side_by_side() -> None:
    breaker = Breaker()
    meeting = threading.Barrier(4)

    def call(_: int) -> bool:
        assert breaker.allow()
        meeting.wait(10)
        breaker.succeed()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(call, range(4)))


def test_listeners_hear_changes_once_and_may_ask_back() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    heard: list[tuple[Reachability, Reachability]] = []
    stop = breaker.listen(lambda news: heard.append((news, breaker.reachability())))
    breaker.succeed()
    breaker.succeed()
    for _ in range(4):
        breaker.fail()
    clock.now += 2
    for _ in range(2):
        assert breaker.allow()
        breaker.succeed()
    expected = [Reachability.ONLINE, Reachability.OFFLINE, Reachability.ONLINE]
    assert heard == [(one, one) for one in expected]
    stop()
    stop()
    for _ in range(3):
        breaker.fail()
    assert len(heard) == 3


def test_outcome_of_a_call_that_left_before_it_opened_changes_nothing() -> None:
    breaker = Breaker(clock=Clock())
    assert all(breaker.allow() for _ in range(5))
    for _ in range(3):
        breaker.fail()
    breaker.succeed()
    breaker.succeed()
    assert breaker.state is OPEN
