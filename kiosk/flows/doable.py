"""What of a service can still be done while something is lacking: the office, or the numbers of a queue.

Follows from the kinds of its steps, never from its name.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from kiosk.flows.compiled import FinishStep, Kind, MenuStep, PrintStep, Step, TicketStep
from kiosk.flows.effects import Source
from kiosk.flows.outcomes import Ending

if TYPE_CHECKING:
    from kiosk.flows.compiled import AnyStep

OFFICE = "office"
"""What a step needs that asks the office while somebody waits."""

_ASKS_OFFICE = frozenset({Kind.IDENTIFY, Kind.FETCH, Kind.DOCUMENTS, Kind.CARD, Kind.HAND_OVER})
_WAYS = ("then", "failed", "timeout", "cancel", "otherwise", "unknown", "none", "locked")


def numbers_of(queue: str) -> str:
    """What a step needs that gives a number of ``queue``."""
    return f"numbers of {queue}"


def needed(step: Step) -> str:
    """What the step cannot be done without: ``OFFICE``, ``numbers_of(queue)`` or ``""``."""
    if isinstance(step, TicketStep):
        return numbers_of(step.queue)
    is_office_print = isinstance(step, PrintStep) and step.source is Source.OFFICE
    return OFFICE if step.kind in _ASKS_OFFICE or is_office_print else ""


def is_doable(steps: "Mapping[str, AnyStep]", first: str, lacking: Collection[str]) -> bool:
    """Whether some way from ``first`` ends well without a step that needs what is lacking."""
    seen: set[str] = set()
    ahead = [first]
    while ahead:
        name = ahead.pop()
        step = steps.get(name)
        if step is None or name in seen or needed(step) in lacking:
            continue
        seen.add(name)
        if isinstance(step, FinishStep) and step.ending is Ending.DONE:
            return True
        ahead.extend(_targets(step))
    return False


def is_blocked(steps: "Mapping[str, AnyStep]", first: str, lacking: Collection[str]) -> bool:
    """Whether what is lacking is all that keeps every way from ``first`` from ending well."""
    return not is_doable(steps, first, lacking) and is_doable(steps, first, ())


def queues_of(steps: "Mapping[str, AnyStep]") -> tuple[str, ...]:
    """The queues whose numbers the steps give, each once, in the order of the file."""
    return tuple(dict.fromkeys(step.queue for step in steps.values() if isinstance(step, TicketStep)))


def _targets(step: Step) -> Iterator[str]:
    if isinstance(step, MenuStep):
        yield from (choice.then for choice in step.choices)
    yield from (getattr(step, way, "") for way in _WAYS)
