"""The port of the power supply: an uninterruptible one that tells when the mains are gone."""

from dataclasses import dataclass
from typing import Protocol

from kiosk.devices.contract.base import Device


@dataclass(frozen=True, slots=True)
class PowerReading:
    """What the UPS said. ``charge`` is per cent, ``runtime_s`` what its battery lasts; None where it does not tell."""

    is_on_battery: bool = False
    is_battery_low: bool = False
    needs_battery: bool = False
    is_overloaded: bool = False
    charge: int | None = None
    runtime_s: int | None = None

    @property
    def words(self) -> str:
        """For the technician: charge and minutes."""
        parts = [f"{self.charge} %" if self.charge is not None else ""]
        parts.append(f"{self.runtime_s // 60} min" if self.runtime_s is not None else "")
        return ", ".join(part for part in parts if part)


class PowerSupply(Device, Protocol):
    def reading(self) -> PowerReading | None:
        """The last answer; None when there is none, or it is old. Never blocks."""
        ...
