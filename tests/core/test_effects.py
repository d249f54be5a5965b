"""The runner: one outcome each, by the deadline, and what was prepared is given back exactly once."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.core import effects as runner_module
from kiosk.core.effects import _FINAL, LIMIT_S, EffectRunner, failed
from kiosk.core.grace import TOLD_S
from kiosk.core.handlers import HANDLERS
from kiosk.core.loop import Loop
from kiosk.core.session import Session
from kiosk.errors import BackendError, DeviceError, ErrorCode
from kiosk.events import JsonFormatter
from kiosk.flows import effects as fx
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out

CANARY = "9901014202900007"


class Bench:
    """A runner over one scripted handler; the clock is moved by hand, workers are real threads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, handler: Callable[..., out.Outcome]) -> None:
        self.seconds = 50.0
        self.loop = Loop(lambda: self.seconds)
        self.heard: list[tuple[Session, ev.Event]] = []
        self.ended: list[str] = []
        self.released: list[object] = []
        self.session = Session()
        monkeypatch.setattr(runner_module, "HANDLERS", dict.fromkeys(HANDLERS, handler))
        self.runner = EffectRunner(self.loop, self, lambda session, event: self.heard.append((session, event)))  # type: ignore[arg-type]

    # what the runner reaches of ``Hands``

    @property
    def prints(self) -> "Bench":
        return self

    @property
    def office(self) -> "Bench":
        return self

    def release(self, prepared: object) -> None:
        self.released.append(prepared)
        if prepared == "refused":
            raise BackendError(ErrorCode.OFFICE_OFFLINE)

    def end_visit(self, token: str) -> None:
        self.ended.append(token)

    # ---

    def settle(self) -> "Bench":
        """Wait for all workers, then run what they posted."""
        for thread in threading.enumerate():
            if thread.name.startswith("effect-") or thread.name == "give-back":
                thread.join(10)
                assert not thread.is_alive(), thread.name
        self.loop.run_pending()
        return self

    @property
    def events(self) -> list[ev.Event]:
        return [event for _, event in self.heard]


def test_every_effect_has_its_handler_and_its_limit() -> None:
    kinds = {kind for kind in vars(fx).values() if isinstance(kind, type) and issubclass(kind, fx.Effect)}
    assert set(HANDLERS) == set(LIMIT_S) == kinds - {fx.Effect, fx.Cancel}


def test_an_outcome_comes_once_with_the_effects_id(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch, lambda *_: out.Done())
    bench.runner.run(bench.session, fx.Rate(7, 4))
    assert not bench.runner.is_idle
    bench.settle().settle()
    assert bench.heard == [(bench.session, ev.Ended(50.0, 7, out.Done()))]
    bench.seconds += 1000
    bench.settle()
    assert len(bench.heard) == 1, "the deadline of what has ended is off"
    assert bench.runner.is_idle


@pytest.mark.expects_warnings
def test_past_the_deadline_it_failed_and_what_comes_later_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    go, cancels = threading.Event(), list[threading.Event]()

    def hang(hands: Any, session: Any, effect: Any, cancel: threading.Event, report: Any) -> out.Outcome:
        cancels.append(cancel)
        go.wait(10)
        report(1, 2, "")
        return out.Proved("late")

    bench = Bench(monkeypatch, hang)
    bench.runner.run(bench.session, fx.Prove(3, fx.ProofKind.NIK))
    bench.seconds += LIMIT_S[fx.Prove] - 0.1
    bench.loop.run_pending()
    assert bench.heard == []
    bench.seconds += 0.2
    bench.loop.run_pending()
    assert bench.events == [ev.Ended(bench.seconds, 3, out.Failed(ErrorCode.INTERNAL))]
    assert cancels[0].is_set()
    go.set()
    bench.settle()
    assert len(bench.heard) == 1


@pytest.mark.parametrize("code", [ErrorCode.OFFICE_SLOW, ErrorCode.SIGNATURE_BROKEN, ErrorCode.PRINTER_AWAY])
def test_a_failure_with_a_code_keeps_it(monkeypatch: pytest.MonkeyPatch, code: ErrorCode) -> None:
    def fail(*_: Any) -> out.Outcome:
        raise DeviceError(code, "detail")

    bench = Bench(monkeypatch, fail)
    bench.runner.run(bench.session, fx.Fetch(1, fx.What.PERSON))
    assert bench.settle().events == [ev.Ended(50.0, 1, out.Failed(code, is_retryable=code not in _FINAL))]


def test_what_trying_again_cannot_change_is_not_offered_again() -> None:
    for code in ErrorCode:
        is_final = code.value.startswith("DOC") or code in (
            ErrorCode.OFFICE_REFUSED,
            ErrorCode.OFFICE_UNTRUSTED,
            ErrorCode.OFFICE_VISIT_EXPIRED,
            ErrorCode.DOCUMENT_TAKEN,
        )
        assert failed(code) == out.Failed(code, is_retryable=not is_final), code


@pytest.mark.expects_warnings
def test_whatever_a_library_raises_is_internal_and_its_words_stay_out_of_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    def fail(*_: Any) -> out.Outcome:
        raise ValueError(f"bad {CANARY}")

    handler = Keep()
    logging.getLogger("kiosk").addHandler(handler)
    try:
        bench = Bench(monkeypatch, fail)
        bench.runner.run(bench.session, fx.Prove(1, fx.ProofKind.NIK, nik=CANARY))
        bench.settle()
    finally:
        logging.getLogger("kiosk").removeHandler(handler)
    assert bench.events == [ev.Ended(50.0, 1, out.Failed(ErrorCode.INTERNAL))]
    (line,) = [json.loads(text) for text in lines if "EFFECT_CRASHED" in text]
    assert line["effect"] == "Prove"
    assert line["error"] == "ValueError"
    assert line["where"].startswith("test_effects.py:")
    assert CANARY not in "".join(lines)


def test_cancel_asks_it_to_end_and_drops_its_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(hands: Any, session: Any, effect: Any, cancel: threading.Event, report: Any) -> out.Outcome:
        assert cancel.wait(10)
        return out.Done()

    bench = Bench(monkeypatch, wait)
    bench.runner.run(bench.session, fx.ReadCard(1))
    bench.runner.run(bench.session, fx.Cancel(2, 1))
    bench.runner.run(bench.session, fx.Cancel(3, 99))
    assert bench.settle().heard == []
    bench.seconds += 100_000
    assert bench.settle().heard == []


def test_progress_is_told_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(hands: Any, session: Any, effect: Any, cancel: Any, report: Any) -> out.Outcome:
        report(1, 2, "")
        return out.Printed(2)

    bench = Bench(monkeypatch, work)
    bench.runner.run(bench.session, fx.Print(5))
    assert bench.settle().events == [ev.Progress(50.0, 5, 1, 2, ""), ev.Ended(50.0, 5, out.Printed(2))]


@pytest.mark.parametrize("stands_for", [TOLD_S - 0.1, TOLD_S + 0.1])
def test_a_print_that_stands_still_says_so_only_after_the_grace(
    monkeypatch: pytest.MonkeyPatch, stands_for: float
) -> None:
    go = threading.Event()
    tell: list[Callable[[int, int, str], None]] = []

    def work(hands: Any, session: Any, effect: Any, cancel: Any, report: Any) -> out.Outcome:
        tell.append(report)
        go.wait(10)
        return out.Printed(2)

    bench = Bench(monkeypatch, work)
    bench.runner.run(bench.session, fx.Print(5))
    while not tell:
        threading.Event().wait(0.001)
    tell[0](1, 2, "media-jam")
    bench.loop.run_pending()
    assert bench.events == []
    bench.seconds += stands_for
    bench.loop.run_pending()
    told = [event.reason for event in bench.events if isinstance(event, ev.Progress)]
    assert told == (["media-jam"] if stands_for > TOLD_S else [])
    tell[0](1, 2, "")
    bench.loop.run_pending()
    bench.seconds += 10
    bench.loop.run_pending()
    assert [event.reason for event in bench.events if isinstance(event, ev.Progress)] == [*told, ""]
    go.set()
    assert bench.settle().events[-1] == ev.Ended(bench.seconds, 5, out.Printed(2))


def test_an_effect_of_one_visit_is_not_that_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def wait(hands: Any, session: Any, effect: Any, cancel: threading.Event, report: Any) -> out.Outcome:
        go.wait(10)
        return out.Done()

    bench, other = Bench(monkeypatch, wait), Session()
    bench.runner.run(bench.session, fx.Fetch(1, fx.What.PERSON))
    bench.runner.run(other, fx.Fetch(1, fx.What.PERSON))
    bench.runner.end(bench.session)
    go.set()
    assert bench.settle().heard == [(other, ev.Ended(50.0, 1, out.Done()))]


@pytest.mark.parametrize("prepared", ["prepared", "refused", None])
@pytest.mark.parametrize("token", ["token", ""])
def test_the_end_gives_back_what_the_office_lent_once(
    monkeypatch: pytest.MonkeyPatch, prepared: Any, token: str
) -> None:
    bench = Bench(monkeypatch, lambda *_: out.Done())
    bench.session.token = token
    if prepared is not None:
        bench.session.keep_prepared(prepared)
    bench.runner.end(bench.session)
    bench.runner.end(bench.session)
    bench.settle()
    assert bench.released == ([prepared] if prepared else [])
    assert bench.ended == ([token] if token else [])
    assert bench.session.is_over
    assert bench.session.token == ""


def test_printing_and_the_end_never_both_get_what_was_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A race, run often: whoever takes it first has it, the other has nothing."""
    for _ in range(60):
        taken: list[object] = []
        gate = threading.Barrier(2)

        def take(hands: Any, session: Session, *_: Any, taken: Any = taken, gate: Any = gate) -> out.Outcome:
            gate.wait(10)
            found = session.take_prepared()
            if found is not None:
                taken.append(found)
            return out.Done()

        bench = Bench(monkeypatch, take)
        bench.session.keep_prepared("prepared")  # type: ignore[arg-type]
        bench.runner.run(bench.session, fx.Print(1))
        gate.wait(10)
        bench.runner.end(bench.session)
        bench.settle()
        assert sorted(map(str, taken + bench.released)) == ["prepared"]


def test_preparing_and_the_end_never_lose_a_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(60):
        gate = threading.Barrier(2)

        def prepare(hands: Any, session: Session, *_: Any, gate: Any = gate) -> out.Outcome:
            gate.wait(10)
            if not session.keep_prepared("prepared"):  # type: ignore[arg-type]
                hands.prints.release("prepared")
            if not session.keep_token("token"):
                hands.office.end_visit("token")
            return out.Done()

        bench = Bench(monkeypatch, prepare)
        bench.runner.run(bench.session, fx.Prepare(1, fx.Source.OFFICE, "doc"))
        gate.wait(10)
        bench.runner.end(bench.session)
        bench.settle()
        assert bench.released == ["prepared"]
        assert bench.ended == ["token"]
        assert bench.heard == []
