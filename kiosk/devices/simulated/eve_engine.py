"""The print engine under ippeveprinter: moves the sheets of one document as a plan says. Run by ippeveprinter.

``plan.json`` beside it: ``sheet_s`` seconds a sheet; ``empty_at``, ``jam_at``: stand still before that sheet until the
plan changes; ``abort_at``: give up there; ``die_at``: power cut there, the printer goes with it.
"""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from kiosk.devices.simulated.printer_double import count_sheets

_STANDSTILLS = {"empty_at": "media-empty", "jam_at": "media-jam"}


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _plan(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "plan.json").read_text()))


def _stand_still(folder: Path, sheet: int) -> None:
    """Until no standstill of the plan is due at this sheet."""
    told: str | None = None
    while True:
        plan = _plan(folder)
        word = next((word for key, word in _STANDSTILLS.items() if plan.get(key) == sheet), None)
        if word != told:
            if told is not None:
                _tell(f"STATE: -{told}")
            if word is not None:
                _tell(f"STATE: +{word}")
            told = word
        if word is None:
            return
        time.sleep(0.02)


def main() -> int:
    """Print ``argv[2]`` under the plan of the folder ``argv[1]``; the exit code is the engine's word to the printer."""
    folder, document = Path(sys.argv[1]), Path(sys.argv[2])
    received = folder / "received"
    copy = received / f"{len(list(received.iterdir())) + 1:04d}.bin"
    shutil.copyfile(document, copy)
    sheets = count_sheets(document.read_bytes())
    _tell(f"ATTR: job-impressions={sheets}")
    _tell("ATTR: job-impressions-completed=0")
    for sheet in range(1, sheets + 1):
        _stand_still(folder, sheet)
        plan = _plan(folder)
        if plan.get("abort_at") == sheet:
            _tell("ERROR: engine gave up")
            return 1
        if plan.get("die_at") == sheet:
            os.kill(os.getppid(), signal.SIGKILL)
            return 1
        time.sleep(float(plan.get("sheet_s", 0.0)))
        with (folder / "sheets").open("ab") as counter:
            counter.write(b".")
        _tell(f"ATTR: job-impressions-completed={sheet}")
    with (folder / "finished").open("a") as finished:
        finished.write(f"{copy.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
