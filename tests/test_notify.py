"""What a process tells its parent, heard on real sockets."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.notify import Notifier


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener, str(tmp_path / "notify")


def test_it_says_what_systemd_expects(ear: tuple[socket.socket, str]) -> None:
    listener, address = ear
    notifier = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "15000000"})
    notifier.ready("one line")
    notifier.alive()
    notifier.stopping()
    assert [listener.recv(100) for _ in range(3)] == [b"READY=1\nSTATUS=one line", b"WATCHDOG=1", b"STOPPING=1"]
    assert notifier.alive_every_s == 5.0


def test_an_abstract_name_is_spelt_with_an_at() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("")
        listener.settimeout(5)
        name: bytes = listener.getsockname()
        Notifier({"NOTIFY_SOCKET": "@" + name[1:].decode()}).ready()
        assert listener.recv(100) == b"READY=1"


@pytest.mark.parametrize("usec", ["", "0", "-5", "soon"])
def test_without_a_limit_nothing_is_due(usec: str, ear: tuple[socket.socket, str]) -> None:
    assert Notifier({"NOTIFY_SOCKET": ear[1], "WATCHDOG_USEC": usec}).alive_every_s is None


def test_nobody_listening_is_no_error(tmp_path: Path) -> None:
    Notifier({}).ready()
    assert not Notifier({}).is_heard
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).alive()
    assert Notifier({"WATCHDOG_USEC": "15000000"}).alive_every_s is None, "a stray variable without a parent"


def test_a_full_ear_does_not_block(ear: tuple[socket.socket, str]) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": ear[1]})
    for _ in range(2_000):
        notifier.alive()
