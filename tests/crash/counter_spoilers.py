"""What somebody may break at the counter: a number or a complaint that is not on the disk when its slip comes, a
request for numbers that is forgotten, a message that is written by itself, a card's job before its blank."""

import secrets
from typing import Any

from kiosk import api
from kiosk.store.numbers import Ask, Given

TRACE_SEES = (
    "counter-number-unwritten",
    "counter-number-late",
    "counter-complaint-unwritten",
    "counter-complaint-late",
)
CUT_SEES = (*TRACE_SEES, "counter-number-untold")
KILL_SEES = ("counter-request-forgotten", "counter-number-untold")
CARD_SEES = ("counter-blank-unwritten", "counter-blank-late")


def spoil_counter(kiosk: Any, name: str) -> None:
    """Break one promise of this kiosk's counter."""
    {
        "number-unwritten": _number_unwritten,
        "number-late": _number_late,
        "number-untold": _number_untold,
        "complaint-unwritten": _complaint_unwritten,
        "complaint-late": _complaint_late,
        "request-forgotten": _request_forgotten,
        "blank-unwritten": _blank_unwritten,
        "blank-late": _blank_late,
    }[name](kiosk)


def _guessed(kiosk: Any, queue: str) -> Given:
    """The number that would be next, told by nobody who wrote it down."""
    first = next(iter(kiosk.leased))
    return Given(queue, f"A-{first:03d}", "lease-guessed", first)


def _note_leases(kiosk: Any) -> None:
    kiosk.leased = []
    lease = kiosk.office.lease

    def noted(*values: Any) -> Any:
        answer = lease(*values)
        kiosk.leased.append(answer.first)
        return answer

    kiosk.office.lease = noted


def _number_unwritten(kiosk: Any) -> None:
    _note_leases(kiosk)
    kiosk.numbers.take = lambda queue, now: _guessed(kiosk, queue)


def _number_late(kiosk: Any) -> None:
    _note_leases(kiosk)
    slip, take = kiosk.office.slip, kiosk.numbers.take

    def late(queue: str, now: float) -> Given:
        slip("ticket", _guessed(kiosk, queue).label)
        given: Given = take(queue, now)
        return given

    kiosk.numbers.take = late
    kiosk.office.slip = lambda layout, number: slip(layout, number) if layout != "ticket" else None


def _number_untold(kiosk: Any) -> None:
    """The message for the office is a transaction of its own, after the slip."""
    kept: list[dict[str, Any]] = []
    tell, add, slip = kiosk.numbers._outbox.add_in, kiosk.rows.add, kiosk.office.slip

    def later(connection: Any, **row: Any) -> None:
        if row["kind"] == api.MessageKind.TICKET:
            kept.append(row)
        else:
            tell(connection, **row)

    def then(layout: str, number: str) -> None:
        slip(layout, number)
        kiosk.rows.add_in = tell
        while kept:
            add(**kept.pop())

    kiosk.rows.add_in = later
    kiosk.office.slip = then


def _complaint_unwritten(kiosk: Any) -> None:
    kiosk.rows.add = lambda **row: None


def _complaint_late(kiosk: Any) -> None:
    """The slip comes with the number that is filed afterwards."""
    slip, add = kiosk.office.slip, kiosk.rows.add

    def late(**row: Any) -> None:
        slip("complaint", api.Complaint.model_validate_json(row["body"]).number.upper())
        add(**row)

    kiosk.rows.add = late
    kiosk.office.slip = lambda layout, number: slip(layout, number) if layout != "complaint" else None


def _request_forgotten(kiosk: Any) -> None:
    """Each request for numbers has another key: an answer that was lost costs a range."""
    kiosk.numbers.ask = lambda queue, count: Ask(queue, count, f"lease-{secrets.token_hex(12)}")


def _blank_unwritten(kiosk: Any) -> None:
    kiosk.blanks.take = lambda print_id, at, read=None: "A0001"


def _blank_late(kiosk: Any) -> None:
    ready, create = kiosk.station.make_ready, kiosk.bay.device.create
    kept: list[tuple[Any, ...]] = []
    kiosk.station.make_ready = lambda *values: kept.append(values)

    def early(*values: Any) -> Any:
        job = create(*values)
        while kept:
            ready(*kept.pop())
        return job

    kiosk.bay.device.create = early
