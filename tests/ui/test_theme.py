"""Colour pairs, the icons and the fonts of the design system, computed."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from kiosk import protocol as p
from kiosk.ui.options import ASSETS
from kiosk.ui.pictures import SCENES, code_image, render_svg, tint
from kiosk.ui.window import Face
from tests.gallery import models
from tests.ui.conftest import show

TEXT_PAIRS = [
    *itertools.product(
        ("ink", "inkSoft"),
        ("ground", "surface", "surfaceRaised", "goodTint", "cautionTint", "stopTint", "primaryTint", "accentTint"),
    ),
    ("primaryInk", "primary"),
    ("primary", "ground"),
    ("primary", "surfaceRaised"),
    ("primary", "primaryTint"),
    ("stop", "ground"),
]
EDGE_PAIRS = [
    ("line", "ground"),
    ("line", "surface"),
    ("good", "goodTint"),
    ("caution", "cautionTint"),
    ("caution", "ground"),
    ("stop", "stopTint"),
    ("focus", "ground"),
    ("primary", "surface"),
]


def luminance(colour: QColor) -> float:
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def theme_colours(face: Face, look: p.Look) -> dict[str, QColor]:
    """Read the theme's roles as the pages see them."""
    show(face, models.all_pages(look.language, look)[0])
    source = (Path(__file__).parents[2] / "kiosk/ui/qml/theme/Theme.qml").read_text(encoding="utf-8")
    roles = re.findall(r"readonly property color (\w+):", source)
    theme = face.view.rootObject().property("theme")
    return {role: QColor(theme.property(role)) for role in roles}


@pytest.mark.parametrize(("look", "least"), [(p.Contrast.LIGHT, 10.0), (p.Contrast.HIGH, 17.0)])
def test_text_stands_out(make_face: Callable[..., Face], look: p.Contrast, least: float) -> None:
    colours = theme_colours(make_face(), p.Look(contrast=look))
    weak = {
        (ink, ground): round(ratio, 1)
        for ink, ground in TEXT_PAIRS
        if (ratio := contrast(colours[ink], colours[ground])) < (10.0 if ink == "stop" else least)
    }
    assert weak == {}


@pytest.mark.parametrize("look", p.Contrast)
def test_edges_and_icons_stand_out(make_face: Callable[..., Face], look: p.Contrast) -> None:
    colours = theme_colours(make_face(), p.Look(contrast=look))
    weak = {
        (edge, ground): round(ratio, 1)
        for edge, ground in EDGE_PAIRS
        if (ratio := contrast(colours[edge], colours[ground])) < 3.0
    }
    assert weak == {}


def test_the_call_of_the_attract_page_stands_out(make_face: Callable[..., Face]) -> None:
    colours = theme_colours(make_face(), p.Look())
    assert contrast(colours["paperInk"], colours["accent"]) >= 7
    assert contrast(colours["primaryInk"], colours["primary"]) >= 10


@pytest.mark.parametrize("path", sorted((ASSETS / "icons").glob("*.svg")), ids=lambda path: path.stem)
def test_icons_share_one_grid_and_one_stroke(path: Path, qapp: object) -> None:
    svg = path.read_text(encoding="utf-8")
    assert 'viewBox="0 0 24 24"' in svg
    assert 'stroke-width="1.75"' in svg
    image = render_svg(tint(svg, {"stroke": "#FF0000", "contrast": "#FFFFFF", "accent": "#FFFFFF"}), QSize(48, 48))
    assert ink_share(image) > 0.02


@pytest.mark.parametrize("path", sorted(SCENES.glob("*.svg")), ids=lambda path: path.stem)
def test_scenes_draw(path: Path, qapp: object) -> None:
    svg = path.read_text(encoding="utf-8")
    roles = dict.fromkeys(re.findall(r"\{(\w+)\}", svg), "#204060")
    assert ink_share(render_svg(tint(svg, roles), QSize(120, 120))) > 0.02


def test_every_scene_names_drawings_that_exist() -> None:
    source = (Path(__file__).parents[2] / "kiosk/ui/qml/parts/Scene.qml").read_text(encoding="utf-8")
    named = set(re.findall(r'pic: "([\w-]+)"', source))
    assert named
    assert {name for name in named if not (SCENES / f"{name}.svg").is_file()} == set()
    for kind in p.SceneKind:
        assert source.count(f'"{kind}"') >= 2, kind


def test_every_icon_that_a_page_names_exists() -> None:
    qml = Path(__file__).parents[2] / "kiosk/ui/qml"
    named = {name for file in qml.rglob("*.qml") for name in re.findall(r'\bname: "([\w-]*\w)"', file.read_text())}
    assert {name for name in named if not (ASSETS / "icons" / f"{name}.svg").is_file()} == set()


def ink_share(image: QImage) -> float:
    """Part of the picture that is not transparent."""
    step = 3
    points = [(x, y) for x in range(0, image.width(), step) for y in range(0, image.height(), step)]
    return sum(1 for x, y in points if image.pixelColor(x, y).alpha() > 40) / len(points)


def test_a_code_is_drawn_module_by_module(qapp: object) -> None:
    image = code_image(["101", "010", "111"])
    drawn = ["".join("1" if image.pixelColor(x, y).lightness() < 128 else "0" for x in range(3)) for y in range(3)]
    assert drawn == ["101", "010", "111"]
