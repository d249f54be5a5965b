"""Draws the page of each row through the real face, small and with few colours."""

from pathlib import Path

import msgspec
from PIL import Image

from kiosk import protocol as p
from tests.faults.handbook import picture_of
from tests.faults.table import Seen, settled

WINDOW = (1080, 1920)
SIZE = (270, 480)
COLOURS = 40
CLOCK = "09.41"


def draw_missing(found: list[Seen], folder: Path) -> tuple[int, int]:
    """Pictures that are not there yet, and away with those that nobody shows any more; how many of each."""
    from tests.gallery import pictures
    from tests.gallery.__main__ import draw, make_face

    wanted = {picture_of(seen): seen.model for seen in found}
    cards = {picture_of(seen) for seen in found if seen.place == "preview-card"}
    folder.mkdir(parents=True, exist_ok=True)
    stray = [path for path in folder.glob("*.png") if path.name not in wanted]
    for path in stray:
        path.unlink()
    missing = {name: model for name, model in wanted.items() if not (folder / name).exists()}
    face = make_face(WINDOW)
    for name, model in missing.items():
        pictures.hold(face.held, pictures.card_png() if name in cards else b"")
        strip = msgspec.structs.replace(model.strip, clock=CLOCK)
        draw(face, msgspec.structs.replace(settled(model), strip=strip, direction=p.Direction.NONE), folder / name)
        with Image.open(folder / name) as picture:
            small = picture.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        small.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / name, optimize=True)
    face.close()
    return len(missing), len(stray)
