"""``kiosk office desk``: a day's queue numbers and complaints, for whoever calls numbers and answers complaints."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.office.access_command import opened

if TYPE_CHECKING:
    from kiosk.office.desk_report import Range
    from kiosk.office.reception import Services


def add_parser(commands: Any) -> None:
    """``desk``, below the office's commands."""
    text = "a day's queue numbers (given, never given, no word yet) and complaints"
    parser: argparse.ArgumentParser = commands.add_parser("desk", help=text, description=text)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--day", type=date.fromisoformat, help="such as 2026-11-22; default today")
    parser.add_argument("--complaint", default="", metavar="NUMBER", help="only this one, of whatever day")
    parser.add_argument("--json", action="store_true", help="for programs")


def _desk(office: "Services", options: argparse.Namespace) -> int:
    from kiosk.office.desk_report import complaints_of, ranges_of

    day = options.day or datetime.now().astimezone().date()
    with office.database.reading() as connection:
        ranges = [] if options.complaint else ranges_of(connection, day)
        complaints = complaints_of(connection, day, options.complaint)
    if options.json:
        told = {"day": day.isoformat(), "numbers": [asdict(one) for one in ranges], "complaints": complaints}
        print(json.dumps(told))
    else:
        for one in ranges:
            print(_line(one, office.rules.queues.get(one.queue, "?")))
        for filed in complaints:
            print(f"{filed['number']}  {filed['hour']}  {filed['topic']:14}  {filed['kiosk']}")
    if options.complaint and not complaints:
        print(f"no complaint {options.complaint}", file=sys.stderr)
        return 1
    return 0


def _line(one: "Range", prefix: str) -> str:
    def span(first: int, last: int) -> str:
        return f"{prefix}-{first:03d}" if first == last else f"{prefix}-{first:03d} to {prefix}-{last:03d}"

    line = f"{one.queue:12}  {span(one.first, one.last):18}  {one.kiosk:20}  given {one.given}"
    if one.never_given is not None:
        line += f", never given {span(*one.never_given)}"
    return line + (f", no word of {one.no_word}" if one.no_word else "")


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"desk": opened(_desk)}
