"""Ready documents, permission to print each once, and how prints ended.

A document is *ready*, *taken* while a grant is out, *printed* for ever, or *with-staff* when nobody knows whether the
paper came out. A grant that ran out before its bytes were fetched frees its document; one that was fetched can have
been printed, so its document waits for staff.
"""

import hmac
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from kiosk import api
from kiosk.office import database as db
from kiosk.office.issuer import Issued, Issuer
from kiosk.office.kinds import KINDS
from kiosk.office.proofs import Visit
from kiosk.office.rules import Refusal, Rules

_REASONS = {
    "taken": api.NotReadyReason.BEING_PRINTED,
    "printed": api.NotReadyReason.PRINTED_ALREADY,
    "with-staff": api.NotReadyReason.WITH_STAFF,
}
_AFTER = {api.PrintEnd.PRINTED: "printed", api.PrintEnd.FAILED: "ready", api.PrintEnd.UNKNOWN: "with-staff"}
BY_STAFF = "attendant"
"""The evidence that settles an unknown print after all."""


class Grants:
    """Every method is one transaction, or two with the signing between them."""

    def __init__(self, database: db.Database, issuer: Issuer, rules: Rules) -> None:
        self._database = database
        self._issuer = issuer
        self._rules = rules
        self._secret = database.fact("secret").encode()

    def documents(self, visit: Visit) -> list[api.ReadyDocument]:
        """All that wait for this person, newest first; the one that a print code was given for."""
        with self._database.writing() as connection:
            self._sweep(connection)
            rows = connection.execute(
                select(db.document)
                .join(db.document_owner, db.document_owner.c.document_id == db.document.c.id)
                .where(db.document_owner.c.nik == visit.nik)
                .order_by(db.document.c.issued.desc(), db.document.c.id)
            ).mappings()
            ready = [_ready_document(row) for row in rows if visit.sees(row["id"])]
        if visit.document_id:
            return [one.model_copy(update={"can_hand_over": False}) for one in ready]
        return ready

    def grant(self, visit: Visit, document_id: str, key: str) -> api.Grant:
        """Permission to print. Raises Refusal: 404, 409 document-taken, 422 key-reused."""
        with self._database.reading() as connection:
            self._owned(connection, visit, document_id)
        issued = self._issuer.issue(document_id)
        fingerprint = fingerprint_of("grant", visit.nik, document_id)
        with self._database.writing() as connection:
            self._sweep(connection)
            document = self._owned(connection, visit, document_id)
            known = use_key(connection, visit.kiosk, key, fingerprint)
            if known is not None:
                return self._answer(connection, known, document, issued)
            if document["state"] != "ready":
                raise Refusal(409, "document-taken", str(document["state"]))
            grant_id = self._derived("grant", visit.kiosk, key)
            values: dict[str, Any] = {
                "id": grant_id,
                "document_id": document_id,
                "kiosk": visit.kiosk,
                "expires_at": db.now_s() + self._rules.grant_s,
                "state": "open",
                "is_fetched": False,
                "settlement": None,
            }
            connection.execute(insert(db.grant), [values])
            _set_document(connection, document_id, "taken")
            keep_key(connection, visit.kiosk, key, fingerprint, grant_id)
            return self._answer(connection, grant_id, document, issued)

    def fetch(self, visit: Visit, grant_id: str) -> Issued:
        """The signed bytes, as often as asked while the grant is open. Raises Refusal: 404, 409 grant-closed."""
        with self._database.writing() as connection:
            self._sweep(connection)
            row = _grant(connection, grant_id)
            if row is None or row["kiosk"] != visit.kiosk:
                raise Refusal(404, "not-found")
            self._owned(connection, visit, row["document_id"])
            if row["state"] != "open":
                raise Refusal(409, "grant-closed", str(row["state"]))
            connection.execute(update(db.grant).where(db.grant.c.id == grant_id).values(is_fetched=True))
        return self._issuer.issue(row["document_id"])

    def settle(self, kiosk: str, end: api.Settlement, key: str) -> None:
        """Take down how a print ended. The same key again is done already. Raises Refusal: 404, 409, 422.

        A kiosk whose disk was set back finds the same end anew, at another time: the end counts, not its moment.
        """
        fingerprint = fingerprint_of("settlement", end.model_dump_json(exclude={"at"}))
        with self._database.writing() as connection:
            if use_key(connection, kiosk, key, fingerprint) is not None:
                return
            row = _grant(connection, end.grant_id)
            if row is None or row["kiosk"] != kiosk:
                raise Refusal(404, "not-found")
            state = row["state"]
            # Made unknown by its age alone: the kiosk was cut off, and its own first word still counts.
            is_unheard = state == "unknown" and row["settlement"] is None
            is_open = state in ("open", "expired") or is_unheard or (state == "unknown" and end.evidence == BY_STAFF)
            if state != end.end.value:
                if not is_open:
                    raise Refusal(409, "grant-closed", str(state))
                connection.execute(
                    update(db.grant)
                    .where(db.grant.c.id == end.grant_id)
                    .values(state=end.end.value, settlement=end.model_dump(mode="json"))
                )
                self._follow(connection, row, end.end)
            keep_key(connection, kiosk, key, fingerprint, end.grant_id)

    def hold(self, kiosk: str, age_s: int | None = None) -> int:
        """Make every open grant of a kiosk unknown: its journal is lost. Returns how many there were.

        Grants that are younger than the journal's new beginning, ``age_s`` ago, stand in it and stay.
        """
        latest = db.now_s() - (age_s or 0) + self._rules.grant_s
        with self._database.writing() as connection:
            rows = connection.execute(
                select(db.grant).where(
                    db.grant.c.kiosk == kiosk, db.grant.c.state == "open", db.grant.c.expires_at <= latest
                )
            ).mappings()
            held = list(rows)
            for row in held:
                connection.execute(update(db.grant).where(db.grant.c.id == row["id"]).values(state="unknown"))
                _set_document(connection, row["document_id"], "with-staff")
            return len(held)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _follow(self, connection: Connection, row: RowMapping, end: api.PrintEnd) -> None:
        """Bring the document after its grant; a later grant of the same document is never undone by an older one."""
        others = connection.execute(
            select(db.grant.c.state).where(
                db.grant.c.document_id == row["document_id"], db.grant.c.id != row["id"], db.grant.c.state != "failed"
            )
        ).scalars()
        states = {state for state in others if state != "expired"}
        if end is api.PrintEnd.PRINTED or "printed" in states:
            _set_document(connection, row["document_id"], "printed")
        elif "unknown" in states:
            _set_document(connection, row["document_id"], "with-staff")
        elif "open" not in states:
            _set_document(connection, row["document_id"], _AFTER[end])

    def _sweep(self, connection: Connection) -> None:
        """Close grants that ran out."""
        rows = list(
            connection.execute(
                select(db.grant).where(db.grant.c.state == "open", db.grant.c.expires_at <= db.now_s())
            ).mappings()
        )
        for row in rows:
            state = "unknown" if row["is_fetched"] else "expired"
            connection.execute(update(db.grant).where(db.grant.c.id == row["id"]).values(state=state))
            _set_document(connection, row["document_id"], "with-staff" if row["is_fetched"] else "ready")

    def _owned(self, connection: Connection, visit: Visit, document_id: str) -> RowMapping:
        row = (
            connection.execute(
                select(db.document)
                .join(db.document_owner, db.document_owner.c.document_id == db.document.c.id)
                .where(db.document.c.id == document_id, db.document_owner.c.nik == visit.nik)
            )
            .mappings()
            .one_or_none()
        )
        if row is None or not visit.sees(document_id):
            raise Refusal(404, "not-found")
        return row

    def _answer(self, connection: Connection, grant_id: str, document: RowMapping, issued: Issued) -> api.Grant:
        row = _grant(connection, grant_id)
        if row is None:
            raise Refusal(404, "not-found")
        kind = api.DocumentKind(document["kind"])
        return api.Grant(
            id=grant_id,
            document_id=document["id"],
            kind=kind,
            pages=document["pages"],
            medium=KINDS[kind].medium,
            sha256=issued.sha256,
            expires_at=db.moment(row["expires_at"]),
            expires_in_s=max(0, row["expires_at"] - db.now_s()),
            printed_already=row["state"] in ("printed", "unknown"),
        )

    def _derived(self, purpose: str, kiosk: str, key: str) -> str:
        return hmac.new(self._secret, f"{purpose}:{kiosk}:{key}".encode(), "sha256").hexdigest()[:32]


def use_key(connection: Connection, kiosk: str, key: str, fingerprint: str) -> str | None:
    """What this idempotency key led to before, or None. Raises Refusal (422) when it came with another body."""
    row = connection.execute(
        select(db.key_use).where(db.key_use.c.kiosk == kiosk, db.key_use.c.key == key)
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise Refusal(422, "key-reused")
    return str(row.reference)


def keep_key(connection: Connection, kiosk: str, key: str, fingerprint: str, reference: str) -> None:
    values = {"kiosk": kiosk, "key": key, "fingerprint": fingerprint, "reference": reference, "at": db.now_s()}
    connection.execute(insert(db.key_use), [values])


def fingerprint_of(*parts: str) -> str:
    """What tells one request's meaning from another's."""
    return sha256("\x00".join(parts).encode()).hexdigest()


def _grant(connection: Connection, grant_id: str) -> RowMapping | None:
    return connection.execute(select(db.grant).where(db.grant.c.id == grant_id)).mappings().one_or_none()


def _set_document(connection: Connection, document_id: str, state: str) -> None:
    connection.execute(update(db.document).where(db.document.c.id == document_id).values(state=state))


def _ready_document(row: RowMapping) -> api.ReadyDocument:
    kind = api.DocumentKind(row["kind"])
    reason = _REASONS.get(row["state"])
    return api.ReadyDocument(
        id=row["id"],
        kind=kind,
        title=KINDS[kind].title,
        subject=row["subject_name"],
        issued=row["issued"],
        medium=KINDS[kind].medium,
        pages=row["pages"],
        can_print=reason is None,
        can_hand_over=KINDS[kind].can_hand_over,
        reason=reason,
    )
