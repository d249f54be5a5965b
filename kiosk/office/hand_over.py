"""From the kiosk to the phone: a one-time token, a short-lived page, one download."""

import hmac
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from kiosk import api
from kiosk.office import database as db
from kiosk.office.grants import fingerprint_of, keep_key, use_key
from kiosk.office.issuer import Issuer
from kiosk.office.kinds import KINDS
from kiosk.office.proofs import Visit, hashed
from kiosk.office.rules import Refusal, Rules


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that a token leads to."""

    kind: api.DocumentKind
    left_s: int


class GoneError(Exception):
    """The token leads nowhere: ``reason`` is unknown, expired or used."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HandOvers:
    def __init__(self, database: db.Database, issuer: Issuer, rules: Rules) -> None:
        self._database = database
        self._issuer = issuer
        self._rules = rules
        self._secret = database.fact("secret").encode()

    def create(self, visit: Visit, document_id: str, key: str, base_url: str) -> api.HandOver:
        """The same key gives the same address. Raises Refusal: 404, 409 when this kind stays on paper, 422."""
        fingerprint = fingerprint_of("hand-over", visit.nik, document_id)
        token = hmac.new(self._secret, f"hand-over:{visit.kiosk}:{key}".encode(), "sha256").hexdigest()[:40]
        with self._database.writing() as connection:
            row = connection.execute(
                select(db.document.c.kind)
                .join(db.document_owner, db.document_owner.c.document_id == db.document.c.id)
                .where(db.document.c.id == document_id, db.document_owner.c.nik == visit.nik)
            ).one_or_none()
            if row is None or visit.document_id:
                # A print code is for paper: its slip lies on a counter, and what a phone takes it keeps.
                raise Refusal(404, "not-found")
            if not KINDS[api.DocumentKind(row.kind)].can_hand_over:
                raise Refusal(409, "not-found", "this kind is not handed over")
            expires_at = db.now_s() + self._rules.hand_over_s
            if use_key(connection, visit.kiosk, key, fingerprint) is None:
                connection.execute(
                    insert(db.hand_over),
                    [{"token_hash": hashed(token), "document_id": document_id, "expires_at": expires_at}],
                )
                keep_key(connection, visit.kiosk, key, fingerprint, document_id)
            else:
                expires_at = connection.execute(
                    select(db.hand_over.c.expires_at).where(db.hand_over.c.token_hash == hashed(token))
                ).scalar_one()
        return api.HandOver(url=f"{base_url}/h/{token}", expires_in_s=max(1, expires_at - db.now_s()))

    def waiting(self, token: str) -> Waiting:
        """Look without using it up: phones fetch pages to preview them. Raises GoneError."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(db.hand_over.c.used_at, db.hand_over.c.expires_at, db.document.c.kind)
                .join(db.document, db.document.c.id == db.hand_over.c.document_id)
                .where(db.hand_over.c.token_hash == hashed(token))
            ).one_or_none()
        if row is None:
            raise GoneError("unknown")
        if row.used_at is not None:
            raise GoneError("used")
        if row.expires_at <= db.now_s():
            raise GoneError("expired")
        return Waiting(api.DocumentKind(row.kind), row.expires_at - db.now_s())

    def take(self, token: str) -> tuple[api.DocumentKind, bytes]:
        """The one download. Raises GoneError."""
        waiting = self.waiting(token)
        with self._database.reading() as connection:
            document_id = connection.execute(
                select(db.hand_over.c.document_id).where(db.hand_over.c.token_hash == hashed(token))
            ).scalar_one()
        issued = self._issuer.issue(document_id)
        with self._database.writing() as connection:
            taken = connection.execute(
                update(db.hand_over)
                .where(db.hand_over.c.token_hash == hashed(token), db.hand_over.c.used_at.is_(None))
                .values(used_at=db.now_s())
            )
            if taken.rowcount != 1:
                raise GoneError("used")
        return waiting.kind, issued.pdf
