"""Every page, in every language, contrast, size and orientation, measured on the rendered scene."""

import itertools
import re
from collections.abc import Callable

import pytest
from PySide6.QtQuick import QQuickItem

from kiosk import protocol as p
from kiosk.ui.robot import tree
from kiosk.ui.window import Face
from tests.gallery import models
from tests.ui.conftest import LANDSCAPE, MM_PER_PX, PORTRAIT, show
from tests.ui.measure import Seen, distance, seen, targets, texts

SMALLEST_TARGET_MM = 12.7
SMALLEST_GAP_MM = 2.54
CAP_MM = {p.TextSize.DEFAULT: 4.8, p.TextSize.LARGE: 8.5}
SMALL_CAP_MM = {p.TextSize.DEFAULT: 4.8, p.TextSize.LARGE: 6.4}
CODE_CAP_MM = 3.5
ERROR_CODE = re.compile(r"[A-Z]{2,3}-\d{2}")
"""Small print, for those who help; never for the citizen."""
SECONDARY = {"strip", "dots", "pad", "page-technician", "page-attract", "page-nik", "page-digits"}

LOOKS = list(
    itertools.product(("id", "en"), p.Contrast, p.TextSize, (PORTRAIT, LANDSCAPE)),
)


def name_of(case: tuple[str, p.Contrast, p.TextSize, tuple[int, int]]) -> str:
    language, contrast, size, window = case
    return f"{language}-{contrast}-{size}-{'portrait' if window == PORTRAIT else 'landscape'}"


def mm(pixels: float) -> float:
    return pixels * MM_PER_PX


@pytest.mark.parametrize("case", LOOKS, ids=name_of)
def test_every_page_is_readable_and_touchable(
    make_face: Callable[..., Face], case: tuple[str, p.Contrast, p.TextSize, tuple[int, int]]
) -> None:
    language, contrast, size, window = case
    face = make_face(window)
    look = p.Look(language=language, contrast=contrast, text_size=size)
    faults: list[str] = []
    for page in models.all_pages(language, look):
        show(face, page)
        faults += [f"{page.name}: {fault}" for fault in page_faults(face, page, size)]
    assert faults == []


def page_faults(face: Face, page: p.Page, size: p.TextSize) -> list[str]:
    return [
        *target_faults(face),
        *overflow_faults(face),
        *cap_faults(face, size),
        *accessibility_faults(face, page),
    ]


def target_faults(face: Face) -> list[str]:
    faults = []
    whole = face.view.width() * face.view.height() / 2
    found = [one for one in targets(face) if one.area.width() * one.area.height() < whole]
    for one in found:
        least = min(mm(one.area.width()), mm(one.area.height()))
        if least < SMALLEST_TARGET_MM:
            faults.append(f"target {one.item.property('name')!r} is {least:.1f} mm")
    for one, other in itertools.combinations(found, 2):
        if is_inside(one.item, other.item) or is_inside(other.item, one.item):
            continue
        gap = mm(distance(one.area.intersected(one.clip), other.area.intersected(other.clip)))
        if gap < SMALLEST_GAP_MM - 0.01:
            faults.append(f"{one.item.property('name')!r} and {other.item.property('name')!r} are {gap:.1f} mm apart")
    return faults


def is_inside(item: QQuickItem, holder: QQuickItem) -> bool:
    parent = item.parentItem()
    while parent is not None:
        if parent == holder:
            return True
        parent = parent.parentItem()
    return False


def overflow_faults(face: Face) -> list[str]:
    """A text that is cut, wider than its place, outside its holder or the window, or over another text."""
    faults = []
    found = texts(face)
    for one in found:
        item = one.item
        if item.property("truncated"):
            faults.append(f"cut: {one.text!r}")
        if item.property("contentWidth") > item.width() + 1.5:
            faults.append(f"wider than its place: {one.text!r}")
        if item.property("contentHeight") > item.height() + 1.5:
            faults.append(f"taller than its place: {one.text!r}")
        holder = framed_holder(item)
        if holder is not None:
            frame = holder.mapRectToScene(holder.boundingRect())
            if not frame.adjusted(-1.5, -1.5, 1.5, 1.5).contains(one.area.intersected(one.clip)):
                faults.append(f"outside its frame: {one.text!r}")
        window = face.view.rootObject().boundingRect()
        if not window.adjusted(-1, -1, 1, 1).contains(one.area.intersected(one.clip)):
            faults.append(f"outside the window: {one.text!r}")
    for one, other in itertools.combinations(found, 2):
        apart = distance(one.area.intersected(one.clip), other.area.intersected(other.clip))
        if apart < -3:
            faults.append(f"{one.text!r} and {other.text!r} overlap by {-apart:.0f} px")
    whole = face.view.width() * face.view.height() / 2
    controls = [one for one in targets(face) if one.area.width() * one.area.height() < whole]
    faults += [f"{one.text!r} runs into a control" for one in found if runs_into(controls, one)]
    return faults


def framed_holder(item: QQuickItem) -> QQuickItem | None:
    """The nearest thing around a text that has an edge: a button, a tile, a banner, a card."""
    parent = item.parentItem()
    while parent is not None:
        if parent.property("isFrame"):
            return parent
        parent = parent.parentItem()
    return None


def runs_into(controls: list[Seen], text: Seen) -> bool:
    """True when a text that is not a control's own lies under or over a control."""
    area = text.area.intersected(text.clip)
    for one in controls:
        holder = one.item.parentItem()
        is_own = holder is None or is_inside(text.item, holder)
        if not is_own and distance(one.area.intersected(one.clip), area) < -3:
            return True
    return False


def cap_faults(face: Face, size: p.TextSize) -> list[str]:
    faults = []
    for one in texts(face):
        font = one.item.property("font")
        ratio = 0.668 if "Atkinson" in font.family() else 0.745
        cap = mm(font.pixelSize() * ratio)
        least = CAP_MM[size]
        if ERROR_CODE.fullmatch(one.text) and cap >= CODE_CAP_MM:
            continue
        if size is p.TextSize.LARGE and is_secondary(one.item):
            least = SMALL_CAP_MM[size]
        if cap < least - 0.02:
            faults.append(f"{one.text!r} has a cap height of {cap:.1f} mm, wanted {least}")
    return faults


def is_secondary(item: QQuickItem) -> bool:
    """The strip, the stages, key captions and the technician's page keep a smaller size in the large look."""
    parent: QQuickItem | None = item
    while parent is not None:
        if parent.objectName() in SECONDARY:
            return True
        parent = parent.parentItem()
    return False


def accessibility_faults(face: Face, page: p.Page) -> list[str]:
    """Every visible text is heard, in its own node or in its control's name and description; a PIN's keys are not."""
    heard = [f"{node['name']} {node['description']}" for node in tree(face.view)]
    faults = []
    for one in texts(face):
        if isinstance(page.body, p.PinBody) and one.text in "0123456789":
            continue
        if isinstance(page.body, p.NikBody) and len(one.text) == 1:
            continue
        if not any(one.text in sentence for sentence in heard):
            faults.append(f"not in the accessibility tree: {one.text!r}")
    if isinstance(page.body, p.PinBody):
        faults += [
            f"PIN key {node['name']!r} is named" for node in tree(face.view) if node["name"] in set("0123456789")
        ]
    return faults


@pytest.mark.parametrize("size", p.TextSize)
@pytest.mark.parametrize("window", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_a_small_panel_holds_everything(
    make_face: Callable[..., Face], window: tuple[int, int], size: p.TextSize, monkeypatch: pytest.MonkeyPatch
) -> None:
    """21.5 inches: same pixels, smaller millimetres."""
    monkeypatch.setattr("tests.ui.test_layout.MM_PER_PX", 0.25)
    face = make_face(window, 0.25)
    faults: list[str] = []
    for language in ("id", "en"):
        for page in models.all_pages(language, p.Look(language=language, text_size=size)):
            show(face, page)
            faults += [f"{page.name}: {fault}" for fault in (*target_faults(face), *overflow_faults(face))]
    assert faults == []


@pytest.mark.parametrize("window", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_the_main_act_never_moves(make_face: Callable[..., Face], window: tuple[int, int]) -> None:
    face = make_face(window)
    places = set()
    for page in models.all_pages():
        if page.main is None:
            continue
        show(face, page)
        places |= {
            (one.area.x(), one.area.y(), one.area.width(), one.area.height())
            for one in seen(face)
            if one.item.objectName() == page.main.id and one.item.property("kind") == "primary"
        }
    assert len(places) == 1


def test_controls_stand_in_the_lower_two_thirds(make_face: Callable[..., Face]) -> None:
    """Upright, everything but the strip is within reach of a wheelchair; the technician stands."""
    face = make_face(PORTRAIT)
    for page in models.all_pages():
        if isinstance(page.body, p.TechnicianBody | p.AttractBody):
            continue
        show(face, page)
        strip = {control.id for control in page.strip.controls}
        for one in targets(face):
            holder = one.item.parentItem()
            name = one.item.objectName() or (holder.objectName() if holder else "")
            if name not in strip:
                assert one.area.y() >= face.view.height() / 3 - 2, (page.name, name)


@pytest.mark.parametrize("size", p.TextSize)
@pytest.mark.parametrize("window", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_all_that_the_core_says_is_heard(
    make_face: Callable[..., Face], window: tuple[int, int], size: p.TextSize
) -> None:
    """No page has room for only so many facts, lines or tiles; what is scrolled away is heard all the same."""
    face = make_face(window)
    lost = {}
    for page in models.all_pages("id", p.Look(text_size=size)):
        show(face, page)
        heard = " ".join(f"{node['name']} {node['description']}" for node in tree(face.view))
        missing = [text for text in said_by(page) if text not in heard]
        if missing:
            lost[page.name] = missing
    assert lost == {}


def said_by(page: p.Page) -> list[str]:
    """Every text of the page that is meant for the person."""
    body, found = page.body, [page.title, page.lead]
    for name in ("lines", "paragraphs", "labels"):
        found += getattr(body, name, [])
    for name in (
        "sentence",
        "patience",
        "hint",
        "notice",
        "note",
        "consent",
        "free",
        "code",
        "page_text",
        "result",
        "caption",
    ):
        found.append(getattr(body, name, ""))
    rows = [*getattr(body, "facts", []), *getattr(body, "issues", [])]
    for section in getattr(body, "sections", []):
        found.append(section.title)
        rows += section.rows
    for row in rows:
        found += [row.label, row.value]
    for tile in getattr(body, "tiles", []):
        found += [tile.title, tile.text if tile.is_enabled else tile.reason]
    for device in getattr(body, "devices", []):
        found += [device.name, device.state, device.reason, device.since, *(test.label for test in device.tests)]
    found += [choice.label for choice in getattr(body, "choices", [])]
    found += [action.label for action in (page.back, page.home, page.main, page.second) if action is not None]
    return [text for text in found if text]
