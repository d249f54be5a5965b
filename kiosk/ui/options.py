"""How the face was asked to start."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec

ASSETS = Path(__file__).resolve().parents[2] / "assets"
"""Icons, sounds and the first page; installed beside the package."""

DOUBLE_TAP_MS = 300
"""A second touch on the same place within this time, after the page has moved, is the tail of a double tap."""


class Options(msgspec.Struct, frozen=True):
    """Lengths in pixels; ``mm_per_px`` is the pitch of the panel; ``screen_scale`` shrinks a demo window."""

    socket: Path
    first_page: Path = ASSETS / "first-page.json"
    width: int = 1080
    height: int = 1920
    mm_per_px: float = 0.311
    is_windowed: bool = False
    screen_scale: float = 1.0
    double_tap_ms: int = DOUBLE_TAP_MS
    is_sealed: bool = False

    @property
    def window_size(self) -> tuple[int, int]:
        """Pixels of the window after scaling."""
        return round(self.width * self.screen_scale), round(self.height * self.screen_scale)

    @property
    def window_mm_per_px(self) -> float:
        """The pitch that makes a scaled window look like the panel, smaller."""
        return self.mm_per_px / self.screen_scale


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line. Ends the process with 2 on a usage error."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.ui", description="The face: draws pages, reports touches.")
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket of the core")
    parser.add_argument("--first-page", type=Path, default=ASSETS / "first-page.json", help="page shown without a core")
    parser.add_argument("--width", type=int, default=1080, help="pixels")
    parser.add_argument("--height", type=int, default=1920, help="pixels")
    parser.add_argument("--mm-per-px", type=float, default=0.311, help="pitch of the panel (27 inch: 0.311)")
    parser.add_argument("--windowed", action="store_true", help="a movable window with a cursor, for demo and tests")
    parser.add_argument("--screen-scale", type=float, default=1.0, help="shrink the window, everything in proportion")
    parser.add_argument("--double-tap-ms", type=int, default=DOUBLE_TAP_MS, help="0 turns the double-tap guard off")
    parser.add_argument("--sealed", action="store_true", help="production: nobody else may read this process's memory")
    given = parser.parse_args(arguments)
    if given.width <= 0 or given.height <= 0 or given.mm_per_px <= 0 or given.screen_scale <= 0:
        parser.error("sizes must be above zero")
    return Options(
        socket=given.socket,
        first_page=given.first_page,
        width=given.width,
        height=given.height,
        mm_per_px=given.mm_per_px,
        is_windowed=given.windowed,
        screen_scale=given.screen_scale,
        double_tap_ms=given.double_tap_ms,
        is_sealed=given.sealed,
    )
