"""The robot's hand inside the face: finds controls by name and touches them with real events of the window.

Nothing here calls a handler: a press goes through the window's own event delivery, so that what the robot can press a
finger can press. Imported only when the core asks and allowed it.
"""

import json
import time
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleInterface, QKeyEvent
from PySide6.QtQuick import QQuickItem, QQuickView
from PySide6.QtTest import QTest

from kiosk.protocol import Drive, Driven
from kiosk.ui.keys import BURST_GAP_MS

HOLD_MS = 3400
"""Longer than the long press that opens the technician's door."""


class RobotError(Exception):
    """What the robot was asked for cannot be done on this page."""


def carry_out(view: QQuickView, drive: Drive) -> Driven:
    """Do what the core's robot asks; GUI thread. Never raises: the answer says what went wrong."""
    try:
        match drive.do:
            case "press":
                press(view, drive.name)
                detail = ""
            case "hold":
                hold(view, drive.name)
                detail = ""
            case "type":
                for character in drive.text:
                    press(view, f"key-{character}")
                detail = ""
            case "grab":
                if not view.grabWindow().save(drive.path):
                    raise RobotError(f"cannot write {drive.path}")
                detail = drive.path
            case "key":
                detail = json.dumps(keys(view, drive.text))
            case "tree":
                detail = json.dumps(tree(view), ensure_ascii=False)
            case _:
                raise RobotError(f"unknown act {drive.do}")
    except RobotError as error:
        return Driven(id=drive.id, is_ok=False, detail=str(error))
    return Driven(id=drive.id, is_ok=True, detail=detail)


def press(view: QQuickView, name: str) -> None:
    """Touch the middle of the control with this object name or accessible name. Raises RobotError."""
    item = find(view, name)
    if item is None:
        raise RobotError(f"no control named {name}")
    middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
    point = QPoint(round(middle.x()), round(middle.y()))
    if not (0 <= point.x() < view.width() and 0 <= point.y() < view.height()):
        raise RobotError(f"{name} is outside the window")
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)


_KEYPAD = {
    "0": Qt.Key.Key_Insert,
    "1": Qt.Key.Key_End,
    "2": Qt.Key.Key_Down,
    "3": Qt.Key.Key_PageDown,
    "4": Qt.Key.Key_Left,
    "5": Qt.Key.Key_Clear,
    "6": Qt.Key.Key_Right,
    "7": Qt.Key.Key_Home,
    "8": Qt.Key.Key_Up,
    "9": Qt.Key.Key_PageUp,
    "+": Qt.Key.Key_Plus,
    "-": Qt.Key.Key_Minus,
    "*": Qt.Key.Key_Asterisk,
    ".": Qt.Key.Key_Period,
    "=": Qt.Key.Key_Enter,
}
"""A numpad with NumLock off, as a tactile keypad sends it; ``=`` stands for Enter."""

FINGER_MS = 200
_struck_ms = [0]


def keys(view: QQuickView, text: str) -> dict[str, object]:
    """Strike keys of a keypad at a finger's pace, by their own time; what has the focus then. Raises RobotError."""
    for character in text:
        if character not in _KEYPAD:
            raise RobotError(f"no key {character}")
        _struck_ms[0] = max(_struck_ms[0] + FINGER_MS, round(time.monotonic() * 1000))
        word = "\r" if character == "=" else "" if character.isdigit() else character
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, _KEYPAD[character], Qt.KeyboardModifier.KeypadModifier, word)
            event.setTimestamp(_struck_ms[0])
            QCoreApplication.sendEvent(view, event)
    # The last one is held a moment longer, until it is sure that no scanner sends it.
    QTest.qWait(2 * BURST_GAP_MS)
    return focus(view)


def focus(view: QQuickView) -> dict[str, object]:
    """The control that has the keyboard's focus, and whether its ring is seen."""
    item = view.activeFocusItem()
    ring = next((one for one in visible_items(view.rootObject()) if one.objectName() == "focus-ring"), None)
    name = str(item.property("name") or "") if item is not None and ring is not None else ""
    return {"name": name, "has_ring": ring is not None and ring.width() > 0}


def hold(view: QQuickView, name: str) -> None:
    """Press and hold for HOLD_MS; returns at once, the release follows by itself. Raises RobotError."""
    item = find(view, name)
    if item is None:
        raise RobotError(f"no control named {name}")
    middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
    point = QPoint(round(middle.x()), round(middle.y()))
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, left, plain, point)
    QTimer.singleShot(HOLD_MS, lambda: QTest.mouseRelease(view, left, plain, point))


def find(view: QQuickView, name: str) -> QQuickItem | None:
    """The visible, enabled control of this name; object names first, since they do not depend on the language."""
    root = view.rootObject()
    by_label: QQuickItem | None = None
    for item in visible_items(root):
        if item.objectName() == name and item.isEnabled() and item.property("isLive") is not False:
            return item
        if by_label is None and item.property("isReady") is True and item.property("name") == name:
            by_label = item
    return by_label


def visible_items(item: QQuickItem) -> list[QQuickItem]:
    """All items that are shown, in painting order, the given one first."""
    if not item.isVisible():
        return []
    found = [item]
    for child in item.childItems():
        found += visible_items(child)
    return found


def tree(view: QQuickView) -> list[dict[str, Any]]:
    """Accessible things on the screen: role, name, description, object name, geometry in window pixels."""
    root = QAccessible.queryAccessibleInterface(view)
    found: list[dict[str, Any]] = []
    if root is not None:
        _walk(root, view, found)
    return found


def _walk(node: QAccessibleInterface, view: QQuickView, found: list[dict[str, Any]]) -> None:
    for place in range(node.childCount()):
        child = node.child(place)
        if child is None or not child.isValid() or child.state().invisible:
            continue
        name = child.text(QAccessible.Text.Name)
        thing: QObject | None = child.object()
        if name:
            area = child.rect()
            corner = view.mapFromGlobal(area.topLeft())
            found.append(
                {
                    "role": child.role().name,
                    "name": name,
                    "description": child.text(QAccessible.Text.Description),
                    "object": _object_name(thing),
                    "x": corner.x(),
                    "y": corner.y(),
                    "width": area.width(),
                    "height": area.height(),
                    "is_enabled": not child.state().disabled,
                }
            )
        _walk(child, view, found)


def _object_name(thing: QObject | None) -> str:
    if thing is None:
        return ""
    parent = thing.parentItem() if isinstance(thing, QQuickItem) else None
    return thing.objectName() or (parent.objectName() if parent is not None else "")
