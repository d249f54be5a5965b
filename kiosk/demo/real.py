"""The real stacks under the demo: pcscd with a virtual reader, and ippeveprinter for paper and cards."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.devices.simulated.stacks import EvePrinter, Pcscd

CARD_MEDIA = "iso_id-1_54x85.6mm"


@dataclass
class RealStacks:
    """Running stacks. ``addresses`` are keys of ``kiosk.toml`` and the environment that PC/SC clients need."""

    pcscd: Pcscd
    paper: EvePrinter
    cards: EvePrinter

    @property
    def addresses(self) -> dict[str, Any]:
        return {
            "vpcd_port": self.pcscd.port,
            "document_printer": self.paper.uri,
            "card_printer": self.cards.uri,
        } | self.pcscd.environment()

    def documents(self) -> list[bytes]:
        """What both printers received, byte for byte."""
        return self.paper.documents() + self.cards.documents()

    def stop(self) -> None:
        for stop in (self.paper.stop, self.cards.stop, self.pcscd.stop):
            stop()


def start_real_stacks(run: Path, sheet_s: float = 0.5) -> RealStacks:
    """Start them in folders of their own below ``run``. Raises StackError when a program is missing or ends."""
    stacks = RealStacks(
        Pcscd(_folder(run / "pcscd")),
        EvePrinter(_folder(run / "paper")),
        EvePrinter(_folder(run / "cards"), media=CARD_MEDIA),
    )
    started: list[Callable[[], None]] = []
    try:
        for part in (stacks.pcscd, stacks.paper, stacks.cards):
            part.start()
            started.append(part.stop)
    except Exception:
        for stop in started:
            stop()
        raise
    stacks.paper.plan(sheet_s=sheet_s)
    stacks.cards.plan(sheet_s=sheet_s)
    return stacks


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
