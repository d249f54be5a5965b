"""IPP: what is asked and what is answered. The only module that imports the IPP codec.

The codec is pyipp's pure encode and parse. Answers are checked and put into a plain form before it reads them: lengths
that run backwards hang it, an unknown operation number or an empty group makes it refuse the whole answer.
"""

import struct
import sys
import threading
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from importlib.util import find_spec
from itertools import chain
from typing import Any

from kiosk.devices.printing.ipp_link import Body, HttpLink, LinkError, Post

__all__ = ["IppAnswer", "IppClient", "IppStatus", "LinkError", "Operation", "Post", "encode_request", "parse_answer"]


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


QUESTIONS = {Operation.GET_JOB_ATTRIBUTES, Operation.GET_JOBS, Operation.GET_PRINTER_ATTRIBUTES, Operation.VALIDATE_JOB}
"""What changes nothing at the printer and may be asked again."""


class IppStatus(IntEnum):
    """RFC 8011 appendix B, those we tell apart."""

    NOT_POSSIBLE = 0x0404
    NOT_FOUND = 0x0406
    FORMAT_NOT_SUPPORTED = 0x040A
    ATTRIBUTES_NOT_SUPPORTED = 0x040B
    OPERATION_NOT_SUPPORTED = 0x0501
    NOT_ACCEPTING = 0x0506
    BUSY = 0x0507


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
    "purge-job": _Tag.BOOLEAN,
    "x-image-shift": _Tag.INTEGER,
    "y-image-shift": _Tag.INTEGER,
    "print-color-mode": _Tag.KEYWORD,
    "x-dimension": _Tag.INTEGER,
    "y-dimension": _Tag.INTEGER,
    "media-source": _Tag.KEYWORD,
    "media-type": _Tag.KEYWORD,
}


def encode_request(
    operation: Operation, attributes: Mapping[str, Any], job: Mapping[str, Any] | None, request_id: int
) -> bytes:
    """The request up to the document's first byte. An attribute without a known tag is a KeyError, never dropped."""
    out = struct.pack(">BBHI", 2, 0, operation, request_id) + b"\x01"
    out += _construct_attribute("attributes-charset", "utf-8", _Tag.CHARSET)
    out += _construct_attribute("attributes-natural-language", "en", _Tag.LANGUAGE)
    for name, value in attributes.items():
        out += _attribute(name, value)
    if job:
        out += b"\x02" + b"".join(_attribute(name, value) for name, value in job.items())
    return out + b"\x03"


def _attribute(name: str, value: Any) -> bytes:
    """One attribute; a mapping becomes a collection, which the codec cannot write."""
    if not isinstance(value, Mapping):
        return _construct_attribute(name, value, _TAGS[name])
    raw = name.encode()
    return struct.pack(">BH", 0x34, len(raw)) + raw + b"\x00\x00" + _members(value) + b"\x37\x00\x00\x00\x00"


def _members(values: Mapping[str, Any]) -> bytes:
    """RFC 8010 3.1.6: each member is its name as a value, then its value without a name."""
    out = b""
    for name, value in values.items():
        raw = name.encode()
        out += struct.pack(">BHH", 0x4A, 0, len(raw)) + raw
        if isinstance(value, Mapping):
            out += b"\x34\x00\x00\x00\x00" + _members(value) + b"\x37\x00\x00\x00\x00"
        else:
            out += _construct_attribute("", value, _TAGS[name])
    return out


_FIXED_LENGTHS = {0x21: 4, 0x22: 1, 0x23: 4, 0x31: 11, 0x32: 9, 0x33: 8}
_MAX_DEPTH = 16
MAX_VALUES = 20_000
"""A long answer of a large printer has some hundreds. Each costs a few microseconds of everybody's core."""


def _plain(raw: bytes) -> bytes:
    """The same message with enums as integers and without empty or foreign groups. Raises ValueError on bad framing."""
    if len(raw) < 9:
        raise ValueError("too short")
    out = bytearray(raw[:8])
    group = bytearray()
    offset, depth, count = 8, 0, 0
    while True:
        tag = raw[offset]
        count += 1
        if count > MAX_VALUES:
            raise ValueError("too many values")
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


class IppClient:
    """Calls to one printer."""

    def __init__(self, uri: str, post: Post | None = None) -> None:
        self.uri = uri
        self._post = post
        self._link = HttpLink(uri) if post is None else None
        self._lock = threading.Lock()
        self._last_id = 0

    @property
    def breaks(self) -> int:
        """See ``HttpLink.breaks``."""
        return self._link.breaks if self._link is not None else 0

    def open(self) -> None:
        """Keep connections from now on."""
        if self._link is not None:
            self._link.open()

    def close(self) -> None:
        """Keep none any more."""
        if self._link is not None:
            self._link.close()

    def call(
        self,
        operation: Operation,
        deadline_s: float,
        attributes: Mapping[str, Any] | None = None,
        job: Mapping[str, Any] | None = None,
        document: Body | None = None,
    ) -> IppAnswer:
        """One request and its answer, whatever its status. Raises LinkError."""
        if deadline_s <= 0:
            raise LinkError("no time left", False)
        with self._lock:
            self._last_id += 1
            request_id = self._last_id
        operation_attributes = {"printer-uri": self.uri, **(attributes or {})}
        head = encode_request(operation, operation_attributes, job, request_id)
        return parse_answer(self._carry(operation, head, document, deadline_s))

    def _carry(self, operation: Operation, head: bytes, document: Body | None, deadline_s: float) -> bytes:
        if self._post is not None:
            rest = document if isinstance(document, bytes) else b"".join(document or ())
            return self._post(head + rest, deadline_s)
        assert self._link is not None
        if operation in QUESTIONS:
            return self._link.ask(head, deadline_s)
        if document is None or isinstance(document, bytes):
            return self._link.tell(head + (document or b""), deadline_s)
        return self._link.tell(chain((head,), document), deadline_s)
