"""What the machine does when the mains go: finish, close, and switch off in order before the battery does it.

Runs on the loop alone. On battery: after a grace nobody new may begin; who is there goes on. Battery low: the visit is
told, a print that runs is let come to its end, everything is wiped, and only then is the machine switched off. When the
mains come back service returns by itself. What the UPS does not say is not guessed: after its last word was "battery" a
silent one keeps the doors closed.
"""

import subprocess
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from kiosk.core.loop import Loop, Timer
from kiosk.devices.contract import Band, Reason, Status
from kiosk.events import LogEvent, log
from kiosk.settings import PowerTable

LOOK_S = 0.25
DRAIN_S = 20.0
COMMAND_S = 30.0


class PowerStage(StrEnum):
    MAINS = "mains"
    BATTERY = "battery"
    """On battery for a moment: nothing is different yet."""
    CLOSED = "closed"
    """On battery: nobody new begins."""
    ENDING = "ending"
    """Battery low: the visit that is open is told and ended."""
    DOWN = "down"
    """Nobody is there any more and the machine is being switched off."""


class House(Protocol):
    """What the guard may do to visits; all of it on the loop."""

    def show_power(self, stage: PowerStage) -> None: ...

    def has_visit(self) -> bool: ...

    def is_printing(self) -> bool:
        """Whether something of the visit moves that ends by itself."""
        ...

    def leave(self) -> None:
        """End the visit as by its own button: cancel, give back, remind of the card, wipe."""
        ...

    def cut(self) -> None:
        """End the visit at once; what still runs is cancelled and settled."""
        ...

    def drained(self) -> bool:
        """Whether nothing that was cancelled still runs."""
        ...


def switch_off(command: Sequence[str]) -> None:
    """Run the command on a thread of its own; what it says goes nowhere, how it ended into the log."""

    def run() -> None:
        try:
            done = subprocess.run(list(command), check=False, capture_output=True, timeout=COMMAND_S)
        except (OSError, subprocess.SubprocessError) as error:
            log(LogEvent.SHUTDOWN_FAILED, error=type(error).__name__)
        else:
            if done.returncode != 0:
                log(LogEvent.SHUTDOWN_FAILED, code=done.returncode)

    threading.Thread(target=run, name="switch-off", daemon=True).start()


class PowerGuard:
    """Told of each status of the power supply by ``heard``."""

    def __init__(
        self, loop: Loop, table: PowerTable, house: House, run: Callable[[Sequence[str]], None] = switch_off
    ) -> None:
        self._loop = loop
        self._table = table
        self._house = house
        self._run = run
        self._stage = PowerStage.MAINS
        self._timer: Timer | None = None
        self._ending_since = 0.0
        self._told_since: float | None = None
        self._is_left = False

    @property
    def stage(self) -> PowerStage:
        """Where the machine is between mains and off."""
        return self._stage

    def heard(self, status: Status) -> None:
        """What the UPS says now."""
        if self._stage is PowerStage.DOWN and not self._is_good(status):
            return
        if Reason.BATTERY_LOW in status.reasons:
            if self._stage is not PowerStage.ENDING:
                self._begin_ending()
        elif Reason.ON_BATTERY in status.reasons:
            if self._stage is PowerStage.MAINS:
                self._go(PowerStage.BATTERY)
                self._wait(self._table.grace_s, self._close)
        elif self._is_good(status) and self._stage is not PowerStage.MAINS:
            self._stop_waiting()
            self._is_left = False
            self._go(PowerStage.MAINS)

    @staticmethod
    def _is_good(status: Status) -> bool:
        """A word of the UPS that the mains are there; silence is none."""
        return status.band in (Band.OK, Band.WARNING) and Reason.ON_BATTERY not in status.reasons

    def _go(self, stage: PowerStage) -> None:
        self._stage = stage
        log(LogEvent.POWER_CHANGED, stage=stage)
        self._house.show_power(stage)

    def _close(self) -> None:
        if self._stage is PowerStage.BATTERY:
            self._go(PowerStage.CLOSED)

    # --- battery low

    def _begin_ending(self) -> None:
        self._ending_since = self._loop.clock()
        self._told_since = None
        self._is_left = False
        self._go(PowerStage.ENDING)
        self._look()

    def _look(self) -> None:
        """One step on the way down; comes again until nobody is there."""
        if self._stage is not PowerStage.ENDING:
            return
        now = self._loop.clock()
        if self._house.has_visit():
            self._see_visit_out(now)
        elif self._house.drained() or now - self._ending_since > self._table.settle_s + DRAIN_S:
            self._go(PowerStage.DOWN)
            if self._table.shutdown:
                self._run(self._table.shutdown)
            return
        self._wait(LOOK_S, self._look)

    def _see_visit_out(self, now: float) -> None:
        if self._house.is_printing():
            self._told_since = None
            if now - self._ending_since >= self._table.settle_s:
                self._house.cut()
            return
        if self._told_since is None:
            self._told_since = now
            self._house.show_power(PowerStage.ENDING)
        if now - self._told_since < self._table.told_s:
            return
        if not self._is_left:
            self._is_left = True
            self._told_since = now  # the card is asked for as long again
            self._house.leave()
        else:
            self._house.cut()

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_waiting()
        self._timer = self._loop.after(seconds, then)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
