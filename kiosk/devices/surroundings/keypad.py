"""Whether the tactile keypad is plugged in. Its keys go to the face like those of any keyboard."""

import threading
import time
from pathlib import Path

from kiosk.devices.contract import DeviceKind, Reason
from kiosk.devices.status import Clock
from kiosk.devices.surroundings.input_devices import LIST, listed
from kiosk.devices.watching import WatchedDevice

LOOK_S = 1.0


class KeypadWatch(WatchedDevice):
    """Looks for a device node, or for a part of a name in the kernel's list. Raises ValueError without either."""

    def __init__(self, device: str, name: str, clock: Clock = time.monotonic, input_list: Path = LIST) -> None:
        if not (device or name):
            raise ValueError("the keypad needs a device or a name")
        super().__init__(DeviceKind.KEYPAD, device or name, clock)
        self._device = Path(device) if device else None
        self._part = name.casefold()
        self._list = input_list

    def _turn(self, stopping: threading.Event) -> None:
        try:
            is_there = self._is_there()
        except OSError as error:
            self._board.report([Reason.SILENT], error.strerror or "the list of input devices can't be read")
        else:
            self._board.report([] if is_there else [Reason.AWAY], self.name)
        stopping.wait(LOOK_S)

    def _is_there(self) -> bool:
        if self._device is not None:
            return self._device.exists()
        return any(self._part in device.name.casefold() for device in listed(self._list))
