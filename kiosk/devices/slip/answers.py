"""What a slip printer sends back, told apart byte by byte: nothing that came unasked may pass for an answer.

The shapes are fixed bits: ``DLE EOT`` answers are 0xx1xx10, a block of Automatic Status Back begins with 0xx1xx00 and
goes on with three of 0xx0xxxx, ``GS r`` answers one of those alone, blocks begin with 37 (hex) and end at NUL.
"""

from dataclasses import dataclass
from enum import Enum

_BLOCK = 0x37
_ECHO, _CLEARED = 0x22, 0x25
_ECHO_SIZE, _CLEARED_SIZE, _UNASKED_SIZE = 7, 3, 4


class AnswerKind(Enum):
    """REAL_TIME: to ``DLE EOT``. IN_LINE: to ``GS r``. ECHO: to ``GS ( H``. CLEARED: to ``DLE DC4 8``.

    UNASKED: a whole block of Automatic Status Back. NOISE: anything else.
    """

    REAL_TIME = "real-time"
    IN_LINE = "in-line"
    ECHO = "echo"
    CLEARED = "cleared"
    UNASKED = "unasked"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Answer:
    """``data`` is the byte, the echoed number, or the block."""

    kind: AnswerKind
    data: bytes


class AnswerReader:
    """Cuts a stream into answers; keeps at most six bytes of one that has not come whole."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Answer]:
        """The answers that are whole now. Every byte belongs to exactly one of them."""
        self._pending += data
        found: list[Answer] = []
        at = 0
        while at < len(self._pending):
            answer, size = _first(self._pending, at)
            if answer is None:
                break
            found.append(Answer(answer, _body(answer, bytes(self._pending[at : at + size]))))
            at += size
        del self._pending[:at]
        return found


def _body(kind: AnswerKind, data: bytes) -> bytes:
    return data[2:6] if kind is AnswerKind.ECHO else data


def _first(data: bytearray, at: int) -> tuple[AnswerKind | None, int]:
    """Kind and size of what begins at ``at``; None while it may still become something."""
    lead = data[at]
    if lead == _BLOCK:
        return _block(bytes(data[at : at + _ECHO_SIZE]))
    if lead & 0x93 == 0x12:
        return AnswerKind.REAL_TIME, 1
    if lead & 0x93 == 0x10:
        block = data[at : at + _UNASKED_SIZE]
        if any(byte & 0x90 for byte in block[1:]):
            return AnswerKind.NOISE, 1
        return (AnswerKind.UNASKED if len(block) == _UNASKED_SIZE else None), len(block)
    if lead & 0x90 == 0:
        return AnswerKind.IN_LINE, 1
    return AnswerKind.NOISE, 1


def _block(block: bytes) -> tuple[AnswerKind | None, int]:
    if len(block) < 2:
        return None, 0
    if block[1] == _ECHO:
        number, end = block[2:6], block[6:7]
        if all(0x20 <= byte <= 0x7E for byte in number) and end in (b"", b"\x00"):
            return (AnswerKind.ECHO if end else None), _ECHO_SIZE
    elif block[1] == _CLEARED and block[2:3] in (b"", b"\x00"):
        return (AnswerKind.CLEARED if len(block) >= _CLEARED_SIZE else None), _CLEARED_SIZE
    return AnswerKind.NOISE, 1
