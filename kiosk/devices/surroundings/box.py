"""The cabinet: a door switch and temperatures, each a file that the kernel keeps."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from kiosk.devices.contract import BoxReading, DeviceKind, Reason
from kiosk.devices.status import Clock
from kiosk.devices.watching import WatchedDevice

LOOK_S = 1.0
_MAX_FILE = 64
_COLDEST_C, _WARMEST_C = -40.0, 150.0
"""What lies outside is a broken probe."""


class ProbeError(Exception):
    """A probe that is there does not say what a probe says."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Degrees Celsius; a state is left only ``calm_c`` below the limit that began it."""

    warm_c: float = 60.0
    hot_c: float = 75.0
    calm_c: float = 5.0

    def __post_init__(self) -> None:
        if self.warm_c >= self.hot_c:
            raise ValueError("warm_c must be below hot_c")


def heat(celsius: float, before: Reason | None, limits: Limits) -> Reason | None:
    """TOO_HOT, TOO_WARM or None, by hysteresis."""
    hot = limits.hot_c - (limits.calm_c if before is Reason.TOO_HOT else 0)
    warm = limits.warm_c - (limits.calm_c if before is not None else 0)
    if celsius >= hot:
        return Reason.TOO_HOT
    return Reason.TOO_WARM if celsius >= warm else None


def read_celsius(path: Path) -> float:
    """A hwmon or thermal-zone file: thousandths of a degree. Raises OSError, ProbeError."""
    text = _read(path)
    try:
        celsius = int(text) / 1000
    except ValueError as error:
        raise ProbeError(f"{path.name}: no temperature") from error
    if not _COLDEST_C <= celsius <= _WARMEST_C:
        raise ProbeError(f"{path.name}: {celsius:.0f} °C can't be")
    return celsius


def read_door(path: Path, open_value: str) -> bool:
    """Whether the door is open. Raises OSError, ProbeError."""
    text = _read(path)
    if text not in ("0", "1"):
        raise ProbeError(f"{path.name}: neither 0 nor 1")
    return text == open_value


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MAX_FILE).decode("ascii", "replace").strip()


class BoxWatch(WatchedDevice):
    """DOOR_OPEN and TOO_WARM warn, TOO_HOT is an error; a probe that is missing or raves makes the box SILENT."""

    def __init__(
        self,
        door: str,
        open_value: str,
        temperatures: tuple[str, ...],
        limits: Limits | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        if not (door or temperatures):
            raise ValueError("the box needs a door or a temperature")
        super().__init__(DeviceKind.BOX, "cabinet probes", clock)
        self._door = Path(door) if door else None
        self._open_value = open_value
        self._temperatures = [Path(path) for path in temperatures]
        self._limits = limits or Limits()
        self._heat: Reason | None = None
        self._reading = BoxReading()

    def reading(self) -> BoxReading:
        """See ``Enclosure.reading``."""
        return self._reading

    def _turn(self, stopping: threading.Event) -> None:
        reasons: list[Reason] = []
        words: list[str] = []
        is_open, celsius = None, None
        try:
            if self._door is not None:
                is_open = read_door(self._door, self._open_value)
                reasons += [Reason.DOOR_OPEN] if is_open else []
        except (OSError, ProbeError) as error:
            reasons.append(Reason.SILENT)
            words.append(_words(error))
        readings = []
        for path in self._temperatures:
            try:
                readings.append(read_celsius(path))
            except (OSError, ProbeError) as error:
                reasons.append(Reason.SILENT)
                words.append(_words(error))
        if readings:
            celsius = max(readings)
            self._heat = heat(celsius, self._heat, self._limits)
            reasons += [self._heat] if self._heat is not None else []
            words.append(f"{celsius:.0f} °C")
        self._reading = BoxReading(is_open, celsius)
        self._board.report(reasons, ", ".join(words))
        stopping.wait(LOOK_S)

    def _closed(self) -> None:
        self._reading = BoxReading()
        self._heat = None


def _words(error: Exception) -> str:
    return f"{Path(error.filename).name}: {error.strerror}" if isinstance(error, OSError) else str(error)
