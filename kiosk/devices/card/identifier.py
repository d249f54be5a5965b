"""What the identifier of a contactless card may be used for, by ISO/IEC 14443-3."""


def is_type_b(atr: bytes) -> bool:
    """Whether PC/SC part 3 built the ATR of a type B card: eight historical bytes that are ATQB's data and MBLI."""
    return len(atr) == 13 and atr[:4] == b"\x3b\x88\x80\x01" and atr[11] & 0x0F == 0 and atr[4:8] != b"\x80\x4f\x0c\xa0"


def is_stable_identifier(uid: bytes, is_from_type_b: bool) -> bool:
    """7 and 10 bytes are fixed and unique; of 4 bytes neither 08 (random) nor xF (not unique)."""
    if is_from_type_b or len(uid) not in (4, 7, 10):
        return False
    return len(uid) != 4 or (uid[0] != 0x08 and uid[0] & 0x0F != 0x0F and uid[0] != 0x88)
