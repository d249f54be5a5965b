"""What the audit chain is told of visits, staff and the machine, and when the office is shown its end.

Nobody stands in it by number or name: a person is a keyed HMAC, a visit a random word that stands nowhere else. The
same object holds the kiosk's own count of wrong proofs, over restarts. Threads: any.
"""

import contextlib
import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kiosk import __version__
from kiosk.backend.contract import ProofEnd, ProofOutcome
from kiosk.errors import StoreError
from kiosk.events import LogEvent, log
from kiosk.settings import Settings
from kiosk.store import audit
from kiosk.store.checkpoints import Signer, last_checkpoint, load_signer, make_checkpoint
from kiosk.store.database import Store
from kiosk.store.people import People
from kiosk.store.stored_state import StoredState

MANY_ENTRIES = 100
"""So many new entries are shown at once, however short the time."""

JUMP_S = 60.0
"""The wall clock and the steady one may drift apart so much between two looks; more is a jump."""

_LOOK_S = 5.0


class Witness:
    """``wake`` tells the outbox that there is something to send. Methods that say so raise StoreError."""

    def __init__(
        self,
        store: Store,
        signer: Signer | None,
        settings: Settings,
        *,
        wake: Callable[[], None] = lambda: None,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._signer = signer
        self._every_s = settings.office.checkpoint_s
        self._state = StoredState(store)
        self._people = People(store)
        self._wake = wake
        self._now = now
        self._clock = clock
        self._lock = threading.Lock()
        self._visit = ""
        self._wall, self._steady = now(), clock()
        self._looked = -_LOOK_S
        self._shown = clock()

    # --- the machine

    def started(self, settings: Settings, *, version: str, flows: str, set_aside: str = "") -> None:
        """What is other than at the last start, and what was lost. Raises StoreError."""
        if set_aside:
            self._note("store.set-aside", file=set_aside)
        self._note_change("settings", digest_of(settings.model_dump_json()))
        self._note_change("flows", flows)
        self._note_change("version", version)
        if self._signer is not None:
            self._note_change("enrolment", digest_of(self._signer.kiosk + self._signer.public))
            self._note_clock()
        self.show_office()

    def flows_changed(self, digest: str) -> None:
        """Another set of flows is in force."""
        self._try_note_change("flows", digest)

    def staff(self, *, is_entered: bool, count: int = 0) -> None:
        """The technician's door was opened, or a wrong code was typed for the ``count``-th time."""
        if is_entered:
            self._try_note("staff.entered")
            with contextlib.suppress(StoreError):
                self._people.forgive("staff")
            return
        self._try_note("staff.refused", count=count)
        with contextlib.suppress(StoreError):
            self._people.went_wrong("staff", self._now(), is_growing=False)

    # --- visits

    def visit_opened(self) -> None:
        """Raises StoreError."""
        self._visit = secrets.token_hex(8)
        self._note("visit.opened", visit=self._visit)

    def visit_ended(self, reason: str) -> None:
        """After the wipe."""
        visit, self._visit = self._visit, ""
        self._try_note("visit.ended", visit=visit, reason=reason)

    def locked_for(self, claim: str) -> int:
        """Seconds that a claim (``nik:…``, ``card:…``) must wait at this kiosk; 0: none. Raises StoreError."""
        return -int(-self._people.locked_for(claim, self._now()) // 1) if claim else 0

    def proof_ended(self, method: str, claim: str, answer: ProofOutcome) -> ProofOutcome:
        """Note and count what the office said; what the kiosk says is the same, or a lock of its own."""
        try:
            return self._proof_ended(method, claim, answer)
        except StoreError as error:
            log(LogEvent.STORE_REFUSED, code=error.code)
            return answer

    def _proof_ended(self, method: str, claim: str, answer: ProofOutcome) -> ProofOutcome:
        subject = self._people.subject(claim) if claim else ""
        self._note("proof.ended", visit=self._visit, method=method, end=answer.end.value, subject=subject)
        if not claim:
            return answer
        if answer.end is ProofEnd.PROVED:
            self._people.forgive(claim)
        elif answer.end is ProofEnd.LOCKED and answer.retry_after_s > 0 and not answer.is_machine:
            self._people.lock(claim, answer.retry_after_s, self._now())
        elif answer.end is ProofEnd.WRONG:
            wait = self._people.went_wrong(claim, self._now())
            if wait > 0:
                return ProofOutcome(ProofEnd.LOCKED, attempts_left=0, retry_after_s=round(wait))
        return answer

    # --- time and the office

    def look(self) -> None:
        """Between visits and now and then: did the clock jump, is a checkpoint due?"""
        steady = self._clock()
        if steady - self._looked < _LOOK_S:
            return
        self._looked = steady
        try:
            self._note_clock()
            self._people.sweep(self._now())
            new = audit.head(self._store).number - last_checkpoint(self._store).number
            if new >= MANY_ENTRIES or (new > 0 and steady - self._shown >= self._every_s):
                self.show_office()
        except StoreError as error:
            log(LogEvent.STORE_REFUSED, code=error.code)

    def show_office(self) -> None:
        """Put a checkpoint over everything new into the outbox. Raises StoreError."""
        self._shown = self._clock()
        if self._signer is not None and make_checkpoint(self._store, self._signer, self._now()):
            self._wake()

    def _note_clock(self) -> None:
        wall, steady = self._now(), self._clock()
        with self._lock:
            jump = (wall - self._wall) - (steady - self._steady)
            self._wall, self._steady = wall, steady
        if abs(jump) > JUMP_S:
            self._note("time.jumped", seconds=round(jump))

    # --- entries

    def _note(self, event: str, **fields: audit.Field) -> None:
        with self._store.transaction() as connection:
            audit.append(connection, self._now(), event, fields)

    def _note_change(self, what: str, value: str) -> None:
        key = f"audit/{what}"
        if self._state.get(key, "") != value:
            self._note(f"{what}.changed", to=value)
            self._state.set(key, value)

    def _try_note(self, event: str, **fields: audit.Field) -> None:
        try:
            self._note(event, **fields)
        except StoreError as error:
            log(LogEvent.STORE_REFUSED, code=error.code)

    def _try_note_change(self, what: str, value: str) -> None:
        try:
            self._note_change(what, value)
        except StoreError as error:
            log(LogEvent.STORE_REFUSED, code=error.code)


def build_witness(
    store: Store, settings: Settings, flows: str, set_aside: Path | None, wake: Callable[[], None]
) -> Witness:
    """The witness of a core that starts. A key that can't be used is told, and costs no service. Raises StoreError."""
    try:
        signer = load_signer(settings.kiosk.id, settings.office.audit_key)
    except StoreError as error:
        log(LogEvent.MACHINE_LACKS, name="audit-key", detail=error.detail)
        signer = None
    witness = Witness(store, signer, settings, wake=wake)
    witness.started(settings, version=__version__, flows=flows, set_aside=set_aside.name if set_aside else "")
    return witness


def digest_of(text: str) -> str:
    """Short enough to read out, long enough to tell two apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
