"""The port of a tactile keypad. Its keys reach the face as any keyboard's do; here is only whether it is there."""

from typing import Protocol

from kiosk.devices.contract.base import Device


class Keypad(Device, Protocol):
    """AWAY while it is not plugged in; nothing else can be known of it."""
