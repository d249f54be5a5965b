"""What the matcher and its worker process say to each other: short binary frames on two pipes, never a file.

A request is its kind, its length and its bytes; an answer is one doubt and, where there is one, a score.
"""

import struct
from dataclasses import dataclass

from kiosk.devices.contract.biometrics import Doubt

REQUEST = struct.Struct(">cI")
PICTURE = struct.Struct(">IIB")
ANSWER = struct.Struct(">B?d")

READY, REFERENCE, LOOK = b"?", b"R", b"L"
MAX_REQUEST = 64 << 20
_DOUBTS = tuple(Doubt)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one picture told. ``score`` is None without a reference or with a doubt."""

    doubt: Doubt
    score: float | None = None


def packed(sight: Sight) -> bytes:
    """The answer as bytes."""
    return ANSWER.pack(_DOUBTS.index(sight.doubt), sight.score is not None, sight.score or 0.0)


def unpacked(data: bytes) -> Sight:
    """The answer back. Raises ValueError for what no worker of ours says."""
    number, has_score, score = ANSWER.unpack(data)
    if number >= len(_DOUBTS):
        raise ValueError("no such doubt")
    return Sight(_DOUBTS[number], score if has_score else None)
