"""What the journal says of a print: its state, what may follow, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk import api


class PrintState(StrEnum):
    """How far a print went."""

    INTENDED = "intended"
    GRANTED = "granted"
    VERIFIED = "verified"
    CREATED = "created"
    SENT = "sent"
    SETTLED = "settled"
    REPORTED = "reported"


FOLLOWERS: Mapping[PrintState, frozenset[PrintState]] = {
    PrintState.INTENDED: frozenset({PrintState.GRANTED, PrintState.VERIFIED, PrintState.SETTLED}),
    PrintState.GRANTED: frozenset({PrintState.VERIFIED, PrintState.SETTLED}),
    PrintState.VERIFIED: frozenset({PrintState.CREATED, PrintState.SETTLED}),
    PrintState.CREATED: frozenset({PrintState.SENT, PrintState.SETTLED}),
    PrintState.SENT: frozenset({PrintState.SETTLED}),
    PrintState.SETTLED: frozenset({PrintState.REPORTED}),
    PrintState.REPORTED: frozenset(),
}
"""What may follow each state. INTENDED to VERIFIED is the way of the kiosk's own sheets, which need no grant."""

OPEN_STATES = frozenset(FOLLOWERS) - {PrintState.SETTLED, PrintState.REPORTED}


class JournalOrderError(Exception):
    """A step that may not follow the state that the print is in: a fault of the program."""


class PrinterName(StrEnum):
    """Which printer of the machine."""

    A4 = "a4"
    CARD = "card"


class Evidence(StrEnum):
    """What a settlement rests on."""

    IMPRESSIONS = "impressions"
    PAGE_COUNTER = "page-counter"
    ATTENDANT = "attendant"
    NONE = "none"


class Finding(StrEnum):
    """What staff found of a print that ended unknown; also the reason of the settlement that follows."""

    CAME_OUT = "came-out"
    NOT_OUT = "not-out"
    DAMAGED = "damaged"
    """It came out and is of no use: staff destroys it, and the citizen may print again."""

    @property
    def end(self) -> api.PrintEnd:
        """How the print is settled."""
        return api.PrintEnd.PRINTED if self is Finding.CAME_OUT else api.PrintEnd.FAILED


def short_code(print_id: str) -> str:
    """The end of a print's id, for people to tell prints apart."""
    return print_id[-6:].upper()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a print ended. ``reason`` is a slug; ``pages_out`` is None where nobody counted."""

    end: api.PrintEnd
    reason: str | None = None
    evidence: Evidence = Evidence.NONE
    pages_out: int | None = None


@dataclass(frozen=True, slots=True)
class PrintRecord:
    """One print as it stands. Times are seconds since 1970."""

    print_id: str
    state: PrintState
    printer: PrinterName
    grant_id: str | None
    pages: int
    sha256: str | None
    job_id: int | None
    job_uri: str | None
    counter_before: int | None
    verdict: Verdict | None
    created_at: float
    updated_at: float

    @property
    def may_have_moved_paper(self) -> bool:
        """Whether bytes of the document may have reached the printer."""
        return self.state not in (PrintState.INTENDED, PrintState.GRANTED, PrintState.VERIFIED)
