"""The office's part of a comparison at a kiosk: gives out one reference for one claim, and takes one match for it.

Off unless ``Rules.takes_biometrics``. The kiosk compares and says how it ended; the office bounds how often, binds the
match to the claim and the kiosk by a ticket, and answers nobody, no reference and too often alike.
"""

import base64
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from kiosk import api
from kiosk.office import database as db
from kiosk.office.rules import Refusal, Rules

if TYPE_CHECKING:
    from kiosk.office.proofs import Proofs


class Biometrics:
    """``proofs`` keeps attempts, locks and visits for all methods."""

    def __init__(self, database: db.Database, rules: Rules, proofs: "Proofs") -> None:
        self._database = database
        self._rules = rules
        self._proofs = proofs

    def reference(self, kiosk: str, asked: api.BiometricRequest) -> api.BiometricAnswer:
        """One reference, counted before it is given. Raises Refusal (422) without a claim, (429) when throttled."""
        if not self._rules.takes_biometrics:
            return api.BiometricAnswer(is_allowed=False)
        if (asked.card_uid is None) == (asked.nik is None):
            raise Refusal(422, "invalid", "one of card and NIK must be claimed")
        ticket = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            attempts = self._proofs.attempts
            attempts.refuse_throttled(connection, kiosk)
            attempts.count_failure(connection, kiosk)
            nik = self._owner(connection, asked.card_uid, asked.nik)
            subject = attempts.subject(f"{asked.kind}:{nik or asked.card_uid}")
            found = self._found(connection, nik, asked.kind) if nik else None
            is_spent = attempts.take(connection, subject, self._rules.biometric_attempts).wait_s > 0
            is_spent = is_spent or self._is_locked(connection, nik)
            if found is None or is_spent:
                return api.BiometricAnswer(is_allowed=True, ticket=ticket)
            now = db.now_s()
            connection.execute(delete(db.biometric_ticket).where(db.biometric_ticket.c.expires_at <= now))
            row = {"nik": nik, "kiosk": kiosk, "subject": subject, "expires_at": now + self._rules.ticket_s}
            connection.execute(insert(db.biometric_ticket), [{"hash": _hashed(ticket), **row}])
        return api.BiometricAnswer(is_allowed=True, ticket=ticket, reference=base64.b64encode(found).decode())

    def prove(self, kiosk: str, shown: api.ProofRequest) -> api.ProofAnswer:
        """One match for one ticket. Raises Refusal (422) when a field is missing or biometrics are off."""
        claim = shown.card_uid if shown.method == "card-biometric" else shown.nik
        if not self._rules.takes_biometrics or claim is None or not shown.ticket or shown.band is None:
            raise Refusal(422, "invalid", "this proof is not taken")
        with self._database.writing() as connection:
            ticket = db.biometric_ticket
            where = (ticket.c.hash == _hashed(shown.ticket), ticket.c.kiosk == kiosk)
            row = connection.execute(select(ticket).where(*where)).one_or_none()
            connection.execute(delete(ticket).where(*where))
            is_card = shown.method == "card-biometric"
            nik = self._owner(connection, shown.card_uid if is_card else None, None if is_card else shown.nik)
            if row is None or row.expires_at <= db.now_s() or row.nik != nik or nik is None:
                self._proofs.attempts.count_failure(connection, kiosk)
                return api.ProofAnswer(end="wrong")
            closed = connection.execute(select(db.account.c.is_closed).where(db.account.c.nik == nik)).scalar_one()
            if closed or self._is_locked(connection, nik):
                return api.ProofAnswer(end="locked", retry_after_s=self._rules.lock_s)
            self._proofs.attempts.forgive(connection, row.subject)
            self._proofs.attempts.forgive_failure(connection, kiosk)
            # Whoever binds a card to an account knows its PIN.
            return self._proofs.open_visit(connection, kiosk, nik, can_bind_card=False)

    def _owner(self, connection: Connection, uid: str | None, nik: str | None) -> str | None:
        if uid is None:
            return nik
        owner: str | None = connection.execute(select(db.card.c.nik).where(db.card.c.uid == uid)).scalar_one_or_none()
        return owner

    def _found(self, connection: Connection, nik: str, kind: str) -> bytes | None:
        wanted = (db.biometric.c.nik == nik, db.biometric.c.kind == kind)
        found: bytes | None = connection.execute(select(db.biometric.c.reference).where(*wanted)).scalar_one_or_none()
        return found

    def _is_locked(self, connection: Connection, nik: str | None) -> bool:
        """Whether wrong PINs have locked the account: a face is no way round that."""
        return nik is not None and self._proofs.attempts.is_locked(connection, self._proofs.attempts.subject(nik))


def _hashed(ticket: str) -> str:
    return sha256(ticket.encode()).hexdigest()
