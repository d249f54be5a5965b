"""IPP over HTTP: one call, one connection, one real deadline. The only module that imports the IPP codec.

The codec is pyipp's pure encode and parse. Answers are checked and put into a plain form before it reads them: lengths
that run backwards hang it, an unknown operation number or an empty group makes it refuse the whole answer.
A connection is never kept: a stale one would make "sent?" unanswerable for the one call that moves paper.
"""

import socket
import struct
import sys
import threading
import time
import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


def _import_codec() -> tuple[Callable[..., bytes], Callable[[bytes], dict[str, Any]], Any]:
    """pyipp's codec without pyipp's package module, which would pull in aiohttp (0.27 s and 20 MB) for nothing."""
    is_new = "pyipp" not in sys.modules
    if is_new:
        spec = find_spec("pyipp")
        if spec is None or spec.submodule_search_locations is None:
            raise ImportError("pyipp is not installed")
        shell = types.ModuleType("pyipp")
        shell.__path__ = list(spec.submodule_search_locations)
        sys.modules["pyipp"] = shell
    try:
        from pyipp.enums import IppTag
        from pyipp.parser import parse
        from pyipp.serializer import construct_attribute
    finally:
        if is_new:
            del sys.modules["pyipp"]
    return construct_attribute, parse, IppTag


_construct_attribute, _parse, _Tag = _import_codec()

MAX_ANSWER_BYTES = 1 << 20


class Operation(IntEnum):
    """RFC 8011 5.4.15, those we use."""

    PRINT_JOB = 0x0002
    VALIDATE_JOB = 0x0004
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class IppStatus(IntEnum):
    """RFC 8011 appendix B, those we tell apart."""

    NOT_POSSIBLE = 0x0404
    NOT_FOUND = 0x0406
    FORMAT_NOT_SUPPORTED = 0x040A
    ATTRIBUTES_NOT_SUPPORTED = 0x040B
    OPERATION_NOT_SUPPORTED = 0x0501
    NOT_ACCEPTING = 0x0506
    BUSY = 0x0507


class LinkError(Exception):
    """No usable answer. ``was_reached`` is False only when nothing can have arrived at the printer."""

    def __init__(self, detail: str, was_reached: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.was_reached = was_reached


@dataclass(frozen=True, slots=True)
class IppAnswer:
    """One answer; attribute values are int, bool, str, dict or lists of these."""

    status: int
    operation: Mapping[str, Any] = field(default_factory=dict)
    unsupported: Mapping[str, Any] = field(default_factory=dict)
    jobs: Sequence[Mapping[str, Any]] = ()
    printer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """RFC 8011: 0x0000 to 0x00FF succeeded."""
        return 0 <= self.status < 0x0100


_TAGS = {
    "printer-uri": _Tag.URI,
    "job-uri": _Tag.URI,
    "requesting-user-name": _Tag.NAME,
    "job-name": _Tag.NAME,
    "job-id": _Tag.INTEGER,
    "job-impressions": _Tag.INTEGER,
    "document-name": _Tag.NAME,
    "document-format": _Tag.MIME_TYPE,
    "last-document": _Tag.BOOLEAN,
    "requested-attributes": _Tag.KEYWORD,
    "which-jobs": _Tag.KEYWORD,
    "my-jobs": _Tag.BOOLEAN,
    "limit": _Tag.INTEGER,
    "ipp-attribute-fidelity": _Tag.BOOLEAN,
    "media": _Tag.KEYWORD,
    "sides": _Tag.KEYWORD,
    "copies": _Tag.INTEGER,
    "print-scaling": _Tag.KEYWORD,
}


def encode_request(
    operation: Operation, attributes: Mapping[str, Any], job: Mapping[str, Any] | None, request_id: int
) -> bytes:
    """The request up to the document's first byte. An attribute without a known tag is a KeyError, never dropped."""
    out = struct.pack(">BBHI", 2, 0, operation, request_id) + b"\x01"
    out += _construct_attribute("attributes-charset", "utf-8", _Tag.CHARSET)
    out += _construct_attribute("attributes-natural-language", "en", _Tag.LANGUAGE)
    for name, value in attributes.items():
        out += _construct_attribute(name, value, _TAGS[name])
    if job:
        out += b"\x02" + b"".join(_construct_attribute(name, value, _TAGS[name]) for name, value in job.items())
    return out + b"\x03"


_FIXED_LENGTHS = {0x21: 4, 0x22: 1, 0x23: 4, 0x31: 11, 0x32: 9, 0x33: 8}
_MAX_DEPTH = 16


def _plain(raw: bytes) -> bytes:
    """The same message with enums as integers and without empty or foreign groups. Raises ValueError on bad framing."""
    if len(raw) < 9:
        raise ValueError("too short")
    out = bytearray(raw[:8])
    group = bytearray()
    offset, depth = 8, 0
    while True:
        tag = raw[offset]
        if tag < 0x10:
            if depth:
                raise ValueError("collection not closed")
            if len(group) > 1 and group[0] in (0x01, 0x02, 0x04, 0x05):
                out += group
            if tag == 0x03:
                return bytes(out) + b"\x03"
            group = bytearray((tag,))
            offset += 1
            continue
        if not group:
            raise ValueError("attribute before any group")
        (name_length,) = struct.unpack_from(">H", raw, offset + 1)
        value_at = offset + 5 + name_length
        (value_length,) = struct.unpack_from(">H", raw, offset + 3 + name_length)
        end = value_at + value_length
        if end > len(raw) or name_length > 0x7FFF or value_length > 0x7FFF:
            raise ValueError("length past the end")
        if value_length != _FIXED_LENGTHS.get(tag, value_length):
            raise ValueError(f"wrong length for tag {tag:#x}")
        if tag in (0x35, 0x36):
            # Text with language: kept as the plain text, since nobody here reads the language.
            (language,) = struct.unpack_from(">H", raw, value_at)
            text = raw[value_at + 4 + language : end]
            group += bytes((0x41,)) + raw[offset + 1 : value_at - 2] + struct.pack(">H", len(text)) + text
        elif tag == 0x31:
            # Dates are never read, and the codec builds a datetime of whatever a printer with a dead clock says.
            group += bytes((0x41,)) + raw[offset + 1 : value_at - 2] + b"\x00\x00"
        else:
            depth += {0x34: 1, 0x37: -1}.get(tag, 0)
            if not 0 <= depth <= _MAX_DEPTH:
                raise ValueError("collections nested wrongly")
            group += bytes((0x21 if tag == 0x23 else tag,)) + raw[offset + 1 : end]
        offset = end


def parse_answer(raw: bytes) -> IppAnswer:
    """Read an answer. Raises LinkError on whatever is no IPP."""
    try:
        parsed = _parse(_plain(raw))
        jobs = [job for job in parsed["jobs"] if job]
        printer: dict[str, Any] = {}
        for part in parsed["printers"]:
            printer.update(part)
        unsupported: dict[str, Any] = {}
        for part in parsed["unsupported-attributes"]:
            unsupported.update(part)
        operation = parsed["operation-attributes"]
        return IppAnswer(
            parsed["status-code"], operation if isinstance(operation, dict) else {}, unsupported, jobs, printer
        )
    except Exception as error:
        # The codec raises nearly anything on garbage: struct.error, KeyError, IndexError, UnicodeDecodeError...
        raise LinkError(f"no IPP answer ({type(error).__name__})", True) from error


class _Wire(threading.local):
    """The sockets of the call that this thread is making, so that a timer can end them."""

    sockets: list[socket.socket] | None = None


_wire = _Wire()


def _note(sock: object) -> None:
    if _wire.sockets is not None and isinstance(sock, socket.socket):
        _wire.sockets.append(sock)


class _NotedHttp(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _note(self.sock)


class _NotedHttps(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _note(self.sock)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _NotedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _NotedHttps


class _NotedAdapter(HTTPAdapter):
    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


Post = Callable[[bytes, float], bytes]
"""Carry a request body to the printer within so many seconds and bring the answer's body. Raises LinkError."""


class HttpPost:
    """POST to an ipp:// or ipps:// address. Thread-safe: every call has a session and a connection of its own."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        scheme = {"ipp": "http", "ipps": "https"}.get(parts.scheme, parts.scheme)
        if scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"no printer address: {uri!r}")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self._url = f"{scheme}://{host}:{parts.port or 631}{parts.path or '/ipp/print'}"

    def __call__(self, body: bytes, deadline_s: float) -> bytes:
        end = time.monotonic() + deadline_s
        sockets: list[socket.socket] = []

        def hang_up() -> None:
            for sock in tuple(sockets):
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

        _wire.sockets = sockets
        timer = threading.Timer(deadline_s, hang_up)
        timer.daemon = True
        timer.start()
        try:
            with requests.Session() as session:
                session.trust_env = False
                adapter = _NotedAdapter(max_retries=0)
                session.mount("http://", adapter)
                session.mount("https://", adapter)
                with session.post(
                    self._url,
                    data=body,
                    headers={"Content-Type": "application/ipp", "Connection": "close", "Accept-Encoding": "identity"},
                    timeout=max(deadline_s, 0.001),
                    stream=True,
                    allow_redirects=False,
                ) as response:
                    if response.status_code != 200:
                        raise LinkError(f"HTTP {response.status_code}", True)
                    answer = bytearray()
                    for chunk in response.iter_content(16_384):
                        answer += chunk
                        if len(answer) > MAX_ANSWER_BYTES:
                            raise LinkError("answer too large", True)
                    if time.monotonic() > end:
                        raise LinkError("no answer in time", True)
                    return bytes(answer)
        except requests.exceptions.ConnectionError as error:
            if not sockets:
                raise LinkError("not reachable", False) from error
            raise LinkError("link lost" if time.monotonic() < end else "no answer in time", True) from error
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            raise LinkError(f"no answer ({type(error).__name__})", bool(sockets)) from error
        finally:
            timer.cancel()
            _wire.sockets = None


class IppClient:
    """Calls to one printer."""

    def __init__(self, uri: str, post: Post | None = None) -> None:
        self.uri = uri
        self._post = post or HttpPost(uri)
        self._lock = threading.Lock()
        self._last_id = 0

    def call(
        self,
        operation: Operation,
        deadline_s: float,
        attributes: Mapping[str, Any] | None = None,
        job: Mapping[str, Any] | None = None,
        document: bytes = b"",
    ) -> IppAnswer:
        """One request and its answer, whatever its status. Raises LinkError."""
        if deadline_s <= 0:
            raise LinkError("no time left", False)
        with self._lock:
            self._last_id += 1
            request_id = self._last_id
        operation_attributes = {"printer-uri": self.uri, **(attributes or {})}
        body = encode_request(operation, operation_attributes, job, request_id)
        return parse_answer(self._post(body + document, deadline_s))
