"""Who are you, by a code: scanned from paper or phone, or typed from the counter."""

import pytest

from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.state import Stage

from .example import with_proofs
from .journey import Journey, as_text, shipped


@pytest.fixture
def visit() -> Journey:
    return Journey(shipped()["cetak-kk"])


def test_qr_token(visit: Journey) -> None:
    visit.press("main", "choose:qr").scan(" TOKEN-abc_123 ")
    assert visit.effects == (fx.Prove(1, fx.ProofKind.QR, token="TOKEN-abc_123"),)
    assert "TOKEN" not in repr(visit.effects)
    visit.answer(out.Proved("S*** W***"))
    assert visit.state.facts["proof"] == "qr"


def test_print_code(visit: Journey) -> None:
    visit.press("main", "choose:code")
    assert visit.state.stage is Stage.CODE
    visit.submit(code="12345 67890")
    assert visit.effects == (fx.Prove(1, fx.ProofKind.CODE, token="1234567890"),)
    assert "12345" not in repr(visit.effects)
    assert "12345" not in as_text(visit.state), "it is kept nowhere, not even for Back"
    visit.answer(out.Wrong())
    assert (visit.state.stage, visit.state.notice) == (Stage.CODE, E.CODE_REFUSED)
    visit.submit(code="1234567891").answer(out.Failed(E.OFFICE_SLOW, is_retryable=True))
    assert visit.state.stage is Stage.TROUBLE
    visit.press("main")
    assert visit.state.stage is Stage.CODE, "typed anew"
    visit.submit(code="1234567892").answer(out.Proved("S*** W***"))
    assert (visit.state.step, visit.state.facts["proof"]) == ("look-up", "code")


@pytest.mark.parametrize("typed", ["", "123456789", "12345678901", "abcdefghij", "１２３４５６７８９０"])
def test_what_is_no_print_code_is_not_sent(visit: Journey, typed: str) -> None:
    visit.press("main", "choose:code").submit(code=typed)
    assert (visit.state.stage, visit.state.notice, visit.effects) == (Stage.CODE, E.CODE_REFUSED, ())
    visit.press("back")
    assert visit.state.stage is Stage.CHOOSE_PROOF


def test_a_throttled_machine_is_told_to_who_types_codes(visit: Journey) -> None:
    visit.press("main", "choose:code").submit(code="1234567890").answer(out.Locked(400, is_machine=True))
    assert (visit.state.stage, visit.state.failure) == (Stage.LOCKED, E.OFFICE_THROTTLED)


def test_code_that_is_held_out_early_is_an_answer(visit: Journey) -> None:
    visit.press("main").scan("TOKEN-abc_123")
    assert visit.state.stage is Stage.PROVE
    visit.answer(out.Wrong())
    assert (visit.state.stage, visit.state.notice) == (Stage.SCAN, E.CODE_REFUSED)
    visit.press("back")
    assert visit.state.stage is Stage.CHOOSE_PROOF


@pytest.mark.parametrize(
    "code",
    ["", "   ", "\x00\x01", "x" * 201, "x" * 5000, "kode dengan spasi", "kodé", "\x02kode\r", "ko\u200bde"],
)
def test_unreadable_code(visit: Journey, code: str) -> None:
    visit.press("main", "choose:qr").scan(code)
    assert (visit.state.stage, visit.state.notice) == (Stage.SCAN, E.CODE_UNREADABLE)
    assert visit.effects == ()


@pytest.mark.parametrize("code", ["x", "x" * 200, " x "])
def test_shortest_and_longest_code_are_read(visit: Journey, code: str) -> None:
    visit.press("main", "choose:qr")
    assert visit.state.proof is fx.ProofKind.QR
    visit.scan(code)
    assert visit.state.stage is Stage.PROVE


def unreadable(visit: Journey) -> Journey:
    return visit.happen(ev.Unreadable(visit.at))


def test_a_code_that_the_scanner_refused_is_said_where_a_code_is_waited_for(visit: Journey) -> None:
    unreadable(visit.press("main"))
    assert (visit.state.stage, visit.state.notice) == (Stage.CHOOSE_PROOF, E.CODE_UNREADABLE)
    unreadable(visit.press("choose:qr"))
    assert (visit.state.stage, visit.state.notice) == (Stage.SCAN, E.CODE_UNREADABLE)
    visit.press("back").press("choose:nik")
    unreadable(visit)
    assert (visit.state.stage, visit.state.notice) == (Stage.NIK, E.CODE_UNREADABLE)
    before = visit.press("back").press("choose:card").state
    assert unreadable(visit).state == before, "nobody waits for a code there"


def test_flood_of_a_scanner_is_no_code(visit: Journey) -> None:
    visit.press("main", "choose:qr").scan("\x02" * 401 + "x")
    assert (visit.state.stage, visit.state.notice) == (Stage.SCAN, E.CODE_UNREADABLE)


def test_code_early_where_codes_are_no_proof() -> None:
    visit = Journey(with_proofs("[card, nik]")).press("main")
    before = visit.state
    assert visit.scan("TOKEN-abc_123").state == before
