"""One exchange, one deadline; what only asks keeps its connection, what moves paper never does."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO

import pytest

from kiosk.devices.printing.ipp_link import MAX_ANSWER_BYTES, HttpLink, LinkError
from tests.devices.waiting import held, settled, until

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 2\r\n\r\nok"
Answer = Callable[[socket.socket, bytes], bool]
"""Answer one request on this connection; False ends the connection."""


def _say_ok(sock: socket.socket, body: bytes) -> bool:
    del body
    sock.sendall(OK)
    return True


class Server:
    """Counts connections and requests; what it answers is the test's affair."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"ipp://127.0.0.1:{self._listener.getsockname()[1]}/ipp/print"
        self.connections = 0
        self.bodies: list[bytes] = []
        self.open: list[socket.socket] = []
        self.answer: Answer = _say_ok
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock = self._listener.accept()[0]
                self.connections += 1
                self.open.append(sock)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError), sock.makefile("rb") as stream:
            while head := self._head(stream):
                self.bodies.append(self._body(head, stream))
                if not self.answer(sock, self.bodies[-1]):
                    break
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _head(self, stream: IO[bytes]) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return b""
            head += line
        return head.lower()

    def _body(self, head: bytes, stream: IO[bytes]) -> bytes:
        if b"chunked" in head:
            out = b""
            while size := int(stream.readline(), 16):
                out += stream.read(size) or b""
                stream.readline()
            stream.readline()
            return out
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        return stream.read(length) or b""

    def drop(self) -> None:
        """End every connection as a printer does that restarts."""
        for sock in self.open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def close(self) -> None:
        self._listener.close()
        self.drop()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def link(server: Server) -> Iterator[HttpLink]:
    its = HttpLink(server.uri)
    its.open()
    yield its
    its.close()


def test_questions_share_a_connection(server: Server, link: HttpLink) -> None:
    assert [link.ask(b"a", 2) for _ in range(20)] == [b"ok"] * 20
    assert (server.connections, len(server.bodies)) == (1, 20)


def test_what_moves_paper_gets_a_new_one(server: Server, link: HttpLink) -> None:
    link.ask(b"a", 2)
    for _ in range(3):
        link.tell(b"paper", 2)
    assert server.connections == 4


def test_before_open_and_after_close_none_is_kept(server: Server, link: HttpLink) -> None:
    link.close()
    link.ask(b"a", 2)
    link.ask(b"a", 2)
    assert server.connections == 2


def test_a_kept_connection_that_died_is_no_lost_link(server: Server, link: HttpLink) -> None:
    link.ask(b"a", 2)
    server.drop()
    assert link.ask(b"b", 2) == b"ok"
    assert server.connections == 2
    assert link.breaks == 1


def test_one_that_dies_under_the_question_is_asked_again_once(server: Server, link: HttpLink) -> None:
    link.ask(b"a", 2)
    server.answer = lambda sock, body: False
    with pytest.raises(LinkError) as caught:
        link.ask(b"b", 2)
    assert caught.value.was_reached
    assert server.bodies == [b"a", b"b", b"b"], "on the kept connection, then once on a new one"


def test_paper_is_never_asked_for_twice(server: Server, link: HttpLink) -> None:
    server.answer = lambda sock, body: False
    with pytest.raises(LinkError) as caught:
        link.tell(b"paper", 2)
    assert caught.value.was_reached
    assert server.bodies == [b"paper"]


def test_pieces_arrive_as_one(server: Server, link: HttpLink) -> None:
    link.tell((bytes([number]) * 5000 for number in range(50)), 5)
    assert server.bodies == [b"".join(bytes([number]) * 5000 for number in range(50))]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 999999 \xff\r\n\r\n",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: a\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_a_broken_link(server: Server, link: HttpLink, answer: bytes) -> None:
    def spoil(sock: socket.socket, body: bytes) -> bool:
        sock.sendall(answer)
        return False

    server.answer = spoil
    for exchange in (link.ask, link.tell):
        with pytest.raises(LinkError) as caught:
            exchange(b"a", 1)
        assert caught.value.was_reached


def test_an_answer_without_an_end_is_too_large(server: Server, link: HttpLink) -> None:
    def pour(sock: socket.socket, body: bytes) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(MAX_ANSWER_BYTES + 10))
        return False

    server.answer = pour
    with pytest.raises(LinkError, match="too large"):
        link.ask(b"a", 3)


@pytest.mark.parametrize("is_kept", [True, False])
def test_silence_ends_at_the_deadline_and_is_not_asked_again(server: Server, link: HttpLink, is_kept: bool) -> None:
    if is_kept:
        link.ask(b"a", 2)
    hold = threading.Event()

    def wait(sock: socket.socket, body: bytes) -> bool:
        hold.wait(10)
        return False

    server.answer = wait
    server.bodies.clear()
    began = time.monotonic()
    with pytest.raises(LinkError, match="in time"):
        link.ask(b"b", 0.3)
    assert time.monotonic() - began < 1
    assert server.bodies == [b"b"]
    hold.set()


CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
CHUNKED = CLOSING + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("opening", "drop"),
    [
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"a"),
        (CLOSING + b"Content-Length: 5000\r\n\r\n", b"a"),
        (CLOSING + b"Content-Length: 99999999999999999999\r\n\r\n", b"a"),
        (CLOSING + b"\r\n", b"a"),
        (b"HTTP/1.0 200 OK\r\n\r\n", b"a"),
        (CHUNKED, b"1\r\na\r\n"),
        (CHUNKED + b"1;", b"x"),
        (CHUNKED + b"0\r\n", b"X: y\r\n"),
        (CHUNKED + b"ffffffffffff\r\n", b"a"),
    ],
)
def test_an_answer_that_drips_ends_at_the_deadline(server: Server, link: HttpLink, opening: bytes, drop: bytes) -> None:
    """Each drop is a sign of life to a socket's own timeout; and http.client lets go of its socket at ``close``."""
    over = threading.Event()

    def drip(sock: socket.socket, body: bytes) -> bool:
        sock.sendall(opening)
        while not over.wait(0.02):
            sock.sendall(drop)
        return False

    server.answer = drip
    exchange = link.ask if drop == b"a" else link.tell
    began = time.monotonic()
    with pytest.raises(LinkError, match="in time"):
        exchange(b"a", 0.2)
    assert time.monotonic() - began < 1.5
    over.set()


def test_a_handshake_that_drips_ends_at_the_deadline() -> None:
    """The head of a TLS record of 16 kB, and then a byte at a time."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with suppress(OSError), listener.accept()[0] as sock:
                sock.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                while not over.wait(0.02):
                    sock.sendall(b"a")

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        with pytest.raises(LinkError):
            HttpLink(f"ipps://127.0.0.1:{listener.getsockname()[1]}/").ask(b"a", 0.3)
        assert time.monotonic() - began < 1
        over.set()
        thread.join(5)


def test_a_kept_connection_has_the_deadline_of_its_question(server: Server, link: HttpLink) -> None:
    link.ask(b"a", 0.6)

    def late(sock: socket.socket, body: bytes) -> bool:
        threading.Event().wait(0.8)
        return _say_ok(sock, body)

    server.answer = late
    assert link.ask(b"b", 5) == b"ok"
    assert server.connections == 1


def test_nobody_there_was_not_reached() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        uri = f"ipp://127.0.0.1:{probe.getsockname()[1]}/"
        with pytest.raises(LinkError) as caught:
            HttpLink(uri).tell(b"paper", 1)
    assert not caught.value.was_reached


@pytest.mark.parametrize("uri", ["", "ipp://", "ftp://a/b", "a4", "file:///dev/lp0"])
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(ValueError):
        HttpLink(uri)


def test_many_threads_share_what_is_kept_and_leave_nothing(server: Server) -> None:
    before = held()
    link = HttpLink(server.uri)
    link.open()
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.extend(link.ask(b"a", 3) for _ in range(20))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == [b"ok"] * 160
    link.close()
    server.drop()
    until(lambda: settled(before), "nothing kept", 5)
