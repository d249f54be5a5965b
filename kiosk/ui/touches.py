"""What reaches the window before QML sees it: palms are ignored, keys sorted, ways out closed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QTouchEvent

from kiosk.ui.keys import Keys

PALM_MM = 32.0
"""A contact wider than this is a palm or a sleeve, not a fingertip (a thumb is about 20 mm)."""

_TOUCHES = (QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)
_DEAD_ENDS = (QEvent.Type.Wheel, QEvent.Type.ContextMenu, QEvent.Type.Drop, QEvent.Type.DragEnter)


class Touches(QObject):
    """Event filter of the window. ``touched`` is called for every touch or click that begins."""

    def __init__(self, keys: Keys, touched: Callable[[], None], mm_per_px: float, is_locked: bool) -> None:
        super().__init__()
        self._keys = keys
        self._touched = touched
        self._mm_per_px = mm_per_px
        self._is_locked = is_locked
        self._is_palm_down = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._touched()
            return False
        if kind in _TOUCHES and isinstance(event, QTouchEvent):
            return self._touch(kind, event)
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._touched()
            return self._keys.press(event)
        if kind == QEvent.Type.Close and self._is_locked:
            event.ignore()
            return True
        return kind in _DEAD_ENDS

    def _touch(self, kind: QEvent.Type, event: QTouchEvent) -> bool:
        if kind == QEvent.Type.TouchBegin:
            self._is_palm_down = False
            self._touched()
        if self._is_palm_down or any(self._is_palm(point.ellipseDiameters()) for point in event.points()):
            # Swallow the whole sequence: a palm that shrinks into a finger is still no tap.
            self._is_palm_down = kind not in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)
            return True
        return False

    def _is_palm(self, diameters: object) -> bool:
        width = getattr(diameters, "width", float)()
        height = getattr(diameters, "height", float)()
        return max(width, height) * self._mm_per_px > PALM_MM
