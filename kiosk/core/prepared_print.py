"""A document that was granted, fetched and verified, and may be printed once."""

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk import api
from kiosk.documents.verified import VerifiedDocument
from kiosk.store.prints import PrinterName

if TYPE_CHECKING:
    from kiosk.core.print_watch import Clock


def has_run_out(grant: api.Grant, asked_at: float, clock: "Clock") -> bool:
    """Whether the office may have given it to somebody else by now. By the steady clock, by which it was asked for
    at ``asked_at``: the other may be wrong by hours, or be set in the middle of a visit."""
    if grant.expires_in_s is None:
        return clock.now() >= grant.expires_at
    return clock.monotonic() >= asked_at + grant.expires_in_s


class PreparedPrint:
    """A document that may be printed once, in memory only. ``document.data`` is empty after print or release."""

    def __init__(self, print_id: str, printer: PrinterName, document: VerifiedDocument, grant: api.Grant) -> None:
        self.print_id = print_id
        self.printer = printer
        self.kind = grant.kind
        self.grant_id = grant.id
        self.document_id = grant.document_id
        self._grant = grant
        self._asked_at = float("-inf")
        self.document = document
        self._lock = threading.Lock()
        self._is_taken = False

    def counted_from(self, asked_at: float) -> "PreparedPrint":
        """The same; its grant was asked for then, by the steady clock."""
        self._asked_at = asked_at
        return self

    def is_expired(self, clock: "Clock") -> bool:
        return has_run_out(self._grant, self._asked_at, clock)

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
