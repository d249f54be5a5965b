"""Frames: a 4-byte big-endian length and a MessagePack body, validated on both sides."""

import struct
from collections.abc import Iterator

import msgspec

from kiosk.protocol.messages import FromFace, ToFace
from kiosk.protocol.parts import Model

VERSION = 1
"""Rises with every change that an older peer would misread; both sides refuse another version."""

MAX_FRAME = 16 * 1024 * 1024
"""Bytes; a preview picture is the largest thing that crosses."""

_LENGTH = struct.Struct(">I")


class ProtocolError(Exception):
    """The peer sent what this version does not understand; the connection ends."""


_encoder = msgspec.msgpack.Encoder()
_to_face = msgspec.msgpack.Decoder(ToFace)
_from_face = msgspec.msgpack.Decoder(FromFace)


def encode(message: Model) -> bytes:
    """One frame, length included. Raises ProtocolError above MAX_FRAME."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME:
        raise ProtocolError(f"frame of {len(body)} bytes")
    return _LENGTH.pack(len(body)) + body


def decode_to_face(body: bytes) -> ToFace:
    """A message for the face. Raises ProtocolError."""
    try:
        message: ToFace = _to_face.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProtocolError(type(error).__name__) from None
    return message


def decode_from_face(body: bytes) -> FromFace:
    """A message of the face. Raises ProtocolError; the reason names no value, since values are what people typed."""
    try:
        message: FromFace = _from_face.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProtocolError(type(error).__name__) from None
    return message


class FrameReader:
    """Cuts a byte stream into frame bodies."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each body that is whole. Raises ProtocolError on a length above MAX_FRAME."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > MAX_FRAME:
                raise ProtocolError(f"frame of {length} bytes announced")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield body
