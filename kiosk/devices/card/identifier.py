"""What the identifier of a contactless card may be used for, by ISO/IEC 14443-3."""

SIZES = (4, 7, 8, 10)
"""Bytes of an identifier: type A has 4, 7 or 10, type B and FeliCa 8 or 4. Anything else is no identifier."""


def is_type_b(atr: bytes) -> bool:
    """Whether PC/SC part 3 built the ATR of a type B card: eight historical bytes that are ATQB's data and MBLI."""
    return len(atr) == 13 and atr[:4] == b"\x3b\x88\x80\x01" and atr[11] & 0x0F == 0 and atr[4:8] != b"\x80\x4f\x0c\xa0"


def is_stable_identifier(uid: bytes, is_from_type_b: bool) -> bool:
    """7 and 10 bytes are fixed and unique; of 4 bytes neither 08 (random), xF (not unique) nor 88."""
    if is_from_type_b or len(uid) not in (4, 7, 10) or len(set(uid)) == 1:
        # The same byte throughout is what a reader says that lost its card, and what blank copies bear.
        return False
    return len(uid) != 4 or (uid[0] != 0x08 and uid[0] & 0x0F != 0x0F and uid[0] != 0x88)
