"""A make-believe encoder for tests and for trying an integration. It writes no chip and knows no key of the State."""

import threading
import time
from dataclasses import dataclass, field

from kiosk.devices.contract.card_encoder import EncodeEnd, EncodeFault, EncodeOrder, EncodeOutcome

_END_OF = {
    EncodeFault.NONE: EncodeEnd.ENCODED,
    EncodeFault.CHIP_FAULT: EncodeEnd.SPOILED,
    EncodeFault.TIMED_OUT: EncodeEnd.UNKNOWN,
    EncodeFault.CANCELLED: EncodeEnd.UNKNOWN,
}
"""All other faults come before anything is written."""


@dataclass
class SimulatedCardEncoder:
    """Takes ``encode_s`` a chip; ``fault`` is what happens to the next orders. ``chips`` maps serial to print id."""

    encode_s: float = 0.0
    fault: EncodeFault = EncodeFault.NONE
    is_on: bool = True
    chips: dict[str, str] = field(default_factory=dict)
    is_configured: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def is_ready(self) -> bool:
        """As switched."""
        return self.is_on

    def encode(self, order: EncodeOrder, deadline_s: float, cancel: threading.Event) -> EncodeOutcome:
        """One chip; a serial that was written before is refused."""
        if not self.is_on:
            return EncodeOutcome(EncodeEnd.UNTOUCHED, EncodeFault.AWAY)
        if not self._lock.acquire(blocking=False):
            return EncodeOutcome(EncodeEnd.UNTOUCHED, EncodeFault.REFUSED, "one at a time")
        try:
            if order.blank_serial in self.chips:
                return EncodeOutcome(EncodeEnd.UNTOUCHED, EncodeFault.WRONG_CARD, "written before")
            fault = self.fault
            end = _END_OF.get(fault, EncodeEnd.UNTOUCHED)
            if end is not EncodeEnd.UNTOUCHED:
                # From here on the chip is not what it was.
                self.chips[order.blank_serial] = order.print_id
                started = time.monotonic()
                if cancel.wait(min(self.encode_s, deadline_s)):
                    return EncodeOutcome(EncodeEnd.UNKNOWN, EncodeFault.CANCELLED)
                if time.monotonic() - started >= deadline_s:
                    return EncodeOutcome(EncodeEnd.UNKNOWN, EncodeFault.TIMED_OUT)
            return EncodeOutcome(end, fault)
        finally:
            self._lock.release()
