"""Whether somebody listens by headphones: the switch of an ALSA jack, or a USB sound card that is there or not."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.devices.contract import DeviceKind, Reason
from kiosk.devices.status import Clock, tell_each
from kiosk.devices.surroundings.input_devices import LIST, NODES, SW_HEADPHONE_INSERT, listed, switch_states
from kiosk.devices.watching import WatchedDevice

LOOK_S = 0.5
CARDS = Path("/proc/asound/cards")
_MAX_CARDS = 1 << 16


class _HeadphoneWatch(WatchedDevice):
    """What both kinds share: the last word, and who listens for changes."""

    def __init__(self, name: str, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.AUDIO, name, clock)
        self._lock = threading.Lock()
        self._listeners: list[Callable[[bool], None]] = []
        self._has_headphones: bool | None = None

    def has_headphones(self) -> bool | None:
        """See ``AudioOutput.has_headphones``."""
        return self._has_headphones

    def listen_headphones(self, listener: Callable[[bool], None]) -> Callable[[], None]:
        """See ``AudioOutput.listen_headphones``."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def _turn(self, stopping: threading.Event) -> None:
        try:
            found = self._look()
        except OSError as error:
            self._note(None)
            self._board.report([Reason.SILENT], error.strerror or "can't be read")
        else:
            self._note(found)
            self._board.report([Reason.AWAY] if found is None else [], "headphones" if found else "no headphones")
        stopping.wait(LOOK_S)

    def _look(self) -> bool | None:
        """Whether headphones are in; None where there is no socket. Raises OSError."""
        raise NotImplementedError

    def _note(self, found: bool | None) -> None:
        before, self._has_headphones = self._has_headphones, found
        if bool(found) == bool(before):
            return
        with self._lock:
            listeners = tuple(self._listeners)
        tell_each(self.kind, listeners, bool(found))

    def _closed(self) -> None:
        self._has_headphones = None


class JackWatch(_HeadphoneWatch):
    """The switch ``SW_HEADPHONE_INSERT`` of an ALSA jack; AWAY where no jack of that name has one."""

    def __init__(
        self,
        name: str,
        clock: Clock = time.monotonic,
        input_list: Path = LIST,
        nodes: Path = NODES,
        switches: Callable[[Path], int] = switch_states,
    ) -> None:
        super().__init__(name or "Headphone", clock)
        self._list = input_list
        self._nodes = nodes
        self._switches = switches

    def _look(self) -> bool | None:
        bit = 1 << SW_HEADPHONE_INSERT
        part = self.name.casefold()
        jacks = [device for device in listed(self._list) if part in device.name.casefold() and device.switches & bit]
        states = [self._switches(self._nodes / jack.node) & bit for jack in jacks if jack.node]
        return any(states) if states else None


class UsbSoundWatch(_HeadphoneWatch):
    """A USB headset or handset is a sound card of its own: plugged in means that it is in ``/proc/asound/cards``."""

    def __init__(self, name: str, clock: Clock = time.monotonic, cards: Path = CARDS) -> None:
        super().__init__(name, clock)
        self._cards = cards

    def _look(self) -> bool | None:
        with self._cards.open("rb") as file:
            text = file.read(_MAX_CARDS).decode("utf-8", "replace")
        return self.name.casefold() in text.casefold()
