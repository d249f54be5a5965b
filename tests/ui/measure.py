"""Reads a rendered page: its texts, its targets, and what stands over what."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtQuick import QQuickItem

from kiosk.ui.robot import visible_items
from kiosk.ui.window import Face


@dataclass(frozen=True)
class Seen:
    item: QQuickItem
    area: QRectF
    """Window pixels."""
    clip: QRectF
    """The part of the window that may show it."""

    @property
    def text(self) -> str:
        return str(self.item.property("text"))


def area_of(item: QQuickItem) -> QRectF:
    corner = item.mapToScene(QPointF(0, 0))
    return QRectF(corner.x(), corner.y(), item.width(), item.height())


def is_text(item: QQuickItem) -> bool:
    return bool(item.inherits("QQuickText"))


def is_target(item: QQuickItem) -> bool:
    """What can be pressed now; the attract page's whole-screen touch is not a control among others."""
    return item.property("isReady") is True and item.property("isTail") is not None and item.isEnabled()


def seen(face: Face) -> list[Seen]:
    """Everything visible with the window it shows through."""
    root = face.view.rootObject()
    window = QRectF(0, 0, root.width(), root.height())
    found: list[Seen] = []

    def walk(item: QQuickItem, clip: QRectF) -> None:
        if not item.isVisible() or item.opacity() == 0:
            return
        area = area_of(item)
        found.append(Seen(item, area, clip))
        inner = clip.intersected(area) if item.clip() else clip
        for child in item.childItems():
            walk(child, inner)

    walk(root, window)
    return found


def texts(face: Face) -> list[Seen]:
    """Texts a person can read now: shown, not scrolled away by their viewport."""
    return [
        one
        for one in seen(face)
        if is_text(one.item) and one.text.strip() and one.clip.intersects(one.area.adjusted(1, 1, -1, -1))
    ]


def targets(face: Face) -> list[Seen]:
    """What can be pressed, as far as it shows; at least half of it must, or the arrows bring it."""
    found = []
    for one in seen(face):
        if not is_target(one.item):
            continue
        shown = one.area.intersected(one.clip)
        if shown.height() >= one.area.height() * 0.5 and shown.width() >= one.area.width() * 0.5:
            found.append(one)
    return found


def distance(a: QRectF, b: QRectF) -> float:
    """Pixels between two rectangles; negative when they overlap."""
    across = max(a.left(), b.left()) - min(a.right(), b.right())
    down = max(a.top(), b.top()) - min(a.bottom(), b.bottom())
    return max(across, down)


__all__ = ["Seen", "area_of", "distance", "is_target", "is_text", "seen", "targets", "texts", "visible_items"]
