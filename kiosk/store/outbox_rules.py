"""How long each kind of message may wait, and what happens to it then. Nothing ever goes without being counted.

Settlements, checkpoints and returned ranges stay for ever. What people said (complaints, numbers) stays too, but a
kiosk that holds too many takes no more and says so. Ratings, events and heartbeats are folded: the oldest go, a counter
says how many, staff see an issue and the office gets an event with the total.
"""

from dataclasses import dataclass
from enum import StrEnum

from kiosk.api import MessageKind

DAY_S = 86_400.0


class Bound(StrEnum):
    """What happens at the bound."""

    NONE = "none"
    """There is none: it is never dropped and never refused."""
    REFUSE = "refuse"
    """No new one is taken: whoever brings it is told. Those that wait stay."""
    FOLD = "fold"
    """The oldest go; a durable counter says how many, and the office is told the total."""
    NEWEST = "newest"
    """Only the newest counts; it says how many came before it."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """``most`` rows of the kind may wait, none longer than ``oldest_s`` seconds."""

    bound: Bound
    most: int = 0
    oldest_s: float = float("inf")


RULES: dict[MessageKind, Keeping] = {
    MessageKind.SETTLEMENT: Keeping(Bound.NONE),
    MessageKind.CHECKPOINT: Keeping(Bound.NONE),
    MessageKind.COMPLAINT: Keeping(Bound.REFUSE, most=5_000),
    MessageKind.TICKET: Keeping(Bound.REFUSE, most=5_000),
    MessageKind.TICKET_RETURN: Keeping(Bound.NONE),
    MessageKind.SURVEY: Keeping(Bound.FOLD, most=5_000, oldest_s=180 * DAY_S),
    MessageKind.EVENT: Keeping(Bound.FOLD, most=1_000, oldest_s=90 * DAY_S),
    MessageKind.HEARTBEAT: Keeping(Bound.NEWEST, most=1, oldest_s=90 * DAY_S),
}
