"""Face and finger in the place of the PIN: asked first, refused without loss, and never enough alone."""

from dataclasses import dataclass, field
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.compiled import CompiledFlow
from kiosk.flows.state import Stage, State

from .example import checked, spoiled
from .journey import NIK, PIN, UID, Journey, as_text

SEEN = out.CardSeen(UID, is_stable=True)


@cache
def flow(biometrics: str = "[face, finger]", proofs: str = "[card, nik, qr]") -> CompiledFlow:
    made, problems = checked(
        spoiled(("proofs: [card, nik]", f"proofs: {proofs}\n    offer_bind: true\n    biometrics: {biometrics}"))
    )
    assert problems == (), [problem.render("en") for problem in problems]
    assert made is not None
    return replace(made, provinces=made.provinces | {"99"})


def by_card(biometrics: str = "[face, finger]", **more: object) -> Journey:
    visit = Journey(flow(biometrics), **more)  # type: ignore[arg-type]
    return visit.press("main", "choose:card").answer(SEEN, out.CardFound())


def by_nik() -> Journey:
    return Journey(flow()).press("main", "choose:nik").submit(nik=NIK)


def test_consent_comes_before_any_comparison() -> None:
    for visit in (by_card(), by_nik()):
        assert visit.state.stage is Stage.CONSENT
        assert not any(isinstance(effect, fx.CompareBiometric) for effect in visit.all)
        assert engine.can_go_back(visit.state)
        assert engine.is_waiting_for_person(visit.state)


def test_a_match_asks_the_office_together_with_the_card() -> None:
    visit = by_card().press("choose:face")
    assert visit.state.stage is Stage.CAPTURE
    assert visit.effects == (fx.CompareBiometric(3, fx.BiometricKind.FACE, fx.ProofKind.CARD, uid=UID),)
    visit.answer(out.Compared())
    assert visit.effects == (fx.Prove(4, fx.ProofKind.CARD, uid=UID, biometric=fx.BiometricKind.FACE),)
    assert visit.here == ("identify", Stage.PROVE)
    assert "proof" not in visit.state.facts
    visit.answer(out.Proved("S***"))
    assert visit.state.facts["proof"] == "card"
    assert visit.state.biometric is None


def test_a_match_asks_the_office_together_with_the_nik() -> None:
    visit = by_nik().press("choose:finger")
    assert NIK not in repr(visit.effects)
    visit.answer(out.Compared())
    assert visit.effects == (fx.Prove(2, fx.ProofKind.NIK, nik=NIK, biometric=fx.BiometricKind.FINGER),)
    assert NIK not in repr(visit.effects)
    visit.answer(out.Proved("S***"))
    assert NIK not in as_text(visit.state)


def test_refusing_leads_to_the_pin_without_a_word_and_for_the_whole_visit() -> None:
    visit = by_card().press("choose:pin")
    assert (visit.state.stage, visit.state.notice, visit.effects) == (Stage.PIN, None, ())
    assert visit.state.attempts_left is None
    visit.pull_card().answer(SEEN, out.CardFound())
    assert visit.state.stage is Stage.PIN, "nobody is asked twice"
    visit.submit(pin=PIN).answer(out.Proved("S***"))
    assert visit.state.facts["proof"] == "card"


def test_not_sure_offers_one_more_try_and_then_the_pin() -> None:
    visit = by_card().press("choose:face").answer(out.NotCompared("dark"))
    assert (visit.state.stage, visit.state.hint, visit.state.tries) == (Stage.CONSENT, "dark", 1)
    visit.press("choose:finger")
    assert visit.state.stage is Stage.CONSENT, "the second try is of the same kind"
    visit.press("choose:face").answer(out.NotCompared("dark"))
    assert (visit.state.stage, visit.state.notice) == (Stage.PIN, E.BIOMETRIC_UNSURE)


def test_no_match_leads_to_the_pin() -> None:
    visit = by_card().press("choose:face").answer(out.NotCompared())
    assert (visit.state.stage, visit.state.notice) == (Stage.PIN, E.BIOMETRIC_UNSURE)


@pytest.mark.parametrize("outcome", [out.Failed(E.BIOMETRIC_AWAY), out.Failed(E.OFFICE_OFFLINE), out.Done()])
def test_a_device_or_an_office_without_it_leads_to_the_pin(outcome: out.Outcome) -> None:
    visit = by_card().press("choose:face").answer(outcome)
    assert (visit.state.stage, visit.state.notice) == (Stage.PIN, E.BIOMETRIC_AWAY)
    assert visit.state.failure is None


def test_the_office_may_refuse_a_match() -> None:
    visit = by_card().press("choose:face").answer(out.Compared(), out.Wrong())
    assert (visit.state.stage, visit.state.notice) == (Stage.PIN, E.BIOMETRIC_UNSURE)


@pytest.mark.parametrize("action", ["second", "choose:pin"])
def test_the_pin_is_one_touch_away_while_the_camera_looks(action: str) -> None:
    visit = by_card().press("choose:face", action)
    assert visit.state.stage is Stage.PIN
    assert visit.kinds() == ["Cancel"]


def test_a_camera_that_never_answers_ends_at_the_pin() -> None:
    visit = by_card().press("choose:face").wait_out()
    assert (visit.state.stage, visit.state.notice) == (Stage.PIN, E.BIOMETRIC_UNSURE)
    assert visit.kinds() == ["Cancel"]


def test_a_card_that_is_taken_ends_the_comparison() -> None:
    for visit in (by_card(), by_card().press("choose:face")):
        visit.pull_card()
        assert (visit.state.stage, visit.state.notice) == (Stage.TAP, E.CARD_PULLED)


def test_only_what_works_is_offered() -> None:
    everything = ("card-reader", "document-printer", "face", "finger")
    assert by_card(usable=everything[:2]).state.stage is Stage.PIN
    visit = by_card(usable=everything[:3]).press("choose:finger")
    assert visit.state.stage is Stage.CONSENT
    assert by_card("[]").state.stage is Stage.PIN


def test_a_code_of_the_office_needs_no_face() -> None:
    visit = Journey(flow()).press("main", "choose:qr").scan("TOKEN-abc_123")
    assert visit.state.stage is Stage.PROVE


def test_a_flow_that_came_past_the_linter_still_offers_no_face_alone() -> None:
    broken = flow()
    step = broken.steps["identify"]
    for proofs in ((), (fx.ProofKind.QR,)):
        bare = replace(step, proofs=proofs)
        visit = Journey(replace(broken, steps={**broken.steps, "identify": bare}))
        visit.press("main", "choose:face", "choose:finger", "choose:card", "choose:nik", "second")
        assert not any(isinstance(effect, fx.CompareBiometric | fx.Prove) for effect in visit.all)


# --- thousands of visits ----------------------------------------------------------------------------------------

_ANSWERS: dict[type[fx.Effect], list[out.Outcome]] = {
    fx.ReadCard: [SEEN, out.CardSeen(b"\x08abc", is_stable=False), out.Failed(E.CARD_READER_AWAY)],
    fx.FindCard: [out.CardFound(), out.CardFound(), out.CardStranger()],
    fx.CompareBiometric: [out.Compared(), out.NotCompared("dark"), out.NotCompared(), out.Failed(E.BIOMETRIC_AWAY)],
    fx.Prove: [out.Proved("S***", can_bind_card=True), out.Wrong(2), out.Locked(60), out.Failed(E.OFFICE_SLOW)],
}
_ACTIONS = ["main", "second", "back", "retry", "choose:card", "choose:nik", "choose:qr", "choose:face"]
_ACTIONS += ["choose:finger", "choose:pin"]


@dataclass
class Watcher:
    """Knows only what a law of the house says: consent, then a card or a NIK, then the office."""

    state: State
    at: float = 0.0
    live: dict[int, fx.Effect] = field(default_factory=dict)
    proofs: list[fx.Prove] = field(default_factory=list)
    has_card_found: bool = False
    has_nik: bool = False
    consents: set[str] = field(default_factory=set)
    compared: fx.CompareBiometric | None = None

    def happen(self, made: CompiledFlow, event: ev.Event) -> None:
        before = self.state
        if isinstance(event, ev.Pressed) and before.stage is Stage.CONSENT:
            self.consents.add(event.action)
        if isinstance(event, ev.Submitted):
            self.has_nik = self.has_nik or bool(event.values.get("nik"))
        ended = self.live.pop(event.effect, None) if isinstance(event, ev.Ended) else None
        if isinstance(event, ev.Ended) and isinstance(ended, fx.FindCard):
            self.has_card_found = self.has_card_found or isinstance(event.outcome, out.CardFound)
        if isinstance(event, ev.Ended) and isinstance(ended, fx.CompareBiometric):
            self.compared = ended if isinstance(event.outcome, out.Compared) else None
        was_proving = isinstance(ended, fx.Prove) and isinstance(event, ev.Ended)
        is_opened = was_proving and isinstance(event.outcome, out.Proved)  # type: ignore[attr-defined]
        self.state, effects = engine.step(made, before, event)
        for effect in effects:
            self._asked(effect)
        if "proof" in self.state.facts and "proof" not in before.facts:
            assert is_opened, "somebody was identified without the office"
        if self.state.step != "identify" and before.step == "identify" and "proof" in self.state.facts:
            last = self.proofs[-1]
            assert last.pin or last.token or (last.biometric and (last.uid or last.nik))

    def _asked(self, effect: fx.Effect) -> None:
        if isinstance(effect, fx.Cancel):
            self.live.pop(effect.target, None)
            return
        self.live[effect.id] = effect
        if isinstance(effect, fx.CompareBiometric):
            assert "choose:" + effect.kind in self.consents, "compared without consent"
            assert (effect.uid and self.has_card_found) or (effect.nik and self.has_nik), "compared with nobody"
        if isinstance(effect, fx.Prove):
            self.proofs.append(effect)
            if effect.biometric is not None:
                assert self.compared is not None, "a match was invented"
                assert (effect.uid, effect.nik) == (self.compared.uid, self.compared.nik), "of somebody else"
                assert effect.uid or effect.nik
                assert not effect.pin
                self.compared = None
            else:
                assert effect.pin or effect.token


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 11)), min_size=5, max_size=40))
def test_no_way_through_the_engine_identifies_by_a_biometric_alone(choices: list[tuple[int, int]]) -> None:
    made = flow()
    watcher = Watcher(engine.start(made, 0.0))
    for kind, number in choices:
        state = watcher.state
        if state.stage is Stage.ENDED or state.step != "identify":
            break
        watcher.at += 0.1
        running = watcher.live.get(state.pending)
        event: ev.Event
        if kind == 0:
            event = ev.Ended(watcher.at, state.pending, [out.Compared(), out.Proved("S***"), out.Done()][number % 3])
            if isinstance(running, fx.Prove):
                event = ev.CardGone(watcher.at)
        elif running is not None and kind < 7:
            answers = _ANSWERS.get(type(running), [out.Done()])
            event = ev.Ended(watcher.at, state.pending, answers[number % len(answers)])
        elif state.stage is Stage.PIN and kind < 6:
            event = ev.Submitted(watcher.at, "submit", {"pin": PIN})
        elif state.stage is Stage.NIK and kind < 6:
            event = ev.Submitted(watcher.at, "submit", {"nik": NIK})
        elif kind == 8:
            event = [ev.CardGone(watcher.at), ev.Scanned(watcher.at, "TOKEN-abc_123"), ev.Tick(watcher.at + 1)][
                number % 3
            ]
        else:
            event = ev.Pressed(watcher.at, _ACTIONS[number % len(_ACTIONS)])
        watcher.happen(made, event)
        assert PIN not in as_text(watcher.state)
