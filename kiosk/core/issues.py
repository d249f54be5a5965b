"""What needs doing at this machine: the list that a technician sees first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.backend.contract import Office, Reachability
from kiosk.devices.contract import Band
from kiosk.devices.reasons import entry
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.core.bundle import FlowBundle
    from kiosk.devices.build import Devices
    from kiosk.store.journal import Journal
    from kiosk.store.outbox import OutboxStore


@dataclass(frozen=True)
class Issue:
    """``slug`` goes to the office; the texts are for the technician."""

    slug: str
    what: Callable[[Texts], str]
    do: Callable[[Texts], str]


class Issues:
    """Asked anew each time; nothing is kept. Thread-safe by its sources."""

    def __init__(
        self,
        devices: "Devices",
        office: Office,
        journal: "Journal",
        outbox: "OutboxStore",
        bundle: "FlowBundle",
    ) -> None:
        self._devices = devices
        self._office = office
        self._journal = journal
        self._outbox = outbox
        self._bundle = bundle

    def open(self) -> list[Issue]:
        """Open issues, the gravest first."""
        found: list[Issue] = []
        unknown = len(self._journal.unknown_prints())
        if unknown:
            found.append(
                Issue(
                    "prints-unknown",
                    lambda t: t("staff.issue-unknown", count=unknown),
                    lambda t: t("staff.issue-unknown-do"),
                )
            )
        for device in self._devices:
            status = device.status()
            if status.band is Band.OK or "not-configured" in status.reasons:
                continue
            row = entry(status.reasons[0]) if status.reasons else None
            found.append(
                Issue(
                    f"{status.kind}-{status.reasons[0] if status.reasons else status.band}",
                    lambda t, s=status: t(  # type: ignore[misc]
                        "staff.issue-device", device=t(f"device.{s.kind}"), state=t(f"band.{s.band}")
                    ),
                    lambda t, r=row, s=status: t(r.staff_key, detail=s.detail) if r is not None else "",  # type: ignore[misc]
                )
            )
        if self._office.reachability() is Reachability.OFFLINE:
            found.append(Issue("office-away", lambda t: t("staff.issue-office"), lambda t: t("staff.issue-office-do")))
        if self._bundle.problems:
            first = self._bundle.problems[0].splitlines()[0]
            found.append(Issue("flows-refused", lambda t: t("staff.issue-flows"), lambda t: first))
        waiting = self._outbox.size()
        if waiting > 20:
            found.append(
                Issue(
                    "outbox-waiting",
                    lambda t: t("staff.issue-outbox", count=waiting),
                    lambda t: t("staff.issue-outbox-do"),
                )
            )
        poisoned = len(self._outbox.set_aside_rows())
        if poisoned:
            found.append(
                Issue(
                    "outbox-refused",
                    lambda t: t("staff.issue-poison", count=poisoned),
                    lambda t: t("staff.issue-poison-do"),
                )
            )
        return found
