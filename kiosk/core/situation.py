"""All that the page is made of: one immutable value, so that picking the page is a pure function with a table test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from kiosk.backend.contract import Reachability
from kiosk.core.power import PowerStage
from kiosk.devices.contract import DeviceKind, Status
from kiosk.errors import ErrorCode
from kiosk.flows.state import State
from kiosk.protocol import Look
from kiosk.settings import Settings
from kiosk.store.prints import PrinterName
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.core.staff_align import AlignView
    from kiosk.core.staff_blanks import BlanksView
    from kiosk.core.staff_prints import PrintsView
    from kiosk.flows.compiled import CompiledFlow


class Overlay(StrEnum):
    """What lies over the visit without ending it."""

    NONE = "none"
    LANGUAGE = "language"
    HELP = "help"
    STILL_HERE = "still-here"
    TIME_UP = "time-up"
    """The overall limit is near; it can be extended once."""


class Phase(StrEnum):
    """What a visit is doing."""

    SERVICES = "services"
    FLOW = "flow"
    INTERRUPTED = "interrupted"
    """The core was restarted in the middle: says truthfully what was printed."""
    LEAVING = "leaving"
    """Take your card and paper."""


@dataclass(frozen=True)
class VisitView:
    phase: Phase
    overlay: Overlay = Overlay.NONE
    flow: "CompiledFlow | None" = None
    state: State | None = None
    remaining_ms: int | None = None
    total_ms: int = 0
    can_extend: bool = True
    is_card_there: bool = False
    is_card_new: bool = False
    """The card came, or was moved, since the page last said what was wrong with one: it is being read."""
    language: str = "id"


class StaffStage(StrEnum):
    CODE = "code"
    HOME = "home"
    ALIGN = "align"
    BLANKS = "blanks"
    PRINTS = "prints"


@dataclass(frozen=True)
class StaffView:
    """The technician's door."""

    stage: StaffStage
    notice: str = ""
    result: str = ""
    is_result_good: bool = True
    running: str = ""
    issues: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    has_blanks: bool = False
    align: "AlignView | None" = None
    blanks: "BlanksView | None" = None
    unknown: Mapping[PrinterName, int] = field(default_factory=dict)
    """Prints that nobody has looked for yet, by printer."""
    prints: "PrintsView | None" = None
    refused: int = 0
    """Messages that the office refused for good; they can be sent again."""


class Recovered(StrEnum):
    """What recovery found out about a print that a restart interrupted."""

    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Situation:
    """``clock`` is already formatted; ``services`` is in the order of the tiles."""

    settings: Settings
    texts: Texts
    look: Look
    clock: str
    is_starting: bool = False
    fault: ErrorCode | None = None
    out_of_order: ErrorCode | None = None
    is_holding: bool = False
    """A printer still holds a job of the last visit: nobody else may start."""
    staff: StaffView | None = None
    visit: VisitView | None = None
    services: tuple["CompiledFlow", ...] = ()
    devices: Mapping[DeviceKind, Status] = field(default_factory=dict)
    office: Reachability = Reachability.UNKNOWN
    recovered: tuple[Recovered, ...] = ()
    numbers_left: Mapping[str, int] = field(default_factory=dict)
    """Queue numbers that can be given now without asking anybody, by queue; a queue that is not in it gives none."""
    power: PowerStage = PowerStage.MAINS
    now: float = 0.0
    """Monotonic seconds, for how long a device has been in its state."""

    @property
    def is_closed_for_power(self) -> bool:
        """On battery for longer than a moment: nobody new begins."""
        return self.power in (PowerStage.CLOSED, PowerStage.ENDING, PowerStage.DOWN)
