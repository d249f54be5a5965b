"""Durable commits of the print journal, encrypted: every step of whole prints, each a transaction of its own."""

import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kiosk import api
from kiosk.store.database import open_store
from kiosk.store.journal import Journal
from kiosk.store.prints import Evidence, PrinterName, Verdict

WARM = 20


def measure(prints: int, folder: Path) -> list[float]:
    """Milliseconds of each commit of ``prints`` prints on a fresh store in ``folder``."""
    path = Path(tempfile.mkdtemp(dir=folder)) / "kiosk.db"
    store = open_store(path, secrets.token_hex(32)).store
    journal = Journal(store)
    samples: list[float] = []
    for number in range(prints + WARM):
        name = f"bench-{number:06d}"
        now = datetime.now(UTC)
        verdict = Verdict(api.PrintEnd.PRINTED, None, Evidence.IMPRESSIONS, 1)
        steps: list[Callable[[], None]] = [
            partial(journal.intend, name, PrinterName.A4, now),
            partial(journal.granted, name, f"grant-{number:06d}", now),
            partial(journal.verified, name, pages=1, sha256="0" * 64, at=now),
            partial(journal.created, name, job_id=number + 1, job_uri="", counter_before=None, at=now),
            partial(journal.sent, name, now),
            partial(journal.settle, name, verdict, now),
        ]
        for step in steps:
            began = time.perf_counter()
            step()
            if number >= WARM:
                samples.append((time.perf_counter() - began) * 1000)
        # As the core does when a visit is over.
        store.fold()
    store.close()
    return samples


def measure_flushes(count: int, folder: Path) -> list[float]:
    """Milliseconds of a 4 KiB append and its flush: what the disk alone takes."""
    samples: list[float] = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            samples.append((time.perf_counter() - began) * 1000)
    return samples


def main() -> None:
    """``python -m benchmarks.journal PRINTS FOLDER``: commits and bare flushes, as JSON."""
    prints, folder = int(sys.argv[1]), Path(sys.argv[2])
    print(json.dumps({"commits": measure(prints, folder), "flushes": measure_flushes(prints, folder)}))


if __name__ == "__main__":
    main()
