"""Where the pages of a visit come from: the shipped services, walked through by hand."""

from collections.abc import Iterator
from functools import cache

import msgspec

from kiosk.api import DocumentKind, NotReadyReason
from kiosk.devices.contract import Reason
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.compiled import AskKind, CompiledFlow, FormStep, Question
from kiosk.flows.state import Stage, State
from tests.flows.journey import NIK, PIN, UID, Journey, shipped, with_biometrics
from tests.gallery import people

Stop = tuple[str, str, State]
"""Name of the picture, id of the service, where the visit stands."""

SECONDS_LOCKED = 900
WITH_CAMERA = "cetak-kk with camera"
WITH_NUMBER = "keluhan with a pad"
URL = "https://dukcapil.contohraya.example/u/7KQ2M4X9PLWD"


@cache
def stops() -> list[Stop]:
    """Every page of a visit that the gallery shows, in the order of a visit."""
    found = [*_proving(), *_comparing(), *_family_card(), *_endings(), *_certificate(), *_data(), *_counter()]
    names = [name for name, _, _ in found]
    assert len(set(names)) == len(names), "two pictures of one name"
    return found


@cache
def flows() -> dict[str, CompiledFlow]:
    """The shipped services, and one of them on a machine with a camera and a fingerprint reader."""
    return {**shipped(), WITH_CAMERA: with_biometrics(), WITH_NUMBER: with_number()}


def _visit(service: str) -> Journey:
    return Journey(flows()[service])


def _at(visit: Journey, stage: Stage) -> State:
    assert visit.state.stage is stage, visit.state.stage
    return visit.state


def _proving() -> Iterator[Stop]:
    kk = "cetak-kk"
    visit = _visit(kk)
    yield "standard", kk, _at(visit, Stage.STANDARD)
    yield "proof", kk, _at(visit.press("main"), Stage.CHOOSE_PROOF)
    yield "tap-card", kk, _at(visit.press("choose:card"), Stage.TAP)
    visit.answer(out.CardTrouble(ErrorCode.CARD_PULLED))
    yield "tap-card-again", kk, _at(visit, Stage.TAP)
    visit.answer(out.CardSeen(UID, is_stable=True))
    yield "busy", kk, _at(visit, Stage.FIND)
    yield "pin", kk, _at(visit.answer(out.CardFound()), Stage.PIN)
    yield "pin-wrong", kk, _at(visit.submit(pin=PIN).answer(out.Wrong(2)), Stage.PIN)
    yield "locked", kk, _at(visit.submit(pin=PIN).answer(out.Locked(SECONDS_LOCKED)), Stage.LOCKED)
    throttled = _visit(kk).press("main", "choose:nik").submit(nik=NIK).submit(pin=PIN)
    throttled.answer(out.Locked(SECONDS_LOCKED, is_machine=True))
    yield "throttled", kk, _at(throttled, Stage.LOCKED)

    visit = _visit(kk).press("main", "choose:nik")
    yield "nik", kk, _at(visit, Stage.NIK)
    yield "nik-wrong", kk, _at(visit.submit(nik=f"{NIK[:6]}99{NIK[8:]}"), Stage.NIK)
    yield "scan-code", kk, _at(_visit(kk).press("main", "choose:qr"), Stage.SCAN)
    visit = _visit(kk).press("main", "choose:code")
    yield "print-code", kk, _at(visit, Stage.CODE)
    yield "print-code-wrong", kk, _at(visit.submit(code="1234567890").answer(out.Wrong()), Stage.CODE)

    visit = _visit(kk).press("main", "choose:card").answer(out.CardSeen(UID, is_stable=True), out.CardStranger())
    yield "nik-card-unknown", kk, _at(visit, Stage.NIK)
    visit.submit(nik=NIK).submit(pin=PIN).answer(out.Proved("B*** W***", can_bind_card=True))
    yield "bind", kk, _at(visit, Stage.OFFER_BIND)


def _comparing() -> Iterator[Stop]:
    for name, usable, kind in (("face", ("face",), "face"), ("finger", ("finger",), "finger")):
        visit = Journey(flows()[WITH_CAMERA], (*usable, "card-reader")).press("main", "choose:card")
        visit.answer(out.CardSeen(UID, is_stable=True), out.CardFound())
        yield f"consent-{name}", WITH_CAMERA, _at(visit, Stage.CONSENT)
        yield f"capture-{name}", WITH_CAMERA, _at(visit.press(f"choose:{kind}"), Stage.CAPTURE)
        hint = "several" if kind == "face" else "finger"
        yield f"consent-{name}-again", WITH_CAMERA, _at(visit.answer(out.NotCompared(hint)), Stage.CONSENT)
    yield "pin-unsure", WITH_CAMERA, _at(visit.press("choose:finger").answer(out.NotCompared("finger")), Stage.PIN)
    both = _visit(WITH_CAMERA).press("main", "choose:card")
    both.answer(out.CardSeen(UID, is_stable=True), out.CardFound())
    yield "consent-both", WITH_CAMERA, _at(both, Stage.CONSENT)


def _previewed(pages: int) -> Journey:
    visit = _visit("cetak-kk").identified().answer(out.Fetched(fx.What.DOCUMENTS, people.documents()))
    return visit.answer(out.Prepared(pages))


def _printing(pages: int) -> Journey:
    return _previewed(pages).press("main")


def _family_card() -> Iterator[Stop]:
    kk = "cetak-kk"
    yield "preview", kk, _at(_previewed(1), Stage.PREVIEW)
    yield "preview-sheets", kk, _at(_previewed(3).press("next").answer(out.Done()), Stage.PREVIEW)
    visit = _printing(2)
    visit.happen(ev.Progress(visit.at, visit.state.pending, 1, 2))
    yield "printing", kk, _at(visit, Stage.PRINT)
    visit.happen(ev.Progress(visit.at, visit.state.pending, 1, 2, Reason.MEDIA_EMPTY.value))
    yield "printing-held", kk, _at(visit, Stage.PRINT)
    visit.answer(out.Printed(2))
    yield "slip", kk, _at(visit, Stage.SLIP)
    yield "survey", kk, _at(visit.answer(out.Done()), Stage.RATE)
    yield "take", kk, _at(visit.press("rate:4"), Stage.FINISH)


def _endings() -> Iterator[Stop]:
    kk = "cetak-kk"
    visit = _visit(kk).identified().answer(out.Failed(ErrorCode.OFFICE_OFFLINE))
    yield "offline", kk, _at(visit, Stage.TROUBLE)
    visit = _printing(2).answer(out.PrintFailed(ErrorCode.PAPER_JAM, 0))
    yield "device-fault", kk, _at(visit, Stage.TROUBLE)
    visit = _printing(2).answer(out.PrintFailed(ErrorCode.PRINTER_STOPPED, 0)).press("second")
    yield "outcome", kk, _at(visit, Stage.FINISH)
    visit = _printing(2).answer(out.PrintUnknown(ErrorCode.PRINT_UNKNOWN, 1), out.Done())
    yield "unclear", kk, _at(visit, Stage.FINISH)
    visit = _printing(2).answer(out.PrintUnknown(ErrorCode.PRINT_SENT_ONLY, 0), out.Done())
    yield "sent-only", kk, _at(visit, Stage.FINISH)
    yield "cancelled", kk, _at(_previewed(1).press("second"), Stage.FINISH)
    visit = _visit(kk).identified().answer(out.Fetched(fx.What.DOCUMENTS, []))
    yield "nothing", kk, _at(visit, Stage.FINISH)


def _certificate() -> Iterator[Stop]:
    akta = "unduh-akta"
    listed = people.documents(akta_perkawinan=NotReadyReason.PRINTED_ALREADY.value)
    visit = _visit(akta).identified().answer(out.Fetched(fx.What.DOCUMENTS, listed))
    yield "documents", akta, _at(visit, Stage.CHOOSE_DOCUMENT)
    birth = next(one["id"] for one in listed if one["kind"] == DocumentKind.BIRTH.value)
    visit.press(f"choose:{birth}")
    yield "menu", akta, _at(visit, Stage.SHOW)
    visit.press("choose:phone").answer(out.HandedOver(URL, 600))
    yield "hand-over", akta, _at(visit, Stage.PHONE)


def _data() -> Iterator[Stop]:
    data = "cek-data"
    visit = _visit(data).identified()
    visit.answer(out.Fetched(fx.What.PERSON, people.person()))
    visit.answer(out.Fetched(fx.What.FAMILY, people.family()["members"]))
    yield "review", data, _at(visit, Stage.SHOW)
    yield "offer", data, _at(visit.press("main"), Stage.SHOW)
    yield "own-sheet", data, _at(visit.press("choose:print").answer(out.Prepared(1)), Stage.PREVIEW)


LABEL, RECEIPT = "B-017", "7KQT-4MXW"


def _counter() -> Iterator[Stop]:
    """A complaint and a queue number; then what they look like when no slip comes, and when neither could be had."""
    about = "keluhan"
    visit = _visit(about).press("main")
    yield "form", about, _at(visit, Stage.SHOW)
    yield "form-confirm", about, _at(visit.press("choose:machine"), Stage.CONFIRM)
    yield "form-again", about, _at(_visit(about).press("main", "choose:machine", "back"), Stage.SHOW)
    full = _visit(about).press("main", "choose:machine", "main").answer(out.Failed(ErrorCode.STORE_FULL))
    yield "form-trouble", about, _at(full, Stage.TROUBLE)
    visit.press("main").answer(out.Filed(RECEIPT))
    yield "complaint-slip", about, _at(visit, Stage.SLIP)
    yield "complaint-number", about, _at(visit.answer(out.Done()), Stage.FINISH)

    queue = "antrean"
    visit = _visit(queue).press("main")
    yield "queue-menu", queue, _at(visit, Stage.SHOW)
    visit.press("choose:service").answer(out.NumberTaken("layanan", LABEL))
    yield "number-slip", queue, _at(visit, Stage.SLIP)
    yield "number", queue, _at(visit.answer(out.Done()), Stage.FINISH)
    dead = _visit(queue).press("main", "choose:service").answer(out.NumberTaken("layanan", LABEL))
    dead.answer(out.Failed(ErrorCode.SLIP_PAPER_OUT, is_retryable=False))
    yield "number-no-slip", queue, _at(dead, Stage.FINISH)
    none = _visit(queue).press("main", "choose:service").answer(out.Failed(ErrorCode.INTERNAL))
    yield "number-trouble", queue, _at(none, Stage.TROUBLE)
    number = Journey(flows()[WITH_NUMBER]).press("main", "choose:machine")
    yield "form-number", WITH_NUMBER, _at(number, Stage.SHOW)


@cache
def with_number() -> CompiledFlow:
    """A complaint that also asks where: a form with a pad."""
    flow = shipped()["keluhan"]
    where = Question(
        id="where",
        kind=AskKind.NUMBER,
        title={"id": "Di loket berapa?", "en": "At which counter?"},
        text={"id": "Nomornya tertulis di atas loket.", "en": "Its number is written above the counter."},
        least=1,
        most=3,
    )
    step = flow.steps["what"]
    assert isinstance(step, FormStep)
    step = msgspec.structs.replace(step, questions=(*step.questions, where))
    return msgspec.structs.replace(flow, steps={**flow.steps, "what": step})


def typed_before(state: State) -> State:
    """As it is when somebody comes back to the NIK page."""
    return msgspec.structs.replace(state, values={"nik": NIK})
