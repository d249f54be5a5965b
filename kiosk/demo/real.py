"""The real stacks under the demo: pcscd with a virtual reader, and ippeveprinter for paper.

Cards stay on our own double: ippeveprinter takes PDF only with its built-in media list, which has no ID-1, and the
adapter rightly refuses a printer that would print a card on other media.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.devices.simulated.stacks import EvePrinter, Pcscd


@dataclass
class RealStacks:
    """Running stacks. ``addresses`` are keys of ``kiosk.toml`` and the environment that PC/SC clients need."""

    pcscd: Pcscd
    paper: EvePrinter

    @property
    def addresses(self) -> dict[str, Any]:
        return {
            "vpcd_port": self.pcscd.port,
            "document_printer": self.paper.uri,
        } | self.pcscd.environment()

    def documents(self) -> list[bytes]:
        """What the printer received, byte for byte."""
        return self.paper.documents()

    def stop(self) -> None:
        for stop in (self.paper.stop, self.pcscd.stop):
            stop()


def start_real_stacks(run: Path, sheet_s: float = 0.5) -> RealStacks:
    """Start them in folders of their own below ``run``. Raises StackError when a program is missing or ends."""
    stacks = RealStacks(Pcscd(_folder(run / "pcscd")), EvePrinter(_folder(run / "paper")))
    started: list[Callable[[], None]] = []
    try:
        for part in (stacks.pcscd, stacks.paper):
            part.start()
            started.append(part.stop)
    except Exception:
        for stop in started:
            stop()
        raise
    stacks.paper.plan(sheet_s=sheet_s)
    return stacks


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
