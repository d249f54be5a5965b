"""What a printer of ID-1 cards (KTP-el, KIA) has besides a document printer: ribbon, feeder, reject tray, flipper."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kiosk.devices.contract.document_printer import DocumentPrinter


class CardPart(StrEnum):
    """The parts of a card printer that a technician looks after."""

    RIBBON = "ribbon"
    FEEDER = "feeder"
    REJECT_TRAY = "reject-tray"
    FLIPPER = "flipper"
    """Turns the card, so that both faces are printed in one pass."""


class Fitted(StrEnum):
    """Whether the machine has a part."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Who says so: the printer itself, or ``kiosk.toml``; nobody where both are silent."""

    PRINTER = "printer"
    SETTINGS = "settings"
    NOBODY = "nobody"


class Level(StrEnum):
    """How much is in it. For the reject tray FULL is what EMPTY is for the others."""

    GOOD = "good"
    LOW = "low"
    EMPTY = "empty"
    FULL = "full"
    UNKNOWN = "unknown"


class RibbonKind(StrEnum):
    """COLOUR has panels (YMCKO and the like), MONOCHROME is one long black film, REWRITABLE needs none."""

    COLOUR = "colour"
    MONOCHROME = "monochrome"
    REWRITABLE = "rewritable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PartState:
    """One part. ``left`` counts cards or panel sets, ``percent`` is 0 to 100; None where nobody counts."""

    part: CardPart
    fitted: Fitted = Fitted.UNKNOWN
    source: Source = Source.NOBODY
    level: Level = Level.UNKNOWN
    left: int | None = None
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class CardPrinterParts:
    """All parts as they were last seen."""

    ribbon: PartState = PartState(CardPart.RIBBON)
    feeder: PartState = PartState(CardPart.FEEDER)
    reject_tray: PartState = PartState(CardPart.REJECT_TRAY)
    flipper: PartState = PartState(CardPart.FLIPPER)
    ribbon_kind: RibbonKind = RibbonKind.UNKNOWN

    def all(self) -> tuple[PartState, ...]:
        return self.ribbon, self.feeder, self.reject_tray, self.flipper


@dataclass(frozen=True, slots=True)
class BlankCount:
    """What the kiosk's own books say of the blanks: so many serials left, and whether the next one is sure."""

    left: int
    low: int
    is_unchecked: bool = False


class CardPrinter(DocumentPrinter, Protocol):
    """A document printer for ID-1. A document has two pages, front and back, of one card."""

    def parts(self) -> CardPrinterParts:
        """The parts as they were last seen; never blocks."""
        ...

    def set_blanks(self, blanks: BlankCount | None) -> None:
        """Let the state count the recorded blanks as well; None where no serials are kept."""
        ...

    def set_encoder(self, *, is_ready: bool) -> None:
        """Let the state count the chip's encoder as well: no card is begun that it could not finish."""
        ...
