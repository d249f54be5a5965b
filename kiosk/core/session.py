"""What the core alone holds of a visit: secrets that no page model, event or log may carry, dropped at the wipe."""

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiosk.devices.contract import CardRead

if TYPE_CHECKING:
    from kiosk.core.prepared_print import PreparedPrint
    from kiosk.store.numbers import Given


@dataclass(frozen=True, slots=True)
class Match:
    """A live face or finger was like the reference of this claim. Nothing of it but the office's ticket is kept."""

    claim: str = field(repr=False)
    ticket: str = field(repr=False)
    band: str


@dataclass
class Session:
    """One visit's secrets. ``ref`` is random, leads to no person, and is what slips and surveys name."""

    ref: str = field(default_factory=lambda: secrets.token_hex(8))
    token: str = field(default="", repr=False)
    card: CardRead | None = field(default=None, repr=False)
    is_proved_by_card: bool = False
    match: "Match | None" = field(default=None, repr=False)
    """A comparison that ended well and was not used yet; good for one proof of the same claim."""
    troubled_insertion: int = -1
    """The insertion that could not be used last: it is not read again at once."""
    sheet: bytes = field(default=b"", repr=False)
    """The kiosk's own data sheet as PDF, when that is what was prepared."""
    fetched: dict[str, Any] = field(default_factory=dict, repr=False)
    complaints: dict[str, str] = field(default_factory=dict, repr=False)
    """By topic, the number under which a complaint is being kept; none when that is done."""
    unseen: dict[str, "Given"] = field(default_factory=dict, repr=False)
    """By queue, a number that was taken too late for its page."""
    is_over: bool = False
    _prepared: "PreparedPrint | None" = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def keep_token(self, token: str) -> bool:
        """Hold what opens this visit at the office; False when the visit is over: the caller ends it there then."""
        with self._lock:
            if not self.is_over:
                self.token = token
            return not self.is_over

    def keep_prepared(self, prepared: "PreparedPrint", cancel: threading.Event | None = None) -> bool:
        """Hold what may be printed; False when the visit is over, the effect was cancelled, or something is held.

        The caller gives it back to the office then.
        """
        with self._lock:
            is_cancelled = cancel is not None and cancel.is_set()
            may_keep = not self.is_over and not is_cancelled and self._prepared is None
            if may_keep:
                self._prepared = prepared
                self.sheet = b""
            return may_keep

    def keep_sheet(self, sheet: bytes, cancel: threading.Event) -> bool:
        """Hold the kiosk's own sheet; False when the visit is over or the effect was cancelled."""
        with self._lock:
            may_keep = not self.is_over and not cancel.is_set()
            if may_keep:
                self.sheet = sheet
            return may_keep

    def peek_prepared(self) -> "PreparedPrint | None":
        return self._prepared

    def take_prepared(self) -> "PreparedPrint | None":
        """Hand over what may be printed, once: to the printer or back to the office, never both."""
        with self._lock:
            prepared, self._prepared = self._prepared, None
            return prepared

    def wipe(self) -> str:
        """Forget everything but what ``take_prepared`` still has to give back. The session can't be used again.

        The token that was held, for ending the visit at the office.
        """
        with self._lock:
            self.is_over = True
            token, self.token = self.token, ""
        self.card = None
        self.match = None
        self.sheet = b""
        self.fetched.clear()
        self.unseen.clear()
        self.complaints.clear()
        return token
