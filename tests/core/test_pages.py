"""Pages: which one a situation calls for, and that every stage of every shipped flow has a whole one."""

import itertools
import random
from functools import cache
from typing import Any

import msgspec
import pytest

from kiosk import protocol as p
from kiosk.backend.contract import Reachability
from kiosk.core.pages import pick
from kiosk.core.situation import Overlay, Phase, Recovered, StaffStage, StaffView, VisitView
from kiosk.devices.contract import SURROUNDINGS, Band, DeviceKind, Reason
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.compiled import CompiledFlow, Kind
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Stage, State
from kiosk.texts import Texts
from tests.flows import test_random_visits as walks

from .stand import FAMILY, NIK, PERSON, PIN, actions_of, all_well, shipped, situation, status

PHASES = {
    Phase.SERVICES: "services",
    Phase.INTERRUPTED: "interrupted",
    Phase.LEAVING: "take",
}
LAYERS: list[tuple[str, dict[str, Any], str]] = [
    ("fault", {"fault": ErrorCode.STORE_UNREADABLE}, "out-of-order"),
    ("staff", {"staff": StaffView(StaffStage.HOME)}, "technician"),
    ("out of order", {"out_of_order": ErrorCode.STORE_FULL}, "out-of-order"),
    ("starting", {"is_starting": True}, "starting"),
    ("holding", {"is_holding": True}, "holding"),
    ("attract", {}, "attract"),
]


@pytest.mark.parametrize("count", range(1, len(LAYERS) + 1))
def test_the_gravest_of_all_that_holds_is_shown(count: int) -> None:
    for chosen in itertools.combinations(LAYERS, count):
        changes = {name: value for _, layer, _ in chosen for name, value in layer.items()}
        page = pick(situation(**changes))
        assert page.name == chosen[0][2], [name for name, _, _ in chosen]
    fault = pick(situation(fault=ErrorCode.STORE_UNREADABLE, out_of_order=ErrorCode.STORE_FULL))
    assert isinstance(fault.body, p.OutcomeBody)
    assert fault.body.code == ErrorCode.STORE_UNREADABLE


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    ("overlay", "name"),
    [
        (Overlay.STILL_HERE, "still-here"),
        (Overlay.TIME_UP, "still-here"),
        (Overlay.LANGUAGE, "language"),
        (Overlay.HELP, "help"),
        (Overlay.NONE, ""),
    ],
)
def test_what_lies_over_a_visit_wins_over_the_visit(phase: Phase, overlay: Overlay, name: str) -> None:
    visit = VisitView(phase, overlay, remaining_ms=5000, total_ms=30000)
    assert pick(situation(visit=visit)).name == (name or PHASES[phase])
    assert pick(situation(visit=visit, is_holding=True)).name == (name or PHASES[phase])
    assert pick(situation(visit=visit, out_of_order=ErrorCode.STORE_FULL)).name == (name or PHASES[phase])
    assert pick(situation(visit=visit, is_starting=True)).name == "starting"
    assert pick(situation(visit=visit, fault=ErrorCode.INTERNAL)).name == "out-of-order"


def test_a_flow_without_a_state_falls_back_to_the_services() -> None:
    assert pick(situation(visit=VisitView(Phase.FLOW))).name == "services"


def test_the_warning_counts_down_and_a_spent_extension_is_not_offered() -> None:
    def warning(overlay: Overlay, *, can_extend: bool) -> p.Page:
        return pick(situation(visit=VisitView(Phase.SERVICES, overlay, None, None, 12_000, 30_000, can_extend)))

    idle = warning(Overlay.STILL_HERE, can_extend=False)
    assert idle.remaining_ms == 12_000
    assert isinstance(idle.body, p.CountdownBody)
    assert idle.body.total_ms == 30_000
    assert idle.main is not None
    assert idle.main.id == "stay"
    assert warning(Overlay.TIME_UP, can_extend=True).main is not None
    assert warning(Overlay.TIME_UP, can_extend=False).main is None
    assert warning(Overlay.TIME_UP, can_extend=False).title != idle.title


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("recovered", [(), *((one,) for one in Recovered), tuple(Recovered)])
def test_an_interrupted_visit_tells_what_came_of_each_print(language: str, recovered: tuple[Recovered, ...]) -> None:
    page = pick(situation(language, visit=VisitView(Phase.INTERRUPTED), recovered=recovered))
    assert isinstance(page.body, p.OutcomeBody)
    t = situation(language).texts
    for one in Recovered:
        assert (t(f"interrupted.{one}") in page.body.lines) == (one in recovered)
    assert (t("interrupted.nothing") in page.body.lines) == (not recovered)
    assert (t("interrupted.officer") in page.body.lines) == (Recovered.UNKNOWN in recovered)
    assert (page.body.scene is not None) == (Recovered.UNKNOWN in recovered)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_can_stop_the_machine_in_words(language: str, code: ErrorCode) -> None:
    for page in (pick(situation(language, fault=code)), pick(situation(language, out_of_order=code))):
        assert isinstance(page.body, p.OutcomeBody)
        assert page.body.code == code
        assert page.body.lines[0] == situation(language).texts(f"error.{code}.what")
        assert_whole(page)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("reason", list(Reason))
def test_the_technician_reads_every_reason_on_every_device(language: str, reason: Reason) -> None:
    bands = [*Band, Band.ERROR, *[Band.WARNING] * (len(DeviceKind) - 5)]
    devices = {kind: status(kind, band, reason) for kind, band in zip(DeviceKind, bands, strict=True)}
    page = pick(situation(language, devices=devices, staff=StaffView(StaffStage.HOME), now=7200.0))
    assert isinstance(page.body, p.TechnicianBody)
    spared = SURROUNDINGS if reason is Reason.NOT_CONFIGURED else frozenset()
    assert len(page.body.devices) == len(DeviceKind) - len(spared)
    assert all(row.reason and row.state and row.since for row in page.body.devices)
    tones = [row.tone for row in page.body.devices]
    assert tones[:5] == [p.Tone.GOOD, p.Tone.CAUTION, p.Tone.STOP, p.Tone.STOP, p.Tone.STOP]
    assert set(tones[5:]) <= {p.Tone.CAUTION}
    assert "2" in page.body.devices[0].since


def test_a_test_can_be_pressed_where_its_device_serves_and_no_other_runs() -> None:
    devices = all_well() | {DeviceKind.SLIP_PRINTER: status(DeviceKind.SLIP_PRINTER, Band.ERROR, Reason.COVER_OPEN)}
    tests = {"test:card": True, "test:page": True, "test:slip": False}
    idle = pick(situation(devices=devices, staff=StaffView(StaffStage.HOME)))
    assert {key: on for key, on in actions_of(idle).items() if key.startswith("test:")} == tests
    busy = pick(situation(devices=devices, staff=StaffView(StaffStage.HOME, running="card")))
    assert not any(on for key, on in actions_of(busy).items() if key.startswith("test:"))


def test_issues_or_their_absence_are_told() -> None:
    with_one = pick(situation(staff=StaffView(StaffStage.HOME, issues=(("What", "Do"),), facts=(("A", "B"),))))
    assert isinstance(with_one.body, p.TechnicianBody)
    assert with_one.body.issues == [p.Fact("What", "Do", "caution", p.Tone.CAUTION)]
    assert with_one.body.facts == [p.Fact("A", "B")]
    without = pick(situation(staff=StaffView(StaffStage.HOME)))
    assert isinstance(without.body, p.TechnicianBody)
    assert [fact.tone for fact in without.body.issues] == [p.Tone.GOOD]


@pytest.mark.parametrize(
    ("reach", "tone"),
    [
        (Reachability.UNKNOWN, p.Tone.NEUTRAL),
        (Reachability.ONLINE, p.Tone.GOOD),
        (Reachability.OFFLINE, p.Tone.CAUTION),
    ],
)
def test_the_strip_says_the_network_in_words(reach: Reachability, tone: p.Tone) -> None:
    strip = pick(situation(office=reach)).strip
    assert strip.network is tone
    assert strip.network_text
    texts = {pick(situation(office=one)).strip.network_text for one in Reachability}
    assert len(texts) == 3


def test_the_switches_say_what_they_will_do() -> None:
    before = {one.id: one.label for one in pick(situation()).strip.controls}
    look = p.Look(text_size=p.TextSize.LARGE, contrast=p.Contrast.HIGH, has_sound=False)
    after = {one.id: one.label for one in pick(situation(look=look)).strip.controls}
    assert list(before) == ["look:language", "look:size", "look:contrast", "look:sound", "help"]
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"look:size", "look:contrast", "look:sound"}


# --- flows: walk, and look at every page that a walk comes by -----------------------------------------------------


def _events(witness: walks.Witness) -> list[ev.Event]:
    """What is likely, with what an office really answers."""
    found: list[ev.Event] = []
    for event in walks._likely(witness):
        if isinstance(event, ev.Ended) and isinstance(event.outcome, out.Fetched):
            what = event.outcome.what
            value = {fx.What.PERSON: PERSON, fx.What.FAMILY: FAMILY}.get(what, event.outcome.value)
            found.append(msgspec.structs.replace(event, outcome=out.Fetched(what, value)))
        else:
            found.append(event)
    return found


@cache
def visited() -> dict[str, list[State]]:
    """For each shipped flow, one state of each kind of page that random visits come by."""
    dice = random.Random(4711)
    found: dict[str, dict[Any, State]] = {}
    for name, flow in shipped().items():
        seen = found.setdefault(name, {})
        for _ in range(220):
            witness = walks.Witness(flow)
            for _ in range(45):
                state = witness.state
                sort = (state.step, state.stage, state.notice, state.failure, state.proof, state.page, state.reason)
                if state.stage is Stage.ENDED:
                    break
                seen.setdefault((*sort, state.card_is_unknown, state.ending, bool(state.printed)), state)
                pool = _events(witness) if dice.random() < 0.9 else walks._unlikely(witness)
                witness.happen(dice.choice(pool or walks._unlikely(witness)))
                witness.at += 0.1
    return {name: list(seen.values()) for name, seen in found.items()}


def page_of(flow: CompiledFlow, state: State, language: str, **changes: Any) -> p.Page:
    view = VisitView(Phase.FLOW, Overlay.NONE, flow, state, is_card_there=True, language=language)
    return pick(situation(language, visit=view, **changes))


def assert_whole(page: p.Page) -> None:
    """What every page owes to everyone."""
    assert page.title.strip()
    assert len(page.title.split()) <= 8, page.title
    assert len(p.encode(p.ShowPage(page))) < 65_536
    for action in (page.back, page.home, page.main, page.second, *page.strip.controls):
        assert action is None or action.label
    text = repr(page)
    assert "{" not in text.replace("values={}", ""), "a placeholder was not filled"


def test_the_walk_comes_by_every_stage() -> None:
    stages = {state.stage for states in visited().values() for state in states}
    # No shipped service asks for a face or a finger: the gallery walks one that does.
    never = {Stage.ENDED, Stage.CONSENT, Stage.CAPTURE}
    assert stages == set(Stage) - never, "what has ended has no page"


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", list(shipped()))
def test_every_state_of_every_flow_has_a_whole_page(name: str, language: str) -> None:
    flow = shipped()[name]
    for state in visited()[name]:
        page = page_of(flow, state, language)
        assert_whole(page)
        assert PIN not in repr(page), "a PIN crossed the wall"
        niks = {NIK, PERSON["nik"], *(member["nik"] for member in FAMILY["members"])}
        shown = {nik for nik in niks if nik in repr(page)}
        assert not shown or isinstance(page.body, p.NikBody), f"a NIK stands on {page.name}"
        if isinstance(page.body, p.NikBody):
            assert page.body.value == state.values.get("nik", "")


SHELL_ACTS = ("look:language", "look:size", "look:contrast", "look:sound", "help", "stop-waiting")
"""What the shell and the visit do, not the flow."""


@pytest.mark.parametrize("name", list(shipped()))
def test_no_button_of_a_flow_is_dead(name: str) -> None:
    flow = shipped()[name]
    pressed: set[str] = set()
    for state in visited()[name]:
        for action, is_enabled in actions_of(page_of(flow, state, "id")).items():
            if action in SHELL_ACTS or not is_enabled:
                continue
            pressed.add(action.partition(":")[0])
            event: ev.Event = ev.Pressed(0.0, action)
            if action == "submit":
                event = ev.Submitted(0.0, action, {"nik": NIK, "pin": PIN, "number": "1"})
            after, effects = engine.step(flow, state, event)
            assert (after, effects) != (state, ()), f"{action} does nothing on {state!r}"
    needs_proof = any(step.kind is Kind.IDENTIFY for step in flow.steps.values())
    assert pressed >= {"main", "second", "back", "home", "choose"} | ({"submit"} if needs_proof else set())


@pytest.mark.parametrize("name", list(shipped()))
def test_a_page_moves_in_when_its_place_in_the_flow_changes_and_only_then(name: str) -> None:
    flow = shipped()[name]
    keys: dict[str, tuple[str, Stage]] = {}
    for state in visited()[name]:
        key = page_of(flow, state, "id").key
        assert keys.setdefault(key, (state.step, state.stage)) == (state.step, state.stage)
        assert key == page_of(flow, state, "en").key


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("reason", list(Reason))
def test_a_print_that_stands_still_says_why(language: str, reason: Reason) -> None:
    state = next(state for state in visited()["cetak-kk"] if state.stage is Stage.PRINT)
    held = page_of(shipped()["cetak-kk"], msgspec.structs.replace(state, reason=reason.value), language)
    free = page_of(shipped()["cetak-kk"], msgspec.structs.replace(state, reason=""), language)
    assert isinstance(held.body, p.PrintingBody)
    assert isinstance(free.body, p.PrintingBody)
    assert held.body.notice
    assert held.body.tone is p.Tone.CAUTION
    assert (free.body.notice, free.body.tone) == ("", p.Tone.NEUTRAL)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_has_a_trouble_page_and_a_failed_end(language: str, code: ErrorCode) -> None:
    flow = shipped()["cetak-kk"]
    state = next(state for state in visited()["cetak-kk"] if state.stage is Stage.TROUBLE)
    page = page_of(flow, msgspec.structs.replace(state, failure=code, notice=None), language)
    assert isinstance(page.body, p.OutcomeBody)
    names = {"OFF": "offline", "PRN": "device-fault", "CRD": "device-fault", "SLP": "device-fault"}
    assert page.name == names.get(code.value[:3], "outcome")
    assert page.body.code == code
    t = situation(language).texts
    assert page.body.lines == [t(f"error.{code}.what"), t("trouble.safe"), t(f"error.{code}.do")]
    end = next(s for s in visited()["cetak-kk"] if s.stage is Stage.FINISH and s.ending is out.Ending.FAILED)
    body = page_of(flow, msgspec.structs.replace(end, failure=code), language).body
    assert isinstance(body, p.OutcomeBody)
    assert (body.code, body.tone, body.lines[0]) == (code, p.Tone.STOP, t(f"error.{code}.what"))


def test_the_last_page_shows_only_what_there_is_to_take() -> None:
    flow = shipped()["cetak-kk"]
    end = next(s for s in visited()["cetak-kk"] if s.stage is Stage.FINISH and s.ending is out.Ending.DONE)

    def kinds(*, is_card_there: bool, printed: tuple[str, ...], slip: str) -> list[p.SceneKind]:
        state = msgspec.structs.replace(end, printed=printed, facts={"slip": slip} if slip else {})
        view = VisitView(Phase.FLOW, Overlay.NONE, flow, state, is_card_there=is_card_there)
        body = pick(situation(visit=view)).body
        assert isinstance(body, p.TakeBody)
        assert len(body.labels) == len(body.scenes)
        return [scene.kind for scene in body.scenes]

    kind = p.SceneKind
    everything = [kind.TAKE_CARD, kind.PAPER_OUT, kind.SLIP_OUT]
    assert kinds(is_card_there=True, printed=("kk",), slip="printed") == everything
    assert kinds(is_card_there=False, printed=("kk", "ktp-el"), slip="") == [kind.CARD_OUT]
    assert kinds(is_card_there=False, printed=(), slip="failed") == []


def test_scenes_point_to_where_things_are_on_this_machine() -> None:
    settings = situation().settings.model_copy(
        update={"screen": situation().settings.screen.model_copy(update={"card_side": "left", "paper_side": "right"})}
    )
    flow = shipped()["cetak-kk"]
    tap = next(s for s in visited()["cetak-kk"] if s.stage is Stage.TAP)
    printing = next(s for s in visited()["cetak-kk"] if s.stage is Stage.PRINT)
    body = page_of(flow, tap, "id", settings=settings).body
    assert isinstance(body, p.SceneBody)
    assert body.scene == p.Scene(p.SceneKind.HOLD_CARD, p.Side.LEFT)
    paper = page_of(flow, printing, "id", settings=settings).body
    assert isinstance(paper, p.PrintingBody)
    assert paper.scene == p.Scene(p.SceneKind.PAPER_OUT, p.Side.RIGHT)


def test_a_card_proof_is_grey_while_the_reader_is_away() -> None:
    flow = shipped()["cetak-kk"]
    state = next(s for s in visited()["cetak-kk"] if s.stage is Stage.CHOOSE_PROOF)
    away = all_well() | {DeviceKind.CARD_READER: status(DeviceKind.CARD_READER, Band.ERROR, Reason.NO_READER)}
    for devices in (away, {}):
        body = page_of(flow, state, "id", devices=devices).body
        assert isinstance(body, p.MenuBody)
        tiles = {tile.action: tile for tile in body.tiles}
        assert not tiles["choose:card"].is_enabled
        assert tiles["choose:card"].reason
        assert tiles["choose:nik"].is_enabled
    assert actions_of(page_of(flow, state, "id"))["choose:card"]


@pytest.mark.parametrize(("seconds", "minutes"), [(1, "1"), (60, "1"), (61, "2"), (900, "15"), (0, "1")])
def test_a_lockout_is_told_in_whole_minutes_never_too_few(seconds: int, minutes: str) -> None:
    flow = shipped()["cetak-kk"]
    state = next(s for s in visited()["cetak-kk"] if s.stage is Stage.LOCKED)
    page = page_of(flow, msgspec.structs.replace(state, retry_after_s=seconds), "id")
    assert isinstance(page.body, p.OutcomeBody)
    assert situation().texts("locked.when", count=minutes) in page.body.lines


@pytest.mark.parametrize(("seconds", "line"), [(5_400, "90 menit"), (5_401, "2 jam"), (86_400, "24 jam")])
@pytest.mark.parametrize("failure", [ErrorCode.PROOF_LOCKED, ErrorCode.OFFICE_THROTTLED])
def test_a_long_lock_is_told_in_hours(seconds: int, line: str, failure: ErrorCode) -> None:
    flow = shipped()["cetak-kk"]
    state = next(s for s in visited()["cetak-kk"] if s.stage is Stage.LOCKED)
    page = page_of(flow, msgspec.structs.replace(state, retry_after_s=seconds, failure=failure), "id")
    assert isinstance(page.body, p.OutcomeBody)
    assert f"{line}" in page.body.lines[1]


def test_attempts_left_are_counted_in_the_notice() -> None:
    flow = shipped()["cetak-kk"]
    state = next(s for s in visited()["cetak-kk"] if s.stage is Stage.PIN)
    wrong = msgspec.structs.replace(state, notice=ErrorCode.PROOF_WRONG, attempts_left=2)
    body = page_of(flow, wrong, "id").body
    assert isinstance(body, p.PinBody)
    assert body.notice == situation().texts("notice.attempts", count=2)
    assert body.tone is p.Tone.STOP
    untold = page_of(flow, msgspec.structs.replace(wrong, attempts_left=None), "id").body
    assert isinstance(untold, p.PinBody)
    assert untold.notice.startswith(situation().texts("error.IDN-01.what"))


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_document_that_a_queue_only_took_is_said_to_be_sent(language: str) -> None:
    """Its *completed* means sent: neither done nor doubtful for another reason."""
    flow = shipped()["cetak-kk"]
    ends = [state for state in visited()["cetak-kk"] if state.ending is Ending.UNKNOWN]
    state = next(state for state in ends if isinstance(page_of(flow, state, language).body, p.OutcomeBody))
    t = Texts(language)
    for code in (ErrorCode.PRINT_SENT_ONLY, ErrorCode.PRINT_UNKNOWN):
        page = page_of(flow, msgspec.structs.replace(state, failure=code), language)
        words = str(page)
        assert (t("error.PRN-17.what") in words) == (code is ErrorCode.PRINT_SENT_ONLY)
        assert (t("error.PRN-05.what") in words) == (code is ErrorCode.PRINT_UNKNOWN)
