"""A scanner's burst, a finger on a keypad, and keys that lead nowhere."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSizeF, Qt
from PySide6.QtGui import QKeyEvent, QPointingDevice
from PySide6.QtTest import QTest

from kiosk import protocol as p
from kiosk.ui.keys import LONGEST_BURST, Keys
from kiosk.ui.window import Face
from tests.ui.conftest import Core, wait_until
from tests.ui.test_bridge import middle_of, open_page, page_of


def key(text: str, at_ms: int, code: Qt.Key | None = None, *, is_alt: bool = False) -> QKeyEvent:
    modifiers = Qt.KeyboardModifier.AltModifier if is_alt else Qt.KeyboardModifier.NoModifier
    number = code if code is not None else Qt.Key(ord(text.upper()))
    event = QKeyEvent(QEvent.Type.KeyPress, number, modifiers, text)
    event.setTimestamp(at_ms)
    return event


class Heard:
    def __init__(self) -> None:
        self.scanned: list[str] = []
        self.keyed: list[str] = []
        self.keys = Keys(self.scanned.append, self.keyed.append)

    def burst(self, text: str, start: int = 1000, gap: int = 5) -> int:
        now = start
        for character in text:
            self.keys.press(key(character, now))
            now += gap
        return now


@pytest.fixture
def heard(qapp: object) -> Heard:
    return Heard()


def test_a_burst_with_enter_is_one_scan(heard: Heard) -> None:
    end = heard.burst("KK-7Q2M4X9")
    heard.keys.press(key("\r", end, Qt.Key.Key_Return))
    assert heard.scanned == ["KK-7Q2M4X9"]
    assert heard.keyed == []


def test_slow_digits_are_a_keypad(heard: Heard) -> None:
    end = heard.burst("4829", gap=120)
    heard.keys.press(key("\r", end, Qt.Key.Key_Enter))
    assert heard.scanned == []
    assert heard.keyed == ["4", "8", "2", "9", "enter"]


def test_a_single_digit_arrives_without_another_key(heard: Heard) -> None:
    heard.keys.press(key("7", 1000))
    assert wait_until(lambda: heard.keyed == ["7"], 1000)


def test_a_burst_without_enter_is_half_a_code_and_nobodys_fingers(heard: Heard) -> None:
    heard.burst("990101410787")
    assert wait_until(lambda: heard.scanned == [""], 1000)
    assert heard.keyed == []


def test_what_comes_after_the_gap_in_a_burst_is_no_code_either(heard: Heard) -> None:
    end = heard.burst("TOKEN-")
    end = heard.burst("990101", start=end + 80)
    heard.keys.press(key("\r", end, Qt.Key.Key_Return))
    assert (heard.scanned, heard.keyed) == ([""], [])
    end = heard.burst("TOKEN-1", start=end + 600)
    heard.keys.press(key("\r", end, Qt.Key.Key_Return))
    assert heard.scanned == ["", "TOKEN-1"]


def test_a_hostile_burst_reaches_the_core_as_it_came(heard: Heard) -> None:
    end = heard.burst("KO")
    heard.keys.press(key("\x1b", end, Qt.Key.Key_BracketLeft))
    end = heard.burst("D\u202eE", start=end + 5)
    heard.keys.press(key("\r", end, Qt.Key.Key_Return))
    assert heard.scanned == ["KO\x1bD\u202eE"]


def test_a_flood_is_forwarded_longer_than_any_code_and_kept_no_further(heard: Heard) -> None:
    end = heard.burst("x" * 20_000, gap=1)
    heard.keys.press(key("\r", end, Qt.Key.Key_Return))
    assert [len(text) for text in heard.scanned] == [LONGEST_BURST]


WITHOUT_NUMLOCK = {
    Qt.Key.Key_Insert: "0",
    Qt.Key.Key_End: "1",
    Qt.Key.Key_Down: "2",
    Qt.Key.Key_PageDown: "3",
    Qt.Key.Key_Left: "4",
    Qt.Key.Key_Clear: "5",
    Qt.Key.Key_Right: "6",
    Qt.Key.Key_Home: "7",
    Qt.Key.Key_Up: "8",
    Qt.Key.Key_PageUp: "9",
}


def numpad(code: Qt.Key, at_ms: int, text: str = "") -> QKeyEvent:
    event = QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.KeypadModifier, text)
    event.setTimestamp(at_ms)
    return event


def test_a_numpad_types_digits_with_numlock_off(heard: Heard) -> None:
    for place, code in enumerate(WITHOUT_NUMLOCK):
        heard.keys.press(numpad(code, 1000 + 200 * place))
    assert wait_until(lambda: heard.keyed == list(WITHOUT_NUMLOCK.values()), 1000)


def test_a_numpad_types_digits_with_numlock_on(heard: Heard) -> None:
    for place in range(10):
        heard.keys.press(numpad(Qt.Key(ord("0") + place), 1000 + 200 * place, str(place)))
    assert wait_until(lambda: heard.keyed == list("0123456789"), 1000)


@pytest.mark.parametrize(
    ("code", "text", "name"),
    [
        (Qt.Key.Key_Period, ".", "delete"),
        (Qt.Key.Key_Asterisk, "*", "help"),
        (Qt.Key.Key_Slash, "/", "help"),
        (Qt.Key.Key_Plus, "+", "next"),
        (Qt.Key.Key_Minus, "-", "previous"),
        (Qt.Key.Key_Enter, "\r", "enter"),
        (Qt.Key.Key_Delete, "", "delete"),
    ],
)
def test_the_signs_of_a_numpad_have_a_meaning(heard: Heard, code: Qt.Key, text: str, name: str) -> None:
    heard.keys.press(numpad(code, 1000, text))
    assert wait_until(lambda: heard.keyed == [name], 1000)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (Qt.Key.Key_F1, "help"),
        (Qt.Key.Key_Help, "help"),
        (Qt.Key.Key_Up, "up"),
        (Qt.Key.Key_Down, "down"),
        (Qt.Key.Key_Left, "left"),
        (Qt.Key.Key_Right, "right"),
        (Qt.Key.Key_Tab, "next"),
        (Qt.Key.Key_Backtab, "previous"),
        (Qt.Key.Key_Backspace, "delete"),
        (Qt.Key.Key_Return, "enter"),
    ],
)
def test_named_keys(heard: Heard, code: Qt.Key, name: str) -> None:
    heard.keys.press(key("", 1000, code))
    assert heard.keyed == [name]


def repeated(code: Qt.Key, text: str, at_ms: int) -> QKeyEvent:
    event = QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, text, True)
    event.setTimestamp(at_ms)
    return event


def test_a_key_that_is_held_acts_and_types_once_but_moves_on(heard: Heard) -> None:
    for code, text in ((Qt.Key.Key_Return, "\r"), (Qt.Key.Key_7, "7"), (Qt.Key.Key_F1, ""), (Qt.Key.Key_Down, "")):
        first = key(text, 1000, code)
        heard.keyed.clear()
        heard.keys.press(first)
        for place in range(5):
            heard.keys.press(repeated(code, text, 1500 + 40 * place))
        heard.keys._release()
        assert len(heard.keyed) == (6 if code == Qt.Key.Key_Down else 1), code


def test_two_keys_at_once_are_two_keys(heard: Heard) -> None:
    heard.keys.press(key("1", 1000))
    heard.keys.press(key("2", 1001))
    heard.keys.press(key("\r", 1002, Qt.Key.Key_Return))
    assert (heard.keyed, heard.scanned) == (["1", "2", "enter"], [])


def test_letters_are_no_keypad(heard: Heard) -> None:
    heard.burst("ab", gap=200)
    assert not wait_until(lambda: bool(heard.keyed), 100)


def test_forget_drops_what_is_held(heard: Heard) -> None:
    end = heard.burst("9901014107870003")
    heard.keys.forget()
    heard.keys.press(key("\r", end, Qt.Key.Key_Return))
    assert heard.scanned == []


@pytest.mark.parametrize("code", [Qt.Key.Key_Escape, Qt.Key.Key_F4, Qt.Key.Key_F11, Qt.Key.Key_Super_L])
def test_no_key_leads_out(heard: Heard, code: Qt.Key) -> None:
    assert heard.keys.press(key("", 1000, code, is_alt=True)) is True


def test_a_burst_reaches_the_core_as_scanned(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("scan-code", 9))
    now = 1000
    for character in "TOKEN-12345":
        QCoreApplication.sendEvent(face.view, key(character, now))
        now += 4
    QCoreApplication.sendEvent(face.view, key("\r", now, Qt.Key.Key_Return))
    sent = end.wait_for(p.Scanned)
    assert [(m.serial, m.text) for m in sent] == [(9, "TOKEN-12345")]


def test_the_window_does_not_close_on_request(make_face: Callable[..., Face]) -> None:
    face = make_face()
    face.touches._is_locked = True
    face.view.close()
    QCoreApplication.processEvents()
    assert face.view.isVisible()
    face.touches._is_locked = False


def touch_device() -> QPointingDevice:
    return QTest.createTouchDevice()


def test_a_finger_presses_on_release(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    point = middle_of(face, "service:cetak-kk")
    device = touch_device()
    QTest.touchEvent(face.view, device).press(0, point, face.view).commit()
    assert end.of(p.Pressed) == []
    QTest.touchEvent(face.view, device).release(0, point, face.view).commit()
    assert end.wait_for(p.Pressed)[0].action == "service:cetak-kk"


def test_a_second_finger_does_nothing(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    first, second = middle_of(face, "service:cetak-kk"), middle_of(face, "service:cek-data")
    device = touch_device()
    QTest.touchEvent(face.view, device).press(0, first, face.view).commit()
    QTest.touchEvent(face.view, device).stationary(0).press(1, second, face.view).commit()
    QTest.touchEvent(face.view, device).stationary(0).release(1, second, face.view).commit()
    assert end.of(p.Pressed) == []
    QTest.touchEvent(face.view, device).release(0, first, face.view).commit()
    assert [m.action for m in end.wait_for(p.Pressed)] == ["service:cetak-kk"]


def test_a_palm_is_ignored(core: tuple[Face, Core]) -> None:
    face, _ = core

    for wide_mm, is_palm in ((40, True), (18, False)):
        pixels = wide_mm / face.options.mm_per_px
        assert face.touches._is_palm(QSizeF(pixels, pixels)) is is_palm


@pytest.mark.parametrize(
    "code",
    [Qt.Key.Key_Print, Qt.Key.Key_SysReq, Qt.Key.Key_Copy, Qt.Key.Key_Paste, Qt.Key.Key_F12, Qt.Key.Key_Menu],
    ids=lambda code: code.name,
)
def test_keys_that_take_pictures_or_copy_do_nothing(code: Qt.Key, heard: Heard, qapp: QCoreApplication) -> None:
    """Taken, so that no other part of Qt gets them, and told to nobody."""
    assert heard.keys.press(key("", 1000, code))
    assert not wait_until(lambda: bool(heard.keyed or heard.scanned), 60)
