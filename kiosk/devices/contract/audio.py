"""The port of the sound output: whether somebody listens by headphones."""

from collections.abc import Callable
from typing import Protocol

from kiosk.devices.contract.base import Device


class AudioOutput(Device, Protocol):
    def has_headphones(self) -> bool | None:
        """Whether headphones are plugged in; None where nobody knows. Never blocks."""
        ...

    def listen_headphones(self, listener: Callable[[bool], None]) -> Callable[[], None]:
        """Call ``listener`` when headphones come (True) or go (False), on the watch's thread; the result ends it."""
        ...
