"""A visit driven by hand: buttons, pads, codes, and what devices and office answer."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.check import check
from kiosk.flows.compiled import CompiledFlow
from kiosk.flows.fields import DEVICES
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Stage, State

FLOWS = Path(__file__).resolve().parent.parent.parent / "config" / "flows"

PIN = "481516"
NIK = "9901014202900007"
UID = b"\x04\xa1\xb2\xc3"


@cache
def shipped() -> dict[str, CompiledFlow]:
    """The six services as they are shipped, with the invented region."""
    flows, problems = check(FLOWS, regions=("99",))
    assert not problems, "\n".join(problem.render("en") for problem in problems)
    return flows


@cache
def with_biometrics(name: str = "cetak-kk") -> CompiledFlow:
    """A shipped service that takes a face or a finger in the place of the PIN."""
    flow = shipped()[name]
    kinds = (fx.BiometricKind.FACE, fx.BiometricKind.FINGER)
    step = msgspec.structs.replace(flow.steps["identify"], biometrics=kinds)
    return msgspec.structs.replace(flow, steps={**flow.steps, "identify": step})


def document(kind: str, name: str = "", **changes: Any) -> dict[str, Any]:
    """A ready document as the core gives it to the engine."""
    return {
        "id": name or f"doc-{kind}",
        "kind": kind,
        "title": {"id": kind, "en": kind},
        "subject": "Sari Wulandari",
        "issued": "2026-01-02",
        "medium": "id-1" if kind == "ktp-el" else "a4",
        "pages": 2,
        "can_print": True,
        "can_hand_over": True,
        "reason": None,
        **changes,
    }


class Journey:
    """``effects`` are those of the last act, ``all`` those of the visit."""

    def __init__(self, flow: CompiledFlow, usable: tuple[str, ...] = DEVICES) -> None:
        self.flow = flow
        self.at = 0.0
        self.state = engine.start(flow, self.at, usable)
        self.effects: tuple[fx.Effect, ...] = ()
        self.all: list[fx.Effect] = []

    def happen(self, event: ev.Event) -> "Journey":
        self.state, self.effects = engine.step(self.flow, self.state, event)
        self.all += self.effects
        assert_whole(self.state, self.at)
        gone = {effect.target for effect in self.all if isinstance(effect, fx.Cancel)}
        assert self.state.pending not in gone, "waits for what was cancelled"
        started = {effect.id for effect in self.all}
        assert len(started) == len(self.all), "an id was used twice"
        assert self.state.pending in started | {0}
        assert self.state.next_effect == max(started, default=0) + 1
        if isinstance(event, ev.Ended) and self.state.stage is not Stage.PRINT:
            assert self.state.pending != event.effect or not event.effect, "an answer was not taken"
        return self

    def press(self, *actions: str) -> "Journey":
        for action in actions:
            self.happen(ev.Pressed(self.at, action))
        return self

    def submit(self, action: str = "submit", **values: str) -> "Journey":
        return self.happen(ev.Submitted(self.at, action, values))

    def scan(self, text: str) -> "Journey":
        return self.happen(ev.Scanned(self.at, text))

    def answer(self, *outcomes: out.Outcome) -> "Journey":
        for outcome in outcomes:
            assert self.state.pending, f"nothing waits for {outcome!r} in {self.state!r}"
            self.happen(ev.Ended(self.at, self.state.pending, outcome))
        return self

    def pull_card(self) -> "Journey":
        return self.happen(ev.CardGone(self.at))

    def wait(self, seconds: float) -> "Journey":
        self.at += seconds
        return self.happen(ev.Tick(self.at))

    def wait_out(self) -> "Journey":
        """Just past the deadline."""
        assert self.state.deadline is not None
        return self.wait(self.state.deadline - self.at)

    @property
    def here(self) -> tuple[str, Stage]:
        return self.state.step, self.state.stage

    def kinds(self) -> list[str]:
        """The names of the effects of the last act."""
        return [type(effect).__name__ for effect in self.effects]

    def identified(self, name: str = "S*** W***") -> "Journey":
        """From the standard through a card proof."""
        self.press("main", "choose:card")
        self.answer(out.CardSeen(UID, is_stable=True), out.CardFound())
        return self.submit(pin=PIN).answer(out.Proved(name))

    def with_documents(self, *documents: dict[str, Any]) -> "Journey":
        return self.identified().answer(out.Fetched(fx.What.DOCUMENTS, list(documents)))


def assert_whole(state: State, at: float) -> None:
    """Every field holds what its type says, and every wait has an end that lies ahead."""
    msgspec.convert(msgspec.to_builtins(state), State)
    if state.stage is Stage.ENDED:
        assert state.deadline is None
        assert state.ending is not None
    else:
        assert state.deadline is not None
        assert state.deadline > at


def as_text(state: Any) -> str:
    """All that the state holds, as one text to search."""
    return repr(msgspec.to_builtins(state, builtin_types=(bytes,)))


def ends(visit: Journey, ending: Ending) -> None:
    """From the last page out: nothing that was read, typed or fetched is left."""
    assert visit.state.stage is Stage.FINISH
    assert visit.state.ending is ending
    assert not engine.can_go_back(visit.state)
    visit.press("main")
    state = visit.state
    assert (state.stage, state.ending) == (Stage.ENDED, ending)
    assert (state.facts, state.values, state.document, state.url, state.card_uid) == ({}, {}, "", "", b"")
    assert (state.pending, state.deadline, state.history) == (0, None, ())
