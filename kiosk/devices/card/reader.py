"""The card reader's logic over a link: watch, read a tap, and ask whether the same card still lies there.

Nothing is ever retried on a session: after a fast swap the same handle speaks to another person's card (measured).
"""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Event
from typing import TypeVar

from kiosk.devices.card.identifier import SIZES, is_stable_identifier, is_type_b
from kiosk.devices.card.link import CardFault, CardFaultError, CardLink, CardSession, LinkState, LinkView
from kiosk.devices.contract import CardRead, CardReadKind, DeviceKind, Presence, Reason
from kiosk.devices.exchange_worker import ExchangeWorker, StuckError
from kiosk.devices.status import Clock, tell_each
from kiosk.devices.watching import RECOVERY_S, WatchedDevice

T = TypeVar("T")

WATCH_S = 1.0
SILENT_S = 3.0
"""A look ends after ``WATCH_S`` by itself; one that does not has a service behind it that hangs."""
EXCHANGE_S = 2.0
SETTLE_S = 0.05
GONE_S = 0.5
"""pcscd's own eye looks every 0.4 s: until then a card that was lifted lies there, and does not answer."""
LOOKER_JOIN_S = 2.0
INTERRUPT_S = 0.5
AWAY_GRACE_S = 1.0
"""How long a reader may be gone while a card is awaited: a restart of pcscd is over within a quarter of a second."""

GET_UID = bytes.fromhex("FFCA000000")
GET_UID_TYPE_B = bytes.fromhex("00DD000008")
KTP_APPLICATION = bytes.fromhex("7F0A")
SELECT_KTP = bytes.fromhex("00A4000C02") + KTP_APPLICATION
"""P2=0C, no answer wanted: what a card may put into an FCI differs, and some break on the wish for one."""
SELECT_KTP_WITH_FCI = bytes.fromhex("00A4000002") + KTP_APPLICATION
_WRONG_P2 = (b"\x6a\x86", b"\x6a\x81", b"\x6b\x00")

_REASONS = {
    LinkState.STARTING: Reason.STARTING,
    LinkState.AWAY: Reason.AWAY,
    LinkState.SILENT: Reason.SILENT,
    LinkState.SERVICE_AWAY: Reason.SERVICE_AWAY,
    LinkState.NO_PERMISSION: Reason.NO_PERMISSION,
    LinkState.HELD: Reason.HELD_BY_ANOTHER,
    LinkState.NO_READER: Reason.NO_READER,
}

_KINDS = {
    CardFault.PULLED: CardReadKind.PULLED,
    CardFault.SWAPPED: CardReadKind.PULLED,
    CardFault.MUTE: CardReadKind.MUTE,
    CardFault.HELD: CardReadKind.READER_AWAY,
    CardFault.AWAY: CardReadKind.READER_AWAY,
}


_Looks = queue.SimpleQueue[LinkView | Exception | None]


@dataclass(frozen=True, slots=True)
class _Life:
    """From a start to its stop: the views on their way from the link's thread to the watch's."""

    stopping: threading.Event
    looks: _Looks
    looker: threading.Thread


class CardReader(WatchedDevice):
    """A reader behind any link.

    The link looks on a thread of its own, for a call into a service that hangs comes back never; the watch's thread
    waits for its views and says SILENT when none comes.
    """

    def __init__(self, link: CardLink, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.CARD_READER, link.name, clock)
        self._link = link
        self._changed = threading.Condition()
        self._view = LinkView(LinkState.STARTING)
        self._listeners: list[Callable[[Presence], None]] = []
        self._worker = ExchangeWorker("card-reader exchange")
        self._reading = threading.Lock()
        self._life: _Life | None = None
        self._stuck: CardSession | None = None
        self._done = 0

    # --- life -------------------------------------------------------------------------------------------------------

    def _opened(self) -> None:
        before = self._life.looker if self._life is not None else None
        if before is None or not before.is_alive():
            self._link.open()
            before = None
        looks: _Looks = queue.SimpleQueue()
        args = (self._stopping, looks, before)
        looker = threading.Thread(target=self._look, args=args, name="card-reader look", daemon=True)
        self._life = _Life(self._stopping, looks, looker)
        looker.start()

    def _look(self, stopping: threading.Event, looks: _Looks, before: threading.Thread | None) -> None:
        """The link's own thread; one that an earlier life left hanging in a call goes first."""
        if before is not None:
            before.join()
            if stopping.is_set():
                return
            self._link.open()
        try:
            while not stopping.is_set():
                try:
                    looks.put(self._link.wait(WATCH_S))
                except Exception as error:  # noqa: BLE001 (handed to the watch's thread, which says it)
                    looks.put(error)
                    stopping.wait(RECOVERY_S)
        finally:
            self._link.close()
            looks.put(None)

    def _turn(self, stopping: threading.Event) -> None:
        life = self._life
        if life is None or life.stopping is not stopping:
            return
        try:
            look = life.looks.get(timeout=SILENT_S)
        except queue.Empty:
            look = LinkView(LinkState.SILENT, insertion=self._view.insertion, detail="the service does not answer")
        if isinstance(look, Exception):
            self._take(LinkView(LinkState.SILENT, insertion=self._view.insertion))
            raise look
        if stopping.is_set():
            life.looker.join(LOOKER_JOIN_S)
        elif look is not None:
            self._take(look)

    def _interrupt(self) -> None:
        with self._life_lock:
            # A life that was begun meanwhile is not this stop's business.
            if self._stopping.is_set():
                with suppress(StuckError):
                    # Into a service that hangs even this call does not come back.
                    self._worker.run(self._link.interrupt, INTERRUPT_S)
                if self._life is not None:
                    self._life.looks.put(None)

    def _closed(self) -> None:
        self._take(LinkView(LinkState.STARTING, insertion=self._view.insertion, detail="stopped"))
        self._worker.stop()

    def presence(self) -> Presence:
        """Whether a card lies there; never blocks."""
        view = self._view
        return Presence(view.is_present, view.insertion)

    def listen_cards(self, listener: Callable[[Presence], None]) -> Callable[[], None]:
        """See ``CardReader.listen_cards``."""
        with self._changed:
            self._listeners.append(listener)

        def end() -> None:
            with self._changed:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def _take(self, view: LinkView) -> None:
        """A new look of the link becomes presence and status."""
        with self._changed:
            before, self._view = self._view, view
            listeners = tuple(self._listeners)
        reason = _REASONS.get(view.state)
        self._board.report([reason] if reason else [], view.detail)
        if (before.is_present, before.insertion) != (view.is_present, view.insertion):
            tell_each(self.kind, listeners, Presence(view.is_present, view.insertion))
        # Only then whoever waits to read: the page that says that the card was seen goes first.
        with self._changed:
            self._changed.notify_all()

    # --- reading ----------------------------------------------------------------------------------------------------

    def read(self, deadline_s: float, cancel: Event) -> CardRead:
        """See ``CardReader.read``. NO_CARD when none came in time; TIMED_OUT when one came and did not answer.

        A card that answers no request for its identifier is READ or FOREIGN with an empty ``uid``.
        """
        end = time.monotonic() + deadline_s
        if not self._reading.acquire(timeout=max(0.0, deadline_s)):
            return CardRead(CardReadKind.TIMED_OUT, detail="another read is running")
        try:
            read = self._read_once(end, cancel)
            if read.kind in (CardReadKind.PULLED, CardReadKind.MUTE) and self._has_moved_on(read.insertion):
                # Another card lies there by now: it is read from the beginning, on a session of its own.
                read = self._read_once(end, cancel)
            elif read.kind is CardReadKind.MUTE and self._goes(read.insertion, end):
                # No card that does not answer, but none: one that was read before, or was lifted as it was laid on.
                is_another = self._view.is_present or read.insertion == self._done
                read = self._read_once(end, cancel) if is_another else replace(read, kind=CardReadKind.PULLED)
            if read.kind in (CardReadKind.READ, CardReadKind.FOREIGN):
                self._done = read.insertion
            return read
        finally:
            self._reading.release()

    def _read_once(self, end: float, cancel: Event) -> CardRead:
        early = self._await_card(end, cancel)
        if early is not None:
            return early
        view = self._view
        if view.is_several:
            return CardRead(CardReadKind.SEVERAL, view.insertion)
        if view.is_mute:
            return CardRead(CardReadKind.MUTE, view.insertion)
        read = self._talk(view, end, cancel)
        if read.kind in (CardReadKind.READ, CardReadKind.FOREIGN) and self._view.insertion != view.insertion:
            return CardRead(CardReadKind.PULLED, view.insertion, detail="another insertion")
        return read

    def _has_moved_on(self, insertion: int) -> bool:
        """Whether the watch saw another card, giving it a moment to see."""
        with self._changed:
            return self._changed.wait_for(lambda: self._view.insertion != insertion, SETTLE_S) and self._view.is_present

    def _goes(self, insertion: int, end: float) -> bool:
        """Whether the watch sees a card go that pcscd has not called mute, giving it the time of a look."""
        with self._changed:
            if self._view.is_mute:
                return False
            left = max(0.0, min(GONE_S, end - time.monotonic()))
            return self._changed.wait_for(lambda: not self._lies_there(insertion), left)

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool:
        """See ``CardReader.is_same_card``. False also when it can't be told, and for a read without an identifier."""
        end = time.monotonic() + deadline_s
        if not read.uid or not self._reading.acquire(timeout=max(0.0, deadline_s)):
            return False
        try:
            if not self._lies_there(read.insertion):
                return False
            session = self._connect(end)
            try:
                uid, _ = self._identifier(session, end)
            finally:
                self._release(session)
            return uid == read.uid and self._lies_there(read.insertion)
        except (CardFaultError, StuckError):
            return False
        finally:
            self._reading.release()

    def converse(self, read: CardRead, deadline_s: float, talk: Callable[[Callable[[bytes], bytes]], T]) -> T:
        """Let ``talk`` exchange commands with the very card of ``read``, its application selected, on a new session.

        Each exchange is bounded by what is left of the deadline. Raises CardFaultError (also when another card lies
        there) and StuckError.
        """
        end = time.monotonic() + deadline_s
        if not self._reading.acquire(timeout=max(0.0, deadline_s)):
            raise StuckError("another read is running")
        try:
            self._must_lie_there(read)
            session = self._connect(end)
            try:
                uid, _ = self._identifier(session, end)
                if not read.uid or uid != read.uid:
                    raise CardFaultError(CardFault.SWAPPED, "another card")
                self._exchange(session, SELECT_KTP, end)
                result = talk(lambda apdu: self._exchange(session, apdu, end))
            finally:
                self._release(session)
            self._must_lie_there(read)
            return result
        except CardFaultError as error:
            if error.fault is CardFault.PULLED and self._has_moved_on(read.insertion):
                raise CardFaultError(CardFault.SWAPPED, "another insertion") from error
            raise
        finally:
            self._reading.release()

    def _must_lie_there(self, read: CardRead) -> None:
        if not self._lies_there(read.insertion):
            raise CardFaultError(CardFault.PULLED, "another insertion")

    def _lies_there(self, insertion: int) -> bool:
        view = self._view
        return view.state is LinkState.READY and view.is_present and view.insertion == insertion

    def _await_card(self, end: float, cancel: Event) -> CardRead | None:
        """None as soon as a card lies there."""
        away_since: float | None = None
        with self._changed:
            while True:
                now = time.monotonic()
                if cancel.is_set():
                    return CardRead(CardReadKind.CANCELLED)
                if self._stopping.is_set() or self._thread is None:
                    return CardRead(CardReadKind.READER_AWAY, detail="stopped")
                if self._view.state is LinkState.READY:
                    away_since = None
                    if self._view.is_present:
                        return None
                elif away_since is None:
                    away_since = now
                elif now - away_since >= AWAY_GRACE_S:
                    return CardRead(CardReadKind.READER_AWAY, detail=self._view.state.value)
                if now >= end:
                    is_ready = self._view.state is LinkState.READY
                    return CardRead(CardReadKind.NO_CARD if is_ready else CardReadKind.READER_AWAY)
                self._changed.wait(min(0.05, end - now))

    def _talk(self, view: LinkView, end: float, cancel: Event) -> CardRead:
        insertion = view.insertion
        try:
            session = self._connect(end)
        except StuckError as error:
            return CardRead(CardReadKind.TIMED_OUT, insertion, detail=str(error))
        except CardFaultError as error:
            return CardRead(_KINDS[error.fault], insertion, detail=error.detail)
        try:
            uid, is_from_type_b = self._identifier(session, end)
            if cancel.is_set():
                return CardRead(CardReadKind.CANCELLED, insertion)
            answer = self._exchange(session, SELECT_KTP, end)
            if answer[-2:] in _WRONG_P2:
                answer = self._exchange(session, SELECT_KTP_WITH_FCI, end)
            again, _ = self._identifier(session, end)
        except StuckError as error:
            return CardRead(CardReadKind.TIMED_OUT, insertion, detail=str(error))
        except CardFaultError as error:
            return CardRead(_KINDS[error.fault], insertion, detail=error.detail)
        finally:
            self._release(session)
        is_ktp = answer[-2:] == b"\x90\x00" or answer[-2:-1] == b"\x61"
        kind = CardReadKind.READ if is_ktp else CardReadKind.FOREIGN
        # An identifier that differs without an error in between belongs to no card that may be bound.
        is_stable = uid == again and is_stable_identifier(uid, is_from_type_b or is_type_b(session.atr))
        # Nor may it find an account: it may be a mixture of two cards.
        read = CardRead(kind, insertion, uid if uid == again else b"", is_stable, f"select {answer[-2:].hex()}")
        return self._tapped_twice(read, end) if is_stable and is_ktp else read

    def _tapped_twice(self, read: CardRead, end: float) -> CardRead:
        """Power the card anew, as the next tap would: an identifier that is another one then changes at each tap."""
        try:
            session = self._connect(end)
            try:
                uid, _ = self._identifier(session, end)
            finally:
                self._release(session)
        except StuckError as error:
            return CardRead(CardReadKind.TIMED_OUT, read.insertion, detail=str(error))
        except CardFaultError as error:
            # One that answered a moment ago is not mute but gone.
            kind = CardReadKind.PULLED if error.fault is CardFault.MUTE else _KINDS[error.fault]
            return CardRead(kind, read.insertion, detail=error.detail)
        return read if uid == read.uid else replace(read, uid=b"", is_uid_stable=False)

    def _identifier(self, session: CardSession, end: float) -> tuple[bytes, bool]:
        """The identifier and whether it is a type B card's; empty where the card and the reader give none."""
        for ask in (GET_UID, GET_UID_TYPE_B):
            answer = self._exchange(session, ask, end)
            if answer[-2:] == b"\x90\x00" and len(answer) - 2 in SIZES:
                return answer[:-2], ask is GET_UID_TYPE_B
        return b"", False

    # --- blocking calls, each with its deadline ---------------------------------------------------------------------

    def _connect(self, end: float) -> CardSession:
        return self._worker.run(self._link.connect, self._left(end), lambda late: late.close() if late else None)

    def _exchange(self, session: CardSession, apdu: bytes, end: float) -> bytes:
        left = self._left(end)
        try:
            answer = self._worker.run(lambda: session.transmit(apdu), left, lambda _: session.close())
        except StuckError:
            self._stuck = session
            raise
        if len(answer) < 2:
            raise CardFaultError(CardFault.PULLED, "answer without a status word")
        return answer

    def _release(self, session: CardSession) -> None:
        if session is self._stuck:
            # The call that hangs in it closes it when it comes back; to wait for that is to hang too.
            self._stuck = None
            return
        try:
            self._worker.run(session.close, EXCHANGE_S)
        except (CardFaultError, StuckError):
            # The card or the reader is gone, and the session with it.
            return

    @staticmethod
    def _left(end: float) -> float:
        left = end - time.monotonic()
        if left <= 0:
            raise StuckError("no time left")
        return min(EXCHANGE_S, left)
