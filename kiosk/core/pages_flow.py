"""Pages of a flow: one function a stage, chosen by a table."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kiosk import protocol as p
from kiosk.core.dates import long_date
from kiosk.core.frame import back, home, page, side
from kiosk.core.situation import Situation, VisitView
from kiosk.devices.contract import DeviceKind
from kiosk.errors import ErrorCode
from kiosk.flows import compiled as c
from kiosk.flows import engine
from kiosk.flows.compiled import say
from kiosk.flows.conditions import open_choices
from kiosk.flows.effects import ProofKind, Source
from kiosk.flows.outcomes import Ending
from kiosk.flows.paper import listed
from kiosk.flows.review import sections
from kiosk.flows.state import Stage, State

if TYPE_CHECKING:
    from kiosk.flows.compiled import CompiledFlow

NIK_GROUPS = [6, 6, 4]
PIN_LENGTH = 6

_PROOF_ICONS = {ProofKind.CARD: "id-card", ProofKind.NIK: "keypad", ProofKind.QR: "qr"}
_KIND_ICONS = {
    "kk": "family",
    "akta-kelahiran": "birth",
    "akta-kematian": "death",
    "akta-perkawinan": "marriage",
    "akta-perceraian": "divorce",
    "ktp-el": "id-card",
}


class Frame:
    """What the stage functions share: the situation, the flow, the step, and the page's fixed parts."""

    def __init__(self, situation: Situation, visit: VisitView, flow: "CompiledFlow", state: State) -> None:
        self.situation = situation
        self.visit = visit
        self.flow = flow
        self.state = state
        self.t = situation.texts
        self.language = situation.look.language
        self.step: Any = flow.steps.get(state.step)

    def say(self, text: Mapping[str, str], key: str, **values: object) -> str:
        """The flow's own text, or the program's."""
        return say(text, self.language) or self.t(key, **values)

    def date(self, iso: str) -> str:
        return long_date(iso, self.language)

    def notice(self) -> str:
        """The correctable mistake, as a sentence that says what to do."""
        state = self.state
        if state.notice is None:
            return ""
        if state.notice is ErrorCode.PROOF_WRONG and state.attempts_left is not None:
            return self.t("notice.attempts", count=state.attempts_left)
        return f"{self.t(f'error.{state.notice}.what')} {self.t(f'error.{state.notice}.do')}"

    def page(
        self,
        name: str,
        title: str,
        body: p.Body,
        *,
        lead: str = "",
        main: p.Action | None = None,
        second: p.Action | None = None,
        has_way_out: bool = True,
    ) -> p.Page:
        state = self.state
        dots = []
        at = getattr(self.step, "dot", -1) if state.stage is not Stage.STANDARD else -1
        for index, dot in enumerate(self.flow.dots):
            dots.append(p.Dot(say(dot.text, self.language), is_done=index < at, is_now=index == at))
        can_back = has_way_out and engine.can_go_back(state)
        can_home = has_way_out and engine.can_go_home(state)
        return page(
            self.situation,
            name,
            title,
            body,
            key=f"{self.flow.id}/{state.step}/{state.stage}",
            lead=lead,
            dots=dots,
            back=back(self.situation) if can_back else None,
            home=home(self.situation) if can_home else None,
            main=main,
            second=second,
            direction=p.Direction.BACK if state.direction_is_back else p.Direction.FORWARD,
            remaining_ms=self.visit.remaining_ms,
        )


def pick(situation: Situation, visit: VisitView, flow: "CompiledFlow", state: State) -> p.Page:
    """The page of a flow's stage."""
    frame = Frame(situation, visit, flow, state)
    return _STAGES[state.stage](frame)


def _standard(f: Frame) -> p.Page:
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


def _show(f: Frame) -> p.Page:
    step = f.step
    title = say(step.title, f.language)
    lead = say(step.text, f.language)
    if isinstance(step, c.MenuStep):
        tiles = [
            p.Tile(f"choose:{choice.key}", say(choice.title, f.language), say(choice.text, f.language), choice.icon)
            for choice in open_choices(step, f.state)
        ]
        return f.page("menu", title, p.MenuBody(tiles), lead=lead)
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
    scene = p.Scene(p.SceneKind(step.scene), _scene_side(f, step.scene)) if step.scene else None
    body = p.TextBody([say(line, f.language) for line in step.lines], scene)
    return f.page("notice", title, body, lead=lead, main=p.Action("main", f.say(step.button, "button.next"), "next"))


def _scene_side(f: Frame, kind: str) -> p.Side:
    screen = f.situation.settings.screen
    places = {
        "hold-card": screen.card_side,
        "take-card": screen.card_side,
        "paper-out": screen.paper_side,
        "card-out": screen.card_out_side,
        "slip-out": screen.slip_side,
        "scan-code": screen.scanner_side,
    }
    return side(places.get(kind, screen.paper_side))


def _scene(f: Frame, kind: p.SceneKind) -> p.Scene:
    return p.Scene(kind, _scene_side(f, kind.value))


def _choose_proof(f: Frame) -> p.Page:
    assert isinstance(f.step, c.IdentifyStep)
    reader = f.situation.devices.get(DeviceKind.CARD_READER)
    tiles = []
    for proof in f.step.proofs:
        is_away = proof is ProofKind.CARD and (reader is None or not reader.is_usable)
        tiles.append(
            p.Tile(
                f"choose:{proof.value}",
                f.t(f"proof.{proof.value}"),
                f.t(f"proof.{proof.value}-line"),
                _PROOF_ICONS[proof],
                is_enabled=not is_away,
                reason=f.t("tile.card-reader.away-here") if is_away else "",
            )
        )
    return f.page(
        "proof", f.say(f.step.title, "proof.title"), p.MenuBody(tiles, f.notice()), lead=f.say(f.step.text, "proof.lead")
    )


def _tap(f: Frame) -> p.Page:
    body = p.SceneBody(
        _scene(f, p.SceneKind.HOLD_CARD),
        f.t("tap.hint"),
        f.notice(),
        p.Tone.CAUTION if f.state.notice else p.Tone.NEUTRAL,
    )
    second = None
    if isinstance(f.step, c.IdentifyStep) and ProofKind.NIK in f.step.proofs:
        second = p.Action("choose:nik", f.t("tap.use-nik"), "keypad")
    return f.page("tap-card", f.t("tap.title"), body, lead=f.t("tap.lead"), second=second)


def _nik(f: Frame) -> p.Page:
    notice = f.notice()
    if f.state.card_is_unknown and not notice:
        notice = f.t("nik.card-unknown")
    body = p.NikBody(
        NIK_GROUPS,
        f.t("pad.delete"),
        f.t("pad.clear"),
        f.t("nik.show"),
        f.t("nik.hide"),
        value=f.state.values.get("nik", ""),
        notice=notice,
        tone=p.Tone.STOP if f.state.notice else p.Tone.NEUTRAL,
    )
    return f.page(
        "nik", f.t("nik.title"), body, lead=f.t("nik.lead"), main=p.Action("submit", f.t("button.next"), "next")
    )


def _pin(f: Frame) -> p.Page:
    body = p.PinBody(
        PIN_LENGTH,
        f.t("pad.delete"),
        f.t("pad.clear"),
        notice=f.notice(),
        tone=p.Tone.STOP if f.state.notice else p.Tone.NEUTRAL,
    )
    is_card = f.state.proof is ProofKind.CARD
    return f.page(
        "pin",
        f.t("pin.title"),
        body,
        lead=f.t("pin.lead-card" if is_card else "pin.lead"),
        main=p.Action("submit", f.t("pin.open"), "next"),
    )


def _scan(f: Frame) -> p.Page:
    body = p.SceneBody(
        _scene(f, p.SceneKind.SCAN_CODE),
        f.t("scan.hint"),
        f.notice(),
        p.Tone.CAUTION if f.state.notice else p.Tone.NEUTRAL,
    )
    return f.page("scan-code", f.t("scan.title"), body, lead=f.t("scan.lead"))


def _busy(f: Frame) -> p.Page:
    key = {
        Stage.FIND: "busy.find",
        Stage.PROVE: "busy.prove",
        Stage.PREPARE: "busy.prepare",
    }.get(f.state.stage, "busy.work")
    return f.page("busy", f.t(f"{key}-title"), p.BusyBody(f.t(f"{key}-line"), f.t("busy.patience")))


def _locked(f: Frame) -> p.Page:
    minutes = max(1, -(-f.state.retry_after_s // 60))
    lines = [f.t("locked.what"), f.t("locked.when", count=minutes), f.t("locked.do")]
    body = p.OutcomeBody(p.Tone.STOP, lines, p.Scene(p.SceneKind.OFFICER), ErrorCode.PROOF_LOCKED.value)
    return f.page("locked", f.t("locked.title"), body, main=p.Action("main", f.t("button.understood"), "check"))


def _offer_bind(f: Frame) -> p.Page:
    body = p.TextBody([f.t("bind.what"), f.t("bind.consent")], _scene(f, p.SceneKind.HOLD_CARD))
    return f.page(
        "bind",
        f.t("bind.title"),
        body,
        main=p.Action("main", f.t("bind.yes"), "check"),
        second=p.Action("second", f.t("bind.no")),
    )


def _choose_document(f: Frame) -> p.Page:
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


def _preview(f: Frame) -> p.Page:
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
    body = p.PreviewBody(
        picture=f"preview-{state.page}",
        page=state.page,
        pages=state.pages,
        page_text=f.t("preview.page", page=state.page + 1, pages=state.pages),
        facts=facts,
        previous=p.Action("previous", f.t("preview.previous"), "back") if state.page > 0 else None,
        next=p.Action("next", f.t("preview.next"), "next") if state.page + 1 < state.pages else None,
        picture_accessible=f.t("preview.picture"),
    )
    return f.page(
        "preview",
        f.say(f.step.title, "preview.title"),
        body,
        lead=f.say(f.step.text, "preview.lead"),
        main=p.Action("main", f.t("preview.print"), "print"),
        second=p.Action("second", f.t("preview.later")),
    )


def _printing(f: Frame) -> p.Page:
    state = f.state
    is_card = bool(getattr(f.step, "is_card", False))
    total = max(1, state.pages)
    now = min(total, state.done + 1)
    if state.reason:
        notice = f"{f.t(f'reason.{state.reason}.citizen')} {f.t('printing.wait')}"
    else:
        notice = ""
    body = p.PrintingBody(
        done=state.done,
        total=total,
        sentence=f.t("printing.card" if is_card else "printing.page", page=now, pages=total),
        scene=_scene(f, p.SceneKind.CARD_OUT if is_card else p.SceneKind.PAPER_OUT),
        notice=notice,
        tone=p.Tone.CAUTION if notice else p.Tone.NEUTRAL,
    )
    return f.page("printing", f.t("printing.title"), body, lead=f.t("printing.lead"))


def _trouble(f: Frame) -> p.Page:
    code = f.state.notice or f.state.failure or ErrorCode.INTERNAL
    is_office = code.value.startswith("OFF")
    is_device = code.value.startswith(("PRN", "CRD", "SLP"))
    lines = [f.t(f"error.{code}.what"), f.t("trouble.safe"), f.t(f"error.{code}.do")]
    scene = p.Scene(p.SceneKind.OFFICER) if is_device else None
    name = "offline" if is_office else "device-fault" if is_device else "outcome"
    return f.page(
        name,
        f.t("trouble.office-title" if is_office else "trouble.device-title" if is_device else "trouble.title"),
        p.OutcomeBody(p.Tone.CAUTION, lines, scene, code.value),
        main=p.Action("main", f.t("button.retry"), "retry"),
        second=p.Action("second", f.t("button.give-up")),
    )


def _phone(f: Frame) -> p.Page:
    from kiosk.core.qr import qr_rows

    lines = [say(line, f.language) for line in f.step.lines] or [
        f.t("phone.step-1"),
        f.t("phone.step-2"),
        f.t("phone.step-3"),
    ]
    host = f.state.url.split("/")[2] if "//" in f.state.url else ""
    body = p.HandOverBody(qr_rows(f.state.url), host, lines, f.t("phone.expires"), f.t("phone.qr"))
    return f.page(
        "hand-over",
        f.say(f.step.title, "phone.title"),
        body,
        lead=f.say(f.step.text, "phone.lead"),
        main=p.Action("main", f.t("phone.done"), "check"),
    )


def _slip(f: Frame) -> p.Page:
    body = p.SceneBody(_scene(f, p.SceneKind.SLIP_OUT), f.t("slip.hint"))
    return f.page("slip", f.say(f.step.title, "slip.title"), body, lead=f.say(f.step.text, "slip.lead"))


def _rate(f: Frame) -> p.Page:
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


def _finish(f: Frame) -> p.Page:
    assert isinstance(f.step, c.FinishStep)
    ending = f.state.ending or f.step.ending
    lines = [say(line, f.language) for line in f.step.lines]
    code = ""
    if ending in (Ending.FAILED, Ending.UNKNOWN) and f.state.failure is not None:
        code = f.state.failure.value
        lines = [f.t(f"error.{code}.what"), f.t(f"error.{code}.do"), *lines]
    main = p.Action("main", f.t("finish.done"), "check")
    title = f.say(f.step.title, f"finish.{ending}")
    lead = say(f.step.text, f.language)
    if ending is Ending.DONE:
        scenes, labels = [], []
        if f.visit.is_card_there:
            scenes.append(_scene(f, p.SceneKind.TAKE_CARD))
            labels.append(f.t("take.card"))
        if f.state.printed:
            is_card = f.state.printed[-1] == "ktp-el"
            scenes.append(_scene(f, p.SceneKind.CARD_OUT if is_card else p.SceneKind.PAPER_OUT))
            labels.append(f.t("take.new-card" if is_card else "take.paper"))
        if f.state.facts.get("slip") == "printed":
            scenes.append(_scene(f, p.SceneKind.SLIP_OUT))
            labels.append(f.t("take.slip"))
        return f.page("take", title, p.TakeBody(scenes, labels, lines), lead=lead, main=main, has_way_out=False)
    scene = p.Scene(p.SceneKind.OFFICER) if ending in (Ending.FAILED, Ending.UNKNOWN) else None
    return f.page("outcome", title, p.OutcomeBody(_TONES[ending], lines, scene, code), lead=lead, main=main, has_way_out=False)


_STAGES: dict[Stage, Callable[[Frame], p.Page]] = {
    Stage.STANDARD: _standard,
    Stage.SHOW: _show,
    Stage.WORK: _busy,
    Stage.TROUBLE: _trouble,
    Stage.CHOOSE_PROOF: _choose_proof,
    Stage.TAP: _tap,
    Stage.FIND: _busy,
    Stage.NIK: _nik,
    Stage.PIN: _pin,
    Stage.SCAN: _scan,
    Stage.PROVE: _busy,
    Stage.LOCKED: _locked,
    Stage.OFFER_BIND: _offer_bind,
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
