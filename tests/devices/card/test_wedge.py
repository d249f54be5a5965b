"""RFID readers that type: what a burst means, and how little a tap promises."""

import threading
import time
from threading import Event
from typing import Any

import pytest

from kiosk.devices.build import build_devices
from kiosk.devices.card.wedge import TapFormat, WedgeCardReader
from kiosk.devices.contract import Band, CardRead, CardReadKind, Presence, Reason, Status
from kiosk.settings import CardReaderTable, DevicesTable
from tests.devices import conformance
from tests.devices.bench import Bench
from tests.devices.waiting import until

DECIMAL = TapFormat()
HEX7 = TapFormat(is_decimal=False, count=7)


@pytest.mark.parametrize(
    ("shape", "text", "uid"),
    [
        (DECIMAL, "0077777777", "04a2cb71"),
        (DECIMAL, "4294967295", "ffffffff"),
        (DECIMAL, "4294967296", ""),
        (DECIMAL, "077777777", ""),
        (DECIMAL, "00777777771", ""),
        (DECIMAL, "9901015708900001", ""),
        (DECIMAL, "007777777a", ""),
        (DECIMAL, "٠٠٧٧٧٧٧٧٧٧", ""),
        (DECIMAL, "0077777777\n", ""),
        (DECIMAL, "", ""),
        (TapFormat(is_reversed=True), "0077777777", "71cba204"),
        (TapFormat(count=7), "00000000001193046", "00000000123456"),
        (TapFormat(is_decimal=False), "04A2cb71", "04a2cb71"),
        (TapFormat(is_decimal=False), "0x04a2cb", ""),
        (HEX7, "04a1b2c3d4e5f6", "04a1b2c3d4e5f6"),
        (TapFormat(is_decimal=False, count=7, is_reversed=True), "f6e5d4c3b2a104", "04a1b2c3d4e5f6"),
        (TapFormat(is_decimal=False, count=10), "0102030405060708090a", "0102030405060708090a"),
        (TapFormat(is_decimal=False, count=10), "ANJ-0123456789012345", ""),
    ],
)
def test_what_a_burst_means(shape: TapFormat, text: str, uid: str) -> None:
    assert shape.identifier(text) == bytes.fromhex(uid)


@pytest.mark.parametrize("is_decimal", [True, False])
@pytest.mark.parametrize("count", [4, 7, 10])
def test_no_nik_is_ever_a_tap(is_decimal: bool, count: int) -> None:
    assert TapFormat(is_decimal, count).identifier("9901015708900001") == b""


def test_no_card_has_five_bytes() -> None:
    with pytest.raises(ValueError):
        TapFormat(count=5)


@pytest.fixture
def reader() -> WedgeCardReader:
    made = WedgeCardReader(HEX7)
    made.start()
    return made


def read_while(reader: WedgeCardReader, *texts: str, deadline_s: float = 5.0, cancel: Event | None = None) -> CardRead:
    """What a read gets whose waiting has begun before the taps."""
    results: list[CardRead] = []
    waiting = threading.Thread(target=lambda: results.append(reader.read(deadline_s, cancel or Event())))
    waiting.start()
    while waiting.is_alive() and texts:
        for text in texts:
            reader.offer(text)
        waiting.join(0.01)
    waiting.join(6)
    return results[0]


def test_a_tap_is_read_and_promises_little(reader: WedgeCardReader) -> None:
    result = read_while(reader, "04a1b2c3d4e5f6")
    assert (result.kind, result.uid, result.is_uid_stable) == (CardReadKind.READ, bytes.fromhex("04a1b2c3d4e5f6"), True)
    assert result.is_tap_only
    assert reader.presence() == Presence(False, result.insertion)


def test_a_random_identifier_is_not_stable() -> None:
    reader = WedgeCardReader(TapFormat(is_decimal=False))
    reader.start()
    assert not read_while(reader, "08a2cb71").is_uid_stable


def test_a_tap_from_before_is_nobody_s(reader: WedgeCardReader) -> None:
    reader.offer("04a1b2c3d4e5f6")
    began = time.monotonic()
    assert reader.read(0.2, Event()).kind is CardReadKind.NO_CARD
    assert 0.1 < time.monotonic() - began < 1.0


def test_another_s_tap_ends_the_trust_and_one_s_own_does_not(reader: WedgeCardReader) -> None:
    result = read_while(reader, "04a1b2c3d4e5f6")
    assert reader.is_same_card(result, 1)
    reader.offer("04a1b2c3d4e5f6")
    assert reader.is_same_card(result, 1)
    reader.offer("04998877665544")
    assert not reader.is_same_card(result, 1)
    reader.offer("04a1b2c3d4e5f6")
    assert not reader.is_same_card(result, 1), "there and back is not the same hand"


def test_a_wait_ends_by_cancel_and_by_stop(reader: WedgeCardReader) -> None:
    cancel = Event()
    cancel.set()
    assert read_while(reader, cancel=cancel).kind is CardReadKind.CANCELLED
    results: list[CardRead] = []
    waiting = threading.Thread(target=lambda: results.append(reader.read(30, Event())))
    waiting.start()
    reader.stop()
    waiting.join(5)
    assert results[0].kind is CardReadKind.READER_AWAY
    assert reader.status().reasons == (Reason.STARTING,)
    assert reader.offer("04a1b2c3d4e5f6"), "still no code for the scanner"
    assert reader.presence().insertion == 0


def test_what_is_no_tap_goes_to_the_scanner(reader: WedgeCardReader) -> None:
    codes: list[str] = []
    sort = reader.before(codes.append)
    for text in ("ANJ-0123456789", "04a1b2c3d4e5f6", "", "9901015708900001"):
        sort(text)
    assert codes == ["ANJ-0123456789", "", "9901015708900001"]
    assert reader.presence().insertion == 1


def test_the_settings_name_it() -> None:
    table = CardReaderTable(kind="wedge", wedge_digits="hex", wedge_bytes=7, wedge_order="reversed")
    made = build_devices(DevicesTable(card_reader=table)).card_reader
    assert isinstance(made, WedgeCardReader)
    assert made.offer("f6e5d4c3b2a104")
    assert not made.offer("0077777777")


def test_identifiers_stand_in_no_attribute_for_long(reader: WedgeCardReader) -> None:
    read_while(reader, "04a1b2c3d4e5f6")
    reader.offer("04a1b2c3d4e5f6")
    until(lambda: bytes.fromhex("04a1b2c3d4e5f6") not in vars(reader).values(), "the identifier gone")


_BLIND = {"says_unknown_or_error_when_it_is_away_and_comes_back", "keeps_band_and_reasons_together"}
_BLIND |= {"outlives_a_listener_that_raises"}


@pytest.mark.conformance
@pytest.mark.parametrize("check", [check for check in conformance.CHECKS if check.__name__ not in _BLIND])
def test_it_conforms_as_far_as_a_wedge_can(check: Any) -> None:
    """All but what needs a device that can be seen to be missing."""

    def build() -> WedgeCardReader:
        return WedgeCardReader(HEX7)

    check(Bench(build(), None, build, lambda: None, lambda: None))


def test_each_told_status_follows_from_its_reasons(reader: WedgeCardReader) -> None:
    seen: list[Status] = []
    reader.listen(seen.append)
    reader.stop()
    assert [status.band for status in seen] == [Band.OK, Band.UNKNOWN]
