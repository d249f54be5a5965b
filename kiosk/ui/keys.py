"""Keys that reach the window: a scanner's burst, a physical keypad, and everything that must lead nowhere."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QKeyEvent

BURST_GAP_MS = 30
"""A keyboard wedge sends faster than this; a finger on a keypad never does."""

SHORTEST_BURST = 4
LONGEST_BURST = 4096

# Numbers instead of Qt.Key: touching the Qt namespace builds all its enums, 30 ms that the first frame would wait for.
_TAB, _BACKTAB, _BACKSPACE, _RETURN, _ENTER, _DELETE = 0x1000001, 0x1000002, 0x1000003, 0x1000004, 0x1000005, 0x1000007
_LEFT, _UP, _RIGHT, _DOWN, _SPACE = 0x1000012, 0x1000013, 0x1000014, 0x1000015, 0x20
_CONTROL_ALT_META = 0x1C000000
_KEYPAD = {_BACKSPACE: "delete", _DELETE: "delete", _RETURN: "enter", _ENTER: "enter"}
_FOCUS = (_TAB, _BACKTAB, _SPACE, _UP, _DOWN, _LEFT, _RIGHT)


class Keys(QObject):
    """Sorts key presses. ``scanned`` gets the text of a burst; ``keyed`` gets ``0``-``9``, ``delete`` or ``enter``.

    The first character is held for 30 ms, since only the next one tells a scanner from a finger.
    """

    def __init__(self, scanned: Callable[[str], None], keyed: Callable[[str], None]) -> None:
        super().__init__()
        self._scanned = scanned
        self._keyed = keyed
        self._held: list[str] = []
        self._last_ms = 0.0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(BURST_GAP_MS)
        self._settle.timeout.connect(self._release)

    def press(self, event: QKeyEvent) -> bool:
        """Take a key press; False leaves it to the page (Tab, arrows, Space move and use the focus)."""
        now = float(event.timestamp()) or time.monotonic() * 1000
        is_quick = now - self._last_ms < BURST_GAP_MS
        self._last_ms = now
        if self._held and not is_quick:
            self._release()
        key = event.key()
        if key in (_RETURN, _ENTER) and is_quick and len(self._held) >= SHORTEST_BURST:
            self._settle.stop()
            text = "".join(self._held)
            self._held.clear()
            self._scanned(text)
            return True
        text = event.text()
        is_plain = not event.modifiers().value & _CONTROL_ALT_META
        # A space inside a burst belongs to the code; alone it presses what has the focus.
        if is_plain and len(text) == 1 and text.isprintable() and (text != " " or self._held):
            if len(self._held) < LONGEST_BURST:
                self._held.append(text)
            self._settle.start()
            return True
        if key in _KEYPAD:
            self._release()
            self._keyed(_KEYPAD[key])
            return True
        return key not in _FOCUS

    def forget(self) -> None:
        """Drop what is held."""
        self._settle.stop()
        self._held.clear()

    def _release(self) -> None:
        self._settle.stop()
        held, self._held = self._held, []
        if len(held) >= SHORTEST_BURST:
            return  # a burst without its Enter is no code and nobody's fingers
        for character in held:
            if character.isascii() and character.isdigit():
                self._keyed(character)
