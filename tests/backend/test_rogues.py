"""Servers that misbehave: each ends as one clear error, in time, and without a word of personal data."""

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from kiosk.backend.contract import Proof, ProofMethod
from kiosk.errors import BackendError, ErrorCode
from tests.backend.certificates import Certificates
from tests.backend.conftest import Connect
from tests.backend.rogue import (
    Behaviour,
    RogueServer,
    answer,
    drips,
    hangs_up_at_once,
    read_request,
    resets,
    says,
    says_and_hangs_up,
    says_nothing,
)

DEADLINE_S = 0.6
SLACK_S = 3.0
DONE = answer(b'{"is_done":true}')
KNOWN = answer(b'{"is_known":true}' + b" " * 200)
"""Long enough that a byte every tenth of a second takes far more than any slack."""
AWAY = answer(b"", status="503 Away", more="Connection: close\r\n")
REDIRECT = answer(b"", status="302 Found", more="Location: http://127.0.0.1:9/\r\n")
TEAPOT = answer(b"no", status="418 Teapot", kind="text/plain")
EXPIRED = answer(b'{"code":"visit-expired"}', status="410 Gone")
TAKEN = answer(b'{"code":"document-taken"}', status="409 Conflict")
NIK, PIN = "9901011708900077", "918273"


def code_of(client: object, call: str = "find_card") -> ErrorCode:
    with pytest.raises(BackendError) as caught:
        getattr(client, call)(b"\x04\x01\x02\x03\x04\x05\x06")
    return caught.value.code


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        pytest.param(says(answer(b"<html>Log in</html>", kind="text/html")), ErrorCode.OFFICE_BAD_ANSWER, id="html"),
        pytest.param(says(answer(b"\x00\xff{")), ErrorCode.OFFICE_BAD_ANSWER, id="garbage"),
        pytest.param(says(answer(b"{}")), ErrorCode.OFFICE_BAD_ANSWER, id="field missing"),
        pytest.param(says(answer(b'{"is_known":true,"more":1}')), ErrorCode.OFFICE_BAD_ANSWER, id="field unknown"),
        pytest.param(says(answer(b'{"is_known":"maybe"}')), ErrorCode.OFFICE_BAD_ANSWER, id="wrong type"),
        pytest.param(says(answer(b"", status="204 No Content")), ErrorCode.OFFICE_BAD_ANSWER, id="nothing"),
        pytest.param(says(REDIRECT), ErrorCode.OFFICE_BAD_ANSWER, id="redirect"),
        pytest.param(says(TEAPOT), ErrorCode.OFFICE_BAD_ANSWER, id="strange 4xx"),
        pytest.param(says(answer(b"", status="403 Forbidden", kind="text/html")), ErrorCode.OFFICE_REFUSED, id="403"),
        pytest.param(says(answer(b"", status="401 Unauthorized")), ErrorCode.OFFICE_REFUSED, id="401"),
        pytest.param(says(answer(b"oops", status="500 Oops")), ErrorCode.OFFICE_FAULT, id="500"),
        pytest.param(says(answer(b"", status="503 Away")), ErrorCode.OFFICE_FAULT, id="503"),
        pytest.param(says(EXPIRED), ErrorCode.OFFICE_VISIT_EXPIRED, id="410"),
        pytest.param(says(TAKEN), ErrorCode.DOCUMENT_TAKEN, id="409"),
        pytest.param(
            says(answer(b'{"code":"too-many"}', status="429 Slow down")), ErrorCode.OFFICE_THROTTLED, id="429"
        ),
        pytest.param(says(b"SSH-2.0-OpenSSH_9.2\r\n"), ErrorCode.OFFICE_BAD_ANSWER, id="no http"),
        pytest.param(says_and_hangs_up(KNOWN[:-4]), ErrorCode.OFFICE_OFFLINE, id="truncated body"),
        pytest.param(says_and_hangs_up(KNOWN[:30]), ErrorCode.OFFICE_BAD_ANSWER, id="truncated head"),
        pytest.param(says_and_hangs_up(b""), ErrorCode.OFFICE_OFFLINE, id="half close"),
        pytest.param(resets, ErrorCode.OFFICE_OFFLINE, id="reset"),
        pytest.param(hangs_up_at_once, ErrorCode.OFFICE_OFFLINE, id="hangs up"),
        pytest.param(says_nothing, ErrorCode.OFFICE_SLOW, id="silent"),
    ],
)
def test_each_misdeed_has_its_code(connect: Connect, behaviour: Behaviour, code: ErrorCode) -> None:
    with RogueServer(behaviour) as server:
        client = connect(server.url, deadline_s=DEADLINE_S)
        start = time.monotonic()
        assert code_of(client) is code
        assert time.monotonic() - start < DEADLINE_S + SLACK_S


@pytest.mark.parametrize("size", ["told", "untold"])
def test_oversized_answer_is_cut_off_while_it_comes(connect: Connect, size: str) -> None:
    sent = 0

    def floods(connection: socket.socket) -> None:
        nonlocal sent
        read_request(connection)
        length = "Content-Length: 1000000000\r\n" if size == "told" else ""
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n".encode())
        for _ in range(5000):
            connection.sendall(b"x" * 65_536)
            sent += 65_536

    with RogueServer(floods) as server:
        client = connect(server.url, deadline_s=8, max_answer_bytes=200_000)
        assert code_of(client) is ErrorCode.OFFICE_TOO_LARGE
    assert sent < 64_000_000


def test_nobody_listens(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert code_of(connect(f"http://127.0.0.1:{port}", deadline_s=2)) is ErrorCode.OFFICE_OFFLINE


def test_name_that_leads_nowhere(connect: Connect) -> None:
    assert code_of(connect("http://office.invalid", deadline_s=5)) in (ErrorCode.OFFICE_OFFLINE, ErrorCode.OFFICE_SLOW)


def test_resolver_that_hangs_holds_nobody(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    real = socket.getaddrinfo

    def hang(host: str, *arguments: object, **named: object) -> object:
        if host == "office.invalid":
            release.wait(20)
        return real(host, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    start = time.monotonic()
    try:
        assert code_of(connect("http://office.invalid", deadline_s=DEADLINE_S)) is ErrorCode.OFFICE_SLOW
        assert time.monotonic() - start < DEADLINE_S + SLACK_S
    finally:
        release.set()


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("part", ["head", "body", "endless body"])
def test_dripping_server_holds_nobody_beyond_the_deadline(
    connect: Connect, tmp_path: Path, secured: bool, part: str
) -> None:
    made = Certificates(tmp_path / "tls")
    head, _, body = KNOWN.partition(b"\r\n\r\n")
    if part == "endless body":
        head, body = b"HTTP/1.1 200 OK\r\nContent-Type: application/json", b" " * 5000
    slow = head + b"\r\n\r\n" + body if part == "head" else body

    def behave(connection: socket.socket) -> None:
        if part != "head":
            read_request(connection)
            connection.sendall(head + b"\r\n\r\n")
            for place in range(len(slow)):
                connection.sendall(slow[place : place + 1])
                if server.closing.wait(0.1):
                    return
        else:
            drips(slow, 0.1, lambda: server.closing)(connection)

    server = RogueServer(behave, tls=server_context(made) if secured else None)
    with server:
        client = connect(server.url, deadline_s=DEADLINE_S, ca=made.root)
        start = time.monotonic()
        assert code_of(client) is ErrorCode.OFFICE_SLOW
        assert time.monotonic() - start < DEADLINE_S + SLACK_S


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "tls"])
def test_connection_that_is_used_again_has_a_deadline_too(connect: Connect, tmp_path: Path, secured: bool) -> None:
    made = Certificates(tmp_path / "tls")

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(KNOWN)
        drips(KNOWN, 0.1, lambda: server.closing)(connection)

    server = RogueServer(behave, tls=server_context(made) if secured else None)
    with server:
        client = connect(server.url, deadline_s=DEADLINE_S, ca=made.root)
        assert client.find_card(b"\x04\x01\x02\x03") is True
        start = time.monotonic()
        assert code_of(client) is ErrorCode.OFFICE_SLOW
        assert time.monotonic() - start < DEADLINE_S + SLACK_S
        assert server.connections == 1


def test_tls_handshake_that_never_comes_holds_nobody(connect: Connect, tmp_path: Path) -> None:
    made = Certificates(tmp_path / "tls")

    def drip_handshake(connection: socket.socket) -> None:
        while not server.closing.wait(0.1):
            connection.sendall(b"\x16"[:1])

    server = RogueServer(drip_handshake)
    with server:
        client = connect(server.url.replace("http:", "https:"), deadline_s=DEADLINE_S, ca=made.root)
        start = time.monotonic()
        assert code_of(client) in (ErrorCode.OFFICE_SLOW, ErrorCode.OFFICE_UNTRUSTED)
        assert time.monotonic() - start < DEADLINE_S + SLACK_S


def server_context(made: Certificates, *, asks_client: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server, made.server_key)
    if asks_client:
        context.load_verify_locations(made.root)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def test_pinned_root_and_client_certificate_are_used(connect: Connect, tmp_path: Path) -> None:
    made = Certificates(tmp_path / "tls")
    with RogueServer(says(KNOWN), tls=server_context(made, asks_client=True)) as server:
        client = connect(server.url, ca=made.root, certificate=made.client, key=made.client_key)
        assert client.find_card(b"\x04\x01\x02\x03") is True
        without = connect(server.url, ca=made.root, deadline_s=3)
        assert code_of(without) in (ErrorCode.OFFICE_UNTRUSTED, ErrorCode.OFFICE_OFFLINE)


def test_other_roots_are_not_trusted(connect: Connect, tmp_path: Path) -> None:
    made, other = Certificates(tmp_path / "ours"), Certificates(tmp_path / "theirs")
    with RogueServer(says(KNOWN), tls=server_context(made)) as server:
        assert code_of(connect(server.url, ca=other.root)) is ErrorCode.OFFICE_UNTRUSTED
        assert code_of(connect(server.url)) is ErrorCode.OFFICE_UNTRUSTED


def test_a_certificate_of_our_root_for_another_machine_is_not_trusted(connect: Connect, tmp_path: Path) -> None:
    """Any kiosk of the city has a certificate of that root: with it nobody may play the office."""
    other = Certificates(tmp_path / "tls", address="127.0.0.2", name="kantor-lain.invalid")
    with RogueServer(says(KNOWN), tls=server_context(other)) as server:
        assert code_of(connect(server.url, ca=other.root)) is ErrorCode.OFFICE_UNTRUSTED


def test_plain_server_on_a_tls_address_is_not_trusted(connect: Connect, tmp_path: Path) -> None:
    made = Certificates(tmp_path / "tls")
    with RogueServer(lambda connection: connection.sendall(KNOWN)) as server:
        client = connect(server.url.replace("http:", "https:"), ca=made.root, deadline_s=2)
        assert code_of(client) is ErrorCode.OFFICE_UNTRUSTED


def test_environment_neither_proxies_nor_trusts(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = Certificates(tmp_path / "tls")
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.root))
    with RogueServer(says(KNOWN)) as server:
        assert connect(server.url).find_card(b"\x04\x01\x02\x03") is True
    with RogueServer(says(KNOWN), tls=server_context(made)) as server:
        assert code_of(connect(server.url)) is ErrorCode.OFFICE_UNTRUSTED


# --- repeating --------------------------------------------------------------------------------------------------------


def test_safe_calls_are_repeated_and_proofs_never(connect: Connect) -> None:
    with RogueServer(resets, says_and_hangs_up(AWAY), says(KNOWN)) as server:
        assert connect(server.url).find_card(b"\x04\x01\x02\x03") is True
        assert server.connections == 3
    with RogueServer(resets, says(KNOWN)) as server:
        with pytest.raises(BackendError):
            connect(server.url).prove(Proof(ProofMethod.NIK_PIN, nik=NIK, pin=PIN))
        assert server.connections == 1


def test_repeats_carry_the_same_key_and_body(connect: Connect) -> None:
    seen: list[bytes] = []

    def fails(connection: socket.socket) -> None:
        seen.append(read_request(connection))

    def works(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(DONE)

    with RogueServer(fails, works) as server:
        connect(server.url).post("survey", b'{"rating":4}', "survey-key-0001")
    assert len(seen) == 2
    lines = [[line for line in one.split(b"\r\n") if not line.startswith(b"Request-Number")] for one in seen]
    assert lines[0] == lines[1]
    assert seen[0] != seen[1], "each try has a number of its own"
    assert b"Idempotency-Key: survey-key-0001" in seen[0]


def test_what_one_answer_leaves_in_the_jar_goes_out_with_no_later_call(connect: Connect) -> None:
    """A cookie would tie the visits of strangers together."""
    seen: list[bytes] = []

    def hands_out(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(KNOWN.replace(b"\r\n", b"\r\nSet-Cookie: visitor=canary; Path=/\r\n", 1))

    with RogueServer(hands_out) as server:
        client = connect(server.url)
        assert client.find_card(b"\x04\x01\x02\x03")
        assert client.find_card(b"\x04\x01\x02\x04")
    assert len(seen) == 2
    assert b"cookie" not in b"".join(seen).lower()


def test_repeating_stays_inside_the_deadline(connect: Connect) -> None:
    with RogueServer(says_nothing) as server:
        client = connect(server.url, deadline_s=DEADLINE_S)
        start = time.monotonic()
        assert code_of(client) is ErrorCode.OFFICE_SLOW
        assert time.monotonic() - start < DEADLINE_S + SLACK_S
        assert server.connections == 1


def test_first_cause_is_told_when_repeating_took_the_time(connect: Connect) -> None:
    with RogueServer(resets, says_nothing) as server:
        assert code_of(connect(server.url, deadline_s=3)) is ErrorCode.OFFICE_OFFLINE
        assert server.connections == 2


# --- nothing personal in what is raised -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour",
    [
        says(answer(f'{{"end":"proved","token":"{NIK}","extra":"{PIN}"}}'.encode())),
        says(answer(f'{{"code":"{NIK}"}}'.encode(), status="409 Conflict")),
        says(answer(f"{NIK} {PIN}".encode(), status="500 Oops")),
        resets,
        says_nothing,
    ],
)
def test_exceptions_name_nobody(connect: Connect, behaviour: Behaviour) -> None:
    import traceback

    with RogueServer(behaviour) as server:
        proof = Proof(ProofMethod.NIK_PIN, nik=NIK, pin=PIN)
        with pytest.raises(BackendError) as caught:
            connect(server.url, deadline_s=DEADLINE_S).prove(proof)
    text = "".join(traceback.format_exception(caught.value)) + repr(proof)
    assert NIK not in text
    assert PIN not in text


def test_keep_alive_connection_is_used_again(connect: Connect) -> None:
    with RogueServer(says(KNOWN)) as server:
        client = connect(server.url)
        assert [client.find_card(b"\x04\x01\x02\x03") for _ in range(5)] == [True] * 5
        assert server.connections == 1


def test_threads_have_their_own_sessions(connect: Connect) -> None:
    meeting = threading.Barrier(3)

    def waits_for_all(connection: socket.socket) -> None:
        read_request(connection)
        meeting.wait(10)
        connection.sendall(KNOWN)

    found: list[bool] = []
    with RogueServer(waits_for_all) as server:
        client = connect(server.url)
        threads = [
            threading.Thread(target=lambda: found.append(client.find_card(b"\x04\x01\x02\x03"))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert found == [True] * 3
