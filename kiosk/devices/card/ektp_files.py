"""The files of a KTP-el and the plain commands that reach them, as far as they are publicly known."""

from enum import IntEnum

READ_BLOCK = 0xE0
"""Bytes a command: room is left for what a secured answer adds."""
MAX_FILE = 8 * 1024
"""The whole chip holds 8 kB: a file that claims more is garbled."""
CARD_CONTROL_BYTES = 0x35
SIGNATURE_BYTES = 0x50
CHALLENGE_BYTES = 8
PROOF_BYTES = 0x28
GET_CHALLENGE = bytes.fromhex("0084000008")
OK = b"\x90\x00"


class EktpFile(IntEnum):
    """Files under the DF 7F0A. Only CARD_CONTROL and, it seems, PHOTO are open; the rest needs a SAM."""

    CARD_CONTROL = 0x6FF0
    BIODATA = 0x6FF1
    PHOTO = 0x6FF2
    SIGNATURE_IMAGE = 0x6FF3
    FINGER_1 = 0x6FF4
    FINGER_2 = 0x6FF5
    DIGITAL_SIGNATURE = 0x6FF6


def select(file: EktpFile) -> bytes:
    """By identifier, no answer wanted."""
    return bytes.fromhex("00A4000C02") + file.to_bytes(2, "big")


def read_binary(offset: int, count: int) -> bytes:
    """``count`` bytes, at most 256, from ``offset``. Raises ValueError beyond 32 kB, where P1 means something else."""
    if not (0 <= offset < 0x8000 and 0 < count <= 256):
        raise ValueError("no such part of a file")
    return bytes((0x00, 0xB0, offset >> 8, offset & 0xFF, count & 0xFF))


def external_authenticate(proof: bytes) -> bytes:
    """The SAM's proof to the card. Raises ValueError when it is not 40 bytes."""
    if len(proof) != PROOF_BYTES:
        raise ValueError("a proof has 40 bytes")
    return bytes.fromhex("00820000") + bytes((PROOF_BYTES,)) + proof


def uid_for_sam(uid: bytes) -> bytes:
    """Eight bytes: a type A identifier of seven has 80 before it, one of type B stands as it is."""
    return b"\x80" + uid if len(uid) == 7 else uid
