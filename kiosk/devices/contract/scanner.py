"""The port of a reader of printed codes."""

from collections.abc import Callable
from typing import Protocol

from kiosk.devices.contract.base import Device


class Scanner(Device, Protocol):
    def listen_codes(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call ``listener`` with each cleaned code; the result ends it."""
        ...
