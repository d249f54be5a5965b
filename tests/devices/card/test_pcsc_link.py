"""Which readers are watched, and what PC/SC's result codes mean; the link at work stands in test_peer_pcsc.py."""

import pytest

from kiosk.devices.card.link import CardFault
from kiosk.devices.card.pcsc_link import _fault_of
from kiosk.devices.card.slots import SlotKind, choose_readers, slot_kind, slots_line

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


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (DUAL[0], SlotKind.CONTACT),
        (DUAL[1], SlotKind.CONTACTLESS),
        (DUAL[2], SlotKind.SAM),
        ("Gemalto Prox-DU Contactless_1 00 00", SlotKind.CONTACTLESS),
        ("Gemalto Prox-DU Contact_1 00 01", SlotKind.CONTACT),
        ("Identiv uTrust 3700 F CL Reader 00 00", SlotKind.CONTACTLESS),
        ("HID Global OMNIKEY 5422CL Smartcard Reader", SlotKind.CONTACTLESS),
        ("Samsung Card Reader 00 00", SlotKind.UNKNOWN),
        ("Virtual PCD 00 00", SlotKind.UNKNOWN),
        ("Clever Reader 00 00", SlotKind.UNKNOWN),
        ("CRT-603-CZ1 SAM1 00 01", SlotKind.SAM),
    ],
)
def test_what_a_reader_s_name_stands_for(name: str, kind: SlotKind) -> None:
    assert slot_kind(name) is kind


def test_the_technician_reads_every_slot() -> None:
    line = slots_line(DUAL, choose_readers(DUAL, ""))
    assert line.count("*") == 1
    assert f"*{DUAL[1]} (contactless)" in line
    assert f"{DUAL[2]} (sam)" in line
