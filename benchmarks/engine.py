"""Engine steps per second: whole visits of the shipped flows, one core, states and effects built as in life."""

import time
from collections.abc import Callable
from pathlib import Path

from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.check import check
from kiosk.flows.compiled import CompiledFlow
from kiosk.flows.state import Stage, State

FLOWS = Path(__file__).resolve().parent.parent / "config" / "flows"

_DOCUMENT = {
    "kk": "kk",
    "akta-kelahiran": "akta-kelahiran",
    "ktp-el": "ktp-el",
}


def _documents() -> list[dict[str, object]]:
    return [
        {"id": f"document-{kind}", "kind": kind, "can_print": True, "can_hand_over": True, "pages": 2}
        for kind in _DOCUMENT
    ]


_ANSWERS: dict[type[fx.Effect], Callable[[fx.Effect], out.Outcome]] = {
    fx.ReadCard: lambda _: out.CardSeen(b"\x01\x02\x03\x04", is_stable=True),
    fx.FindCard: lambda _: out.CardFound(),
    fx.Prove: lambda _: out.Proved("S*** A***"),
    fx.Fetch: lambda effect: out.Fetched(effect.what, _documents() if effect.what is fx.What.DOCUMENTS else {}),  # type: ignore[attr-defined]
    fx.Prepare: lambda _: out.Prepared(2, "title"),
    fx.Print: lambda _: out.Printed(2),
    fx.PrintSlip: lambda _: out.Done(),
}

_PRESS = {
    Stage.STANDARD: "main",
    Stage.SHOW: "main",
    Stage.CHOOSE_PROOF: "choose:card",
    Stage.PREVIEW: "main",
    Stage.RATE: "rate:4",
    Stage.FINISH: "main",
}


def _visit(flow: CompiledFlow) -> list[tuple[State, ev.Event]]:
    """One visit to its good end: each state and the event that moved it, without idle ticks."""
    moves: list[tuple[State, ev.Event]] = []
    state = engine.start(flow, 0.0)
    effects: tuple[fx.Effect, ...] = ()
    at = 0.0
    while state.stage is not Stage.ENDED:
        at += 1.0
        event: ev.Event
        running = [effect for effect in effects if effect.id == state.pending]
        if running:
            if state.stage is Stage.PRINT:
                moves.append((state, ev.Progress(at, state.pending, 1, 2)))
            event = ev.Ended(at, state.pending, _ANSWERS[type(running[0])](running[0]))
        elif state.stage is Stage.PIN:
            event = ev.Submitted(at, "submit", {"pin": "123456"})
        elif state.stage is Stage.CHOOSE_DOCUMENT:
            event = ev.Pressed(at, "choose:document-akta-kelahiran")
        elif state.stage is Stage.SHOW and state.step in ("way", "offer"):
            event = ev.Pressed(at, "choose:print")
        else:
            event = ev.Pressed(at, _PRESS[state.stage])
        moves.append((state, event))
        state, effects = engine.step(flow, state, event)
    return moves


def measure(seconds: float = 2.0) -> float:
    """Steps a second over whole visits of all shipped flows, for about ``seconds``; the best of five rounds."""
    flows, problems = check(FLOWS)
    assert not problems
    rounds = [(flow, _visit(flow)) for flow in flows.values()]
    steps_a_round = sum(len(moves) for _, moves in rounds)
    step = engine.step
    best = 0.0
    for _ in range(5):
        count = 0
        began = time.perf_counter()
        while time.perf_counter() - began < seconds / 5:
            for flow, moves in rounds:
                for state, event in moves:
                    step(flow, state, event)
            count += steps_a_round
        best = max(best, count / (time.perf_counter() - began))
    return best


if __name__ == "__main__":
    print(f"{measure():,.0f} steps/s")
