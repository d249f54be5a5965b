"""Print codes: ten digits that the counter gives out for one document of one person, typed at any kiosk of the office.

A code opens one visit, in which that document can be printed and nothing else is to be seen: no data, no other
document, no phone, no card to bind. It is kept as a keyed hash, since ten digits could be guessed from a plain one.
"""

import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from kiosk import api
from kiosk.office import database as db
from kiosk.office.access_tables import print_code as table
from kiosk.office.access_tables import visit_scope
from kiosk.office.rules import Rules

DIGITS = 10
"""With a thousand codes out and 400 tries of a kiosk in a day, one day of guessing finds one in 25,000."""
LONGEST_H = 24 * 14


class NoSuchDocumentError(Exception):
    """Nobody of that NIK has such a document ready; ``choices`` where there are several."""

    def __init__(self, choices: tuple[str, ...] = ()) -> None:
        super().__init__("several documents" if choices else "no such document")
        self.choices = choices


@dataclass(frozen=True, slots=True)
class PrintCode:
    """``code`` is told once and kept nowhere. ``expires_at``: seconds since 1970."""

    code: str
    document_id: str
    expires_at: int

    @property
    def grouped(self) -> str:
        """As people read it out: 12345-67890."""
        return f"{self.code[:5]}-{self.code[5:]}"


class PrintCodes:
    """``make`` is the counter's, ``spend`` the kiosk's, in the transaction of its proof."""

    def __init__(self, database: db.Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules
        self._secret = database.fact("secret").encode()

    def make(self, nik: str, kind: api.DocumentKind, document_id: str = "", hours: float = 0) -> PrintCode:
        """A code for a document that waits for this person. Older codes for it are void. Raises NoSuchDocumentError."""
        owned = (
            select(db.document.c.id)
            .join(db.document_owner, db.document_owner.c.document_id == db.document.c.id)
            .where(db.document_owner.c.nik == nik, db.document.c.kind == kind.value, db.document.c.state == "ready")
            .order_by(db.document.c.issued.desc(), db.document.c.id)
        )
        code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
        expires_at = db.now_s() + (int(hours * 3600) or self._rules.print_code_s)
        with self._database.writing() as connection:
            ready = [found for found in connection.execute(owned).scalars() if document_id in ("", found)]
            if len(ready) != 1:
                raise NoSuchDocumentError(tuple(ready))
            now = db.now_s()
            connection.execute(
                update(table).where(table.c.document_id == ready[0], table.c.used_at.is_(None)).values(used_at=now)
            )
            row = {"hash": self._hashed(code), "document_id": ready[0], "nik": nik, "expires_at": expires_at}
            connection.execute(insert(table), [row])
        return PrintCode(code, ready[0], expires_at)

    def spend(self, connection: Connection, code: str) -> tuple[str, str] | None:
        """NIK and document of a code that was good until now; None for unknown, used and expired ones alike."""
        now = db.now_s()
        hashed = self._hashed(code)
        spent = connection.execute(
            update(table)
            .where(table.c.hash == hashed, table.c.used_at.is_(None), table.c.expires_at > now)
            .values(used_at=now)
        )
        if spent.rowcount != 1:
            return None
        row = connection.execute(select(table.c.nik, table.c.document_id).where(table.c.hash == hashed)).one()
        return str(row.nik), str(row.document_id)

    def limit(self, connection: Connection, token_hash: str, document_id: str) -> None:
        """From now on the visit of this token is for that document alone."""
        connection.execute(insert(visit_scope), [{"token_hash": token_hash, "document_id": document_id}])

    def _hashed(self, code: str) -> str:
        return hmac.new(self._secret, f"print-code:{code}".encode(), "sha256").hexdigest()
