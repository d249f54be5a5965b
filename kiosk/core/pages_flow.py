"""Pages of a flow: one function a stage, chosen by a table. Who one is has its own pages in ``pages_identify``."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kiosk import protocol as p
from kiosk.core import pages_biometrics, pages_counter, pages_identify
from kiosk.core.availability import code_of, is_out_of_numbers, out_of_service
from kiosk.core.flow_frame import FlowFrame
from kiosk.core.situation import Situation, VisitView
from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.devices.reasons import entry
from kiosk.errors import ErrorCode
from kiosk.flows import compiled as c
from kiosk.flows.compiled import say
from kiosk.flows.conditions import missing_device
from kiosk.flows.effects import Source
from kiosk.flows.outcomes import Ending
from kiosk.flows.paper import listed
from kiosk.flows.review import sections
from kiosk.flows.state import Stage, State

if TYPE_CHECKING:
    from kiosk.flows.compiled import CompiledFlow

_KIND_ICONS = {
    "kk": "family",
    "akta-kelahiran": "birth",
    "akta-kematian": "death",
    "akta-perkawinan": "marriage",
    "akta-perceraian": "divorce",
    "ktp-el": "id-card",
}


def pick(situation: Situation, visit: VisitView, flow: "CompiledFlow", state: State) -> p.Page:
    """The page of a flow's stage."""
    frame = FlowFrame(situation, visit, flow, state)
    return _STAGES[state.stage](frame)


def _standard(f: FlowFrame) -> p.Page:
    s = f.flow.standard
    facts = [
        p.Fact(f.t("standard.requirements"), say(s.requirements, f.language), "list"),
        p.Fact(f.t("standard.duration"), say(s.duration, f.language), "clock"),
        p.Fact(f.t("standard.product"), say(s.product, f.language), "document"),
        p.Fact(f.t("standard.legal-basis"), say(s.legal_basis, f.language), "law"),
        p.Fact(f.t("standard.complaints"), say(s.complaints, f.language), "chat"),
    ]
    body = p.StandardBody(facts, f.say(f.flow.consent, "standard.consent"), say(s.fee, f.language))
    return f.page(
        "standard",
        say(f.flow.title, f.language),
        body,
        lead=f.t("standard.lead"),
        main=p.Action("main", f.t("standard.agree"), "check"),
    )


def _show(f: FlowFrame) -> p.Page:
    step = f.step
    title = say(step.title, f.language)
    lead = say(step.text, f.language)
    if isinstance(step, c.MenuStep):
        return f.page("menu", title, p.MenuBody(_choices(f, step)), lead=lead)
    if isinstance(step, c.FormStep):
        return pages_counter.question(f, step)
    if isinstance(step, c.ReviewStep):
        blocks = [
            p.Section(section.title, [p.Fact(row.label, row.value) for row in section.rows])
            for section in sections(step, f.state, f.language)
        ]
        return f.page(
            "review",
            title or f.t("review.title"),
            p.ReviewBody(blocks, say(step.note, f.language)),
            lead=lead,
            main=p.Action("main", f.say(step.button, "button.next"), "next"),
        )
    assert isinstance(step, c.NoticeStep)
    scene = p.Scene(p.SceneKind(step.scene), f.side(step.scene)) if step.scene else None
    body = p.TextBody([say(line, f.language) for line in step.lines], scene)
    return f.page("notice", title, body, lead=lead, main=p.Action("main", f.say(step.button, "button.next"), "next"))


def _choices(f: FlowFrame, step: c.MenuStep) -> list[p.Tile]:
    """The answers that stand open, and grey those that only a device keeps from it."""
    tiles = []
    for choice in step.choices:
        missing = missing_device(choice, f.state)
        if missing is None:
            continue
        reason = out_of_service(f.situation, DeviceKind(missing)) if missing else ""
        if not reason and is_out_of_numbers(f.situation, f.flow, choice.then):
            reason = f.t("tile.no-numbers")
        tiles.append(
            p.Tile(
                f"choose:{choice.key}",
                say(choice.title, f.language),
                say(choice.text, f.language),
                choice.icon,
                is_enabled=not reason,
                reason=reason,
            )
        )
    return tiles


def _printer(is_card: bool) -> DeviceKind:
    return DeviceKind.CARD_PRINTER if is_card else DeviceKind.DOCUMENT_PRINTER


def _busy(f: FlowFrame) -> p.Page:
    key = {
        Stage.FIND: "busy.find",
        Stage.PROVE: "busy.prove",
        Stage.PREPARE: "busy.prepare",
    }.get(f.state.stage) or pages_counter.BUSY.get(f.step.kind, "busy.work")
    return f.page("busy", f.t(f"{key}-title"), p.BusyBody(f.t(f"{key}-line"), f.t("busy.patience")))


def _choose_document(f: FlowFrame) -> p.Page:
    assert isinstance(f.step, c.DocumentsStep)
    tiles = []
    for document, is_open in listed(f.step, f.state):
        reason = document.get("reason") or "with-staff"
        title = document["title"]
        tiles.append(
            p.Tile(
                f"choose:{document['id']}",
                say(title, f.language) if isinstance(title, Mapping) else str(title),
                f.t("documents.line", subject=document["subject"], issued=f.date(document["issued"])),
                _KIND_ICONS.get(document["kind"], "document"),
                is_enabled=is_open,
                reason="" if is_open else f.t(f"documents.{reason}"),
            )
        )
    return f.page(
        "documents",
        f.say(f.step.title, "documents.title"),
        p.DocumentsBody(tiles, say(f.step.note, f.language)),
        lead=f.say(f.step.text, "documents.lead"),
    )


def _preview(f: FlowFrame) -> p.Page:
    state = f.state
    is_card = bool(getattr(f.step, "is_card", False))
    is_own = getattr(f.step, "source", Source.OFFICE) is Source.KIOSK
    facts = [
        p.Fact(f.t("preview.cost"), f.t("preview.free"), "free", p.Tone.GOOD),
        p.Fact(f.t("preview.paper"), f.t("preview.on-card" if is_card else "preview.on-a4"), "document"),
        p.Fact(f.t("preview.sheets"), f.t("preview.sheet-count", count=1 if is_card else state.pages), "print"),
    ]
    if not is_own:
        facts.append(p.Fact(f.t("preview.signature"), f.t("preview.signed"), "privacy", p.Tone.GOOD))
    out = out_of_service(f.situation, _printer(is_card))
    body = p.PreviewBody(
        picture=f"preview-{state.page}",
        page=state.page,
        pages=state.pages,
        page_text=f.t("preview.side" if is_card else "preview.page", page=state.page + 1, pages=state.pages),
        facts=facts,
        previous=p.Action("previous", f.t("preview.previous"), "back") if state.page > 0 else None,
        next=p.Action("next", f.t("preview.next"), "next") if state.page + 1 < state.pages else None,
        picture_accessible=f.t("preview.picture"),
        notice=f"{out} {f.t('preview.wait')}" if out else "",
        code=code_of(f.situation, _printer(is_card)),
    )
    return f.page(
        "preview",
        f.say(f.step.title, "preview.title"),
        body,
        lead=f.say(f.step.text, "preview.lead"),
        main=p.Action("main", f.t("preview.print"), "print", is_enabled=not out, reason=out),
        second=p.Action("second", f.t("preview.later")),
    )


def _printing(f: FlowFrame) -> p.Page:
    state = f.state
    is_card = bool(getattr(f.step, "is_card", False))
    total = max(1, state.pages)
    now = min(total, state.done + 1)
    is_held = bool(state.reason)
    printer = _printer(is_card)
    heard = f.situation.devices.get(printer)
    # What the printer says of itself comes with the job's next poll, in a moment; here is only who is not heard at all.
    is_unheard = not is_held and (heard is None or heard.band is Band.UNKNOWN)
    lost = out_of_service(f.situation, printer) if is_unheard else ""
    code: str = code_of(f.situation, printer) if is_unheard else ""
    if is_held:
        row = entry(Reason(state.reason))
        notice = f"{f.t(row.citizen_key_for(printer))} {f.t('printing.wait')}"
        code = row.code_for(printer) or ""
    else:
        notice = f"{lost} {f.t('printing.lost')}" if lost else ""
    body = p.PrintingBody(
        done=state.done,
        total=total,
        sentence=f.t(
            f"printing.card{'-held' if notice else ''}" if is_card else "printing.page", page=now, pages=total
        ),
        scene=p.Scene(p.SceneKind.OFFICER)
        if is_held
        else f.scene(p.SceneKind.CARD_OUT if is_card else p.SceneKind.PAPER_OUT),
        notice=notice,
        tone=p.Tone.CAUTION if notice else p.Tone.NEUTRAL,
        code=code,
    )
    if lost:
        # Nobody knows now whether it is being printed, so the page does not say it.
        return f.page("printing", f.t("printing.lost-title"), body, lead=f.t("printing.lost-lead"))
    if is_held:
        stop = p.Action("stop-waiting", f.t("printing.stop"), "close")
        return f.page("printing", f.t("printing.held-title"), body, lead=f.t("printing.held-lead"), second=stop)
    return f.page("printing", f.t("printing.title"), body, lead=f.t("printing.lead"))


def _trouble(f: FlowFrame) -> p.Page:
    if isinstance(f.step, c.FormStep | c.TicketStep):
        return pages_counter.trouble(f)
    code = f.state.notice or f.state.failure or ErrorCode.INTERNAL
    is_office = code.value.startswith("OFF")
    is_device = code.value.startswith(("PRN", "CRD", "SLP"))
    lines = [_what(f, code), f.t("trouble.safe"), f.t(f"error.{code}.do")]
    is_printer = code.value.startswith("PRN") and isinstance(f.step, c.PrintStep)
    out = out_of_service(f.situation, _printer(f.step.is_card)) if is_printer else ""
    shown: str = code
    if out:
        # What it lacks now is what helps now, in words and in the code.
        lines = [out, f.t("trouble.safe"), f.t("trouble.wait")]
        shown = code_of(f.situation, _printer(f.step.is_card)) or code
    scene = p.Scene(p.SceneKind.OFFICER) if is_device else None
    name = "offline" if is_office else "device-fault" if is_device else "outcome"
    return f.page(
        name,
        f.t("trouble.office-title" if is_office else "trouble.device-title" if is_device else "trouble.title"),
        p.OutcomeBody(p.Tone.CAUTION, lines, scene, shown),
        main=p.Action("main", f.t("button.retry"), "retry", is_enabled=not out, reason=out),
        second=p.Action("second", f.t("button.give-up")),
    )


_ON_CARDS = {
    ErrorCode.PAPER_OUT: "reason.cards-empty.citizen",
    ErrorCode.PRINTER_TONER_EMPTY: "reason.ribbon-empty.citizen",
}


def _what(f: FlowFrame, code: ErrorCode) -> str:
    """What happened. A card printer runs out of cards and ribbon, not of paper and ink."""
    is_card = DeviceKind.CARD_PRINTER.value in f.flow.devices
    return f.t(_ON_CARDS[code]) if is_card and code in _ON_CARDS else f.t(f"error.{code}.what")


def _phone(f: FlowFrame) -> p.Page:
    from kiosk.core.qr import qr_rows

    lines = [say(line, f.language) for line in f.step.lines] or [
        f.t("phone.step-1"),
        f.t("phone.step-2"),
    ]
    minutes = max(1, -(-(f.visit.remaining_ms or 0) // 60_000))
    host = f.state.url.split("/")[2] if "//" in f.state.url else ""
    body = p.HandOverBody(qr_rows(f.state.url), host, lines, f.t("phone.expires", count=minutes), f.t("phone.qr"))
    return f.page(
        "hand-over",
        f.say(f.step.title, "phone.title"),
        body,
        lead=f.say(f.step.text, "phone.lead"),
        main=p.Action("main", f.t("phone.done"), "check"),
    )


def _slip(f: FlowFrame) -> p.Page:
    if pages_counter.has_number(f):
        return pages_counter.slip(f)
    body = p.SceneBody(f.scene(p.SceneKind.SLIP_OUT), f.t("slip.hint"))
    lead = f.say(f.step.text, "slip.lead")
    return f.page("slip", f.say(f.step.title, "slip.title"), body, lead=lead, has_way_out=False)


def _rate(f: FlowFrame) -> p.Page:
    choices = [
        p.Action(f"rate:{rating}", f.t(f"survey.{rating}"), f"face-{rating}", accessible=f.t(f"survey.{rating}"))
        for rating in (1, 2, 3, 4)
    ]
    return f.page(
        "survey",
        f.say(f.step.title, "survey.title"),
        p.SurveyBody(choices),
        lead=f.say(f.step.text, "survey.lead"),
        second=p.Action("second", f.t("survey.skip")),
        has_way_out=False,
    )


_TONES = {
    Ending.DONE: p.Tone.GOOD,
    Ending.FAILED: p.Tone.STOP,
    Ending.UNKNOWN: p.Tone.CAUTION,
    Ending.CANCELLED: p.Tone.NEUTRAL,
    Ending.NOTHING: p.Tone.NEUTRAL,
}


def _finish(f: FlowFrame) -> p.Page:
    assert isinstance(f.step, c.FinishStep)
    ending = f.state.ending or f.step.ending
    lines = [say(line, f.language) for line in f.step.lines]
    code = ""
    if ending in (Ending.FAILED, Ending.UNKNOWN) and f.state.failure is not None:
        code = f.state.failure.value
        if ending is Ending.UNKNOWN:
            # Whatever it came from: nobody may be sent away to come back later with paper in the tray.
            is_sent = f.state.failure is ErrorCode.PRINT_SENT_ONLY
            unclear = ErrorCode.PRINT_SENT_ONLY if is_sent else ErrorCode.PRINT_UNKNOWN
            lines = [f.t(f"error.{unclear}.what"), f.t(f"error.{unclear}.do"), *lines]
        else:
            lines = [_what(f, f.state.failure), f.t(f"error.{code}.do"), *lines]
    main = p.Action("main", f.t("finish.done"), "check")
    title = f.say(f.step.title, f"finish.{ending}")
    lead = say(f.step.text, f.language)
    if ending is Ending.FAILED and f.state.failure is ErrorCode.DOCUMENT_TAKEN:
        # The flow's own words promise that it can still be printed.
        title, lead = f.t("finish.taken"), ""
    if pages_counter.has_number(f):
        return pages_counter.number(f, title, lead, lines, main, code if ending is not Ending.DONE else "")
    if ending is Ending.DONE:
        scenes, labels = [], []
        if f.visit.is_card_there:
            scenes.append(f.scene(p.SceneKind.TAKE_CARD))
            labels.append(f.t("take.card"))
        if f.state.printed:
            is_card = f.state.printed[-1] == "ktp-el"
            scenes.append(f.scene(p.SceneKind.CARD_OUT if is_card else p.SceneKind.PAPER_OUT))
            labels.append(f.t("take.new-card" if is_card else "take.paper"))
        if f.state.facts.get("slip") == "printed":
            scenes.append(f.scene(p.SceneKind.SLIP_OUT))
            labels.append(f.t("take.slip"))
        return f.page("take", title, p.TakeBody(scenes, labels, lines), lead=lead, main=main, has_way_out=False)
    scene = p.Scene(p.SceneKind.OFFICER)
    if ending is Ending.CANCELLED:
        lines = lines or [f.t("finish.cancelled-private"), f.t("finish.cancelled-help")]
        scene = f.scene(p.SceneKind.TAKE_CARD) if f.visit.is_card_there else scene
    elif ending is Ending.NOTHING:
        lines = lines or [f.t("finish.nothing-help"), f.t("finish.nothing-bring")]
    return f.page(
        "outcome", title, p.OutcomeBody(_TONES[ending], lines, scene, code), lead=lead, main=main, has_way_out=False
    )


_STAGES: dict[Stage, Callable[[FlowFrame], p.Page]] = {
    Stage.STANDARD: _standard,
    Stage.SHOW: _show,
    Stage.WORK: _busy,
    Stage.CONFIRM: pages_counter.confirm,
    Stage.TROUBLE: _trouble,
    Stage.CHOOSE_PROOF: pages_identify.choose_proof,
    Stage.TAP: pages_identify.tap,
    Stage.FIND: _busy,
    Stage.NIK: pages_identify.nik,
    Stage.PIN: pages_identify.pin,
    Stage.CONSENT: pages_biometrics.consent,
    Stage.CAPTURE: pages_biometrics.capture,
    Stage.SCAN: pages_identify.scan,
    Stage.CODE: pages_identify.print_code,
    Stage.PROVE: _busy,
    Stage.LOCKED: pages_identify.locked,
    Stage.OFFER_BIND: pages_identify.offer_bind,
    Stage.CHOOSE_DOCUMENT: _choose_document,
    Stage.PREPARE: _busy,
    Stage.PREVIEW: _preview,
    Stage.PRINT: _printing,
    Stage.PHONE: _phone,
    Stage.SLIP: _slip,
    Stage.RATE: _rate,
    Stage.FINISH: _finish,
    Stage.ENDED: _finish,
}
