"""What somebody may break: a sync that is left out, a journal call that is gone, two acts in the wrong order.

``mark`` makes the beginning and the end of each journal call visible in a trace; it is used for traces alone, since
every mark is a write of its own.
"""

import os
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from kiosk import api
from tests.crash.counter_spoilers import spoil_counter
from tests.crash.world import PAGES

STEPS = ("intend", "granted", "verified", "created", "sent", "settle")
ACTS = (
    "intend",
    "grant",
    "granted",
    "fetch",
    "verified",
    "create",
    "created",
    "send",
    "sent",
    "settle",
    "post",
    "delivered",
)
"""Everything that a print does on the disk and in the world, in the order of DESIGN.md section 6."""
NO_SYNC = ("synchronous-off", "synchronous-normal")
UNCALLED = tuple(f"without-{step}" for step in (*STEPS, "delivered"))
UNWRITTEN = tuple(f"unwritten-{step}" for step in (*STEPS, "delivered"))
SWAPPED = tuple(f"swapped-{one}-{two}" for one, two in pairwise(ACTS))
SPOILERS = (*NO_SYNC, *UNCALLED, *UNWRITTEN, *SWAPPED)


def mark(kiosk: Any) -> None:
    """Write ``begin STEP`` and ``end STEP`` around each call of the journal and of the outbox."""
    marks = os.open("/dev/null", os.O_WRONLY)
    for step in STEPS:
        _wrap(kiosk.journal, step, marks)
    _wrap(kiosk.rows, "delivered", marks)
    _wrap(kiosk.rows, "add", marks, "file")
    _wrap(kiosk.numbers, "keep", marks)
    _wrap(kiosk.numbers, "take", marks)
    _wrap(kiosk.blanks, "take", marks, "blank")


def _wrap(owner: Any, step: str, marks: int, name: str = "") -> None:
    name = name or step
    call = getattr(owner, step)

    def marked(*values: Any, **named: Any) -> Any:
        os.write(marks, f"begin {name}".encode())
        try:
            return call(*values, **named)
        finally:
            os.write(marks, f"end {name}".encode())

    setattr(owner, step, marked)


def prepare(kiosk: Any, spoiler: str, *, is_marked: bool) -> None:
    """Spoil and mark. The marks show what is done, and when; only an unwritten step keeps the marks of its call."""
    is_inner = spoiler.startswith("unwritten") or spoiler.endswith("unwritten")
    if spoiler and is_inner:
        spoil(kiosk, spoiler)
    if is_marked:
        mark(kiosk)
    if spoiler and not is_inner:
        spoil(kiosk, spoiler)


def spoil(kiosk: Any, name: str) -> None:
    """Break one promise of this kiosk."""
    kind, _, rest = name.partition("-")
    if kind == "synchronous":
        with kiosk.store._lock:
            raw = kiosk.store._engine.raw_connection()
            raw.execute(f"PRAGMA synchronous = {rest}")
            raw.close()
    elif kind == "counter":
        spoil_counter(kiosk, rest)
    elif kind in ("without", "unwritten"):
        owner = kiosk.rows if rest == "delivered" else kiosk.journal
        setattr(owner, rest, _nothing)
    else:
        one, two = rest.split("-")
        _swap(kiosk, one, two)


def _nothing(*_: Any, **__: Any) -> None:
    """Stands for a call, or for the write in it, that was taken out."""


def _owner(kiosk: Any, act: str) -> Any:
    if act in STEPS:
        return kiosk.journal
    return {"grant": kiosk.office, "fetch": kiosk.office, "post": kiosk.office, "delivered": kiosk.rows}.get(
        act, kiosk.bay.device
    )


def _swap(kiosk: Any, one: str, two: str) -> None:
    """Let ``two`` happen before ``one``. What ``two`` would learn of ``one`` it guesses."""
    first, second = _owner(kiosk, one), _owner(kiosk, two)
    do_one, do_two = getattr(first, one), getattr(second, two)
    if one in STEPS:
        kept: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

        def later(*values: Any, **named: Any) -> None:
            if (one, two) == ("settle", "post"):
                _post_unsettled(kiosk, values[0], values[1])
                do_one(*values, **named)
            else:
                kept.append((values, named))

        def now(*values: Any, **named: Any) -> Any:
            result = do_two(*values, **named)
            while kept:
                late, how = kept.pop()
                do_one(*late, **how)
            return result

        setattr(first, one, later)
        if two != "post":
            setattr(second, two, now)
        return
    last: list[str] = []
    intend = kiosk.journal.intend

    def intended(print_id: str, *values: Any) -> None:
        last.append(print_id)
        intend(print_id, *values)

    kiosk.journal.intend = intended
    setattr(second, two, _nothing)

    def early(*values: Any, **named: Any) -> Any:
        at = datetime.now(UTC)
        if two == "granted":
            do_two(last[-1], "grant-guessed", at)
        elif two == "verified":
            do_two(last[-1], pages=PAGES, sha256="0" * 64, at=at)
        elif two == "created":
            do_two(last[-1], job_id=0, job_uri="", counter_before=None, at=at)
        elif two == "sent":
            do_two(last[-1], at)
        else:
            do_two(kiosk.rows.heads()[0])
        return do_one(*values, **named)

    setattr(first, one, early)


def _post_unsettled(kiosk: Any, print_id: str, verdict: Any) -> None:
    record = kiosk.journal.record(print_id)
    settlement = api.Settlement(
        grant_id=record.grant_id,
        print_id=print_id,
        end=verdict.end,
        evidence=verdict.evidence,
        at=datetime.now(UTC),
    )
    kiosk.office.post("settlement", settlement.model_dump_json().encode(), f"{print_id}.early")
