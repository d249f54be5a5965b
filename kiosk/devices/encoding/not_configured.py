"""No encoder: cards come out printed, with the chip as the blank brought it. The office encodes at the counter."""

from threading import Event

from kiosk.devices.contract.card_encoder import EncodeEnd, EncodeFault, EncodeOrder, EncodeOutcome


class MissingCardEncoder:
    """UNTOUCHED at once, for ever; the card print path leaves it out."""

    is_configured = False

    def is_ready(self) -> bool:
        """Never."""
        return False

    def encode(self, order: EncodeOrder, deadline_s: float, cancel: Event) -> EncodeOutcome:
        """UNTOUCHED, not configured."""
        del order, deadline_s, cancel
        return EncodeOutcome(EncodeEnd.UNTOUCHED, EncodeFault.NOT_CONFIGURED)
