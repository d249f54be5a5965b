"""The technician's page of the prints that ended unknown: somebody looked, and says what became of one."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.errors import StoreError
from kiosk.events import LogEvent, log
from kiosk.store.prints import Finding, PrinterName, PrintRecord

if TYPE_CHECKING:
    from kiosk.store.journal import Journal

BY_DOOR = "staff-code"
"""Who answered, as the audit chain has it: whoever holds the code of the technician's door. No name is known."""


@dataclass(frozen=True)
class PrintsView:
    """``waiting`` is oldest first; ``chosen`` is the print that is asked about, None on the list."""

    waiting: tuple[PrintRecord, ...]
    chosen: PrintRecord | None = None
    said: Finding | None = None
    """What was pressed about it and is not yet confirmed."""
    told: Finding | None = None
    """What was noted last."""


class Reconciliation:
    """The list and the answers. ``on_settled`` wakes the outbox. Thread-safe by the store; raises StoreError."""

    def __init__(self, journal: "Journal", on_settled: Callable[[], None] = lambda: None) -> None:
        self._journal = journal
        self._on_settled = on_settled

    def waiting(self) -> tuple[PrintRecord, ...]:
        """Prints that nobody has looked for yet, oldest first."""
        return tuple(self._journal.unknown_prints())

    def counts(self) -> Mapping[PrinterName, int]:
        """How many wait, by printer; empty where the store can't be asked, which is told elsewhere."""
        try:
            return Counter(record.printer for record in self.waiting())
        except StoreError:
            return {}

    def answer(self, print_id: str, finding: Finding) -> None:
        """Note what a technician found. Raises JournalOrderError for a print that was answered before."""
        self._journal.found(print_id, finding, BY_DOOR, datetime.now(UTC))
        log(LogEvent.PRINT_RECONCILED, state=finding)
        self._on_settled()


def opened(prints: Reconciliation, told: Finding | None = None) -> PrintsView:
    """The list. Raises StoreError."""
    return PrintsView(prints.waiting(), told=told)


def acted(view: PrintsView, prints: Reconciliation, act: str) -> PrintsView:
    """One press: ``list``, ``open:<print id>``, a ``Finding`` about the chosen print, then ``sure`` or ``unsure``.

    Nothing is noted before ``sure``. Raises StoreError.
    """
    if act == "list":
        return opened(prints)
    if act.startswith("open:"):
        chosen = next((one for one in view.waiting if one.print_id == act.removeprefix("open:")), None)
        return replace(view, chosen=chosen, said=None, told=None)
    if view.chosen is None:
        return view
    if view.said is None:
        return replace(view, said=Finding(act)) if act in frozenset(Finding) else view
    if act == "unsure":
        return replace(view, said=None)
    if act != "sure":
        return view
    if view.chosen.print_id not in {record.print_id for record in prints.waiting()}:
        # Answered meanwhile, by ``kiosk reconcile``.
        return opened(prints)
    prints.answer(view.chosen.print_id, view.said)
    return opened(prints, view.said)
