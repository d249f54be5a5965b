"""What power supply and headphones change for the visit; wired by the composition root."""

from typing import TYPE_CHECKING

from kiosk.core.power import PowerGuard, PowerStage
from kiosk.flows.state import Stage

if TYPE_CHECKING:
    from kiosk.core.loop import Loop
    from kiosk.core.shell import Shell
    from kiosk.devices.build import Devices
    from kiosk.devices.contract import Status

_MOVES = frozenset({Stage.PRINT, Stage.SLIP})


class VisitHouse:
    """The guard's hands on the shell."""

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell

    def show_power(self, stage: PowerStage) -> None:
        self._shell.change(power=stage)

    def has_visit(self) -> bool:
        return self._shell.has_visit

    def is_printing(self) -> bool:
        visit = self._shell.visit
        return visit is not None and visit.state is not None and visit.state.stage in _MOVES

    def leave(self) -> None:
        if self._shell.visit is not None:
            self._shell.visit.leave("power")

    def cut(self) -> None:
        if self._shell.visit is not None:
            self._shell.visit.end("power")

    def drained(self) -> bool:
        return self._shell.runner is None or self._shell.runner.drain(0)


def headphones_changed(shell: "Shell", has_headphones: bool) -> None:
    """Who plugs headphones in wants to hear: the visit's sound goes on, also where it was switched off."""
    if has_headphones and shell.has_visit and not shell.situation.look.has_sound:
        shell.switch("look:sound")


def wire(loop: "Loop", shell: "Shell", devices: "Devices") -> None:
    """Let the power supply close and end visits, and headphones turn the sound on."""
    guard = PowerGuard(loop, shell.settings.devices.power, VisitHouse(shell))

    def power(status: "Status") -> None:
        loop.post(lambda: guard.heard(status))

    def headphones(has_headphones: bool) -> None:
        loop.post(lambda: headphones_changed(shell, has_headphones))

    devices.power.listen(power)
    devices.audio.listen_headphones(headphones)
