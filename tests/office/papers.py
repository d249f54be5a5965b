"""Signed documents of the office under test, and the people in them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kiosk import api
from kiosk.office import database as db
from kiosk.office import registry
from kiosk.office.drawing.data import Sheet
from kiosk.office.issuer import Issuer, Signer
from kiosk.office.seed import DATABASE


@dataclass(frozen=True, slots=True)
class Paper:
    sheet: Sheet
    pdf: bytes
    path: Path

    @property
    def family(self) -> api.Family:
        return self.sheet.family


class Press:
    """Issues documents of a seeded folder and keeps each as a file below ``out``."""

    def __init__(self, folder: Path, out: Path) -> None:
        self.folder = folder
        self._out = out
        self._database = db.Database(folder / DATABASE)
        self.issuer = Issuer(self._database, Signer(folder))

    def paper(self, kind: api.DocumentKind, **where: Any) -> Paper:
        """The first document of a kind; ``members`` asks for a family of that size."""
        with self._database.reading() as connection:
            rows = connection.execute(select(db.document).where(db.document.c.kind == kind.value)).mappings()
            sheets = [(row["id"], registry.sheet_of(connection, row)) for row in rows]
        wanted = where.get("members")
        document_id, sheet = next((i, s) for i, s in sheets if wanted is None or len(s.family.members) == wanted)
        pdf = self.issuer.issue(document_id).pdf
        path = self._out / f"{kind.value}-{wanted or 'any'}.pdf"
        path.write_bytes(pdf)
        return Paper(sheet, pdf, path)

    def close(self) -> None:
        self._database.close()
