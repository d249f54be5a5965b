"""``kiosk demo``: with a display a window and the simulator dock, without one a robot visitor that leaves pictures."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from kiosk.demo.robot import RobotError
from kiosk.demo.stage import ROOT, Stage, end_process, set_stage

_OUT_MARK = ".anjungan-demo"
"""Lies in every output folder that the demo made: only such a one is ever emptied."""


def say(text: str) -> None:
    print(text, flush=True)


def _empty(out: Path) -> bool:
    """Make the output folder new. False when something else than a demo's output lies there."""
    if out.exists() and any(out.iterdir()) and not (out / _OUT_MARK).exists():
        return False
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / _OUT_MARK).write_text("made by kiosk demo; emptied at its next run\n", encoding="utf-8")
    return True


def main(options: argparse.Namespace) -> int:
    """Exit 0 when all went well, 1 when the robot met what it should not, 2 for a wrong output folder."""
    # A demo that is told to end takes down all that it started; without this, only the parent would end.
    signal.signal(signal.SIGTERM, _end)
    out: Path = options.out
    if not _empty(out):
        print(f"kiosk demo: {out} holds other things; give an empty folder with --out", file=sys.stderr)
        return 2
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    is_robot = options.robot or not has_display
    stage = set_stage(
        out,
        people=options.people,
        is_landscape=options.landscape,
        uses_real_stacks=options.real_stacks,
        say=say,
        face=None if is_robot else ["--windowed", "--screen-scale", "0.5"],
        log=out / "kiosk.log",
    )
    try:
        if is_robot:
            from kiosk.demo.tour import tour

            return tour(stage, say)
        return _window(stage)
    except RobotError as error:
        print(f"kiosk demo: {error}", file=sys.stderr)
        return 1
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stage.stop()


def _end(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _window(stage: Stage) -> int:
    """The kiosk's window and the dock, until the dock is closed or Ctrl-C."""
    dock = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kiosk.ui.dock",
            "--control",
            str(stage.run / "doubles.sock"),
            "--people",
            str(stage.out / "office" / "people.json"),
        ],
        cwd=ROOT,
    )
    say("Anjungan berjalan. Tutup jendela simulator untuk selesai. / Close the simulator window to end.")
    try:
        dock.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        end_process(dock)
    return 0
