"""Forms and tickets: each question, each way, and the number that nobody takes away."""

from typing import Any

import msgspec
import pytest

from kiosk.api import ComplaintTopic
from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import engine, form
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.asking import MAX_CHOICES
from kiosk.flows.compiled import CompiledFlow, FormStep, MenuStep, TicketStep
from kiosk.flows.conditions import Exists, In, Is, holds
from kiosk.flows.doable import OFFICE, is_blocked, is_doable, numbers_of, queues_of
from kiosk.flows.moves import WORK_LIMIT_S
from kiosk.flows.outcomes import Ending
from kiosk.flows.simple import NUMBER_S
from kiosk.flows.state import Mark, Stage

from .counter_example import counter, told
from .journey import Journey, ends, shipped

TAKEN = out.NumberTaken("layanan", "A-007")
FILED = out.Filed("7KQT-4MXW")
FULL = out.Failed(E.STORE_FULL)


def asking() -> Journey:
    return Journey(counter()).press("main")


def answered(topic: str = "machine", where: str = "07") -> Journey:
    """All questions of the first form are answered."""
    return asking().press(f"choose:{topic}").submit(number=where)


def sent() -> Journey:
    return answered().press("main").answer(FILED)


def numbered() -> Journey:
    """A number was drawn after a form that sends nothing."""
    return answered().press("second", "choose:yes").answer(TAKEN)


def answers(visit: Journey) -> dict[str, Any]:
    found: dict[str, Any] = visit.state.facts.get("form", {}).get("ask", {})
    return found


# --- questions ----------------------------------------------------------------------------------------------------


def test_questions_come_in_their_order_one_page_each() -> None:
    visit = asking()
    assert (visit.here, visit.state.question) == (("ask", Stage.SHOW), "topic")
    visit.press("choose:staff")
    assert (visit.here, visit.state.question) == (("ask", Stage.SHOW), "where")
    assert visit.state.deadline == visit.at + counter().steps["ask"].limit_s
    visit.submit(number="012")
    assert (visit.here, visit.state.question) == (("ask", Stage.CONFIRM), "")
    assert answers(visit) == {"topic": {"code": "staff", "label": {"id": "Petugas", "en": "Officer"}}, "where": "012"}


@pytest.mark.parametrize("action", ["choose:", "choose:nobody", "choose:MACHINE", "main", "retry", "staff", "rate:1"])
def test_what_is_no_answer_changes_nothing(action: str) -> None:
    visit = asking()
    before = visit.state
    assert visit.press(action).state == before
    assert visit.submit(number="12").state == before, "a choice has no pad"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1", None), ("", None), ("1234", None), ("12", "12"), ("123", "123"), (" 1-2 ", "12"), ("٣٤", None), ("a", None)],
)
def test_a_number_has_as_many_digits_as_the_file_says(typed: str, kept: str | None) -> None:
    visit = asking().press("choose:staff").submit(number=typed)
    assert answers(visit).get("where") == kept
    assert visit.state.stage is (Stage.CONFIRM if kept else Stage.SHOW)


def test_only_the_pads_own_act_hands_in() -> None:
    visit = asking().press("choose:staff")
    before = visit.state
    assert visit.submit("main", number="12").state == before
    assert visit.submit("submit", nik="12").state == before
    assert visit.press("submit", "choose:machine").state == before


def test_back_leads_to_the_question_before_with_its_answer() -> None:
    visit = answered("staff", "034").press("back")
    step = counter().steps["ask"]
    assert isinstance(step, FormStep)
    assert (visit.state.stage, visit.state.question, visit.state.direction_is_back) == (Stage.SHOW, "where", True)
    assert form.typed(step, visit.state, "where") == "034"
    visit.press("back")
    assert visit.state.question == "topic"
    assert form.answer_of(step, visit.state, "topic")["code"] == "staff"
    assert visit.press("back").state.stage is Stage.STANDARD
    visit.press("main", "choose:other").submit(number="77")
    assert answers(visit)["topic"]["code"] == "other"
    assert answers(visit)["where"] == "77"


def test_digits_that_were_left_half_typed_stand_on_the_pad_again() -> None:
    step = counter().steps["ask"]
    assert isinstance(step, FormStep)
    visit = asking().press("choose:staff").submit("back", number="7x890")
    assert (visit.state.question, form.typed(step, visit.state, "where")) == ("topic", "789")
    assert "where" not in answers(visit), "half a number is no answer"
    visit.press("choose:staff")
    assert form.typed(step, visit.state, "where") == "789"
    visit.submit(number="11")
    assert form.typed(step, visit.state, "where") == "11"
    assert not visit.state.values


def test_back_from_the_step_behind_a_form_leads_to_its_last_question() -> None:
    visit = answered().press("second", "choose:again")
    assert visit.here == ("again", Stage.SHOW)
    assert visit.state.question == "", "a question is the form's own"
    visit.press("back")
    assert (visit.here, visit.state.question) == (("more", Stage.SHOW), "want")


def test_a_person_who_leaves_a_question_is_gone() -> None:
    for visit in (asking(), answered()):
        visit.wait_out()
        assert (visit.here, visit.state.failure) == (("stopped", Stage.FINISH), E.VISIT_ABANDONED)


def test_home_forgets_every_answer() -> None:
    visit = answered().press("home")
    assert (visit.state.stage, visit.state.ending) == (Stage.ENDED, Ending.CANCELLED)
    assert not visit.state.facts
    assert not visit.state.values
    assert visit.kinds() == []


def test_a_form_that_sends_nothing_goes_on_at_once() -> None:
    visit = answered().press("second", "choose:no")
    assert visit.here == ("done", Stage.FINISH)
    assert not any(isinstance(effect, fx.Complain | fx.TakeNumber) for effect in visit.all)


def test_answers_can_be_asked_for() -> None:
    state = answered("staff", "034").state
    assert holds(Is(("form", "ask", "topic"), "staff"), state)
    assert not holds(Is(("form", "ask", "topic"), "machine"), state)
    assert holds(In(("form", "ask", "where"), ("034",)), state)
    assert not holds(Is(("form", "ask", "where"), "34"), state), "digits are text"
    assert not holds(Exists(("form", "more", "want"), value=True), state)


# --- sending ------------------------------------------------------------------------------------------------------


def test_a_complaint_is_sent_by_one_more_touch_and_by_its_topic_alone() -> None:
    visit = answered("staff", "034")
    assert not any(isinstance(effect, fx.Complain) for effect in visit.all)
    visit.press("main")
    assert visit.effects == (fx.Complain(visit.state.pending, "staff"),)
    assert visit.state.deadline == visit.at + WORK_LIMIT_S["counter"]
    visit.answer(FILED)
    label = {"id": "Petugas", "en": "Officer"}
    assert visit.state.facts["complaint"] == {"number": "7KQT-4MXW", "topic": "staff", "label": label}
    assert visit.here == ("more", Stage.SHOW)


def test_behind_what_was_sent_there_is_no_back_and_home_says_done() -> None:
    visit = sent()
    assert not engine.can_go_back(visit.state)
    assert visit.press("back").here == ("more", Stage.SHOW)
    visit.press("choose:again")
    assert visit.here == ("again", Stage.SHOW)
    assert not engine.can_go_back(visit.state), "nor later"
    assert visit.press("home").state.ending is Ending.DONE


def test_what_shall_not_be_sent_is_not() -> None:
    visit = answered().press("second")
    assert visit.here == ("more", Stage.SHOW)
    assert not any(isinstance(effect, fx.Complain) for effect in visit.all)
    assert engine.can_go_back(visit.state)


def test_the_same_form_sends_again_by_the_persons_own_choice() -> None:
    visit = sent().press("choose:again", "choose:ask", "choose:other").submit(number="11").press("main").answer(FILED)
    assert [effect.topic for effect in visit.all if isinstance(effect, fx.Complain)] == ["machine", "other"]
    assert visit.state.facts["complaint"]["topic"] == "other"


@pytest.mark.parametrize(
    ("flow", "acts", "effect"),
    [("keluhan", ["choose:machine", "main"], fx.Complain), ("antrean", ["choose:service"], fx.TakeNumber)],
)
class TestWork:
    """The same for both: the kiosk's own store does it."""

    def begun(self, flow: str, acts: list[str]) -> Journey:
        return Journey(shipped()[flow]).press("main", *acts)

    def test_a_failure_is_offered_again_and_then_given_up(self, flow: str, acts: list[str], effect: Any) -> None:
        visit = self.begun(flow, acts)
        step = visit.state.step
        visit.answer(FULL)
        assert (visit.here, visit.state.failure) == ((step, Stage.TROUBLE), E.STORE_FULL)
        assert visit.press("choose:machine", "back", "next").here == (step, Stage.TROUBLE)
        visit.press("main")
        assert (visit.here, visit.state.failure) == ((step, Stage.WORK), None)
        assert isinstance(visit.effects[0], effect)
        visit.answer(FULL).press("second")
        assert (visit.here, visit.state.failure) == (("failed", Stage.FINISH), E.STORE_FULL)
        ends(visit, Ending.FAILED)
        again = self.begun(flow, acts).answer(FULL).press("retry")
        assert again.here == (step, Stage.WORK)

    def test_what_cannot_help_is_not_offered_again(self, flow: str, acts: list[str], effect: Any) -> None:
        visit = self.begun(flow, acts).answer(out.Failed(E.NUMBERS_OUT, is_retryable=False))
        assert (visit.here, visit.state.failure) == (("failed", Stage.FINISH), E.NUMBERS_OUT)

    @pytest.mark.parametrize("strange", [out.Done(), out.Printed(1), out.NumberTaken("elsewhere", "Z-1")])
    def test_an_answer_that_it_cannot_have_is_a_failure(
        self, flow: str, acts: list[str], effect: Any, strange: out.Outcome
    ) -> None:
        visit = self.begun(flow, acts).answer(strange)
        assert (visit.here, visit.state.failure) == (("failed", Stage.FINISH), E.INTERNAL)
        assert not {"ticket", "complaint"} & set(visit.state.facts)

    def test_late_work_is_given_up_and_never_offered_again(self, flow: str, acts: list[str], effect: Any) -> None:
        visit = self.begun(flow, acts)
        asked = visit.state.pending
        visit.wait_out()
        assert (visit.here, visit.state.failure) == (("failed", Stage.FINISH), E.INTERNAL)
        assert visit.kinds() == ["Cancel"]
        late = TAKEN if effect is fx.TakeNumber else FILED
        visit.state, effects = engine.step(visit.flow, before := visit.state, ev.Ended(visit.at, asked, late))
        assert (visit.state, effects) == (before, ())

    def test_home_while_it_works_cancels_it(self, flow: str, acts: list[str], effect: Any) -> None:
        visit = self.begun(flow, acts).press("second")
        assert visit.state.stage is Stage.WORK, "there is nothing to stop"
        visit.press("home")
        assert (visit.state.ending, visit.kinds()) == (Ending.CANCELLED, ["Cancel"])

    def test_whoever_leaves_the_trouble_page_is_gone(self, flow: str, acts: list[str], effect: Any) -> None:
        visit = self.begun(flow, acts).answer(FULL).wait_out()
        assert (visit.here, visit.state.ending) == (("stopped", Stage.FINISH), Ending.CANCELLED)
        assert visit.state.failure is E.STORE_FULL, "the first cause stays"


# --- numbers ------------------------------------------------------------------------------------------------------


def test_a_number_is_drawn_from_its_queue_and_stays_in_the_visit() -> None:
    visit = Journey(shipped()["antrean"]).press("main", "choose:complaint")
    assert visit.effects == (fx.TakeNumber(visit.state.pending, "pengaduan"),)
    visit.answer(out.NumberTaken("pengaduan", "B-017"))
    name = {"id": "Pengaduan dan informasi", "en": "Complaints and information"}
    ticket = {"queue": "pengaduan", "label": "B-017", "name": name}
    assert visit.effects == (fx.PrintSlip(visit.state.pending, "ticket"),)
    assert (visit.here, visit.state.facts["ticket"]) == (("slip", Stage.SLIP), ticket)
    visit.answer(out.Done())
    assert (visit.here, visit.state.facts["ticket"]) == (("done", Stage.FINISH), ticket)
    ends(visit, Ending.DONE)


@pytest.mark.parametrize("acts", [["home"], ["back"]])
def test_a_number_that_was_taken_is_given_whatever_comes(acts: list[str]) -> None:
    visit = numbered().press(*acts)
    assert not engine.can_go_back(visit.state)
    assert visit.press("home").state.ending is Ending.DONE
    waited = numbered().wait_out()
    assert (waited.here, waited.state.ending) == (("done", Stage.FINISH), Ending.DONE)
    assert "ticket" in waited.state.facts


def test_a_print_of_unknown_end_stays_unknown_when_a_number_is_taken() -> None:
    before = msgspec.structs.replace(numbered().state, ending=Ending.UNKNOWN)
    assert form.given(before).ending is Ending.UNKNOWN
    assert form.given(msgspec.structs.replace(before, ending=None)).ending is Ending.DONE
    assert form.given(msgspec.structs.replace(before, history=(Mark("ask", Stage.SHOW),))).history == ()


@pytest.mark.parametrize(
    ("slip", "seconds"),
    [(out.Done(), 25.0), (out.Failed(E.SLIP_PAPER_OUT, is_retryable=False), NUMBER_S), (None, NUMBER_S)],
)
def test_a_number_that_no_slip_bears_stays_long_enough(slip: out.Outcome | None, seconds: float) -> None:
    visit = Journey(shipped()["antrean"]).press("main", "choose:service").answer(TAKEN)
    visit = visit.wait_out() if slip is None else visit.answer(slip)
    assert visit.here == ("done", Stage.FINISH)
    assert visit.state.deadline == visit.at + seconds


def test_a_page_that_stays_longer_by_itself_is_not_cut() -> None:
    flow = shipped()["antrean"]
    patient = msgspec.structs.replace(flow.steps["done"], limit_s=200.0)
    visit = Journey(msgspec.structs.replace(flow, steps={**flow.steps, "done": patient}))
    visit.press("main", "choose:service").answer(TAKEN, out.Failed(E.SLIP_PRINTER_AWAY))
    assert visit.state.deadline == visit.at + 200.0


def test_a_last_page_without_a_number_keeps_its_time() -> None:
    visit = Journey(shipped()["antrean"]).press("main", "choose:service").answer(FULL).press("second")
    assert visit.state.deadline == visit.at + 45.0


# --- what needs the office ----------------------------------------------------------------------------------------


def test_what_needs_the_office_follows_from_the_steps() -> None:
    needs = {name: flow.needs_office for name, flow in shipped().items()}
    assert needs == {
        "antrean": False,
        "cek-data": True,
        "cetak-kk": True,
        "cetak-ktp": True,
        "keluhan": False,
        "unduh-akta": True,
    }
    assert {name: flow.queues for name, flow in shipped().items() if flow.queues} == {
        "antrean": ("layanan", "pengaduan")
    }


def without(flow: CompiledFlow, *names: str) -> dict[str, Any]:
    return {name: step for name, step in flow.steps.items() if name not in names}


def test_every_kind_that_asks_the_office_is_known() -> None:
    """Each step of the shipped services that asks somebody, alone before a good end."""
    for flow in shipped().values():
        for name, step in flow.steps.items():
            then = msgspec.structs.replace(
                step,
                **{way: "good" for way in ("then", "failed", "none", "unknown", "locked") if hasattr(step, way)},
                timeout="good",
                cancel="good",
                otherwise="good",
            )
            alone = {name: then, "good": flow.steps["done"]}
            asks = step.kind in ("identify", "fetch", "documents", "card", "hand-over")
            asks |= step.kind == "print" and step.source is fx.Source.OFFICE
            expected = asks and step.kind != "finish"
            assert is_blocked(alone, name, {OFFICE}) == expected, (flow.id, name)


def test_one_queue_with_numbers_is_enough_and_each_answer_stands_for_itself() -> None:
    flow = shipped()["antrean"]
    one, both = {numbers_of("layanan")}, {numbers_of("layanan"), numbers_of("pengaduan")}
    assert is_doable(flow.steps, flow.first, one)
    assert not is_blocked(flow.steps, flow.first, one)
    assert is_blocked(flow.steps, flow.first, both)
    assert is_blocked(flow.steps, "service", one)
    assert not is_blocked(flow.steps, "complaint", one)
    assert not is_blocked(flow.steps, "stopped", both), "what never ends well is not blocked by a queue"
    assert queues_of(without(flow, "service")) == ("pengaduan",)
    menu = flow.steps["choose"]
    assert isinstance(menu, MenuStep)
    assert all(isinstance(flow.steps[choice.then], TicketStep) for choice in menu.choices)


def test_a_way_that_can_be_avoided_blocks_nothing() -> None:
    """The example gives numbers only to those who want one."""
    assert not counter().needs_office
    assert not is_blocked(counter().steps, counter().first, {numbers_of("layanan")})


# --- the shipped complaint ----------------------------------------------------------------------------------------


def test_the_shipped_complaint_asks_all_that_the_office_knows() -> None:
    step = shipped()["keluhan"].steps["what"]
    assert isinstance(step, FormStep)
    assert {answer.key for answer in step.questions[0].answers} == {topic.value for topic in ComplaintTopic}
    assert len(ComplaintTopic) <= MAX_CHOICES
    visit = Journey(shipped()["keluhan"]).press("main", "choose:illegal-fee", "main").answer(FILED)
    assert visit.effects == (fx.PrintSlip(visit.state.pending, "complaint"),)
    assert visit.answer(out.Failed(E.SLIP_PRINTER_AWAY)).state.deadline == visit.at + NUMBER_S
    ends(visit, Ending.DONE)
    assert (visit.press("main").state.stage, visit.state.ending) == (Stage.ENDED, Ending.DONE)


# --- the checker, where one file tells more than the messages do --------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["NIK Anda?", "Nomor KK", "No. KTP-el", "e-KTP number", "Your PIN?", "phone number", "Nomor HP", "Paspor Anda"],
)
def test_numbers_that_are_somebodys_are_not_asked_for(words: str) -> None:
    (problem,) = told(("title: {id: Loket berapa?, en: Which counter?}", f"title: {{id: Loket?, en: '{words}'}}"))
    assert problem.endswith("[flow-personal]")
    assert "steps.ask.fields.where.title.en" in problem


@pytest.mark.parametrize("words", ["Berapa kali?", "Pinjaman ke berapa?", "Kkk?", "Which floor?", "Niklas?"])
def test_words_that_only_look_alike_may_stand(words: str) -> None:
    assert told(("title: {id: Loket berapa?, en: Which counter?}", f"title: {{id: Loket?, en: '{words}'}}")) == []


def test_a_way_back_over_a_number_is_the_persons_own_alone() -> None:
    assert told() == []
    for old, new in (
        (
            "    then: slip\n    timeout: done\n    cancel: done\n",
            "    then: slip\n    timeout: number\n    cancel: done\n",
        ),
        (
            "    then: slip\n    timeout: done\n    cancel: done\n",
            "    then: slip\n    timeout: done\n    cancel: more\n",
        ),
        ("    timeout: done\n    cancel: done\n  done:", "    timeout: ask\n    cancel: done\n  done:"),
    ):
        problems = told((old, new))
        assert any(problem.endswith("[flow-back]") for problem in problems), problems


def test_no_way_behind_a_number_leaves_without_its_page() -> None:
    for old, new in (
        ("    layout: ticket\n    then: round\n", "    layout: ticket\n    then: end\n"),
        ("    then: slip\n    timeout: done\n", "    then: slip\n    timeout: end\n"),
        ("    then: more\n    failed: failed\n", "    then: end\n    failed: failed\n"),
    ):
        assert any(problem.endswith("[flow-unseen]") for problem in told((old, new))), new
