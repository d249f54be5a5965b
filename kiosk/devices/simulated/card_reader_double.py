"""The double of the card reader: cards that are laid on, pulled, swapped; and its link in memory."""

import threading
from collections.abc import Callable

from kiosk.devices.card.link import CardFault, CardFaultError, CardSession, LinkState, LinkView
from kiosk.devices.simulated.virtual_card import VirtualCard


class CardReaderDouble:
    """One contactless reader. Thread-safe; ``on_change`` callbacks come on the thread that moved the card."""

    def __init__(self) -> None:
        self.cards: list[VirtualCard] = []
        self.insertion = 0
        self.is_on = True
        self.state = LinkState.READY
        self.changed = threading.Condition(threading.RLock())
        self.version = 0
        self.on_exchange: Callable[[], None] = lambda: None
        """Called before each power-up and each command: where tests pull, stall or count."""
        self._epoch = 0
        self._breaks_next = False
        self._pull_after: int | None = None
        self._listeners: list[Callable[[], None]] = []

    # --- hands ------------------------------------------------------------------------------------------------------

    def tap(self, card: VirtualCard) -> None:
        """Lay a card on; what lay there before is taken off."""
        self._set([card])

    def pull(self) -> None:
        """Take off whatever lies there."""
        self._set([])

    def swap(self, card: VirtualCard, is_seen: bool = True) -> None:
        """Another card in one move. Unseen: within the poll interval of the driver, so that no event tells of it."""
        if is_seen:
            self._set([card])
            return
        with self.changed:
            self.cards = [card]
            self._breaks_next = True

    def lay_beside(self, card: VirtualCard) -> None:
        """A second card beside the first."""
        self._set([*self.cards, card])

    def pull_after(self, exchanges: int) -> None:
        """Pull the card when so many more commands have been answered."""
        with self.changed:
            self._pull_after = exchanges

    def switch(self, is_on: bool) -> None:
        """Unplug or plug in."""
        with self.changed:
            self.is_on = is_on
        self.set_state(LinkState.READY if is_on else LinkState.NO_READER)

    def set_state(self, state: LinkState) -> None:
        """Let the reader seem away, held or forbidden."""
        with self.changed:
            self.state = state
            if state is not LinkState.READY:
                self._epoch += 1
        self._tell()

    def clear(self) -> None:
        """No card, reader there."""
        with self.changed:
            self._pull_after = None
            self._breaks_next = False
        self.switch(True)
        self.pull()

    def _set(self, cards: list[VirtualCard]) -> None:
        with self.changed:
            for card in self.cards:
                if card not in cards:
                    card.interrupted.set()
            if any(card not in self.cards for card in cards):
                self.insertion += 1
            for card in cards:
                card.interrupted.clear()
            self.cards = cards
            self._epoch += 1
        self._tell()

    def _tell(self) -> None:
        with self.changed:
            self.version += 1
            self.changed.notify_all()
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each move; the result ends it."""
        with self.changed:
            self._listeners.append(listener)

        def end() -> None:
            with self.changed:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    # --- what the fronts ask ----------------------------------------------------------------------------------------

    def view(self) -> LinkView:
        """What lies there."""
        with self.changed:
            if self.state is not LinkState.READY:
                return LinkView(self.state, insertion=self.insertion)
            is_mute = len(self.cards) == 1 and self.cards[0].is_mute
            return LinkView(LinkState.READY, bool(self.cards), self.insertion, is_mute, len(self.cards) > 1)

    def power_up(self) -> tuple[int, bytes]:
        """Epoch of the session and ATR. Raises CardFaultError."""
        self.on_exchange()
        with self.changed:
            if self.state is not LinkState.READY:
                raise CardFaultError(CardFault.AWAY, self.state.value)
            if not self.cards:
                raise CardFaultError(CardFault.PULLED, "no card")
            if len(self.cards) > 1 or self.cards[0].is_mute:
                raise CardFaultError(CardFault.MUTE, "no answer to reset")
            self._breaks_next = False
            self.cards[0].power_up()
            return self._epoch, self.cards[0].atr

    def exchange(self, epoch: int, apdu: bytes) -> bytes:
        """One command of a session. Raises CardFaultError when its card is gone."""
        self.on_exchange()
        card = self._card_of(epoch)
        answer = card.answer(apdu)
        self._card_of(epoch)
        with self.changed:
            if self._pull_after is None:
                return answer
            self._pull_after -= 1
            if self._pull_after > 0:
                return answer
            self._pull_after = None
        self.pull()
        return answer

    def _card_of(self, epoch: int) -> VirtualCard:
        with self.changed:
            if self._breaks_next:
                # One error, and then the same handle speaks to the other card: as measured on pcscd.
                self._breaks_next = False
                raise CardFaultError(CardFault.PULLED, "transaction failed")
            if epoch != self._epoch or not self.cards:
                fault = CardFault.PULLED if self.state is LinkState.READY else CardFault.AWAY
                raise CardFaultError(fault, "card removed")
            return self.cards[0]


class _MemorySession:
    def __init__(self, double: CardReaderDouble) -> None:
        self._double = double
        self._epoch, self.atr = double.power_up()

    def transmit(self, apdu: bytes) -> bytes:
        return self._double.exchange(self._epoch, apdu)

    def close(self) -> None:
        """Nothing to give back."""


class MemoryCardLink:
    """The front in memory."""

    def __init__(self, double: CardReaderDouble, name: str = "simulated reader") -> None:
        self.name = name
        self._double = double
        self._seen = -1
        self._is_interrupted = False

    def open(self) -> None:
        """Forget what was seen."""
        self._seen = -1
        self._is_interrupted = False

    def close(self) -> None:
        """Nothing to give back."""

    def wait(self, timeout_s: float) -> LinkView:
        """The double's view as soon as it moved."""
        double = self._double
        with double.changed:
            double.changed.wait_for(lambda: double.version != self._seen or self._is_interrupted, timeout_s)
            self._seen = double.version
            return double.view()

    def interrupt(self) -> None:
        """End the wait."""
        with self._double.changed:
            self._is_interrupted = True
            self._double.changed.notify_all()

    def connect(self) -> CardSession:
        """Power the card."""
        return _MemorySession(self._double)
