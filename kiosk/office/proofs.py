"""Who is it? Proofs and visits; ``attempts`` counts what went wrong.

A NIK that does not exist is answered exactly like a wrong PIN: same words, same count of attempts, same lock, and the
same one argon2id verification. Attempts are counted before the PIN is looked at, so that parallel guesses gain
nothing.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from kiosk import api
from kiosk.office import database as db
from kiosk.office.access_tables import attempt_history as history
from kiosk.office.access_tables import token_use as use
from kiosk.office.access_tables import visit_scope as scope
from kiosk.office.attempts import Attempts
from kiosk.office.biometrics import Biometrics
from kiosk.office.pins import PinHasher
from kiosk.office.print_codes import PrintCodes
from kiosk.office.rules import Refusal, Rules


@dataclass(frozen=True, slots=True)
class Visit:
    nik: str
    kiosk: str
    can_bind_card: bool
    token_hash: str
    document_id: str = ""
    """The one document that this visit is for, where a print code opened it."""

    def sees(self, document_id: str) -> bool:
        """Whether that document is this visit's business."""
        return self.document_id in ("", document_id)


def hashed(token: str) -> str:
    """How tokens stand in the tables."""
    return sha256(token.encode()).hexdigest()


class Proofs:
    """Opens and closes visits."""

    def __init__(self, database: db.Database, hasher: PinHasher, rules: Rules) -> None:
        self._database = database
        self._hasher = hasher
        self._rules = rules
        self.attempts = Attempts(rules, database.fact("secret").encode())
        self.biometrics = Biometrics(database, rules, self)
        self.print_codes = PrintCodes(database, rules)

    def find_card(self, kiosk: str, uid: str) -> bool:
        """Raises Refusal (429) when this kiosk asked for too many unknown cards."""
        with self._database.writing() as connection:
            self.attempts.refuse_throttled(connection, kiosk)
            is_known = nik_of_card(connection, uid) is not None
            if not is_known:
                self.attempts.count_failure(connection, kiosk)
        return is_known

    def prove(self, kiosk: str, shown: api.ProofRequest) -> api.ProofAnswer:
        """One attempt. Raises Refusal: 422 when a field of the method is missing, 429 when throttled."""
        if shown.method in ("card-biometric", "nik-biometric"):
            return self.biometrics.prove(kiosk, shown)
        if shown.method == "qr-token":
            return self._prove_token(kiosk, shown)
        if shown.method == "print-code":
            return self._prove_code(kiosk, shown)
        claim = shown.card_uid if shown.method == "card-pin" else shown.nik
        if claim is None or shown.pin is None:
            raise Refusal(422, "invalid", "this proof lacks a field")
        with self._database.writing() as connection:
            self.attempts.refuse_throttled(connection, kiosk)
            nik = claim
            if shown.method == "card-pin":
                owner = nik_of_card(connection, claim)
                if owner is None:
                    self.attempts.count_failure(connection, kiosk)
                    return api.ProofAnswer(end="card-unknown")
                nik = owner
            subject = self.attempts.subject(nik)
            attempt = self.attempts.take(connection, subject)
            if attempt.wait_s:
                return api.ProofAnswer(end="locked", attempts_left=0, retry_after_s=attempt.wait_s)
            account = connection.execute(select(db.account).where(db.account.c.nik == nik)).mappings().one_or_none()
            self.attempts.count_failure(connection, kiosk)
        is_right = self._hasher.is_right(account["pin_hash"] if account else None, shown.pin)
        if not is_right or account is None:
            left = self._rules.attempts - attempt.failures
            if left > 0:
                return api.ProofAnswer(end="wrong", attempts_left=left)
            return api.ProofAnswer(end="locked", attempts_left=0, retry_after_s=attempt.lock_s)
        with self._database.writing() as connection:
            self.attempts.forgive(connection, subject)
            self.attempts.forgive_failure(connection, kiosk)
            if account["is_closed"]:
                return api.ProofAnswer(end="locked", retry_after_s=self._rules.lock_s)
            return self.open_visit(connection, kiosk, nik, can_bind_card=shown.method == "nik-pin")

    def visit(self, kiosk: str, token: str) -> Visit:
        """The visit that a token opened. Raises Refusal (410) when it is over, unknown, or another kiosk's."""
        with self._database.reading() as connection:
            row = (
                connection.execute(
                    select(db.visit, scope.c.document_id)
                    .join(scope, scope.c.token_hash == db.visit.c.token_hash, isouter=True)
                    .where(db.visit.c.token_hash == hashed(token))
                )
                .mappings()
                .first()
            )
        if row is None or row["kiosk"] != kiosk or row["expires_at"] <= db.now_s():
            raise Refusal(410, "visit-expired")
        return Visit(row["nik"], kiosk, row["can_bind_card"], row["token_hash"], row["document_id"] or "")

    def end_visit(self, kiosk: str, token: str) -> None:
        """Idempotent."""
        with self._database.writing() as connection:
            connection.execute(
                delete(db.visit).where(db.visit.c.token_hash == hashed(token), db.visit.c.kiosk == kiosk)
            )

    def bind_card(self, visit: Visit, uid: str) -> None:
        """Raises Refusal (409) when the card is somebody else's, or the visit was not opened with a NIK."""
        with self._database.writing() as connection:
            owner = nik_of_card(connection, uid)
            if owner == visit.nik:
                return
            if owner is not None or not visit.can_bind_card:
                raise Refusal(409, "card-taken")
            connection.execute(insert(db.card), [{"uid": uid, "nik": visit.nik}])

    def unlock_all(self) -> None:
        """The demo's mercy: forget every wrong attempt, and let spent codes be shown again."""
        with self._database.writing() as connection:
            for table in (db.attempt, history, db.kiosk_failure, use):
                connection.execute(delete(table))

    # --- inside ----------------------------------------------------------------------------------------------------

    def _prove_token(self, kiosk: str, shown: api.ProofRequest) -> api.ProofAnswer:
        if not shown.token:
            raise Refusal(422, "invalid", "this proof lacks a field")
        with self._database.writing() as connection:
            self.attempts.refuse_throttled(connection, kiosk)
            row = connection.execute(
                select(db.qr_token.c.nik, db.qr_token.c.expires_at, db.account.c.is_closed)
                .join(db.account, db.account.c.nik == db.qr_token.c.nik)
                .where(db.qr_token.c.hash == hashed(shown.token))
            ).one_or_none()
            is_used = use.c.hash == hashed(shown.token)
            is_spent = connection.execute(select(use.c.used_at).where(is_used)).first() is not None
            if row is None or is_spent or row.expires_at <= db.now_s():
                self.attempts.count_failure(connection, kiosk)
                return api.ProofAnswer(end="wrong")
            # Before anything comes of it: a code is good for one visit, or for learning that the account is closed.
            connection.execute(insert(use), [{"hash": hashed(shown.token), "used_at": db.now_s()}])
            if row.is_closed:
                return api.ProofAnswer(end="locked", retry_after_s=self._rules.lock_s)
            return self.open_visit(connection, kiosk, row.nik, can_bind_card=False)

    def _prove_code(self, kiosk: str, shown: api.ProofRequest) -> api.ProofAnswer:
        """Unknown, used, expired and void codes are one answer and the same statements."""
        if shown.code is None:
            raise Refusal(422, "invalid", "this proof lacks a field")
        with self._database.writing() as connection:
            self.attempts.refuse_throttled(connection, kiosk)
            self.attempts.count_failure(connection, kiosk)
            found = self.print_codes.spend(connection, shown.code)
            if found is None:
                return api.ProofAnswer(end="wrong")
            self.attempts.forgive_failure(connection, kiosk)
            nik, document_id = found
            closed = select(db.account.c.is_closed).where(db.account.c.nik == nik)
            if connection.execute(closed).scalar_one_or_none():
                return api.ProofAnswer(end="locked", retry_after_s=self._rules.lock_s)
            answer = self.open_visit(connection, kiosk, nik, can_bind_card=False)
            self.print_codes.limit(connection, hashed(answer.token), document_id)
            return answer

    def open_visit(self, connection: Connection, kiosk: str, nik: str, *, can_bind_card: bool) -> api.ProofAnswer:
        """A new visit of a proved person."""
        token = secrets.token_urlsafe(32)
        now = db.now_s()
        connection.execute(delete(db.visit).where(db.visit.c.expires_at <= now))
        values: dict[str, Any] = {
            "token_hash": hashed(token),
            "nik": nik,
            "kiosk": kiosk,
            "expires_at": now + self._rules.visit_s,
            "can_bind_card": can_bind_card,
        }
        connection.execute(insert(db.visit), [values])
        name = connection.execute(select(db.person.c.name).where(db.person.c.nik == nik)).scalar_one()
        return api.ProofAnswer(end="proved", token=token, display_name=name, can_bind_card=can_bind_card)


def nik_of_card(connection: Connection, uid: str) -> str | None:
    nik: str | None = connection.execute(select(db.card.c.nik).where(db.card.c.uid == uid)).scalar_one_or_none()
    return nik
