"""Pages on which people show who they are: choose a proof, tap, NIK, PIN, QR, locked, remember this card."""

from kiosk import protocol as p
from kiosk.core.availability import code_of, reader_reason
from kiosk.core.flow_frame import FlowFrame
from kiosk.devices.contract import DeviceKind
from kiosk.errors import ErrorCode
from kiosk.flows import compiled as c
from kiosk.flows.effects import ProofKind

NIK_GROUPS = [6, 6, 4]
CODE_GROUPS = [5, 5]
PIN_LENGTH = 6
MOST_MINUTES = 90
"""A longer wait is told in hours."""

_PROOF_ICONS = {ProofKind.CARD: "id-card", ProofKind.NIK: "keypad", ProofKind.QR: "qr", ProofKind.CODE: "print"}


def choose_proof(f: FlowFrame) -> p.Page:
    assert isinstance(f.step, c.IdentifyStep)
    tiles = []
    other = f.t("proof.use-nik" if ProofKind.NIK in f.step.proofs else "proof.use-other")
    for proof in f.step.proofs:
        away = _away(f, proof)
        tiles.append(
            p.Tile(
                f"choose:{proof.value}",
                f.t(f"proof.{proof.value}"),
                f.t(f"proof.{proof.value}-line"),
                _PROOF_ICONS[proof],
                is_enabled=not away,
                reason=f"{away} {other}" if away else "",
            )
        )
    return f.page(
        "proof",
        f.say(f.step.title, "proof.title"),
        p.MenuBody(tiles, f.notice()),
        lead=f.say(f.step.text, "proof.lead"),
    )


def _away(f: FlowFrame, proof: ProofKind) -> str:
    """Why a way to sign in does not stand open now; ``""`` when it does."""
    if proof is ProofKind.CARD:
        return reader_reason(f.situation)
    if proof is ProofKind.QR:
        return f.t("scan.away") if code_of(f.situation, DeviceKind.SCANNER) else ""
    return ""


def tap(f: FlowFrame) -> p.Page:
    """Where the card goes; while the reader is away, the way without a card, and no way back is needed after it."""
    can_type = isinstance(f.step, c.IdentifyStep) and ProofKind.NIK in f.step.proofs
    second = p.Action("choose:nik", f.t("tap.use-nik"), "keypad") if can_type else None
    away = reader_reason(f.situation)
    if away:
        body = p.SceneBody(
            p.Scene(p.SceneKind.OFFICER),
            f.t("tap.away-hint"),
            f"{away} {f.t('tap.away-notice')}",
            p.Tone.CAUTION,
            code_of(f.situation, DeviceKind.CARD_READER),
        )
        return f.page(
            "tap-card",
            f.t("tap.away-title"),
            body,
            lead=f.t("tap.away-lead-nik" if can_type else "tap.away-lead"),
            second=second,
        )
    if f.visit.is_card_new:
        # Before the read has ended: who sees that the card was noticed holds it still.
        seen = p.SceneBody(f.scene(p.SceneKind.HOLD_CARD), notice=f.t("tap.seen-notice"), tone=p.Tone.GOOD)
        return f.page("card-seen", f.t("tap.seen-title"), seen, lead=f.t("tap.lead"), second=second)
    body = p.SceneBody(
        f.scene(p.SceneKind.HOLD_CARD),
        f.t("tap.hint"),
        f.notice(),
        p.Tone.CAUTION if f.state.notice else p.Tone.NEUTRAL,
        f.state.notice or "",
    )
    return f.page("tap-card", f.t("tap.title"), body, lead=f.t("tap.lead"), second=second)


def nik(f: FlowFrame) -> p.Page:
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
        tone=_nik_tone(f),
    )
    return f.page(
        "nik", f.t("nik.title"), body, lead=f.t("nik.lead"), main=p.Action("submit", f.t("button.next"), "next")
    )


def _nik_tone(f: FlowFrame) -> p.Tone:
    """A card that is not known here is nobody's mistake."""
    if f.state.notice is ErrorCode.CARD_UNKNOWN:
        return p.Tone.CAUTION
    return p.Tone.STOP if f.state.notice else p.Tone.NEUTRAL


def pin(f: FlowFrame) -> p.Page:
    is_card = f.state.proof is ProofKind.CARD
    is_away = is_card and bool(reader_reason(f.situation))
    body = p.PinBody(
        PIN_LENGTH,
        f.t("pad.delete"),
        f.t("pad.clear"),
        notice=f.t("pin.reader-away") if is_away else f.notice(),
        tone=p.Tone.CAUTION if is_away else _pin_tone(f),
    )
    return f.page(
        "pin",
        f.t("pin.title"),
        body,
        lead=f.t("pin.lead-card" if is_card else "pin.lead"),
        main=p.Action("submit", f.t("pin.open"), "next"),
    )


def _pin_tone(f: FlowFrame) -> p.Tone:
    """A camera that was not sure is nobody's mistake."""
    if f.state.notice in (ErrorCode.BIOMETRIC_UNSURE, ErrorCode.BIOMETRIC_AWAY):
        return p.Tone.CAUTION
    return p.Tone.STOP if f.state.notice else p.Tone.NEUTRAL


def scan(f: FlowFrame) -> p.Page:
    """Where the code is held; while the scanner is away, the ways without it."""
    code = code_of(f.situation, DeviceKind.SCANNER)
    if code:
        notice = f"{f.t('scan.away')} {f.t('scan.away-notice')}"
        away = p.SceneBody(p.Scene(p.SceneKind.OFFICER), f.t("tap.away-hint"), notice, p.Tone.CAUTION, code)
        return f.page("scan-code", f.t("scan.away-title"), away, lead=f.t("scan.away-lead"))
    body = p.SceneBody(
        f.scene(p.SceneKind.SCAN_CODE),
        f.t("scan.hint"),
        f.notice(),
        p.Tone.CAUTION if f.state.notice else p.Tone.NEUTRAL,
        f.state.notice or "",
    )
    return f.page("scan-code", f.t("scan.title"), body, lead=f.t("scan.lead"))


def print_code(f: FlowFrame) -> p.Page:
    """The digits from the counter; what was typed goes with the page."""
    body = p.NikBody(
        CODE_GROUPS,
        f.t("pad.delete"),
        f.t("pad.clear"),
        f.t("nik.show"),
        f.t("nik.hide"),
        notice=f.notice(),
        tone=p.Tone.STOP if f.state.notice else p.Tone.NEUTRAL,
        field="code",
    )
    main = p.Action("submit", f.t("button.next"), "next")
    return f.page("print-code", f.t("code.title"), body, lead=f.t("code.lead"), main=main)


def locked(f: FlowFrame) -> p.Page:
    """The account, or this machine: whose lock it is decides the words."""
    is_machine = f.state.failure == ErrorCode.OFFICE_THROTTLED
    key, code = ("throttled", ErrorCode.OFFICE_THROTTLED) if is_machine else ("locked", ErrorCode.PROOF_LOCKED)
    minutes = max(1, -(-f.state.retry_after_s // 60))
    in_minutes = minutes <= MOST_MINUTES
    when = f.t(f"{key}.when", count=minutes) if in_minutes else f.t(f"{key}.when-hours", count=-(-minutes // 60))
    lines = [f.t(f"{key}.what"), when, f.t(f"{key}.do")]
    body = p.OutcomeBody(p.Tone.STOP, lines, p.Scene(p.SceneKind.OFFICER), code.value)
    return f.page("locked", f.t(f"{key}.title"), body, main=p.Action("main", f.t("button.understood"), "check"))


def offer_bind(f: FlowFrame) -> p.Page:
    body = p.TextBody([f.t("bind.what"), f.t("bind.consent")], f.scene(p.SceneKind.HOLD_CARD))
    return f.page(
        "bind",
        f.t("bind.title"),
        body,
        main=p.Action("main", f.t("bind.yes"), "check"),
        second=p.Action("second", f.t("bind.no")),
    )
