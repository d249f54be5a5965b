"""No card printer: it says so, has no part, and every operation ends at once."""

import time

from kiosk.devices.contract import DeviceKind
from kiosk.devices.contract.card_printer import BlankCount, CardPart, CardPrinterParts, Fitted, PartState, Source
from kiosk.devices.not_configured import MissingPrinter
from kiosk.devices.status import Clock


def _none(part: CardPart) -> PartState:
    return PartState(part, Fitted.NO, Source.SETTINGS)


_NO_PARTS = CardPrinterParts(
    _none(CardPart.RIBBON), _none(CardPart.FEEDER), _none(CardPart.REJECT_TRAY), _none(CardPart.FLIPPER)
)


class MissingCardPrinter(MissingPrinter):
    """UNKNOWN, not configured, for ever."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.CARD_PRINTER, clock)

    def parts(self) -> CardPrinterParts:
        """None fitted."""
        return _NO_PARTS

    def set_blanks(self, blanks: BlankCount | None) -> None:
        """Nothing to count for."""
        del blanks

    def set_encoder(self, *, is_ready: bool) -> None:
        """Nothing to count for."""
        del is_ready
