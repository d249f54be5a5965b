"""The core's end of the wall: who may come in, and that nobody who does can hold it up."""

import contextlib
import queue
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import protocol as p
from kiosk.core.link import Connection, Link


class Gate:
    """A link whose posted calls run when the test says so."""

    def __init__(self, path: Path, *, is_robot_allowed: bool = False) -> None:
        self.calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.messages: list[p.FromFace] = []
        self.faces = 0
        self.lost = 0
        self.drives: list[tuple[Connection, p.Drive]] = []
        self.link = Link(path, self.calls.put, is_robot_allowed=is_robot_allowed)
        self.link.on_message = self.messages.append
        self.link.on_face = self._face
        self.link.on_face_lost = self._lost
        self.link.on_drive = lambda connection, drive: self.drives.append((connection, drive))

    def _face(self) -> None:
        self.faces += 1

    def _lost(self) -> None:
        self.lost += 1

    def until(self, is_so: Callable[[], bool], what: str, timeout_s: float = 10.0) -> None:
        end = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < end, f"waited for {what}"
            with contextlib.suppress(queue.Empty):
                self.calls.get(timeout=0.01)()


class Peer:
    """Somebody at the socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(str(path))
        self._frames = p.FrameReader()
        self._bodies: list[bytes] = []

    def say(self, *messages: p.Model) -> "Peer":
        # At one go: after the first that it refuses the core hangs up.
        self.socket.sendall(b"".join(p.encode(message) for message in messages))
        return self

    def hear(self) -> p.ToFace | None:
        """The next message; None when the core has hung up."""
        while not self._bodies:
            try:
                data = self.socket.recv(65_536)
            except ConnectionError:
                return None
            if not data:
                return None
            self._bodies += self._frames.feed(data)
        return p.decode_to_face(self._bodies.pop(0))

    def is_cut_off(self) -> bool:
        while self.hear() is not None:
            pass
        return True


@pytest.fixture
def open_gate(tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    gates: list[Gate] = []

    def start(**how: bool) -> Gate:
        gates.append(Gate(tmp_path / "run" / "core.sock", **how))
        return gates[-1]

    yield start
    for gate in gates:
        gate.link.close()


@pytest.fixture
def gate(open_gate: Callable[..., Gate]) -> Gate:
    return open_gate()


@pytest.fixture
def come(gate: Gate) -> Iterator[Callable[[], Peer]]:
    """A peer at the gate, closed at the end."""
    peers: list[Peer] = []

    def connect() -> Peer:
        peers.append(Peer(gate.link.path))
        return peers[-1]

    yield connect
    for peer in peers:
        peer.socket.close()


Come = Callable[[], Peer]


def test_the_socket_is_for_this_user_alone(gate: Gate) -> None:
    assert stat.S_IMODE(gate.link.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(gate.link.path.parent.stat().st_mode) == 0o700


def test_a_face_is_welcomed_heard_and_answered(gate: Gate, come: Come) -> None:
    peer = come().say(p.Hello(p.VERSION))
    assert peer.hear() == p.Welcome(p.VERSION, is_robot_allowed=False)
    assert gate.link.face_seen.wait(10)
    gate.until(lambda: gate.faces == 1, "the face")
    assert gate.link.has_face
    peer.say(p.Painted(3, "attract"), p.Activity())
    gate.until(lambda: len(gate.messages) == 2, "its messages")
    assert gate.messages == [p.Painted(3, "attract"), p.Activity()]
    assert gate.link.to_face(p.Sound("done"))
    assert peer.hear() == p.Sound("done")


def test_without_a_face_nothing_is_sent(gate: Gate) -> None:
    assert not gate.link.to_face(p.Forget())


def test_a_second_face_takes_the_place_of_the_first(gate: Gate, come: Come) -> None:
    first = come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 1, "the first face")
    second = come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 2, "the second face")
    assert first.is_cut_off()
    gate.link.to_face(p.Forget())
    assert isinstance(second.hear(), p.Welcome)
    assert second.hear() == p.Forget()
    second.say(p.Activity())
    gate.until(lambda: gate.messages == [p.Activity()], "the second face's touch")
    assert gate.lost == 0, "the going of the first is not the loss of the face"
    second.socket.close()
    gate.until(lambda: gate.lost == 1, "the loss")
    assert not gate.link.has_face


@pytest.mark.expects_warnings
@pytest.mark.parametrize(
    "greeting",
    [
        p.Hello(p.VERSION + 1),
        p.Hello(p.VERSION, "robot"),
        p.Hello(p.VERSION, "technician"),
        p.Hello(p.VERSION, ""),
        p.Activity(),
        p.Pressed("e", 1, "start"),
    ],
    ids=lambda message: repr(message)[:40],
)
def test_who_does_not_greet_as_a_face_of_this_version_is_refused(gate: Gate, come: Come, greeting: p.Model) -> None:
    assert come().say(greeting).hear() is None
    assert not gate.link.face_seen.is_set()
    come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 1, "a real face")
    assert gate.messages == []


def test_a_robot_may_drive_where_it_is_allowed_and_never_sees_a_page(open_gate: Callable[..., Gate]) -> None:
    gate = open_gate(is_robot_allowed=True)
    face, robot = Peer(gate.link.path), Peer(gate.link.path)
    with contextlib.closing(face.socket), contextlib.closing(robot.socket):
        face.say(p.Hello(p.VERSION))
        gate.until(lambda: gate.faces == 1, "the face")
        robot.say(p.Hello(p.VERSION, "robot"))
        assert robot.hear() == p.Welcome(p.VERSION, is_robot_allowed=True)
        robot.socket.sendall(p.encode(p.Drive(5, "press", "start")))
        gate.until(lambda: len(gate.drives) == 1, "the drive")
        connection, drive = gate.drives[0]
        assert drive == p.Drive(5, "press", "start")
        gate.link.to_face(p.Sound("done"))
        connection.send(p.Driven(5, is_ok=True))
        assert robot._bodies == []
        body = robot.socket.recv(4096)
        assert [p.decode_from_face(one) for one in p.FrameReader().feed(body)] == [p.Driven(5, is_ok=True)]
        robot.say(p.Pressed("e", 1, "start"))
        assert robot.is_cut_off()
    assert gate.messages == []


def test_what_a_face_says_that_is_none_of_its_messages_ends_its_connection(gate: Gate, come: Come) -> None:
    peer = come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 1, "the face")
    peer.say(p.Activity(), p.Forget(), p.Pressed("e", 1, "start"))
    assert peer.is_cut_off()
    gate.until(lambda: gate.lost == 1, "the loss")
    assert gate.messages == [p.Activity()]


def test_a_frame_without_measure_ends_the_connection_before_it_is_read(gate: Gate, come: Come) -> None:
    peer = come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 1, "the face")
    peer.socket.sendall(struct.pack(">I", p.MAX_FRAME + 1))
    assert peer.is_cut_off()


@pytest.mark.expects_warnings
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(min_size=1, max_size=120), has_greeted=st.booleans())
def test_garbage_ends_its_own_connection_and_nothing_else(gate: Gate, junk: bytes, has_greeted: bool) -> None:
    before = len(gate.messages)
    peer = Peer(gate.link.path)
    if has_greeted:
        peer.say(p.Hello(p.VERSION))
    with contextlib.suppress(OSError):
        peer.socket.sendall(junk)
        peer.socket.shutdown(socket.SHUT_WR)
    assert peer.is_cut_off()
    peer.socket.close()
    assert len(gate.messages) == before
    alive = Peer(gate.link.path).say(p.Hello(p.VERSION))
    assert isinstance(alive.hear(), p.Welcome)
    alive.socket.close()


def test_nesting_without_end_ends_its_own_connection(gate: Gate, come: Come) -> None:
    body = b"\x82\xa1x" + b"\x91" * 50_000 + b"\xc0\xa4type\xa5hello"
    peer = come()
    peer.socket.sendall(struct.pack(">I", len(body)) + body)
    assert peer.is_cut_off()
    come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 1, "a real face")


def test_a_face_that_reads_nothing_is_cut_off_and_the_core_lives(gate: Gate, come: Come) -> None:
    deaf = come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 1, "the face")
    picture = p.ShowPicture("preview-0", 1, 1, bytes(64_000))
    longest = 0.0
    for _ in range(400):
        begun = time.monotonic()
        gate.link.to_face(picture)
        longest = max(longest, time.monotonic() - begun)
    assert longest < 1.0, "the core waited for a face"
    gate.until(lambda: gate.lost == 1, "its end")
    assert not gate.link.to_face(picture)
    deaf.socket.close()
    peer = come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 2, "the next face")
    assert isinstance(peer.hear(), p.Welcome)


def test_closing_lets_the_last_page_go_out(gate: Gate, come: Come) -> None:
    peer = come().say(p.Hello(p.VERSION))
    gate.until(lambda: gate.faces == 1, "the face")
    gate.link.to_face(p.Forget())
    gate.link.close()
    assert isinstance(peer.hear(), p.Welcome)
    assert peer.hear() == p.Forget()
    assert peer.hear() is None
    assert not gate.link.path.exists()
    with pytest.raises(OSError, match=r".*"):
        Peer(gate.link.path)


def test_a_socket_left_by_a_core_that_was_killed_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "core.sock"
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(path))
    left.close()
    gate = Gate(path)
    peer = Peer(path).say(p.Hello(p.VERSION))
    assert isinstance(peer.hear(), p.Welcome)
    peer.socket.close()
    gate.link.close()
    ends = [thread for thread in threading.enumerate() if thread.name == "link-write"]
    for thread in ends:
        thread.join(10)
    assert not any(thread.is_alive() for thread in ends), "a connection's thread outlived it"
