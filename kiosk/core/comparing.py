"""Comparing a face or a finger, on the worker's thread: reference from the office, matcher, and what may follow.

The reference lives for the length of the call. What the person is told never says whether the office knows them: no
reference, no match and no answer all end at the PIN.
"""

import threading
import time
from typing import TYPE_CHECKING

from kiosk.backend.contract import Office, Proof, ProofMethod
from kiosk.core.session import Match, Session
from kiosk.devices.contract import Doubt, MatchEnd
from kiosk.errors import DeviceError, ErrorCode
from kiosk.events import LogEvent, log
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.store import audit

if TYPE_CHECKING:
    from kiosk.devices.contract import FaceMatcher, FingerMatcher
    from kiosk.store.database import Store

COMPARE_S = 14.0
"""Seconds that a person stands before the camera; the page counts down a little longer."""

HINTS = {
    Doubt.TOO_DARK: "dark",
    Doubt.TOO_BRIGHT: "bright",
    Doubt.TOO_SMALL: "near",
    Doubt.SEVERAL: "several",
    Doubt.BLURRED: "still",
    Doubt.FEW_MINUTIAE: "finger",
    Doubt.NOBODY: "plain",
    Doubt.BETWEEN: "plain",
}
"""What a second try can mend. A reference that can't be used is not among them."""


def compare(
    office: Office,
    matcher: "FaceMatcher | FingerMatcher | None",
    session: Session,
    effect: fx.CompareBiometric,
    cancel: threading.Event,
) -> out.Outcome:
    """Compared, NotCompared or Failed. Raises BackendError when the office can't be asked."""
    session.match = None
    claim = _claim(effect.claim, effect.uid, effect.nik)
    log(LogEvent.BIOMETRIC_ASKED, device=effect.kind, state="agreed")
    if matcher is None or not matcher.status().is_usable:
        return out.Failed(ErrorCode.BIOMETRIC_AWAY)
    given = office.biometric(effect.kind, card_uid=effect.uid, nik=effect.nik)
    if not given.is_allowed:
        return out.Failed(ErrorCode.BIOMETRIC_AWAY)
    report = matcher.match(given.reference, COMPARE_S, cancel)
    log(LogEvent.BIOMETRIC_ENDED, device=effect.kind, state=report.end)
    if report.end is MatchEnd.MATCH and given.reference is not None and report.band is not None:
        if not session.is_over and not cancel.is_set():
            session.match = Match(claim, given.ticket, report.band)
            return out.Compared()
        return out.NotCompared()
    if report.end is MatchEnd.NO_DEVICE:
        return out.Failed(ErrorCode.BIOMETRIC_AWAY)
    if report.end in (MatchEnd.NOT_SURE, MatchEnd.TIMED_OUT):
        hint = "plain" if report.end is MatchEnd.TIMED_OUT else HINTS.get(report.doubt, "")
        if effect.kind is fx.BiometricKind.FINGER and hint in ("plain", "still"):
            hint = "finger"
        return out.NotCompared(hint)
    return out.NotCompared()


def note_consent(store: "Store", kind: str) -> None:
    """Somebody agreed to one comparison: into the audit chain, without whom. Raises StoreError."""
    with store.transaction() as connection:
        audit.append(connection, time.time(), "biometric.consented", {"kind": kind})


def biometric_proof(session: Session, effect: fx.Prove) -> Proof:
    """The proof for a match of this very visit and claim, which it uses up. Raises DeviceError without one.

    The engine asks for it only after a match; this is the second lock on the same door.
    """
    match, session.match = session.match, None
    if match is None or match.claim != _claim(effect.kind, effect.uid, effect.nik):
        raise DeviceError(ErrorCode.INTERNAL, "a biometric proof without its comparison")
    method = ProofMethod.CARD_BIOMETRIC if effect.kind is fx.ProofKind.CARD else ProofMethod.NIK_BIOMETRIC
    return Proof(method, card_uid=effect.uid, nik=effect.nik, ticket=match.ticket, band=match.band)


def _claim(kind: fx.ProofKind, uid: bytes, nik: str) -> str:
    """Whom a comparison was about. Raises DeviceError where it was about nobody: never a face alone."""
    claim = uid.hex() if kind is fx.ProofKind.CARD else nik if kind is fx.ProofKind.NIK else ""
    if not claim:
        raise DeviceError(ErrorCode.INTERNAL, "a comparison without a card or a NIK")
    return f"{kind}:{claim}"
