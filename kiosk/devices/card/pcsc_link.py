"""The link to a real reader through PC/SC. The only module that imports smartcard, and of it only the plain calls.

The library's monitors die for good when pcscd restarts, so the loop is our own: each ``wait`` makes one
SCardGetStatusChange, and whatever goes wrong releases the context and begins again.
"""

import os
import threading
from typing import Any

from smartcard import scard

from kiosk.devices.card.link import CardFault, CardFaultError, CardSession, LinkState, LinkView
from kiosk.devices.card.slots import choose_readers, slots_line

RETRY_S = 0.25
SLICE_MS = 250
ROUSE_MS = 100
"""How often a slot is roused whose card went without pcscd's own eye having seen it: see ``_rouse``."""
SOCKET = "/run/pcscd/pcscd.comm"
PLUG_AND_PLAY = "\\\\?PnP?\\Notification"

_SERVICE_AWAY = {scard.SCARD_E_NO_SERVICE, scard.SCARD_E_SERVICE_STOPPED, 0x80100013, 0x80100001}
_NO_PERMISSION = {scard.SCARD_W_SECURITY_VIOLATION, scard.SCARD_E_NO_ACCESS}
_GONE = {scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_NO_READERS_AVAILABLE}
_MUTE = {
    scard.SCARD_W_UNRESPONSIVE_CARD,
    scard.SCARD_W_UNPOWERED_CARD,
    scard.SCARD_E_PROTO_MISMATCH,
    scard.SCARD_W_UNSUPPORTED_CARD,
}


def _code(result: int) -> int:
    """Result codes come signed or unsigned, depending on the platform."""
    return result & 0xFFFFFFFF


_SERVICE_AWAY = {_code(code) for code in _SERVICE_AWAY}
_NO_PERMISSION = {_code(code) for code in _NO_PERMISSION}
_GONE = {_code(code) for code in _GONE}
_MUTE = {_code(code) for code in _MUTE}
_TIMED_OUT = _code(scard.SCARD_E_TIMEOUT)
_CANCELLED = _code(scard.SCARD_E_CANCELLED)
_HELD = _code(scard.SCARD_E_SHARING_VIOLATION)


class _PcscSession:
    """A connected card, held alone."""

    def __init__(self, link: "PcscLink", context: Any, card: Any, protocol: int, atr: bytes) -> None:
        self._link = link
        self._context = context
        self._card = card
        self._protocol = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        self._lock = threading.Lock()
        self._is_open = True
        self.atr = atr

    def transmit(self, apdu: bytes) -> bytes:
        result, answer = scard.SCardTransmit(self._card, self._protocol, list(apdu))
        if _code(result) != scard.SCARD_S_SUCCESS:
            raise CardFaultError(_fault_of(_code(result)), f"{_code(result):#010x}")
        if len(answer) < 2:
            # "Success" without a status word is how a card shows that was pulled during the command.
            raise CardFaultError(CardFault.PULLED, "answer without a status word")
        return bytes(answer)

    def close(self) -> None:
        with self._lock:
            if not self._is_open:
                return
            self._is_open = False
        scard.SCardDisconnect(self._card, scard.SCARD_UNPOWER_CARD)
        scard.SCardReleaseContext(self._context)
        self._link.count_session(-1)


def _is_socket_forbidden() -> bool:
    """A service whose socket we may not write to looks to the library like none at all."""
    path = os.environ.get("PCSCLITE_CSOCK_NAME", SOCKET)
    return os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK)  # noqa: PTH110 (a string from outside)


def _fault_of(code: int) -> CardFault:
    if code in _SERVICE_AWAY or code in _GONE or code in _NO_PERMISSION:
        return CardFault.AWAY
    if code in _MUTE:
        return CardFault.MUTE
    return CardFault.HELD if code == _HELD else CardFault.PULLED


class PcscLink:
    """The readers of this machine whose names hold ``reader``."""

    def __init__(self, reader: str = "") -> None:
        self._wanted = reader
        self.name = f"PC/SC {reader}".strip()
        self._interrupted = threading.Event()
        self._counting = threading.Lock()
        self._context: Any = None
        self._states: dict[str, int] = {}
        self._readers: list[str] = []
        self._slots = ""
        self._own_sessions = 0
        self._is_exclusive_before = False
        self._was_refused = False
        self._counters: dict[str, int] = {}
        self._present: dict[str, bool] = {}
        self._unseen: set[str] = set()
        self._insertion = 0
        self._view: LinkView | None = None
        self._holder = ""

    def open(self) -> None:
        """Begin afresh; insertions go on counting."""
        self._interrupted.clear()
        self._view = None

    def close(self) -> None:
        """Release the context."""
        self._let_go()

    def interrupt(self) -> None:
        """``wait`` returns at once, or at the end of its slice where the cancel came between two calls."""
        self._interrupted.set()
        context = self._context
        if context is not None:
            scard.SCardCancel(context)

    def wait(self, timeout_s: float) -> LinkView:
        """See ``CardLink.wait``."""
        slices = max(1, round(timeout_s * 1000 / SLICE_MS))
        for _ in range(slices):
            view = self._look()
            if view != self._view or self._interrupted.is_set():
                break
            if view.state is not LinkState.READY:
                self._interrupted.wait(RETRY_S)
        self._view = view
        return view

    def connect(self) -> CardSession:
        """See ``CardLink.connect``. A context of its own: contexts don't go between threads."""
        name = self._holder
        if not name:
            raise CardFaultError(CardFault.PULLED, "no card")
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if _code(result) != scard.SCARD_S_SUCCESS:
            raise CardFaultError(CardFault.AWAY, f"{_code(result):#010x}")
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        self.count_session(1)
        result, card, protocol = scard.SCardConnect(context, name, scard.SCARD_SHARE_EXCLUSIVE, protocols)
        if _code(result) != scard.SCARD_S_SUCCESS:
            scard.SCardReleaseContext(context)
            self.count_session(-1)
            raise CardFaultError(_fault_of(_code(result)), f"{_code(result):#010x}")
        result, _, _, _, atr = scard.SCardStatus(card)
        return _PcscSession(
            self, context, card, protocol, bytes(atr) if _code(result) == scard.SCARD_S_SUCCESS else b""
        )

    def count_session(self, change: int) -> None:
        """Our own exclusive sessions, so that they aren't taken for another program's."""
        with self._counting:
            self._own_sessions += change

    # --- the watch's thread -----------------------------------------------------------------------------------------

    def _look(self) -> LinkView:
        """One look of at most a slice."""
        if self._context is None:
            result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            if _code(result) != scard.SCARD_S_SUCCESS:
                return self._down(_code(result))
            self._context = context
            self._states.clear()
            self._counters.clear()
            self._present.clear()
            self._unseen.clear()
        result, names = scard.SCardListReaders(self._context, [])
        code = _code(result)
        if code != scard.SCARD_S_SUCCESS and code not in _GONE:
            return self._down(code)
        all_names = list(names) if code == scard.SCARD_S_SUCCESS else []
        self._readers = choose_readers(all_names, self._wanted)
        self._slots = slots_line(all_names, self._readers)
        for name in [name for name in self._states if name not in self._readers]:
            self._forget(name)
        return self._wait_for_change(len(all_names))

    def _wait_for_change(self, count: int) -> LinkView:
        asked = [(name, self._states.get(name, scard.SCARD_STATE_UNAWARE)) for name in self._readers]
        # The upper half of this state is the number of readers that the caller knows of.
        asked.append((PLUG_AND_PLAY, count << 16))
        slice_ms = ROUSE_MS if self._unseen else SLICE_MS
        result, states = scard.SCardGetStatusChange(self._context, slice_ms, asked)
        code = _code(result)
        if code not in (scard.SCARD_S_SUCCESS, _TIMED_OUT, _CANCELLED):
            if code in _GONE:
                # Unplugged between the two calls: the next look lists anew.
                self._states.clear()
                return LinkView(LinkState.NO_READER, insertion=self._insertion, detail=f"{code:#010x}")
            return self._down(code)
        for name, state, _ in states:
            if name in self._readers:
                self._note(name, state)
        if code == _TIMED_OUT:
            for name in self._unseen:
                self._rouse(name)
        return self._seen()

    def _note(self, name: str, state: int) -> None:
        counter = state >> 16 & 0xFFFF
        is_present = bool(state & scard.SCARD_STATE_PRESENT)
        before = self._counters.get(name)
        if is_present and (not self._present.get(name) or (before is not None and counter != before)):
            self._insertion += 1
        if is_present or counter != before:
            self._unseen.discard(name)
        elif self._present.get(name):
            self._unseen.add(name)
        self._counters[name] = counter
        self._present[name] = is_present
        self._states[name] = state & ~scard.SCARD_STATE_CHANGED

    def _rouse(self, name: str) -> None:
        """Let pcscd look again at a slot that it calls empty although its counter of comings and goings stood still.

        So it is when the end of our session finds the card gone before pcscd's own thread does, which looks every
        0.4 s. A card that lies there again by then is none that came for that thread, and stays unseen for as long as
        it lies there. A power-up through a direct connection corrects the slot; without a card it changes nothing.
        """
        shared = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, card, _ = scard.SCardConnect(self._context, name, scard.SCARD_SHARE_DIRECT, shared)
        if _code(result) == scard.SCARD_S_SUCCESS:
            scard.SCardDisconnect(card, scard.SCARD_RESET_CARD)

    def _seen(self) -> LinkView:
        if not self._readers:
            self._holder = ""
            return LinkView(LinkState.NO_READER, insertion=self._insertion, detail=self._slots)
        holding = [name for name in self._readers if self._present.get(name)]
        if not holding:
            self._holder = ""
            return LinkView(LinkState.READY, insertion=self._insertion, detail=self._slots)
        state = self._states[holding[0]]
        self._holder = holding[0]
        if state & scard.SCARD_STATE_UNAVAILABLE:
            return LinkView(LinkState.NO_READER, insertion=self._insertion, detail="unavailable")
        # Our own session shows the same flag, and for a moment after its end; so it must be seen twice.
        is_exclusive = bool(state & scard.SCARD_STATE_EXCLUSIVE) and self._own_sessions == 0
        is_held, self._is_exclusive_before = is_exclusive and self._is_exclusive_before, is_exclusive
        if is_held:
            return LinkView(LinkState.HELD, True, self._insertion, detail="another program holds the card")
        is_mute = bool(state & scard.SCARD_STATE_MUTE)
        return LinkView(LinkState.READY, True, self._insertion, is_mute, len(holding) > 1, self._slots)

    def _forget(self, name: str) -> None:
        self._states.pop(name, None)
        self._counters.pop(name, None)
        self._present.pop(name, None)
        self._unseen.discard(name)

    def _down(self, code: int) -> LinkView:
        self._let_go()
        self._holder = ""
        # A pcscd that dies while it is asked looks like a refusal, once.
        is_refused = code in _NO_PERMISSION
        is_forbidden = (is_refused and self._was_refused) or _is_socket_forbidden()
        state = LinkState.NO_PERMISSION if is_forbidden else LinkState.SERVICE_AWAY
        self._was_refused = is_refused
        return LinkView(state, insertion=self._insertion, detail=f"{code:#010x}")

    def _let_go(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            scard.SCardReleaseContext(context)
