"""A document that was granted, fetched and verified, and may be printed once."""

import threading
from dataclasses import replace

from kiosk import api
from kiosk.documents.verified import VerifiedDocument
from kiosk.store.prints import PrinterName


class PreparedPrint:
    """A document that may be printed once, in memory only. ``document.data`` is empty after print or release."""

    def __init__(self, print_id: str, printer: PrinterName, document: VerifiedDocument, grant: api.Grant) -> None:
        self.print_id = print_id
        self.printer = printer
        self.kind = grant.kind
        self.grant_id = grant.id
        self.document_id = grant.document_id
        self.expires_at = grant.expires_at
        self.document = document
        self._lock = threading.Lock()
        self._is_taken = False

    def take(self) -> bool:
        """True for the first caller alone: who takes it prints it or gives it back."""
        with self._lock:
            was_taken, self._is_taken = self._is_taken, True
        return not was_taken

    def forget(self) -> bytes:
        """Hand out the bytes and keep none."""
        data = self.document.data
        self.document = replace(self.document, data=b"")
        return data

    def __repr__(self) -> str:
        return f"PreparedPrint({self.print_id}, {self.printer}, pages={self.document.pages})"
