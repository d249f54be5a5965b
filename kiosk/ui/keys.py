"""Keys that reach the window: a scanner's burst, a tactile keypad, and everything that must lead nowhere."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QKeyEvent

BURST_GAP_MS = 30
"""A keyboard wedge sends faster than this; a finger on a keypad never does."""

CUT_MS = 500
"""After a burst that stopped, its rest may still come: so long nothing of it is taken for fingers or for a code."""

SHORTEST_BURST = 4
LONGEST_BURST = 16_384
"""Four times the longest code; what is longer is kept no further, and the core refuses it by its length."""

# Numbers instead of Qt.Key: touching the Qt namespace builds all its enums, 30 ms that the first frame would wait for.
_TAB, _BACKTAB, _BACKSPACE, _RETURN, _ENTER, _INSERT, _DELETE = (0x1000001 + n for n in range(7))
_CLEAR, _HOME, _END, _LEFT, _UP, _RIGHT, _DOWN, _PAGE_UP, _PAGE_DOWN = (
    *(0x100000B, 0x1000010, 0x1000011),
    *(0x1000012, 0x1000013, 0x1000014, 0x1000015, 0x1000016, 0x1000017),
)
_SPACE, _F1, _HELP = 0x20, 0x1000030, 0x1000058
_CONTROL_ALT_META = 0x1C000000
_ON_KEYPAD = 0x20000000

_NAMED = {
    _BACKSPACE: "delete",
    _DELETE: "delete",
    _RETURN: "enter",
    _ENTER: "enter",
    _F1: "help",
    _HELP: "help",
    _UP: "up",
    _DOWN: "down",
    _LEFT: "left",
    _RIGHT: "right",
    _TAB: "next",
    _BACKTAB: "previous",
}
_KEYPAD_SIGNS = {".": "delete", ",": "delete", "*": "help", "/": "help", "+": "next", "-": "previous"}
"""The signs of a numpad: most keypads have them and no Help key or arrows of their own."""

_WITHOUT_NUMLOCK = {
    _INSERT: "0",
    _END: "1",
    _DOWN: "2",
    _PAGE_DOWN: "3",
    _LEFT: "4",
    _CLEAR: "5",
    _RIGHT: "6",
    _HOME: "7",
    _UP: "8",
    _PAGE_UP: "9",
}
"""What a numpad sends while NumLock is off: nobody at a kiosk can see that, so its digits stay digits."""

_MAY_REPEAT = frozenset({"up", "down", "left", "right", "next", "previous", "delete"})
"""A key that is held down moves and erases on; it never acts or types twice."""


class Keys(QObject):
    """Sorts key presses. ``scanned`` gets the text of a burst as it came, or ``""`` for one that stopped without Enter.

    ``keyed`` gets ``0``-``9``, ``delete``, ``enter``, ``space``, ``help``, ``up``, ``down``, ``left``, ``right``,
    ``next`` or ``previous``. The first character is held for 30 ms: only the next one tells a scanner from a finger.
    """

    def __init__(self, scanned: Callable[[str], None], keyed: Callable[[str], None]) -> None:
        super().__init__()
        self._scanned = scanned
        self._keyed = keyed
        self._held: list[str] = []
        self._keypad_signs: dict[int, str] = {}
        self._last_ms = 0.0
        self._cut_until_ms = 0.0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(BURST_GAP_MS)
        self._settle.timeout.connect(self._release)

    def press(self, event: QKeyEvent) -> bool:
        """Take a key press. Always True: no key reaches the page but by ``keyed``."""
        now = float(event.timestamp()) or time.monotonic() * 1000
        is_quick = now - self._last_ms < BURST_GAP_MS
        self._last_ms = now
        if self._held and not is_quick:
            self._release()
        key, modifiers = event.key(), event.modifiers().value
        if now < self._cut_until_ms:
            # The rest of a burst that stopped in its middle, its Enter included: half a code is no code.
            self._cut_until_ms = 0.0 if key in (_RETURN, _ENTER) else now + CUT_MS
            return True
        if key in (_RETURN, _ENTER) and is_quick and len(self._held) >= SHORTEST_BURST:
            self._settle.stop()
            text = "".join(self._held)
            self.forget()
            self._scanned(text)
            return True
        text = event.text()
        is_on_keypad = bool(modifiers & _ON_KEYPAD)
        name = _WITHOUT_NUMLOCK.get(key) if is_on_keypad and not text.isdigit() else None
        if name is not None:
            text = name
        elif key in _NAMED:
            self._name(_NAMED[key], event.isAutoRepeat())
            return True
        is_in_burst = bool(self._held) and is_quick
        if not is_in_burst and (modifiers & _CONTROL_ALT_META or event.isAutoRepeat()):
            return True
        # Inside a burst every character counts, so that a hostile one is seen and not mended away.
        if len(text) == 1 and (is_in_burst or text.isprintable()):
            self._hold(text, is_on_keypad)
        return True

    def forget(self) -> None:
        """Drop what is held."""
        self._settle.stop()
        self._held.clear()
        self._keypad_signs.clear()

    def _name(self, name: str, is_repeated: bool) -> None:
        self._release()
        if not is_repeated or name in _MAY_REPEAT:
            self._keyed(name)

    def _hold(self, text: str, is_on_keypad: bool) -> None:
        if len(self._held) < LONGEST_BURST:
            if is_on_keypad and text in _KEYPAD_SIGNS:
                self._keypad_signs[len(self._held)] = _KEYPAD_SIGNS[text]
            self._held.append(text)
        self._settle.start()

    def _release(self) -> None:
        held, signs = list(self._held), dict(self._keypad_signs)
        self.forget()
        if len(held) >= SHORTEST_BURST:
            self._cut_until_ms = self._last_ms + CUT_MS
            self._scanned("")
            return
        for place, character in enumerate(held):
            if place in signs:
                self._keyed(signs[place])
            elif character == " ":
                self._keyed("space")
            elif character.isascii() and character.isdigit():
                self._keyed(character)
