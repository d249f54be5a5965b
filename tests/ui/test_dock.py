"""The simulator dock against a control socket: people and faults become acts."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtQuick import QQuickItem

from kiosk.ui.dock import Dock, DockWindow, read_people
from kiosk.ui.robot import press, visible_items
from tests.ui.conftest import wait_until

PEOPLE = [
    {
        "name": "Sekar Arum",
        "note": "everything is ready",
        "uid": "04a1b2c3d4e5f6",
        "nik": "9901014107870003",
        "pin": "482913",
    },
    {"name": "Bayu", "note": "carries no card", "uid": "", "nik": "9901011203850001", "pin": "111222"},
]
DEVICES: list[dict[str, Any]] = [
    {
        "device": "card-reader",
        "faults": [],
        "acts": ["pull", "tap", "off", "on"],
        "state": {"is_present": False, "uids": []},
    },
    {
        "device": "document-printer",
        "faults": ["media-empty", "media-jam"],
        "acts": ["clear", "fault", "off", "speed"],
        "state": {"is_on": True, "reasons": ["none"], "running": {"done": 1, "sheets": 2}},
    },
]


class Doubles:
    """Answers like the doubles' control socket and remembers what was asked."""

    def __init__(self, path: Path) -> None:
        self.asked: list[dict[str, Any]] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            for line in lines:
                request = json.loads(line)
                self.asked.append(request)
                answer = {"id": request["id"], "ok": True}
                if request["do"] == "describe":
                    answer["devices"] = DEVICES
                connection.sendall(json.dumps(answer).encode() + b"\n")

    def acts(self) -> list[dict[str, Any]]:
        return [{k: v for k, v in one.items() if k != "id"} for one in self.asked if one["do"] != "describe"]

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def docked(qapp: object, tmp_path: Path) -> Iterator[tuple[DockWindow, Doubles]]:
    doubles = Doubles(tmp_path / "doubles.sock")
    (tmp_path / "people.json").write_text(json.dumps(PEOPLE))
    window = DockWindow(Dock(tmp_path / "doubles.sock", read_people(tmp_path / "people.json")))
    window.view.resize(620, 1600)
    window.view.show()
    window.dock.start()
    assert wait_until(lambda: "document-printer" in window.dock.devices)
    window.view.grabWindow()
    yield window, doubles
    window.close()
    doubles.close()


def texts(root: QQuickItem) -> list[str]:
    return [str(item.property("text")) for item in visible_items(root) if item.inherits("QQuickText")]


def test_it_shows_people_and_the_state_of_devices(docked: tuple[DockWindow, Doubles]) -> None:
    window, _ = docked
    shown = texts(window.view.rootObject())
    assert {"Sekar Arum", "Bayu", "Document printer", "sheet 1 of 2", "Media jam"} <= set(shown)
    assert shown.count("Tap card") == 1


def test_a_tap_sends_the_persons_card(docked: tuple[DockWindow, Doubles]) -> None:
    window, doubles = docked
    press(window.view, "Tap card")
    assert wait_until(lambda: bool(doubles.acts()))
    assert doubles.acts() == [{"device": "card-reader", "do": "tap", "uid": "04a1b2c3d4e5f6"}]


def test_a_fault_is_sent_for_the_chosen_sheet(docked: tuple[DockWindow, Doubles]) -> None:
    window, doubles = docked
    press(window.view, "at sheet 2")
    press(window.view, "Media jam")
    assert wait_until(lambda: bool(doubles.acts()))
    assert doubles.acts() == [{"device": "document-printer", "do": "fault", "reason": "media-jam", "at_sheet": 2}]


def test_people_must_be_a_list(tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text("{}")
    with pytest.raises(ValueError, match="list"):
        read_people(tmp_path / "people.json")
    assert read_people(None) == []
