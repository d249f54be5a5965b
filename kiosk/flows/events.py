"""What can happen to a flow. Time comes in with the event: ``at`` is monotonic seconds."""

import msgspec

from kiosk.flows.outcomes import Outcome


class Event(msgspec.Struct, frozen=True, tag=True):
    at: float


class Start(Event, frozen=True):
    """The citizen chose the service."""


class Pressed(Event, frozen=True):
    """A button: the engine's own (``back``, ``home``, ``main``, ``second``) or a choice (``choose:<key>``)."""

    action: str


class Submitted(Event, frozen=True):
    """What a pad or form held."""

    action: str
    values: dict[str, str]

    def __repr__(self) -> str:
        return f"Submitted(action={self.action!r}, fields={sorted(self.values)})"


class Scanned(Event, frozen=True):
    """A code from a scanner or a wedge."""

    text: str

    def __repr__(self) -> str:
        return f"Scanned(<{len(self.text)} characters>)"


class Unreadable(Event, frozen=True):
    """Somebody held a code that the scanner could not read, or that is no code of ours; nothing of it is kept."""


class Ended(Event, frozen=True):
    """An effect ended."""

    effect: int
    outcome: Outcome


class Progress(Event, frozen=True):
    """A print moved on: sheets out of sheets in all, and what holds it up (``""`` when nothing does)."""

    effect: int
    done: int
    total: int
    reason: str = ""


class CardGone(Event, frozen=True):
    """The card was taken off the reader."""


class Tick(Event, frozen=True):
    """Time passed; moves only what has a deadline."""
