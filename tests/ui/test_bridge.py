"""The face over a real socket: pages in, what people do out, each act once."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from kiosk import protocol as p
from kiosk.ui.robot import find, press, visible_items
from kiosk.ui.window import Face
from tests.flows.journey import NIK
from tests.gallery import models, pictures
from tests.ui.conftest import Core, settle, show, wait_until


def page_of(name: str, serial: int, **changes: object) -> p.Page:
    page = next(page for page in models.all_pages() if page.name == name)
    return msgspec.structs.replace(page, serial=serial, **changes)


def open_page(face: Face, core: Core, page: p.Page) -> None:
    core.send(p.ShowPage(page=page))
    assert wait_until(lambda: any(m.serial == page.serial for m in core.of(p.Painted)), 5000)
    settle(face)


def middle_of(face: Face, name: str) -> QPoint:
    item = find(face.view, name)
    assert item is not None
    middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
    return QPoint(round(middle.x()), round(middle.y()))


def title(face: Face) -> str:
    return str(face.view.rootObject().property("page").property("title").toString())


def test_hello_comes_first_and_speaks_this_version(core: tuple[Face, Core]) -> None:
    _, end = core
    assert end.received[0] == p.Hello(version=p.VERSION)


def test_painted_follows_each_page_once(core: tuple[Face, Core]) -> None:
    face, end = core
    for serial, name in enumerate(("services", "pin", "services"), start=1):
        open_page(face, end, page_of(name, serial))
    assert [(m.serial, m.name) for m in end.of(p.Painted)] == [(1, "services"), (2, "pin"), (3, "services")]


def test_painted_comes_even_when_nothing_changed(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    open_page(face, end, page_of("services", 2))


def test_a_double_tap_is_one_act(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 7))
    point = middle_of(face, "service:cetak-kk")
    for _ in range(2):
        QTest.mouseClick(face.view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    pressed = end.wait_for(p.Pressed)
    settle(face)
    assert [(m.serial, m.action) for m in end.of(p.Pressed)] == [(7, "service:cetak-kk")]
    assert pressed[0].event


def test_the_tail_of_a_double_tap_does_not_press_the_next_page(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("standard", 1))
    point = middle_of(face, "main")
    QTest.mouseClick(face.view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    end.wait_for(p.Pressed)
    open_page(face, end, page_of("review", 2))
    face.view.rootObject()
    QTest.mouseClick(face.view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    settle(face)
    assert [m.action for m in end.of(p.Pressed)] == ["main"]


def test_events_have_different_ids(core: tuple[Face, Core]) -> None:
    face, end = core
    for serial in (1, 2):
        open_page(face, end, page_of("services", serial, key=str(serial)))
        press(face.view, "service:cek-data")
        QTest.qWait(face.options.double_tap_ms)
    ids = [m.event for m in end.wait_for(p.Pressed, 2)]
    assert len(set(ids)) == 2


def test_a_disabled_tile_sends_nothing(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    item = next(one for one in visible_items(face.view.rootObject()) if one.objectName() == "service:cetak-ktp")
    middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
    QTest.mouseClick(
        face.view,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QPoint(round(middle.x()), round(middle.y())),
    )
    settle(face)
    assert end.of(p.Pressed) == []


def test_release_outside_is_no_act(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    point = middle_of(face, "service:cetak-kk")
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(face.view, left, none, point)
    QTest.mouseMove(face.view, QPoint(point.x(), 5))
    QTest.mouseRelease(face.view, left, none, QPoint(point.x(), 5))
    settle(face)
    assert end.of(p.Pressed) == []


def test_the_pin_crosses_once_on_submit_and_is_gone(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("pin", 3))
    assert find(face.view, "submit") is None
    for digit in "482913":
        press(face.view, f"key-{digit}")
    assert end.of(p.Submitted) == []
    press(face.view, "submit")
    sent = end.wait_for(p.Submitted)
    assert [(m.serial, m.action, m.values) for m in sent] == [(3, "submit", {"pin": "482913"})]
    assert face.view.rootObject().property("current").property("typed") == ""


def test_the_nik_comes_back_as_it_was_typed(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("nik", 3))
    for digit in NIK:
        press(face.view, f"key-{digit}")
    press(face.view, "submit")
    assert end.wait_for(p.Submitted)[0].values == {"nik": NIK}


def test_a_physical_keypad_types_too(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("pin", 4))
    current = face.view.rootObject().property("current")
    for count, digit in enumerate("123456", start=1):
        QTest.keyClick(face.view, digit)
        assert wait_until(lambda count=count: len(current.property("typed")) == count, 2000)
    QTest.keyClick(face.view, Qt.Key.Key_Backspace)
    assert wait_until(lambda: len(current.property("typed")) == 5, 2000)
    QTest.keyClick(face.view, "9")
    assert wait_until(lambda: len(current.property("typed")) == 6, 2000)
    QTest.keyClick(face.view, Qt.Key.Key_Return)
    assert end.wait_for(p.Submitted)[0].values == {"pin": "123459"}


def test_forget_drops_pads_pictures_and_models(core: tuple[Face, Core]) -> None:
    face, end = core
    end.send(p.ShowPicture(name=pictures.PICTURE_NAME, width=1, height=1, data=pictures.sheet_png()))
    open_page(face, end, page_of("review", 1))
    open_page(face, end, page_of("nik-typed", 2))
    nik = face.view.rootObject().property("current")
    assert nik.property("typed") == NIK
    open_page(face, end, page_of("attract", 3))
    end.send(p.Forget())
    assert wait_until(lambda: face.held.count == 0, 2000)
    assert nik.property("typed") == ""
    kept = [child for child in face.view.rootObject().findChildren(type(nik)) if child.objectName() == "page-review"]
    assert kept
    assert kept[0].property("sections").toVariant() == []


def test_the_first_page_returns_when_the_core_goes(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("review", 1))
    end.close()
    assert wait_until(lambda: "disiapkan" in title(face), 5000)


def test_the_face_reconnects(make_face: Callable[..., Face]) -> None:
    face = make_face()
    face.bridge.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(face.options.socket))
        listener.listen(2)
        listener.setblocking(False)
        for serial in (1, 2):
            connection: list[socket.socket] = []

            def accept(connection: list[socket.socket] = connection) -> bool:
                try:
                    connection.append(listener.accept()[0])
                except BlockingIOError:
                    return False
                return True

            assert wait_until(accept, 5000)
            end = Core(connection[0])
            end.wait_for(p.Hello)
            open_page(face, end, page_of("services", serial))
            end.close()


@pytest.mark.parametrize("garbage", [b"\x00\x00\x00\x03abc", b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1"])
def test_a_frame_that_does_not_fit_ends_the_connection(core: tuple[Face, Core], garbage: bytes) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    end.send_raw(garbage)
    assert wait_until(lambda: not face.bridge.line.is_open, 5000)
    assert "disiapkan" in title(face)


def test_another_version_is_refused(core: tuple[Face, Core]) -> None:
    face, end = core
    end.send(p.Welcome(version=p.VERSION + 1))
    assert wait_until(lambda: not face.bridge.line.is_open, 5000)


def test_activity_is_coalesced(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("pin", 1))
    for digit in "12345":
        press(face.view, f"key-{digit}")
    settle(face)
    assert len(end.of(p.Activity)) == 1


def test_alive_is_sent_after_a_frame_it_asked_for(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    assert end.of(p.Alive) == []
    face.bridge._ask_test_frame()
    end.wait_for(p.Alive)


def test_a_long_press_on_the_emblem_knocks_at_the_staff_door(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 5))
    point = middle_of(face, "emblem")
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(face.view, left, none, point)
    QTest.qWait(1000)
    assert end.of(p.Pressed) == []
    sent = end.wait_for(p.Pressed)
    QTest.mouseRelease(face.view, left, none, point)
    assert [(m.serial, m.action) for m in sent] == [(5, "staff")]


def test_the_robot_is_refused_until_welcome_allows_it(core: tuple[Face, Core], tmp_path: Path) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    end.send(p.Drive(id=1, do="press", name="service:cetak-kk"))
    assert end.wait_for(p.Driven)[0].is_ok is False
    end.send(p.Welcome(version=p.VERSION, is_robot_allowed=True))
    end.send(p.Drive(id=2, do="tree"))
    answer = end.wait_for(p.Driven, 2)[1]
    names = {node["name"] for node in msgspec.json.decode(answer.detail)}
    assert {"Cetak Kartu Keluarga", "Apa yang Anda perlukan?"} <= names
    end.send(p.Drive(id=3, do="grab", path=str(tmp_path / "page.png")))
    assert end.wait_for(p.Driven, 3)[2].is_ok
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    end.send(p.Drive(id=4, do="press", name="Cetak Kartu Keluarga"))
    assert end.wait_for(p.Pressed)[0].action == "service:cetak-kk"
    end.send(p.Drive(id=5, do="press", name="no such thing"))
    assert end.wait_for(p.Driven, 5)[4].is_ok is False


def test_qt_calls_keep_their_hands_off_none(make_face: Callable[..., Face]) -> None:
    """PySide6 6.12.0 drops a reference of None in each void call on Python 3.11, until the interpreter aborts."""
    face = make_face()
    show(face, page_of("services", 1))
    before = sys.getrefcount(None)
    for _ in range(400):
        face.view.requestUpdate()
        face.view.setTitle("Anjungan")
    assert abs(sys.getrefcount(None) - before) < 40


def test_look_rebinds_the_page_on_the_screen(core: tuple[Face, Core]) -> None:
    face, end = core
    open_page(face, end, page_of("services", 1))
    plain = face.view.grabWindow().pixelColor(5, 500)
    open_page(face, end, page_of("services", 2, look=p.Look(contrast=p.Contrast.HIGH)))
    assert face.view.grabWindow().pixelColor(5, 500).name() == "#000000" != plain.name()
