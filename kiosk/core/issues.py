"""The facts behind the open issues, as the running core knows them."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.backend.contract import Office, Reachability
from kiosk.issues import Facts, Issue, issues_of
from kiosk.store.soundness import set_aside_stores

if TYPE_CHECKING:
    from kiosk.core.bundle import FlowBundle
    from kiosk.core.numbers import NumberKeeper
    from kiosk.devices.build import Devices
    from kiosk.store.journal import Journal
    from kiosk.store.outbox import OutboxStore


class Issues:
    """Asked anew each time; nothing is kept. Thread-safe by its sources."""

    def __init__(
        self,
        devices: "Devices",
        office: Office,
        journal: "Journal",
        outbox: "OutboxStore",
        bundle: "FlowBundle",
        lacks: tuple[tuple[str, str], ...] = (),
        store_path: Path | None = None,
        numbers: "NumberKeeper | None" = None,
    ) -> None:
        self._devices = devices
        self._office = office
        self._journal = journal
        self._outbox = outbox
        self._bundle = bundle
        self._lacks = lacks
        self._store_path = store_path
        self._numbers = numbers
        self.is_audit_refused = False
        """The office's word of the last heartbeat."""
        self.clock_off_s: float | None = None
        """How far our clock was ahead of the office's then."""

    def open(self) -> list[Issue]:
        """Open issues, the gravest first. Raises StoreError."""
        problems = self._bundle.problems
        oldest = self._outbox.oldest_at()
        refused = self._outbox.set_aside_rows()
        return issues_of(
            Facts(
                statuses=tuple(device.status() for device in self._devices),
                is_office_away=self._office.reachability() is Reachability.OFFLINE,
                flow_problem=problems[0].splitlines()[0] if problems else "",
                unknown_prints=len(self._journal.unknown_prints()),
                waiting=self._outbox.size(),
                oldest_waiting_s=max(0.0, time.time() - oldest) if oldest is not None else 0.0,
                folded=self._outbox.untold_folds(),
                set_aside=len(refused),
                refusal=self._outbox.reason(refused[0]) if refused else "",
                lost_stores=tuple(set_aside_stores(self._store_path)) if self._store_path is not None else (),
                is_audit_refused=self.is_audit_refused,
                clock_off_s=self.clock_off_s,
                lacks=self._lacks,
                queues_out=self._queues_out(),
                numbers_refused=self._numbers_refused(),
            )
        )

    def _queues_out(self) -> tuple[str, ...]:
        """Of the settings, or of a service that is offered though the settings do not name its queue."""
        if self._numbers is None:
            return ()
        left = self._numbers.left()
        offered = (queue for flow in self._bundle.flows for queue in flow.queues)
        return tuple(queue for queue in dict.fromkeys((*left, *offered)) if not left.get(queue))

    def _numbers_refused(self) -> str:
        troubles = tuple(self._numbers.troubles.values()) if self._numbers is not None else ()
        return troubles[0] if troubles else ""
