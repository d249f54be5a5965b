"""Who are you: every way in, and every way in which it goes wrong."""

import pytest

from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import outcomes as out
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Stage

from .example import TEXT, checked, with_proofs
from .journey import NIK, PIN, UID, Journey, as_text, shipped

SEEN = out.CardSeen(UID, is_stable=True)


@pytest.fixture
def visit() -> Journey:
    return Journey(shipped()["cetak-kk"])


def test_card_and_pin(visit: Journey) -> None:
    assert visit.here == ("identify", Stage.STANDARD)
    visit.press("main")
    assert visit.here == ("identify", Stage.CHOOSE_PROOF)
    visit.press("choose:card")
    assert visit.effects == (fx.ReadCard(1),)
    visit.answer(SEEN)
    assert visit.state.stage is Stage.FIND
    assert visit.effects == (fx.FindCard(2, UID),)
    visit.answer(out.CardFound())
    assert visit.state.stage is Stage.PIN
    visit.submit(pin=PIN)
    assert visit.effects == (fx.Prove(3, fx.ProofKind.CARD, uid=UID, pin=PIN),)
    assert PIN not in repr(visit.effects)
    visit.answer(out.Proved("S*** W***"))
    assert visit.here == ("look-up", Stage.WORK)
    assert visit.state.facts["name"] == "S*** W***"
    assert visit.state.facts["proof"] == "card"
    assert visit.state.card_uid == b""


def test_nik_and_pin(visit: Journey) -> None:
    visit.press("main", "choose:nik").submit(nik="990101 420290 0007")
    assert visit.state.stage is Stage.PIN
    visit.submit("main", pin=PIN)
    assert visit.effects == (fx.Prove(1, fx.ProofKind.NIK, nik=NIK, pin=PIN),)
    assert NIK not in repr(visit.effects)
    visit.answer(out.Proved("S*** W***"))
    assert visit.state.step == "look-up"
    assert NIK not in as_text(visit.state)


def test_one_proof_is_not_offered_as_a_choice() -> None:
    assert Journey(with_proofs("[nik]")).press("main").state.stage is Stage.NIK
    assert Journey(with_proofs("[qr]", "[document-printer, scanner]")).press("main").state.stage is Stage.SCAN
    visit = Journey(with_proofs("[card]", "[document-printer, card-reader]")).press("main")
    assert visit.state.stage is Stage.TAP
    assert visit.kinds() == ["ReadCard"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("990101420290000", E.NIK_LENGTH),
        ("99010142029000077", E.NIK_LENGTH),
        ("", E.NIK_LENGTH),
        ("99010142029O0007", E.NIK_DIGITS),
        ("٩٩٠١٠١٤٢٠٢٩٠٠٠٠٧", E.NIK_DIGITS),
        ("9901014213900007", E.NIK_DATE),
        ("9901013002900007", E.NIK_DATE),
        ("9801014202900007", E.NIK_REGION),
        ("9900014202900007", E.NIK_REGION),
        ("9901004202900007", E.NIK_REGION),
        ("9901014202900000", E.NIK_SERIAL),
    ],
)
def test_bad_nik_is_told_on_the_page(visit: Journey, typed: str, code: E) -> None:
    visit.press("main", "choose:nik").submit(nik=typed)
    assert (visit.state.stage, visit.state.notice) == (Stage.NIK, code)
    assert visit.effects == ()
    visit.submit(nik=NIK)
    assert (visit.state.stage, visit.state.notice) == (Stage.PIN, None)


def test_letters_from_a_scanner_in_the_nik_page(visit: Journey) -> None:
    visit.press("main", "choose:nik").scan("https://contoh.invalid/abc")
    assert (visit.state.stage, visit.state.notice) == (Stage.NIK, E.NIK_DIGITS)
    visit.scan("\x02")
    assert (visit.state.stage, visit.state.notice) == (Stage.NIK, E.NIK_DIGITS)
    visit.scan("990101 420290 0007\r\n")
    assert visit.state.stage is Stage.PIN


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_bad_pin_never_leaves_the_kiosk(visit: Journey, pin: str) -> None:
    visit.press("main", "choose:nik").submit(nik=NIK).submit(pin=pin)
    assert (visit.state.stage, visit.state.notice) == (Stage.PIN, E.PIN_LENGTH)
    assert visit.effects == ()


def test_wrong_pin_thrice_then_locked(visit: Journey) -> None:
    visit.press("main", "choose:nik").submit(nik=NIK)
    for left in (2, 1):
        visit.submit(pin=PIN).answer(out.Wrong(left))
        assert visit.here == ("identify", Stage.PIN)
        assert (visit.state.notice, visit.state.attempts_left) == (E.PROOF_WRONG, left)
    visit.submit(pin="12")
    assert (visit.state.notice, visit.state.attempts_left) == (E.PIN_LENGTH, 1)
    visit.submit(pin=PIN).answer(out.Locked(900))
    assert visit.state.stage is Stage.LOCKED
    assert (visit.state.retry_after_s, visit.state.failure) == (900, E.PROOF_LOCKED)
    assert not engine.can_go_back(visit.state)
    visit.press("back", "retry", "choose:nik")
    assert visit.state.stage is Stage.LOCKED
    visit.press("main")
    assert visit.here == ("failed", Stage.FINISH)
    assert visit.state.ending is Ending.FAILED


def test_locked_page_ends_by_itself(visit: Journey) -> None:
    visit.press("main", "choose:nik").submit(nik=NIK).submit(pin=PIN).answer(out.Locked(900)).wait_out()
    assert visit.here == ("failed", Stage.FINISH)
    assert visit.state.failure is E.PROOF_LOCKED


def test_wrong_pin_of_a_card_keeps_the_card(visit: Journey) -> None:
    visit.press("main", "choose:card").answer(SEEN, out.CardFound()).submit(pin=PIN).answer(out.Wrong(2))
    visit.submit(pin="271828")
    assert visit.effects == (fx.Prove(4, fx.ProofKind.CARD, uid=UID, pin="271828"),)


@pytest.mark.parametrize("code", [E.CARD_MUTE, E.CARD_FOREIGN, E.CARD_SEVERAL, E.CARD_PULLED, E.CARD_SLOW])
def test_card_trouble_reads_again(visit: Journey, code: E) -> None:
    visit.press("main", "choose:card").answer(out.CardTrouble(code))
    assert (visit.state.stage, visit.state.notice) == (Stage.TAP, code)
    assert visit.effects == (fx.ReadCard(2),)
    visit.answer(SEEN)
    assert (visit.state.stage, visit.state.notice) == (Stage.FIND, None)


def test_card_that_is_no_ktp(visit: Journey) -> None:
    visit.press("main", "choose:card").answer(out.CardSeen(UID, is_stable=True, is_ktp=False))
    assert (visit.state.stage, visit.state.notice) == (Stage.TAP, E.CARD_FOREIGN)


def test_reader_away_leaves_the_nik(visit: Journey) -> None:
    visit.press("main", "choose:card").answer(out.Failed(E.CARD_READER_AWAY))
    assert (visit.state.stage, visit.state.notice) == (Stage.CHOOSE_PROOF, E.CARD_READER_AWAY)
    visit.press("choose:nik", "back")
    assert visit.state.stage is Stage.CHOOSE_PROOF
    visit.press("back")
    assert visit.state.stage is Stage.STANDARD


def test_reader_away_where_only_the_card_counts() -> None:
    visit = Journey(with_proofs("[card]", "[document-printer, card-reader]")).press("main")
    visit.answer(out.Failed(E.CARD_READER_AWAY))
    assert (visit.state.stage, visit.state.failure) == (Stage.TROUBLE, E.CARD_READER_AWAY)
    visit.press("main")
    assert (visit.state.stage, visit.state.failure) == (Stage.TAP, None)
    visit.answer(out.Failed(E.CARD_READER_AWAY)).press("second")
    assert visit.here == ("failed", Stage.FINISH)
    assert visit.state.failure is E.CARD_READER_AWAY


def test_without_the_card_after_all(visit: Journey) -> None:
    visit.press("main", "choose:card", "second")
    assert visit.state.stage is Stage.NIK
    assert visit.effects == (fx.Cancel(2, 1),)
    visit.press("back")
    assert visit.here == ("identify", Stage.TAP)
    assert visit.effects == (fx.ReadCard(3),)
    visit.press("choose:nik")
    assert visit.state.stage is Stage.NIK


def test_second_on_the_tap_page_gives_up_where_there_is_no_nik() -> None:
    visit = Journey(with_proofs("[card]", "[document-printer, card-reader]")).press("main", "choose:nik", "main")
    assert visit.state.stage is Stage.TAP
    visit.press("second")
    assert visit.state.stage is Stage.ENDED
    assert visit.kinds() == ["Cancel"]
    assert visit.state.ending is Ending.CANCELLED


def test_second_on_the_scan_page() -> None:
    visit = Journey(shipped()["cetak-kk"]).press("main", "choose:qr", "second")
    assert visit.state.stage is Stage.NIK
    assert visit.press("back").state.stage is Stage.SCAN
    only = Journey(with_proofs("[qr]", "[document-printer, scanner]")).press("main", "second")
    assert only.state.stage is Stage.ENDED


def test_unknown_card_leads_to_the_nik_and_may_be_bound(visit: Journey) -> None:
    visit.press("main", "choose:card").answer(SEEN, out.CardStranger())
    assert (visit.state.stage, visit.state.notice) == (Stage.NIK, E.CARD_UNKNOWN)
    assert visit.state.card_is_unknown
    visit.submit(nik=NIK).submit(pin=PIN).answer(out.Proved("S*** W***", can_bind_card=True))
    assert visit.state.stage is Stage.OFFER_BIND
    visit.press("back", "next", "retry")
    assert visit.state.stage is Stage.OFFER_BIND
    visit.press("main")
    assert visit.effects == (fx.BindCard(4, UID),)
    visit.answer(out.Done())
    assert visit.here == ("look-up", Stage.WORK)
    assert visit.state.facts["card_bound"] is True
    assert visit.state.card_uid == b""


@pytest.mark.parametrize("how", ["second", "pull", "fail", "late"])
def test_card_that_is_not_bound_stops_nobody(visit: Journey, how: str) -> None:
    visit.press("main", "choose:card").answer(SEEN, out.CardStranger())
    visit.submit(nik=NIK).submit(pin=PIN).answer(out.Proved("S*** W***", can_bind_card=True))
    if how == "second":
        visit.press("second")
    elif how == "pull":
        visit.pull_card()
    else:
        visit.press("main")
        if how == "fail":
            visit.answer(out.Failed(E.OFFICE_REFUSED, is_retryable=False))
        else:
            visit.wait_out()
            assert visit.kinds() == ["Cancel", "Fetch"]
    assert visit.here == ("look-up", Stage.WORK)
    assert visit.state.facts.get("card_bound") is not True
    assert visit.state.failure is None


def test_card_is_offered_for_binding_only_while_it_can_be(visit: Journey) -> None:
    def after(seen: out.CardSeen, can_bind: bool = True, pulled: bool = False, flow: str = "cetak-kk") -> Stage:
        journey = Journey(shipped()[flow]).press("main", "choose:card").answer(seen)
        if journey.state.stage is Stage.FIND:
            journey.answer(out.CardStranger())
        if pulled:
            journey.pull_card()
        return journey.submit(nik=NIK).submit(pin=PIN).answer(out.Proved("S*", can_bind)).state.stage

    assert after(SEEN) is Stage.OFFER_BIND
    assert after(SEEN, can_bind=False) is Stage.WORK
    assert after(SEEN, pulled=True) is Stage.WORK
    assert after(out.CardSeen(b"\x08abc", is_stable=False)) is Stage.WORK
    assert after(SEEN, flow="cetak-ktp") is Stage.WORK
    straight = Journey(shipped()["cetak-kk"]).press("main", "choose:nik").submit(nik=NIK).submit(pin=PIN)
    assert straight.answer(out.Proved("S*", can_bind_card=True)).state.stage is Stage.WORK


@pytest.mark.parametrize("seen", [out.CardSeen(b"\x08abc", is_stable=False), out.CardSeen(b"", is_stable=True)])
def test_card_that_identifies_nothing_is_never_sent_to_the_office(visit: Journey, seen: out.CardSeen) -> None:
    visit.press("main", "choose:card").answer(seen)
    assert (visit.state.stage, visit.state.notice) == (Stage.NIK, E.CARD_UNKNOWN)
    assert visit.effects == ()


def test_unknown_card_where_only_the_card_counts() -> None:
    visit = Journey(with_proofs("[card]", "[document-printer, card-reader]")).press("main")
    visit.answer(SEEN, out.CardStranger())
    assert (visit.state.stage, visit.state.failure) == (Stage.TROUBLE, E.CARD_UNKNOWN)


def test_card_becomes_a_stranger_at_the_proof(visit: Journey) -> None:
    visit.press("main", "choose:card").answer(SEEN, out.CardFound()).submit(pin=PIN).answer(out.CardStranger())
    assert (visit.state.stage, visit.state.notice) == (Stage.NIK, E.CARD_UNKNOWN)


def test_card_swapped_before_the_proof(visit: Journey) -> None:
    visit.press("main", "choose:card").answer(SEEN, out.CardFound()).submit(pin=PIN)
    visit.answer(out.CardTrouble(E.CARD_SWAPPED))
    assert (visit.state.stage, visit.state.notice) == (Stage.TAP, E.CARD_SWAPPED)
    assert visit.state.card_uid == b""


@pytest.mark.parametrize("stage", [Stage.FIND, Stage.PIN, Stage.PROVE])
def test_card_pulled_in_the_middle(visit: Journey, stage: Stage) -> None:
    visit.press("main", "choose:card").answer(SEEN)
    if stage is not Stage.FIND:
        visit.answer(out.CardFound())
    if stage is Stage.PROVE:
        visit.submit(pin=PIN)
    assert visit.state.stage is stage
    visit.pull_card()
    assert (visit.state.stage, visit.state.notice) == (Stage.TAP, E.CARD_PULLED)
    assert visit.kinds() == (["ReadCard"] if stage is Stage.PIN else ["Cancel", "ReadCard"])
    assert visit.state.card_uid == b""


def test_card_gone_while_waiting_for_one_changes_nothing(visit: Journey) -> None:
    before = visit.press("main", "choose:card").state
    assert visit.pull_card().state == before


def test_office_down_at_the_proof(visit: Journey) -> None:
    visit.press("main", "choose:nik").submit(nik=NIK).submit(pin=PIN).answer(out.Failed(E.OFFICE_OFFLINE))
    assert (visit.state.stage, visit.state.failure) == (Stage.TROUBLE, E.OFFICE_OFFLINE)
    visit.press("main")
    assert (visit.state.stage, visit.state.failure) == (Stage.PIN, None)
    visit.submit(pin=PIN)
    assert visit.effects == (fx.Prove(2, fx.ProofKind.NIK, nik=NIK, pin=PIN),)
    visit.answer(out.Failed(E.OFFICE_FAULT, is_retryable=False))
    assert visit.here == ("failed", Stage.FINISH)
    assert visit.state.failure is E.OFFICE_FAULT


def test_office_down_at_the_card(visit: Journey) -> None:
    visit.press("main", "choose:card").answer(SEEN, out.Failed(E.OFFICE_SLOW)).press("retry")
    assert visit.state.stage is Stage.TAP
    visit.answer(SEEN, out.Failed(E.OFFICE_SLOW)).press("second")
    assert visit.here == ("failed", Stage.FINISH)


def test_proof_that_never_answers(visit: Journey) -> None:
    visit.press("main", "choose:nik").submit(nik=NIK).submit(pin=PIN).wait(20)
    assert visit.here == ("stopped", Stage.FINISH)
    assert visit.kinds() == ["Cancel"]
    assert visit.state.failure is E.OFFICE_SLOW


def test_back_keeps_the_nik_and_never_the_pin(visit: Journey) -> None:
    visit.press("main", "choose:nik").submit(nik=NIK).press("back")
    assert visit.here == ("identify", Stage.NIK)
    assert visit.state.values["nik"] == NIK
    assert visit.state.direction_is_back
    visit.submit("back", nik="990101")
    assert visit.state.stage is Stage.CHOOSE_PROOF
    assert visit.state.values["nik"] == "990101"
    visit.press("choose:nik").submit("back", other="x")
    assert visit.state.values["nik"] == ""
    visit.press("choose:nik")
    assert not visit.state.direction_is_back
    visit.submit(nik=NIK).submit("back", pin=PIN)
    assert PIN not in as_text(visit.state)


def test_back_all_the_way_out(visit: Journey) -> None:
    visit.press("main", "choose:qr", "back", "back")
    assert visit.state.stage is Stage.STANDARD
    visit.press("back")
    assert (visit.state.stage, visit.state.ending) == (Stage.ENDED, Ending.CANCELLED)


def test_no_back_into_the_pin_after_the_proof(visit: Journey) -> None:
    visit.identified()
    assert not engine.can_go_back(visit.state)
    assert visit.state.history == ()


@pytest.mark.parametrize("proof", ["card", "nik", "qr"])
def test_person_who_walks_away(visit: Journey, proof: str) -> None:
    visit.press("main", f"choose:{proof}").wait(299)
    assert visit.state.step == "identify"
    visit.wait(1)
    assert visit.here == ("stopped", Stage.FINISH)
    assert visit.state.failure is E.VISIT_ABANDONED
    visit.wait_out()
    assert (visit.state.stage, visit.state.ending) == (Stage.ENDED, Ending.CANCELLED)


def test_standard_refused_or_ignored() -> None:
    flow = shipped()["cetak-kk"]
    assert Journey(flow).press("second").state.ending is Ending.CANCELLED
    assert Journey(flow).press("home").state.ending is Ending.CANCELLED
    assert Journey(flow).wait_out().state.failure is E.VISIT_ABANDONED
    still = Journey(flow)
    before = still.state
    assert still.press("choose:card").submit(pin=PIN).scan("x").pull_card().state == before


def test_choose_page_may_be_declined(visit: Journey) -> None:
    visit.press("main", "second")
    assert (visit.state.stage, visit.state.ending) == (Stage.ENDED, Ending.CANCELLED)


def test_card_removed_after_the_proof() -> None:
    flow, problems = checked(TEXT.replace("card_removed: continue", "card_removed: end"))
    assert problems == ()
    assert flow is not None
    visit = Journey(flow).press("main", "choose:card").answer(SEEN, out.CardFound()).submit(pin=PIN)
    visit = visit.answer(out.Proved("S*")).pull_card()
    assert (visit.state.stage, visit.state.ending) == (Stage.ENDED, Ending.CANCELLED)
    assert visit.state.failure is E.CARD_PULLED
    assert visit.kinds() == ["Cancel"]
    stays = Journey(shipped()["cetak-kk"]).identified()
    before = stays.state
    assert stays.pull_card().state == before
