"""RFC 8010 as the simulated printer speaks it: written apart from the codec that the kiosk uses, so that a mistake in
one cannot hide in the other."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
DATE, RESOLUTION, RANGE, BEGIN, END_COLLECTION, MEMBER = 0x31, 0x32, 0x33, 0x34, 0x37, 0x4A
TEXT, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = 0x41, 0x42, 0x44, 0x45, 0x47, 0x48, 0x49
UNKNOWN, NO_VALUE, OCTETS = 0x12, 0x13, 0x30
OPERATION_GROUP, JOB_GROUP, END_GROUP, PRINTER_GROUP, UNSUPPORTED_GROUP = 0x01, 0x02, 0x03, 0x04, 0x05


MAX_DEPTH = 16


class BadMessageError(ValueError):
    """What came is no IPP message."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Values of one attribute with their tag: ``Tagged(KEYWORD, "none")``, ``Tagged(INTEGER, 1, 2)``."""

    tag: int
    values: tuple[Any, ...]

    def __init__(self, tag: int, *values: Any) -> None:
        object.__setattr__(self, "tag", tag)
        object.__setattr__(self, "values", values)

    @property
    def first(self) -> Any:
        """The first value; None when there is none."""
        return self.values[0] if self.values else None


Attributes = Mapping[str, Tagged]


@dataclass(slots=True)
class Message:
    """``code`` is the operation of a request or the status of an answer."""

    code: int
    request_id: int
    groups: list[tuple[int, dict[str, Tagged]]] = field(default_factory=list)
    data: bytes = b""
    version: tuple[int, int] = (2, 0)

    def group(self, tag: int) -> dict[str, Tagged]:
        """All attributes of the groups with that tag."""
        merged: dict[str, Tagged] = {}
        for its_tag, attributes in self.groups:
            if its_tag == tag:
                merged.update(attributes)
        return merged

    def value(self, name: str, tag: int = OPERATION_GROUP) -> Any:
        """The first value of an attribute; None when it is missing."""
        found = self.group(tag).get(name)
        return found.first if found else None


def _pack_value(tag: int, value: Any) -> bytes:
    if tag in (INTEGER, ENUM):
        return struct.pack(">i", value)
    if tag == BOOLEAN:
        return b"\x01" if value else b"\x00"
    if tag == RANGE:
        return struct.pack(">ii", *value)
    if tag == RESOLUTION:
        return struct.pack(">iib", value[0], value[1], 3)
    if tag == DATE or isinstance(value, bytes):
        return bytes(value)
    if tag in (NO_VALUE, UNKNOWN):
        return b""
    return str(value).encode()


def _pack_attribute(name: str, tagged: Tagged) -> bytes:
    out = b""
    raw_name = name.encode()
    for value in tagged.values:
        out += struct.pack(">BH", tagged.tag, len(raw_name)) + raw_name
        if tagged.tag == BEGIN:
            out += b"\x00\x00" + _pack_members(value) + struct.pack(">BHH", END_COLLECTION, 0, 0)
        else:
            packed = _pack_value(tagged.tag, value)
            out += struct.pack(">H", len(packed)) + packed
        raw_name = b""
    return out


def _pack_members(members: Attributes) -> bytes:
    out = b""
    for name, tagged in members.items():
        raw = name.encode()
        out += struct.pack(">BHH", MEMBER, 0, len(raw)) + raw + _pack_attribute("", tagged)
    return out


def pack(message: Message) -> bytes:
    """The bytes of a message."""
    out = struct.pack(">BBHI", *message.version, message.code, message.request_id)
    for tag, attributes in message.groups:
        out += bytes((tag,)) + b"".join(_pack_attribute(name, value) for name, value in attributes.items())
    return out + bytes((END_GROUP,)) + message.data


def _unpack_value(tag: int, raw: bytes) -> Any:
    if tag in (INTEGER, ENUM):
        return struct.unpack(">i", raw)[0]
    if tag == BOOLEAN:
        return raw != b"\x00"
    if tag == RANGE:
        return struct.unpack(">ii", raw)
    if tag in (DATE, RESOLUTION):
        return raw
    return raw.decode("utf-8", "replace")


_Growing = dict[str, tuple[int, list[Any]]]
"""Attributes while they are read: a value is added in place, however many there are."""


def _grown(attributes: _Growing) -> dict[str, Tagged]:
    return {
        name: Tagged(tag, *(_grown(value) if isinstance(value, dict) else value for value in values))
        for name, (tag, values) in attributes.items()
    }


def unpack(raw: bytes) -> Message:
    """Read a message. Raises BadMessageError."""
    try:
        major, minor, code, request_id = struct.unpack_from(">BBHI", raw)
        message = Message(code, request_id, version=(major, minor))
        offset, name = 8, ""
        open_collections: list[tuple[_Growing, str]] = []
        groups: list[tuple[int, _Growing]] = []
        while (tag := raw[offset]) != END_GROUP:
            if tag < 0x10:
                groups.append((tag, {}))
                offset += 1
                continue
            (name_length,) = struct.unpack_from(">H", raw, offset + 1)
            own_name = raw[offset + 3 : offset + 3 + name_length].decode()
            offset += 3 + name_length
            (length,) = struct.unpack_from(">H", raw, offset)
            value = raw[offset + 2 : offset + 2 + length]
            offset += 2 + length
            if offset > len(raw):
                raise BadMessageError("length past the end")
            if tag == END_COLLECTION:
                open_collections.pop()
                continue
            if tag == MEMBER and open_collections:
                open_collections[-1] = (open_collections[-1][0], value.decode())
                continue
            if open_collections:
                into, at = open_collections[-1]
                is_more = at in into
            else:
                name = own_name or name
                into, at, is_more = groups[-1][1], name, not own_name and name in groups[-1][1]
            what: Any = {} if tag == BEGIN else _unpack_value(tag, value)
            into[at] = (tag, into[at][1] if is_more else [])
            into[at][1].append(what)
            if tag == BEGIN:
                if len(open_collections) > MAX_DEPTH:
                    raise BadMessageError("collections nested too deep")
                open_collections.append((what, ""))
        if open_collections:
            raise BadMessageError("collection not closed")
        message.groups = [(tag, _grown(attributes)) for tag, attributes in groups]
        message.data = raw[offset + 1 :]
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadMessageError(type(error).__name__) from error
    return message


def keywords(*words: str) -> Tagged:
    """Keyword values."""
    return Tagged(KEYWORD, *words)


def select(attributes: Attributes, requested: Sequence[str]) -> dict[str, Tagged]:
    """Those of the requested names that there are; everything when nothing or ``all`` was asked for."""
    if not requested or "all" in requested:
        return dict(attributes)
    return {name: value for name, value in attributes.items() if name in requested}
