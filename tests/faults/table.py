"""What a row of the truth table says: a page, a fault that meets it, and what should happen then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from kiosk import protocol as p
from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.devices.reasons import TABLE
from kiosk.errors import ErrorCode
from kiosk.texts import Texts
from tests.e2e.conftest import Kiosk

Act = Callable[[Kiosk], object]


class Then(StrEnum):
    """What happens to the visit."""

    NOTHING = "Goes on: nothing of it changes"
    STAYS = "Stays on its page, and the page is whole again by itself"
    GREYS = "Goes on with everything else; what is grey lights up by itself"
    AGAIN = "Stays: the same page asks once more"
    TO_NIK = "Goes on with the NIK"
    TO_TAP = "Back to the card; nothing is lost"
    WAITS = "The print waits for the officer and goes on: printed once"
    RETRY = "Nothing moved and nothing is lost: again by one touch, printed once"
    REPEATS = "Nothing is lost: the same step again by one touch"
    NO_SLIP = "Goes on without the slip; the document was printed once"
    NUMBER = "Goes on without the slip; the number is given, and stands large on the screen for a minute"
    UNKNOWN = "Ends with a true sentence; the document goes to staff, never printed again by itself"
    GIVEN_UP = "Ends by the citizen's own wish with a true sentence: not printed, and free again"
    TO_COUNTER = "Ends with a true sentence and the way to the counter; nothing was printed"
    TO_PIN = "Goes on with the PIN; no attempt is lost"
    FREED = "Ends with a true sentence: not printed, the document is free again, and the counter helps"
    SENT = "Ends with a true sentence: sent, and staff notes whether it came out"
    SHUT = "No visit begins until the cause is gone; then the machine opens by itself"
    STAFF = "No visit begins until staff has put it right"
    ENDED = "Is announced, ended and wiped; what moved on paper was let come to its end"
    TOLD = "Cut off; what came out is told on a page of its own before anybody else may begin"
    CLOSED = "No visit begins that would need it; whoever is there is told why"


@dataclass(frozen=True)
class Fault:
    """What goes wrong, how a hand brings it about, and how it is put right."""

    name: str
    device: str
    words: str
    do: Act = field(compare=False)
    undo: Act = field(compare=False)
    reason: Reason | None = None
    """What the device's adapter must report; None where it is no state of the device."""

    @property
    def kind(self) -> DeviceKind | None:
        return DeviceKind(self.device) if self.device in set(DeviceKind) else None


@dataclass(frozen=True)
class Row:
    """The expectation. ``reads`` are keys of texts that must stand on the page, ``grey`` what can't be pressed."""

    fault: Fault
    then: Then
    reads: tuple[str, ...] = ()
    grey: tuple[str, ...] = ()
    page: str = ""
    """Name of the page that must stand there, when it is another one."""
    code: ErrorCode | None = None
    staff: str = ""
    """Key of what the technician does, where the fault is no state of a device."""

    @property
    def is_quiet(self) -> bool:
        """Whether the page must not say a word of it."""
        return not self.reads and not self.grey and not self.page

    @property
    def stable_code(self) -> ErrorCode | None:
        if self.code is not None or self.fault.reason is None or self.fault.kind is None:
            return self.code
        row = TABLE[self.fault.reason]
        return None if row.band is Band.WARNING else row.code_for(self.fault.kind)

    @property
    def staff_key(self) -> str:
        if self.staff:
            return self.staff
        if self.fault.reason is not None:
            row = TABLE[self.fault.reason]
            return row.staff_key_for(self.fault.kind) if self.fault.kind is not None else row.staff_key
        return f"error.{self.code}.staff"


@dataclass(frozen=True)
class Seen:
    """What was found: ``back_s`` is how long the page took to be whole again after the fault was put right."""

    place: str
    title: str
    row: Row
    model: p.Page
    back_s: float | None = None
    is_in_memory: bool = False
    """Whether the word of the device or the end of the work was given to the core, not brought about at a double."""


_NOT_WORDS = frozenset(
    {"code", "type", "action", "id", "icon", "picture", "kind", "side", "tone", "field", "rows", "address", "value"}
)


def words(page: p.Page) -> list[str]:
    """Every text of the page that a person reads below the strip, in order."""
    found: list[str] = [page.title, page.lead]

    def walk(value: Any) -> None:
        if isinstance(value, str):
            if value:
                found.append(value)
        elif isinstance(value, dict):
            for key, one in value.items():
                if key not in _NOT_WORDS:
                    walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(msgspec.to_builtins(settled(page).body))
    for action in (page.back, page.home, page.second, page.main):
        if action is not None:
            found.append(action.label)
    return found


def greyed(page: p.Page) -> set[str]:
    """Actions that stand on the page and can't be pressed."""
    body = page.body
    grey = {action.id for action in (page.back, page.home, page.second, page.main) if action and not action.is_enabled}
    if isinstance(body, p.MenuBody | p.DocumentsBody | p.AttractBody | p.ConsentBody):
        grey |= {tile.action for tile in body.tiles if not tile.is_enabled}
    return grey


def settled(page: p.Page) -> p.Page:
    """The technician's page without how long things have stood and where this very machine's office is."""
    body = page.body
    if not isinstance(body, p.TechnicianBody):
        return page
    devices = [msgspec.structs.replace(row, since="") for row in body.devices]
    return msgspec.structs.replace(page, body=msgspec.structs.replace(body, devices=devices, facts=[]))


def look(page: p.Page) -> p.Page:
    """What a person sees below the strip's clock and network: without number, direction and countdown."""
    page = settled(page)
    strip = msgspec.structs.replace(page.strip, clock="", network=p.Tone.NEUTRAL, network_text="")
    return msgspec.structs.replace(page, serial=0, direction=p.Direction.NONE, remaining_ms=None, strip=strip)


def says(page: p.Page, row: Row) -> bool:
    """Whether the page says what the row expects, and greys just that."""
    t, stands = Texts("id"), words(page)
    is_said = all(any(t(key, detail="").strip() in text for text in stands) for key in row.reads)
    shown = getattr(page.body, "code", "")
    is_coded = shown == (row.stable_code or "") if shown or isinstance(page.body, p.OutcomeBody) else True
    return is_said and is_coded and greyed(page) == set(row.grey)
