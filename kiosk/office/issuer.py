"""Draws and signs each document once, and keeps the bytes: what is fetched is what was signed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from kiosk.api import DocumentKind
from kiosk.office import authority, registry
from kiosk.office import database as db
from kiosk.office.drawing.data import Sheet


@dataclass(frozen=True, slots=True)
class Issued:
    pdf: bytes
    sha256: str


class Signer:
    """PAdES baseline B signatures with the office's key, which is read once. Safe from several threads."""

    def __init__(self, folder: Path) -> None:
        from pyhanko.sign import signers

        simple_signer: Any = signers.SimpleSigner
        loaded = simple_signer.load(
            str(folder / authority.SIGNER_KEY),
            str(folder / authority.SIGNER),
            ca_chain_files=(str(folder / authority.ROOT),),
        )
        if loaded is None:
            raise LookupError("the office's signing key cannot be read")
        self._signer = loaded

    def sign(self, pdf: bytes) -> bytes:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import signers
        from pyhanko.sign.fields import SigSeedSubFilter

        metadata = signers.PdfSignatureMetadata(
            field_name="TTE",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason="DOKUMEN CONTOH",
            location="CONTOH RAYA",
        )
        output = signers.PdfSigner(metadata, self._signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
        return bytes(output.getvalue())


class Issuer:
    """``issue`` is idempotent: two threads that ask for one document get the same bytes."""

    def __init__(self, database: db.Database, signer: Signer, copies: Path | None = None) -> None:
        """``copies``: where the demo keeps each issued PDF as a file too; None keeps none."""
        self._database = database
        self._signer = signer
        self._copies = copies
        self._one_at_a_time = threading.Lock()

    def issue(self, document_id: str) -> Issued:
        """Raises LookupError for an unknown document."""
        with self._one_at_a_time:
            with self._database.reading() as connection:
                known = _issued(connection, document_id)
                if known:
                    return known
                row = (
                    connection.execute(select(db.document).where(db.document.c.id == document_id))
                    .mappings()
                    .one_or_none()
                )
                if row is None:
                    raise LookupError("no such document")
                sheet = registry.sheet_of(connection, row)
            pdf = self._signer.sign(_drawing(sheet.kind)(sheet))
            issued = Issued(pdf, sha256(pdf).hexdigest())
            with self._database.writing() as connection:
                # Another process may have been quicker; its bytes count then.
                known = _issued(connection, document_id)
                if known:
                    return known
                connection.execute(
                    insert(db.issue),
                    [{"document_id": document_id, "pdf": pdf, "sha256": issued.sha256, "at": db.now_s()}],
                )
            if self._copies:
                _keep(self._copies / f"{sheet.kind.value}-{document_id}.pdf", pdf)
            return issued


def _issued(connection: Connection, document_id: str) -> Issued | None:
    row = connection.execute(
        select(db.issue.c.pdf, db.issue.c.sha256).where(db.issue.c.document_id == document_id)
    ).one_or_none()
    return Issued(row.pdf, row.sha256) if row else None


def _drawing(kind: DocumentKind) -> Callable[[Sheet], bytes]:
    from kiosk.office.drawing import certificate, family_card, identity_card

    if kind is DocumentKind.KK:
        return family_card.draw
    return identity_card.draw if kind is DocumentKind.KTP_EL else certificate.draw


def _keep(path: Path, pdf: bytes) -> None:
    partial = path.with_suffix(".part")
    partial.touch(mode=0o600)
    partial.write_bytes(pdf)
    partial.replace(path)
