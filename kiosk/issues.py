"""What needs doing at this machine: one derivation for the technician's page, the heartbeat and ``kiosk diagnose``.

A floor of its own, above devices and below core and diagnostics: who asks brings the facts, here is what follows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.devices.contract import Band, Reason, Status
from kiosk.devices.reasons import entry
from kiosk.texts import Texts

MANY_WAITING = 20
"""So many messages to the office may wait without anybody being told."""
LONG_WAITING_S = 7 * 86_400.0
"""So long a message may wait."""
CLOCK = "clock"
"""What the self-check calls a clock that cannot be right."""
CLOCK_OFF_S = 120.0
"""A clock that is further off than this is set by hand, or by nobody."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so. ``flow_problem`` is the first refusal of a set of flows; counts are 0 where nobody could look."""

    statuses: tuple[Status, ...] = ()
    is_office_away: bool = False
    flow_problem: str = ""
    unknown_prints: int = 0
    waiting: int = 0
    oldest_waiting_s: float = 0.0
    """How long the oldest message to the office has waited."""
    folded: int = 0
    """Messages of low value of which only the number is left, and the office has not heard of it."""
    set_aside: int = 0
    lost_stores: tuple[str, ...] = ()
    """Names of stores that were set aside and still lie there."""
    is_audit_refused: bool = False
    """The office doubts this kiosk's audit chain."""
    clock_off_s: float | None = None
    """How far this machine's clock is ahead of the office's, as of its last answer; negative: behind."""
    refusal: str = ""
    """Why the office refused the first of those that were set aside."""
    lacks: tuple[tuple[str, str], ...] = ()
    """What the self-check missed: its word and the detail."""
    queues_out: tuple[str, ...] = ()
    """Queues of which no number is left."""
    numbers_refused: str = ""
    """Why the office leases no more of them, or leased what can't be right."""


@dataclass(frozen=True, slots=True)
class Issue:
    """``slug`` goes to the office; the words come in the language of who reads them."""

    slug: str
    what_key: str
    do_key: str
    status: Status | None = None
    count: int = 0
    words: str = ""
    detail: str = ""

    def what(self, texts: Texts) -> str:
        """What is wrong."""
        if self.status is not None:
            device, state = texts(f"device.{self.status.kind}"), texts(f"band.{self.status.band}")
            return texts(self.what_key, device=device, state=state)
        return texts(self.what_key, count=self.count)

    def do(self, texts: Texts) -> str:
        """What is to be done; empty where nobody can say."""
        if self.words or not self.do_key:
            return self.words
        return texts(self.do_key, detail=self.status.detail if self.status is not None else self.detail)


def issues_of(facts: Facts) -> list[Issue]:
    """Open issues, the gravest first."""
    found: list[Issue] = []
    if facts.unknown_prints:
        found.append(
            Issue("prints-unknown", "staff.issue-unknown", "staff.issue-unknown-do", count=facts.unknown_prints)
        )
    if facts.lost_stores:
        files = ", ".join(facts.lost_stores)
        found.append(Issue("store-lost", "staff.issue-store", "staff.issue-store-do", detail=files))
    found += _device_issues(facts.statuses)
    if facts.is_audit_refused:
        found.append(Issue("audit-refused", "staff.issue-audit", "staff.issue-audit-do"))
    if facts.is_office_away:
        found.append(Issue("office-away", "staff.issue-office", "staff.issue-office-do"))
    is_clock_right = facts.clock_off_s is not None and abs(facts.clock_off_s) <= CLOCK_OFF_S
    if facts.clock_off_s is not None and not is_clock_right:
        found.append(Issue("clock-off", "staff.issue-clock", "staff.issue-clock-do", detail=_hours(facts.clock_off_s)))
    if facts.flow_problem:
        found.append(Issue("flows-refused", "staff.issue-flows", "", words=facts.flow_problem))
    if facts.waiting > MANY_WAITING:
        found.append(Issue("outbox-waiting", "staff.issue-outbox", "staff.issue-outbox-do", count=facts.waiting))
    if facts.oldest_waiting_s > LONG_WAITING_S:
        days = int(facts.oldest_waiting_s // 86_400)
        found.append(Issue("outbox-old", "staff.issue-outbox-old", "staff.issue-outbox-do", count=days))
    if facts.folded:
        found.append(Issue("outbox-folded", "staff.issue-folded", "staff.issue-folded-do", count=facts.folded))
    if facts.set_aside:
        found.append(
            Issue(
                "outbox-refused",
                "staff.issue-poison",
                "staff.issue-poison-do",
                count=facts.set_aside,
                detail=facts.refusal,
            )
        )
    if facts.queues_out:
        queues = ", ".join(facts.queues_out)
        found.append(Issue("numbers-out", "staff.issue-numbers-out", "staff.issue-numbers-out-do", detail=queues))
    if facts.numbers_refused:
        words = facts.numbers_refused
        found.append(
            Issue("numbers-refused", "staff.issue-numbers-refused", "staff.issue-numbers-refused-do", detail=words)
        )
    found += [
        Issue(f"machine-{lack}", "staff.issue-machine", f"machine.{lack}", detail=detail)
        for lack, detail in facts.lacks
        # It was looked for at the start; since then the office has told the time.
        if not (is_clock_right and lack == CLOCK)
    ]
    return found


def _hours(seconds: float) -> str:
    """As it is read out: ``+1:30`` or ``-8760:00``."""
    hours, minutes = divmod(round(abs(seconds) / 60), 60)
    return f"{'-' if seconds < 0 else '+'}{hours}:{minutes:02}"


def _device_issues(statuses: Iterable[Status]) -> Iterable[Issue]:
    """What a machine does not have is no issue."""
    for status in statuses:
        if status.band is Band.OK or Reason.NOT_CONFIGURED in status.reasons:
            continue
        reason = status.reasons[0] if status.reasons else None
        do_key = entry(reason).staff_key_for(status.kind) if reason is not None else ""
        yield Issue(f"{status.kind}-{reason or status.band}", "staff.issue-device", do_key, status)
