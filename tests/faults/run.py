"""Runs all rows on a few kiosks side by side: most of a row is waiting, and a kiosk is shared by many rows."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import rows_around, rows_counter, rows_memory, rows_office, rows_printing, rows_waiting
from tests.faults.stage import a_kiosk, an_office, seed_office
from tests.faults.table import Seen
from tests.faults.walker import Walker
from tests.faults.watched_core import FILE as HELD_CALLS

Part = Callable[[Walker], None]
START_S = 120.0
"""For a machine that starts a dozen processes; two kiosks start at a time."""

LANES: dict[str, tuple[Part, ...]] = {
    "attract": (rows_waiting.attract, rows_waiting.phone),
    "hands": (rows_waiting.proof, rows_waiting.tap, rows_waiting.pin),
    "preview": (rows_waiting.preview, rows_waiting.menu),
    "services": (rows_waiting.services, rows_counter.slips, rows_waiting.technician),
    "paper": (
        *(rows_printing.held_paper_1, rows_printing.starts, rows_waiting.scan),
        *(rows_waiting.nik, rows_waiting.print_code, rows_printing.endings),
    ),
    "cards": (rows_printing.held_card, rows_waiting.lists, rows_waiting.card_preview),
    "lost": (rows_printing.held_paper_2, rows_printing.lost, rows_printing.fell_silent),
    "house": (rows_around.cannot, rows_around.scanner, rows_around.power),
    "office": (
        *(rows_office.attract, rows_counter.without_office),
        *(rows_office.prove, rows_office.find, rows_office.fetch),
    ),
}
"""What runs on one kiosk, in this order."""


@dataclass
class Report:
    """``held`` are the calls that held a core's loop for more than 50 ms, by lane."""

    seen: list[Seen] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    errors: dict[str, BaseException] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def run(folder: Path, lanes: dict[str, tuple[Part, ...]] | None = None) -> Report:
    """All rows, in the order of the lanes. What failed stands in ``errors`` by part."""
    report = Report()
    found: dict[str, list[Seen]] = {}
    seed_office(folder / "seeded")
    chosen = lanes or LANES
    starting = threading.Semaphore(2)

    def work(lane: str, parts: tuple[Part, ...]) -> None:
        begun = time.monotonic()
        # An office at its worst is asked with a short patience, and missed soon.
        office_s, heartbeat_s = (2, 2) if lane == "office" else (8, 60)
        try:
            with ExitStack() as stack:
                with starting:
                    office = stack.enter_context(an_office(folder / lane / "office", folder / "seeded"))
                    kiosk = stack.enter_context(
                        a_kiosk(
                            folder / lane / "run",
                            office,
                            speed=20,
                            office_s=office_s,
                            heartbeat_s=heartbeat_s,
                            has_house=lane == "house",
                        )
                    )
                    kiosk.face.wait_page("attract", timeout_s=START_S)
                walker = Walker(kiosk)
                found[lane] = walker.seen
                for part in parts:
                    walker.leave()
                    walker.wait_ready()
                    part_begun = time.monotonic()
                    part(walker)
                    report.seconds[f"{lane}.{part.__module__[-8:]}.{part.__name__}"] = time.monotonic() - part_begun
                path = kiosk.run / HELD_CALLS
                if path.exists():
                    report.held += [json.loads(line) | {"lane": lane} for line in path.read_text().splitlines()]
        except BaseException as error:  # noqa: BLE001 - told by the caller, with the lane's name
            report.errors[lane] = error
        report.seconds[lane] = time.monotonic() - begun

    threads = [threading.Thread(target=work, args=one, name=f"lane {one[0]}", daemon=True) for one in chosen.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.seen = [seen for lane in chosen for seen in found.get(lane, [])]
    if lanes is None:
        try:
            report.seen += rows_memory.rows()
        except AssertionError as error:
            report.errors["memory"] = error
    return report
