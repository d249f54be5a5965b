"""``python -m tests.faults``: runs all rows and writes ``docs/faults.md`` with its pictures."""

import argparse
import os
import sys
import tempfile
import traceback
from pathlib import Path

from kiosk.core.grace import LOST_S, TOLD_S
from kiosk.demo.stage import ROOT
from tests.faults.handbook import write
from tests.faults.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of faults.md and faults/")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anjungan-faults-") as folder:
        report = run(Path(folder))
    for lane, error in report.errors.items():
        print(f"{lane}:", file=sys.stderr)
        traceback.print_exception(error)
    if report.errors:
        return 1
    (given.out / "faults.md").write_text(write(report.seen, TOLD_S, LOST_S), encoding="utf-8")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    from kiosk.ui.window import prepare_environment
    from tests.faults.drawing import draw_missing

    prepare_environment()
    app = QGuiApplication(sys.argv[:1])
    drawn, stray = draw_missing(report.seen, given.out / "faults")
    print(f"{len(report.seen)} rows in {given.out / 'faults.md'}; {drawn} pictures drawn, {stray} taken away")
    del app
    return 0


if __name__ == "__main__":
    sys.exit(main())
