"""``python -m tests.gallery --out build/gallery``: draws every page in every look, and one contact sheet a page.

``--reference docs/gallery`` draws the small set that is kept in git instead.
"""

import argparse
import itertools
import os
import sys
from pathlib import Path

import msgspec
from PIL import Image
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

from kiosk import protocol as p
from kiosk.ui.options import Options
from kiosk.ui.window import Face, prepare_environment
from tests.gallery import models, pictures

WINDOWS = {"portrait": (1080, 1920), "landscape": (1920, 1080)}
MM_PER_PX = 0.311
REFERENCE_WIDTH = 540
KEPT = 40
"""At most so many pictures are kept in git."""

REFERENCE_HIGH = ("attract", "services", "pin", "review", "outcome")
REFERENCE_LANDSCAPE = ("attract", "tap-card", "preview", "technician")
NOT_KEPT = {
    *("starting", "language", "time-up", "leaving", "holding", "proof-no-reader", "staff-code", "staff-code-wrong"),
    *(
        "standard",
        "card-seen",
        "tap-card-again",
        "nik-typed",
        "nik-wrong",
        "print-code",
        "print-code-wrong",
        "nik-card-unknown",
        "bind",
        "preview-sheets",
    ),
    *("unclear", "cancelled", "nothing", "own-sheet"),
    *("throttled", "technician-refused"),
    *("align", "align-fixed", "blanks", "blanks-loading", "prints", "print-found", "print-sure"),
    *("tap-card-forbidden", "pin-away", "scan-code-away", "proof-no-scanner", "preview-away", "own-sheet-out"),
    *("menu-out", "device-fault-waiting", "sent-only", "consent-away", "printing-lost"),
    *(
        "power-closed",
        "power-ending",
        "power-down",
        "consent-face-again",
        "consent-finger",
        "capture-finger",
        "consent-finger-again",
    ),
    *("pin-unsure", "consent-both", "busy", "slip", "offer", "pin-wrong"),
    *("attract-no-numbers", "services-away", "queue-menu", "queue-menu-out", "number-slip", "number-trouble"),
    *("number-no-slip", "form", "form-again", "form-confirm", "form-number", "form-trouble"),
    *("complaint-slip", "complaint-number"),
}
"""Pages much like another: only in the whole gallery."""


def make_face(window: tuple[int, int]) -> Face:
    options = Options(socket=Path(os.devnull), width=window[0], height=window[1], mm_per_px=MM_PER_PX, is_windowed=True)
    face = Face(options)
    pictures.hold(face.held)
    face.show()
    return face


def draw(face: Face, page: p.Page, path: Path) -> None:
    """Save one page as PNG, where it comes to rest."""
    page = msgspec.structs.replace(page, direction=p.Direction.NONE)
    face.bridge._receive(p.ShowPage(page=page))
    for _ in range(2):
        QCoreApplication.processEvents()
        image = face.view.grabWindow()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(path)):
        raise OSError(f"cannot write {path}")


def contact_sheet(files: list[Path], out: Path, width: int = 460) -> None:
    """All looks of one page side by side."""
    tiles = []
    for file in files:
        with Image.open(file) as picture:
            tiles.append(picture.convert("RGB").resize((width, round(width * picture.height / picture.width))))
    columns = 8
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    gap = 12
    height = sum(max(tile.height for tile in row) + gap for row in rows) + gap
    sheet = Image.new("RGB", (columns * (width + gap) + gap, height), "#8A8A8A")
    y = gap
    for row in rows:
        for place, tile in enumerate(row):
            sheet.paste(tile, (gap + place * (width + gap), y))
        y += max(tile.height for tile in row) + gap
    sheet.save(out)


def whole_gallery(out: Path) -> int:
    """Every page in id/en, light/high, default/large, portrait/landscape; returns how many pictures."""
    drawn: dict[str, list[Path]] = {}
    for orientation, window in WINDOWS.items():
        face = make_face(window)
        for language, contrast, size in itertools.product(("id", "en"), p.Contrast, p.TextSize):
            look = p.Look(language=language, contrast=contrast, text_size=size)
            for page in models.all_pages(language, look):
                path = out / page.name / f"{orientation}-{language}-{contrast}-{size}.png"
                draw(face, page, path)
                drawn.setdefault(page.name, []).append(path)
        face.close()
    for name, files in drawn.items():
        contact_sheet(files, out / f"{name}.png")
    return sum(map(len, drawn.values()))


def reference_gallery(out: Path) -> int:
    """The pictures that are kept: each page once, and some in other looks. Small and with few colours."""
    wanted: list[tuple[str, p.Look, list[str] | None]] = [
        ("portrait", p.Look(), None),
        ("portrait", p.Look(language="en", contrast=p.Contrast.HIGH, text_size=p.TextSize.LARGE), [*REFERENCE_HIGH]),
        ("landscape", p.Look(language="en"), [*REFERENCE_LANDSCAPE]),
    ]
    count = 0
    for orientation, look, names in wanted:
        face = make_face(WINDOWS[orientation])
        for page in models.all_pages(look.language, look):
            if page.name in NOT_KEPT if names is None else page.name not in names:
                continue
            suffix = "" if names is None else "-high-large" if look.contrast is p.Contrast.HIGH else "-landscape"
            path = out / f"{page.name}{suffix}.png"
            draw(face, page, path)
            with Image.open(path) as picture:
                width = REFERENCE_WIDTH if orientation == "portrait" else REFERENCE_WIDTH * 16 // 9
                small = picture.convert("RGB").resize(
                    (width, round(width * picture.height / picture.width)), Image.Resampling.LANCZOS
                )
            small.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
            count += 1
        face.close()
    if count > KEPT:
        raise ValueError(f"{count} pictures, {KEPT} may be kept")
    return count


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/gallery"), help="folder for the whole gallery")
    parser.add_argument("--reference", type=Path, help="draw the small set into this folder instead")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    prepare_environment()
    app = QGuiApplication(sys.argv[:1])
    if given.reference:
        count, folder = reference_gallery(given.reference), given.reference
    else:
        count, folder = whole_gallery(given.out), given.out
    print(f"{count} pictures in {folder}")
    del app
    return 0


if __name__ == "__main__":
    sys.exit(main())
