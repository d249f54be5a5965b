"""The port of the cabinet: its door and how warm it is inside."""

from dataclasses import dataclass
from typing import Protocol

from kiosk.devices.contract.base import Device


@dataclass(frozen=True, slots=True)
class BoxReading:
    """None where there is no such probe or it can't be read; ``celsius`` is the warmest probe."""

    is_door_open: bool | None = None
    celsius: float | None = None


class Enclosure(Device, Protocol):
    def reading(self) -> BoxReading:
        """What the probes said last. Never blocks."""
        ...
