"""Thousands of random visits against a small model of what must never happen."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import engine, form
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.compiled import AskKind, CompiledFlow, FormStep, Kind
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Stage, State

from .counter_example import counter
from .example import checked, spoiled
from .journey import NIK, PIN, as_text, assert_whole, document, shipped

FIRE_AND_FORGET = (fx.Release, fx.Rate, fx.Cancel)
DOCUMENTS = [
    document("kk"),
    document("kk", "kk-two"),
    document("akta-kelahiran", can_print=False),
    document("akta-kematian", can_hand_over=False),
    document("ktp-el"),
]


def _circling() -> CompiledFlow:
    """The example with ways round: after each print the person may choose again, or ask for the very same."""
    flow, problems = checked(
        spoiled(
            ("    then: done\n", "    then: more\n"),
            (
                "  done:\n",
                "  more:\n    kind: menu\n    dot: one\n    title: {id: Lagi?, en: More?}\n    choices:\n"
                "      yes: {title: {id: Ya, en: 'Yes'}, then: look-up}\n"
                "      same: {title: {id: Sama, en: The same}, then: print}\n"
                "      no: {title: {id: Tidak, en: 'No'}, then: done}\n"
                "    timeout: done\n    cancel: done\n  done:\n",
            ),
            ("    unknown: unclear\n", "    unknown: after\n"),
            (
                "  unclear:\n",
                "  after:\n    kind: notice\n    dot: one\n    title: {id: Belum jelas, en: Unclear}\n"
                "    then: more\n    timeout: unclear\n    cancel: unclear\n  unclear:\n",
            ),
        )
    )
    assert not problems, [problem.render("en") for problem in problems]
    assert flow is not None
    return flow


FLOWS = {**shipped(), "circling": _circling(), "counter": counter()}


class Witness:
    """What a bystander keeps of a visit, knowing nothing of how the engine works."""

    def __init__(self, flow: CompiledFlow) -> None:
        self.flow = flow
        self.state = engine.start(flow, 0.0)
        self.at = 0.0
        self.last_id = 0
        self.live: dict[int, fx.Effect] = {}
        self.is_held = False
        self.prepared = ""
        self.is_printing = False
        self.has_printed = False
        self.given: list[out.Outcome] = []
        self.lost: set[str] = set()

    def happen(self, event: ev.Event) -> None:
        before = self.state
        frozen = as_text(before)
        after, effects = engine.step(self.flow, before, event)
        assert as_text(before) == frozen, "a state was changed in place"
        assert (after, effects) == engine.step(self.flow, before, event), "the engine is no function"
        if isinstance(event, ev.Ended) and event.effect in self.live:
            self._ended(event.outcome, self.live.pop(event.effect))
        for effect in effects:
            self._asked(effect)
        self.state = after
        self._look(before, event)

    def _ended(self, outcome: out.Outcome, effect: fx.Effect) -> None:
        if isinstance(effect, fx.Prepare) and not isinstance(outcome, out.Prepared):
            self.is_held = False
        if isinstance(effect, fx.TakeNumber) and isinstance(outcome, out.NumberTaken):
            self.given += [outcome] * (outcome.queue == effect.queue)
        if isinstance(effect, fx.Complain) and isinstance(outcome, out.Filed):
            self.given.append(outcome)
        if isinstance(effect, fx.Print):
            self.is_printing = False
            if not isinstance(outcome, out.PrintFailed):
                self.lost.add(self.prepared)

    def _asked(self, effect: fx.Effect) -> None:
        assert effect.id > self.last_id, "ids must rise"
        self.last_id = effect.id
        if isinstance(effect, fx.Cancel):
            gone = self.live.pop(effect.target)
            if isinstance(gone, fx.Print):
                self.is_printing = False
                self.lost.add(self.prepared)
        elif isinstance(effect, fx.Release):
            assert self.is_held, "nothing to give back"
            self.is_held = False
        elif isinstance(effect, fx.Prepare):
            self.prepared = effect.document_id or "data-sheet"
            assert self.prepared not in self.lost, "a printed or lost document was fetched again"
            assert not self.is_held
            self.is_held = True
        elif isinstance(effect, fx.Print):
            assert self.is_held, "printed what was not prepared"
            self.is_held = False
            self.is_printing = self.has_printed = True
        if not isinstance(effect, FIRE_AND_FORGET):
            self.live[effect.id] = effect
        assert len(self.live) <= 1, "two effects at once"

    def _look(self, before: State, event: ev.Event) -> None:
        state = self.state
        assert list(self.live) == ([state.pending] if state.pending else [])
        assert not self.is_held or state.stage in (Stage.PREPARE, Stage.PREVIEW), "a grant was left behind"
        assert self.is_printing == (state.stage is Stage.PRINT)
        if isinstance(event, ev.Tick) or state is not before:
            assert_whole(state, 0.0 if state.deadline == before.deadline else event.at)
        text = as_text(state) + repr(state)
        assert PIN not in text, "a PIN stayed in the state"
        if self.has_printed:
            assert not engine.can_go_back(state)
            if isinstance(event, ev.Pressed) and event.action == "back":
                assert state == before
        if self.given and state.stage is not Stage.ENDED:
            assert not engine.can_go_back(state)
            assert "ticket" in state.facts or "complaint" in state.facts, "a number was taken off the pages"
        if state.stage is Stage.ENDED:
            assert state.ending is not None
            assert NIK not in text
            assert not state.facts
        elif state.stage is Stage.PRINT:
            assert engine.step(self.flow, state, ev.Pressed(self.at, "home")) == (state, ())
        else:
            home, effects = engine.step(self.flow, state, ev.Pressed(self.at, "home"))
            assert home.stage is Stage.ENDED, "Home must lead out"
            assert not self.given or state.stage is Stage.FINISH or home.ending is not Ending.CANCELLED
            assert any(isinstance(effect, fx.Release) for effect in effects) == self.is_held
        if state.failure is not None and before.failure is not None and state.stage is not Stage.TROUBLE:
            assert state.failure is before.failure, "the first cause wins"
        if before.ending is Ending.UNKNOWN:
            assert state.ending is Ending.UNKNOWN, "an unknown end was made up for"

    def run_out(self) -> None:
        """With nothing but time the visit ends."""
        for _ in range(4 * len(self.flow.steps) + 4):
            if self.state.stage is Stage.ENDED:
                return
            assert self.state.deadline is not None
            self.at = max(self.at, self.state.deadline)
            self.happen(ev.Tick(self.at))
        pytest.fail(f"the visit does not end: {self.state!r}")


_OUTCOMES: dict[type[fx.Effect], list[out.Outcome]] = {
    fx.ReadCard: [
        out.CardSeen(b"\x04abc", is_stable=True),
        out.CardSeen(b"\x04abc", is_stable=True),
        out.CardSeen(b"\x08abc", is_stable=False),
        out.CardSeen(b"\x04abc", is_stable=True, is_ktp=False),
        out.CardTrouble(E.CARD_MUTE),
        out.Failed(E.CARD_READER_AWAY),
    ],
    fx.FindCard: [out.CardFound(), out.CardFound(), out.CardStranger(), out.Failed(E.OFFICE_OFFLINE)],
    fx.Prove: [
        *[out.Proved("S***", can_bind_card=bind) for bind in (True, False, True)],
        out.Wrong(2),
        out.Locked(60),
        out.CardStranger(),
        out.CardTrouble(E.CARD_SWAPPED),
        out.Failed(E.OFFICE_SLOW),
    ],
    fx.BindCard: [out.Done(), out.Failed(E.OFFICE_REFUSED, is_retryable=False)],
    fx.Prepare: [
        *[out.Prepared(pages) for pages in (1, 2, 3)],
        out.Failed(E.OFFICE_SLOW),
        out.Failed(E.SIGNATURE_BROKEN, is_retryable=False),
    ],
    fx.ShowSheet: [out.Done(), out.Failed(E.INTERNAL)],
    fx.Print: [out.Printed(2), out.Printed(1), out.PrintFailed(E.PAPER_OUT), out.PrintUnknown(E.PRINT_UNKNOWN)],
    fx.HandOver: [out.HandedOver("https://kantor.invalid/h/x", 60), out.Failed(E.OFFICE_FAULT)],
    fx.PrintSlip: [out.Done(), out.Failed(E.SLIP_PRINTER_SILENT)],
    fx.TakeNumber: [
        *[out.NumberTaken("layanan", "B-017")] * 3,
        out.Failed(E.NUMBERS_OUT, is_retryable=False),
        out.Failed(E.INTERNAL),
    ],
    fx.Complain: [out.Filed("7KQT-4MXW"), out.Filed("7KQT-4MXW"), out.Failed(E.STORE_FULL), out.Failed(E.INTERNAL)],
}
_STRANGE: list[out.Outcome] = [
    out.Done(),
    out.Printed(1),
    out.Proved("S***"),
    out.Fetched(fx.What.FAMILY, []),
    out.Failed(E.INTERNAL),
    out.Prepared(0),
    out.NumberTaken("somewhere else", "Z-1"),
]
_BUTTONS = ["main", "second", "back", "home", "retry", "previous", "next", "rate:1", "rate:4", "choose:", "", "löschen"]
_PROOFS = ["choose:card", "choose:nik", "choose:qr", "choose:code"]


def _likely(witness: Witness) -> list[ev.Event]:
    """What a sensible world would let happen now."""
    state, at = witness.state, witness.at
    running = witness.live.get(state.pending)
    if isinstance(running, fx.Fetch):
        values: list[Any] = [{"name": "S"}]
        if running.what is fx.What.DOCUMENTS:
            values = [DOCUMENTS, [*DOCUMENTS, document("ktp-el", "ktp-two")], DOCUMENTS[1:], []]
        return [ev.Ended(at, state.pending, out.Fetched(running.what, value)) for value in values]
    if isinstance(running, fx.Print):
        return [ev.Progress(at, state.pending, 1, 2), *_answers(running, at)]
    if running is not None and state.stage is not Stage.PREVIEW:
        return _answers(running, at)
    if state.stage is Stage.PIN:
        return [ev.Submitted(at, "submit", {"pin": PIN})]
    if state.stage is Stage.NIK:
        return [ev.Submitted(at, "submit", {"nik": NIK})]
    if state.stage is Stage.SCAN:
        return [ev.Scanned(at, "TOKEN-abc_123")]
    if state.stage is Stage.CODE:
        return [ev.Submitted(at, "submit", {"code": "1234567890"})]
    actions = ["main", "main", "main", "second", "next", "rate:3"]
    if state.stage is Stage.CHOOSE_PROOF:
        actions = _PROOFS
    elif state.stage is Stage.CHOOSE_DOCUMENT:
        actions = [f"choose:{item['id']}" for item in DOCUMENTS]
    elif state.stage is Stage.SHOW and isinstance(step := witness.flow.steps[state.step], FormStep):
        asked = form.asked(step, state)
        assert asked is not None
        if asked.kind is AskKind.NUMBER:
            return [ev.Submitted(at, "submit", {"number": "7" * length}) for length in (asked.least, asked.most)]
        actions = [f"choose:{one.key}" for one in asked.answers]
    elif state.stage is Stage.SHOW:
        actions = [f"choose:{one.key}" for one in getattr(witness.flow.steps[state.step], "choices", ())] or actions
    return [ev.Pressed(at, action) for action in actions]


def _answers(effect: fx.Effect, at: float) -> list[ev.Event]:
    outcomes = _OUTCOMES[type(effect)]
    if isinstance(effect, fx.TakeNumber):
        outcomes = [
            out.NumberTaken(effect.queue, one.label) if isinstance(one, out.NumberTaken) else one for one in outcomes
        ]
    return [ev.Ended(at, effect.id, outcome) for outcome in outcomes]


def _unlikely(witness: Witness) -> list[ev.Event]:
    """What the world does all the same."""
    state, at = witness.state, witness.at
    return [
        *(ev.Pressed(at, action) for action in [*_BUTTONS, *_PROOFS] if action != "home"),
        *(ev.Ended(at, state.pending, outcome) for outcome in _STRANGE if state.stage is not Stage.PRINT),
        *(ev.Ended(at, effect, out.Done()) for effect in (0, 1, witness.last_id + 1) if effect != state.pending),
        ev.Submitted(at, "submit", {}),
        ev.Submitted(at, "submit", {"nik": "123", "pin": "12"}),
        ev.Submitted(at, "back", {"nik": "9901", "pin": PIN}),
        ev.Submitted(at, "home", {"pin": PIN}) if state.stage is Stage.PIN else ev.Start(at),
        ev.Submitted(at, "what", {"pin": PIN}),
        ev.Submitted(at, "submit", {"number": "1" * 40}),
        ev.Submitted(at, "back", {"number": "12"}),
        ev.Scanned(at, ""),
        ev.Scanned(at, NIK),
        ev.Scanned(at, "x" * 4096),
        ev.CardGone(at),
        ev.CardGone(at),
        ev.Progress(at, state.pending, 99, -1, "media-jam"),
        ev.Progress(at, 0, 1, 1),
        ev.Tick(at),
        ev.Start(at),
    ]


def _visit(flow: CompiledFlow, tape: list[int]) -> Witness:
    witness = Witness(flow)
    witness.happen(ev.Pressed(0.0, "main"))
    for number in tape:
        pool = _likely(witness) if number % 8 else _unlikely(witness)
        witness.at += 60.0 if number % 97 == 0 else 0.1
        event = pool[(number // 8) % len(pool)]
        witness.happen(event)
    return witness


@pytest.mark.parametrize("name", list(FLOWS))
@settings(max_examples=300, deadline=None)
@given(tape=st.lists(st.integers(0, 100_000), max_size=60))
def test_random_visits_keep_every_promise(name: str, tape: list[int]) -> None:
    _visit(FLOWS[name], tape).run_out()


@pytest.mark.parametrize("name", list(FLOWS))
def test_random_visits_come_everywhere(name: str) -> None:
    """The visits above would prove little if they never came further than the first page."""
    generator = random.Random(20261122)
    flow = FLOWS[name]
    steps: set[str] = set()
    endings: set[Ending | None] = set()
    can_be_unclear = any(step.kind in (Kind.PRINT, Kind.CARD) for step in flow.steps.values())
    for visit in range(700 if can_be_unclear else 200):
        witness = Witness(flow)
        witness.happen(ev.Pressed(0.0, "main"))
        # Every seventh person goes away after a few touches.
        for _ in range(80 if visit % 7 else generator.randrange(12)):
            pool = _likely(witness) if generator.random() < 0.93 else _unlikely(witness)
            witness.happen(generator.choice(pool))
            steps.add(witness.state.step)
        witness.run_out()
        steps.add(witness.state.step)
        endings.add(witness.state.ending)
    assert set(flow.steps) - steps == set()
    unclear = {Ending.UNKNOWN} if can_be_unclear else set()
    assert endings >= {Ending.DONE, Ending.FAILED, Ending.CANCELLED} | unclear
