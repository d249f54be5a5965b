"""Which readers are watched, and what PC/SC's result codes mean; the link at work stands in test_peer_pcsc.py."""

import pytest

from kiosk.devices.card.link import CardFault
from kiosk.devices.card.pcsc_link import _fault_of, choose_readers

DUAL = [f"ACS ACR1281 1S Dual Reader {slot}" for slot in ("ICC 00 00", "PICC 00 01", "SAM 00 02")]


@pytest.mark.parametrize(
    ("names", "wanted", "chosen"),
    [
        ([], "", []),
        (DUAL, "", [DUAL[1]]),
        (DUAL, "SAM", [DUAL[2]]),
        (DUAL, "acr1281", DUAL),
        (DUAL, "Omnikey", []),
        (["Generic USB Reader 00 00", "Other Reader 01 00"], "", ["Generic USB Reader 00 00"]),
        (["Contact 00 00", "HID 5022 CL 00 00", "Some NFC thing"], "", ["HID 5022 CL 00 00", "Some NFC thing"]),
        ([DUAL[2]], "", []),
    ],
)
def test_which_readers_are_watched(names: list[str], wanted: str, chosen: list[str]) -> None:
    assert choose_readers(names, wanted) == chosen


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (0x8010001D, CardFault.AWAY),
        (0x80100013, CardFault.AWAY),
        (0x80100009, CardFault.AWAY),
        (0x80100017, CardFault.AWAY),
        (0x8010006A, CardFault.AWAY),
        (0x80100066, CardFault.MUTE),
        (0x8010000F, CardFault.MUTE),
        (0x8010000B, CardFault.HELD),
        (0x80100069, CardFault.PULLED),
        (0x80100016, CardFault.PULLED),
        (0x8010000C, CardFault.PULLED),
        (0x00000000, CardFault.PULLED),
        (0xFFFFFFFF, CardFault.PULLED),
    ],
)
def test_what_a_result_code_means(code: int, fault: CardFault) -> None:
    assert _fault_of(code) is fault
