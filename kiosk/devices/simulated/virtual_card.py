"""A card without plastic: identifier, ATR, and the answers of a KTP-el's open part. Nothing personal is on it."""

import secrets
import threading
from dataclasses import dataclass, field
from enum import StrEnum

OK, NOT_FOUND, WRONG_P2, UNKNOWN_INS, UNKNOWN_CLASS = b"\x90\x00", b"\x6a\x82", b"\x6a\x86", b"\x6d\x00", b"\x6e\x00"

ATR_A = bytes.fromhex("3B80800101")
"""A dual T=0/T=1 ATR without historical bytes."""


class CardType(StrEnum):
    """ISO/IEC 14443 types."""

    A = "A"
    B = "B"


def atr_of_type_b() -> bytes:
    """As PC/SC part 3 builds it: application data, protocol info, MBLI, check byte."""
    body = bytes.fromhex("88800100000000 3381 8170".replace(" ", ""))
    check = 0
    for byte in body:
        check ^= byte
    return b"\x3b" + body + bytes((check,))


@dataclass(slots=True, eq=False)
class VirtualCard:
    """``is_mute``: no answer to reset. ``is_random``: another identifier at each power-up. ``delay_s``: per answer."""

    uid: bytes
    type: CardType = CardType.A
    is_ktp: bool = True
    is_mute: bool = False
    is_random: bool = False
    delay_s: float = 0.0
    only_with_fci: bool = False
    seen: list[bytes] = field(default_factory=list, repr=False)
    _current: bytes = field(default=b"", repr=False)
    _selected: bool = False
    interrupted: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def atr(self) -> bytes:
        """Answer to reset."""
        return atr_of_type_b() if self.type is CardType.B else ATR_A

    def power_up(self) -> None:
        """A new session: nothing selected."""
        self._selected = False
        self._current = b"\x08" + secrets.token_bytes(3) if self.is_random else self.uid

    def answer(self, apdu: bytes) -> bytes:
        """Response with status word."""
        if self.delay_s:
            self.interrupted.wait(self.delay_s)
        self.seen.append(apdu)
        if not self._current:
            self.power_up()
        if len(apdu) < 4:
            return b"\x67\x00"
        cla, ins, p1, p2 = apdu[:4]
        if (cla, ins) == (0xFF, 0xCA):
            return b"\x6a\x81" if self.type is CardType.B else self._current + OK
        if (cla, ins) == (0x00, 0xDD):
            return self._current.ljust(8, b"\0")[:8] + OK if self.type is CardType.B else UNKNOWN_INS
        if cla != 0x00:
            return UNKNOWN_CLASS
        if ins == 0xA4:
            return self._select(p1, p2, apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b"")
        if ins == 0xB0:
            return b"\x69\x86" if not self._selected else b"\x69\x82"
        if ins == 0x84:
            return secrets.token_bytes(8) + OK
        return UNKNOWN_INS

    def _select(self, p1: int, p2: int, name: bytes) -> bytes:
        if self.only_with_fci and p2 == 0x0C:
            return WRONG_P2
        if p1 == 0 and name in (b"", b"\x3f\x00"):
            self._selected = False
            return OK
        if self.is_ktp and p1 == 0 and name == b"\x7f\x0a":
            self._selected = True
            return OK if p2 == 0x0C else bytes.fromhex("6F0483027F0A") + OK
        return NOT_FOUND
