"""One function an effect: what it does to devices, office and printing, on the worker's thread.

Each returns its outcome or raises KioskError; nothing here touches the visit.
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiosk.backend.contract import Office, Proof, ProofEnd, ProofMethod
from kiosk.core import desk_handlers
from kiosk.core.comparing import biometric_proof, compare
from kiosk.core.session import Session
from kiosk.devices.contract import CardReader, CardReadKind, FaceMatcher, FingerMatcher, Reason, SlipEnd, SlipPrinter
from kiosk.errors import DeviceError, DocumentError, ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out

if TYPE_CHECKING:
    from kiosk.core.paper import Paper
    from kiosk.core.printing import PrintService
    from kiosk.core.witness import Witness
    from kiosk.store.numbers import Given

CARD_EXCHANGE_S = 3.0
AGAIN_S = 2.0
AWAY_PAUSE_S = 0.2
GONE_S = 0.8
"""Twice the poll interval of the slowest driver."""
READER_BACK_S = 2.0
"""How long the check of a card waits for a reader that is away: a blip must not cost the PIN that was typed."""

Report = Callable[[int, int, str], None]


@dataclass
class Hands:
    """What effects may reach. ``show_picture`` sends a preview to the face; ``rate`` puts a survey into the outbox.

    ``complain`` gets topic and number, ``take_number`` raises NoNumberError; both keep durably first.
    """

    office: Office
    card_reader: CardReader
    slip_printer: SlipPrinter
    prints: "PrintService"
    paper: "Paper"
    show_picture: Callable[[Session, str, int, int, bytes], None]
    rate: Callable[[Session, int], None]
    complain: Callable[[str, str], None]
    take_number: Callable[[str], "Given"]
    matchers: Mapping[fx.BiometricKind, FaceMatcher | FingerMatcher] = field(default_factory=dict)
    note_consent: Callable[[str], None] = lambda kind: None
    """Writes into the audit chain that somebody agreed; raises StoreError, and then nothing is compared."""
    guard: "Witness | None" = None
    """Knows which claims are locked here, and writes down how a proof ended."""


_CARD_CODES = {
    CardReadKind.MUTE: ErrorCode.CARD_MUTE,
    CardReadKind.FOREIGN: ErrorCode.CARD_FOREIGN,
    CardReadKind.SEVERAL: ErrorCode.CARD_SEVERAL,
    CardReadKind.PULLED: ErrorCode.CARD_PULLED,
    CardReadKind.TIMED_OUT: ErrorCode.CARD_SLOW,
    CardReadKind.NO_CARD: ErrorCode.CARD_PULLED,
}


def _read_card(
    hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report
) -> out.Outcome:
    assert isinstance(effect, fx.ReadCard)
    _let_the_hand_move(hands, session, cancel)
    read = hands.card_reader.read(86_400.0, cancel)
    while read.kind is CardReadKind.READER_AWAY and not cancel.is_set():
        # The page says so and offers the NIK; a reader that comes back finds the person where they were.
        cancel.wait(AWAY_PAUSE_S)
        read = hands.card_reader.read(86_400.0, cancel)
    if read.kind in (CardReadKind.READER_AWAY, CardReadKind.CANCELLED):
        return out.Failed(ErrorCode.CARD_READER_AWAY)
    if read.kind is not CardReadKind.READ:
        session.troubled_insertion = hands.card_reader.presence().insertion
        return out.CardTrouble(_CARD_CODES[read.kind])
    session.card = read
    return out.CardSeen(read.uid, is_stable=read.is_uid_stable, can_be_bound=not read.is_tap_only)


def _let_the_hand_move(hands: Hands, session: Session, cancel: threading.Event) -> None:
    """After a card that gave trouble, wait until it was moved, at most AGAIN_S: then it is read once more."""
    end = time.monotonic() + AGAIN_S
    while time.monotonic() < end and not cancel.is_set():
        presence = hands.card_reader.presence()
        if not presence.is_present or presence.insertion != session.troubled_insertion:
            return
        cancel.wait(0.05)


def _find_card(
    hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report
) -> out.Outcome:
    assert isinstance(effect, fx.FindCard)
    return out.CardFound() if hands.office.find_card(effect.uid) else out.CardStranger()


def _check_card(hands: Hands, session: Session, cancel: threading.Event) -> out.CardTrouble | None:
    """The very card that was read must still lie there before its holder's account is opened or bound.

    After a reader was away and came back, the card that never moved is a new insertion: it is read again, from the
    beginning, and only the same fixed identifier counts.
    """
    reader, card = hands.card_reader, session.card
    end = time.monotonic() + READER_BACK_S
    while not reader.status().is_usable and time.monotonic() < end and not cancel.is_set():
        cancel.wait(0.05)
    if not reader.status().is_usable:
        return out.CardTrouble(ErrorCode.CARD_READER_AWAY)
    presence = reader.presence()
    if card is not None and card.is_tap_only:
        # Nothing lies there that could be asked; that nobody else tapped since is all that can be known.
        return None if reader.is_same_card(card, CARD_EXCHANGE_S) else out.CardTrouble(ErrorCode.CARD_SWAPPED)
    if card is None or not presence.is_present:
        return out.CardTrouble(ErrorCode.CARD_PULLED)
    if presence.insertion == card.insertion:
        return None if reader.is_same_card(card, CARD_EXCHANGE_S) else out.CardTrouble(ErrorCode.CARD_SWAPPED)
    again = reader.read(CARD_EXCHANGE_S, cancel)
    if again.kind is not CardReadKind.READ:
        return out.CardTrouble(_CARD_CODES.get(again.kind, ErrorCode.CARD_READER_AWAY))
    if not again.is_uid_stable or again.uid != card.uid:
        return out.CardTrouble(ErrorCode.CARD_SWAPPED)
    session.card = again
    return None


def _is_another_card_there(hands: Hands, session: Session, cancel: threading.Event) -> bool:
    """Whether somebody else's card lies where the holder's was, asked before paper moves.

    None at all is no trouble: the flow says whether the card must stay, and it leaves as soon as that is seen.
    """
    reader, card = hands.card_reader, session.card
    if card is None or not session.is_proved_by_card:
        return False
    if card.is_tap_only:
        return not reader.is_same_card(card, CARD_EXCHANGE_S)
    if not reader.status().is_usable or not reader.presence().is_present:
        return False
    if _check_card(hands, session, cancel) is None:
        return False
    # A card that is being taken at this very moment answers no more, and is seen to be gone a moment later.
    end = time.monotonic() + GONE_S
    while reader.presence().is_present and time.monotonic() < end and not cancel.is_set():
        cancel.wait(0.02)
    return reader.presence().is_present and reader.status().is_usable


def _prove(hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report) -> out.Outcome:
    assert isinstance(effect, fx.Prove)
    if effect.kind is fx.ProofKind.CARD:
        trouble = _check_card(hands, session, cancel)
        if trouble is not None:
            return trouble
        proof = Proof(ProofMethod.CARD_PIN, card_uid=effect.uid, pin=effect.pin)
    elif effect.kind is fx.ProofKind.NIK:
        proof = Proof(ProofMethod.NIK_PIN, nik=effect.nik, pin=effect.pin)
    elif effect.kind is fx.ProofKind.CODE:
        proof = Proof(ProofMethod.PRINT_CODE, token=effect.token)
    else:
        proof = Proof(ProofMethod.QR_TOKEN, token=effect.token)
    if effect.biometric is not None:
        proof = biometric_proof(session, effect)
    claim = _claim_of(proof)
    wait = hands.guard.locked_for(claim) if hands.guard is not None else 0
    if wait:
        return out.Locked(wait)
    answer = hands.office.prove(proof)
    if hands.guard is not None:
        answer = hands.guard.proof_ended(proof.method.value, claim, answer)
    if answer.end is ProofEnd.PROVED:
        if not session.keep_token(answer.token):
            hands.office.end_visit(answer.token)
        session.is_proved_by_card = effect.kind is fx.ProofKind.CARD
        return out.Proved(answer.display_name, can_bind_card=answer.can_bind_card)
    if answer.end is ProofEnd.LOCKED:
        return out.Locked(answer.retry_after_s, is_machine=answer.is_machine)
    if answer.end is ProofEnd.CARD_UNKNOWN:
        return out.CardStranger()
    return out.Wrong(answer.attempts_left)


def _claim_of(proof: Proof) -> str:
    """Who somebody says to be, for this kiosk's own lock; empty for a code, which is spent when it was shown once."""
    if proof.card_uid:
        return f"card:{proof.card_uid.hex()}"
    return f"nik:{proof.nik}" if proof.nik else ""


def _compare_biometric(
    hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report
) -> out.Outcome:
    assert isinstance(effect, fx.CompareBiometric)
    if effect.claim is fx.ProofKind.CARD:
        trouble = _check_card(hands, session, cancel)
        if trouble is not None:
            return out.Failed(trouble.code)
    hands.note_consent(effect.kind)
    return compare(hands.office, hands.matchers.get(effect.kind), session, effect, cancel)


def _bind_card(
    hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report
) -> out.Outcome:
    assert isinstance(effect, fx.BindCard)
    trouble = _check_card(hands, session, cancel)
    if trouble is not None:
        return out.Failed(trouble.code, is_retryable=False)
    if session.card is None or session.card.is_tap_only or not session.card.is_uid_stable:
        return out.Failed(ErrorCode.CARD_UNKNOWN, is_retryable=False)
    hands.office.bind_card(session.token, effect.uid)
    return out.Done()


def _fetch(hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report) -> out.Outcome:
    assert isinstance(effect, fx.Fetch)
    value: Any
    if effect.what is fx.What.PERSON:
        value = hands.office.person(session.token).model_dump(mode="json")
    elif effect.what is fx.What.FAMILY:
        value = hands.office.family(session.token).model_dump(mode="json")
    else:
        value = [document.model_dump(mode="json") for document in hands.office.documents(session.token)]
    if not session.is_over:
        session.fetched[effect.what.value] = value
    return out.Fetched(effect.what, value)


def _prepare(hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report) -> out.Outcome:
    assert isinstance(effect, fx.Prepare)
    if effect.source is fx.Source.KIOSK:
        sheet = hands.paper.data_sheet(session)
        pages = hands.paper.pages_of(sheet)
        if not session.keep_sheet(sheet, cancel):
            return out.Failed(ErrorCode.VISIT_ABANDONED)
    else:
        prepared = hands.prints.prepare(session.token, effect.document_id, is_card=effect.is_card, cancel=cancel)
        if not session.keep_prepared(prepared, cancel):
            hands.prints.release(prepared)
            return out.Failed(ErrorCode.VISIT_ABANDONED)
        pages = prepared.document.pages
    try:
        _send_sheet(hands, session, 0)
    except Exception:
        # What can't be shown is not printed: the grant goes back before the person tries again.
        left = session.take_prepared()
        if left is not None:
            hands.prints.release(left)
        raise
    return out.Prepared(pages)


def _send_sheet(hands: Hands, session: Session, page: int) -> None:
    """Raster a page of what was prepared and send it to the face, in memory all the way."""
    prepared = session.peek_prepared()
    data = session.sheet or (prepared.document.data if prepared is not None else b"")
    if not data:
        raise DocumentError(ErrorCode.VISIT_ABANDONED, "nothing is prepared")
    picture = hands.paper.picture(data, page)
    hands.show_picture(session, f"preview-{page}", picture.width, picture.height, picture.png)


def _show_sheet(
    hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report
) -> out.Outcome:
    assert isinstance(effect, fx.ShowSheet)
    _send_sheet(hands, session, effect.page)
    return out.Done()


def _print(hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report) -> out.Outcome:
    assert isinstance(effect, fx.Print)
    is_another = _is_another_card_there(hands, session, cancel)
    prepared, sheet, session.sheet = session.take_prepared(), session.sheet, b""
    if is_another:
        if prepared is not None:
            hands.prints.release(prepared)
        return out.PrintFailed(ErrorCode.CARD_SWAPPED)
    if sheet:
        return hands.prints.print_own(sheet, report, cancel)
    if prepared is None:
        raise DeviceError(ErrorCode.INTERNAL, "print without a prepared document")
    return hands.prints.print(prepared, report, cancel)


def _release(hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report) -> out.Outcome:
    assert isinstance(effect, fx.Release)
    prepared = session.take_prepared()
    session.sheet = b""
    if prepared is not None:
        hands.prints.release(prepared)
    return out.Done()


def _hand_over(
    hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report
) -> out.Outcome:
    assert isinstance(effect, fx.HandOver)
    answer = hands.office.hand_over(session.token, effect.document_id, uuid.uuid4().hex)
    return out.HandedOver(answer.url, answer.expires_in_s)


def _print_slip(
    hands: Hands, session: Session, effect: fx.Effect, cancel: threading.Event, report: Report
) -> out.Outcome:
    assert isinstance(effect, fx.PrintSlip)
    slip = hands.paper.slip(session, effect.layout, hands.slip_printer.width_dots)
    outcome = hands.slip_printer.print_slip(slip, 10.0)
    # A printer whose profile has no proof never says more than "nothing went wrong"; a slip grants nothing, so go on.
    is_unproved = outcome.end is SlipEnd.UNKNOWN and outcome.reason is Reason.NONE
    if outcome.end is SlipEnd.PRINTED or is_unproved:
        return out.Done()
    return out.Failed(hands.paper.slip_code(outcome), is_retryable=False)


Handler = Callable[[Hands, Session, fx.Effect, threading.Event, Report], out.Outcome]

HANDLERS: dict[type[fx.Effect], Handler] = {
    fx.ReadCard: _read_card,
    fx.FindCard: _find_card,
    fx.Prove: _prove,
    fx.CompareBiometric: _compare_biometric,
    fx.BindCard: _bind_card,
    fx.Fetch: _fetch,
    fx.Prepare: _prepare,
    fx.ShowSheet: _show_sheet,
    fx.Print: _print,
    fx.Release: _release,
    fx.HandOver: _hand_over,
    fx.PrintSlip: _print_slip,
    fx.TakeNumber: desk_handlers.take_number,
    fx.Complain: desk_handlers.complain,
    fx.Rate: desk_handlers.rate,
}
