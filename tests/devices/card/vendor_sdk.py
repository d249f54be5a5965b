"""A vendor's SDK that reads KTP-el cards by itself, faked, and the adapter that docs/devices.md shows."""

from collections.abc import Callable
from threading import Event

from kiosk.devices.card.biodata import GarbledError, parse_biodata
from kiosk.devices.card.ektp import CardTalk, IdentityEnd, IdentityOutcome
from kiosk.devices.contract import CardRead


class FakeSdk:
    """As such libraries are: a result code, a buffer, and no exceptions."""

    def __init__(self, record: bytes) -> None:
        self.record = record
        self.code = 0
        self.on_read: Callable[[], None] = lambda: None

    def sam_status(self) -> int:
        return 0

    def read_card(self, timeout_ms: int) -> tuple[int, bytes]:
        assert timeout_ms > 0
        self.on_read()
        return self.code, self.record if self.code == 0 else b""


# --- what an integrator writes
ENDS = {1: IdentityEnd.NO_SAM, 7: IdentityEnd.FORGED, 9: IdentityEnd.PULLED}


class VendorIdentity:
    def __init__(self, sdk: FakeSdk) -> None:
        self._sdk = sdk

    def is_there(self) -> bool:
        return self._sdk.sam_status() == 0

    def read_identity(self, reader: CardTalk, read: CardRead, deadline_s: float, cancel: Event) -> IdentityOutcome:
        code, record = self._sdk.read_card(timeout_ms=round(deadline_s * 1000))
        if cancel.is_set():
            return IdentityOutcome(IdentityEnd.CANCELLED)
        if code != 0:
            return IdentityOutcome(ENDS.get(code, IdentityEnd.SAM_FAULT), detail=f"SDK {code}")
        if not reader.is_same_card(read, 2.0):
            return IdentityOutcome(IdentityEnd.SWAPPED)
        try:
            return IdentityOutcome(IdentityEnd.READ, parse_biodata(record))
        except GarbledError as error:
            return IdentityOutcome(IdentityEnd.GARBLED, detail=str(error))
