"""A UPS by NUT and by apcupsd: against doubles of their servers, the real upsd, and noise."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.contract import Band, PowerReading, Reason
from kiosk.devices.simulated.ups_double import UpsDouble, UpsServer
from kiosk.devices.surroundings import ups as ups_module
from kiosk.devices.surroundings.ups import UpsWatch, reasons_of
from kiosk.devices.surroundings.ups_links import (
    UpsAwayError,
    UpsLink,
    UpsSilentError,
    apcupsd_link,
    apcupsd_reading,
    nut_link,
    nut_reading,
)
from tests.devices.surroundings.nut import Upsd
from tests.devices.waiting import until


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ups_module, "POLL_S", 0.05)


class Front:
    """One double behind one of the two protocols."""

    def __init__(self, *, is_nut: bool) -> None:
        self.double = UpsDouble()
        self.server = UpsServer(self.double, is_nut=is_nut)
        self.link = nut_link(self.server.address, "ups") if is_nut else apcupsd_link(self.server.address)

    def ask(self, seconds: float = 2.0) -> PowerReading:
        return self.link.ask(time.monotonic() + seconds)


@pytest.fixture(params=[True, False], ids=["nut", "apcupsd"])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    front = Front(is_nut=request.param)
    yield front
    front.server.close()


def test_a_ups_on_the_mains_is_well(front: Front) -> None:
    assert front.ask() == PowerReading(charge=97, runtime_s=1500)
    assert front.ask().words == "97 %, 25 min"


def test_what_the_ups_says_is_heard(front: Front) -> None:
    front.double.mains(are_there=False)
    assert reasons_of(front.ask()) == [Reason.ON_BATTERY]
    front.double.mains(are_there=False, is_low=True)
    assert reasons_of(front.ask()) == [Reason.BATTERY_LOW, Reason.ON_BATTERY]
    front.double.mains(are_there=True)
    front.double.needs_battery = front.double.is_overloaded = True
    assert reasons_of(front.ask()) == [Reason.BATTERY_OLD, Reason.OVERLOADED]


def test_silence_and_a_lost_cable_are_no_mains(front: Front) -> None:
    front.double.is_lost = True
    with pytest.raises(UpsSilentError):
        front.ask()
    front.double.is_lost, front.double.is_silent = False, True
    began = time.monotonic()
    with pytest.raises(UpsSilentError):
        front.ask(0.2)
    assert time.monotonic() - began < 1


def test_the_watch_tells_each_change_and_comes_back(front: Front) -> None:
    watch = UpsWatch(front.link)
    seen: list[tuple[Band, tuple[Reason, ...]]] = []
    watch.listen(lambda status: seen.append((status.band, status.reasons)))
    watch.start()
    try:
        until(lambda: watch.status().band is Band.OK, "the mains")
        assert watch.reading() == PowerReading(charge=97, runtime_s=1500)
        front.double.mains(are_there=False)
        until(lambda: watch.status().reasons == (Reason.ON_BATTERY,), "battery")
        assert watch.status().detail == "80 %, 25 min"
        front.double.mains(are_there=False, is_low=True)
        until(lambda: watch.status().band is Band.ERROR, "a low battery")
        front.double.mains(are_there=True)
        until(lambda: watch.status().band is Band.OK, "the mains again")
        port = front.server.port
        front.server.close()
        until(lambda: watch.status().reasons == (Reason.AWAY,), "nobody listening")
        assert watch.reading() is None
        is_nut = "NUT" in watch.name
        front.server = UpsServer(front.double, is_nut=is_nut, port=port)
        until(lambda: watch.status().band is Band.OK, "the server", 12)
    finally:
        watch.stop()
    assert watch.status().band is Band.UNKNOWN
    assert watch.reading() is None


def test_an_unknown_ups_is_away() -> None:
    front = Front(is_nut=True)
    try:
        with pytest.raises(UpsAwayError, match="UNKNOWN-UPS"):
            nut_link(front.server.address, "other").ask(time.monotonic() + 2)
    finally:
        front.server.close()


@pytest.mark.parametrize(
    ("status", "reasons"),
    [
        ("OL", []),
        ("OL CHRG", []),
        ("OL TRIM", []),
        ("OL BOOST", []),
        ("BYPASS", []),
        ("ALARM OL RB", [Reason.BATTERY_OLD]),
        ("OB DISCHRG", [Reason.ON_BATTERY]),
        ("OB DISCHRG LB", [Reason.BATTERY_LOW, Reason.ON_BATTERY]),
        ("FSD OL", [Reason.BATTERY_LOW, Reason.ON_BATTERY]),
        ("FSD OB LB", [Reason.BATTERY_LOW, Reason.ON_BATTERY]),
        ("OL LB", []),
        ("OB LB CAL", []),
        ("OL OVER", [Reason.OVERLOADED]),
    ],
)
def test_words_of_nut(status: str, reasons: list[Reason]) -> None:
    assert reasons_of(nut_reading({"ups.status": status})) == reasons


@pytest.mark.parametrize("status", ["", "WAIT", "OFF", "LB", "CHRG", "online"])
def test_words_that_do_not_say_whether_the_mains_are_there(status: str) -> None:
    with pytest.raises(UpsSilentError):
        nut_reading({"ups.status": status})
    with pytest.raises(UpsSilentError):
        apcupsd_reading({"STATUS": status})
    with pytest.raises(UpsSilentError):
        nut_reading({})
    with pytest.raises(UpsSilentError):
        apcupsd_reading({})


@pytest.mark.parametrize(
    ("status", "reasons"),
    [
        ("ONLINE", []),
        ("ONLINE TRIM", []),
        ("CAL ONLINE", []),
        ("ONBATT", [Reason.ON_BATTERY]),
        ("ONBATT LOWBATT", [Reason.BATTERY_LOW, Reason.ON_BATTERY]),
        ("SHUTTING DOWN", [Reason.BATTERY_LOW, Reason.ON_BATTERY]),
        ("ONLINE REPLACEBATT", [Reason.BATTERY_OLD]),
        ("ONLINE OVERLOAD", [Reason.OVERLOADED]),
    ],
)
def test_words_of_apcupsd(status: str, reasons: list[Reason]) -> None:
    assert reasons_of(apcupsd_reading({"STATUS": status})) == reasons


@pytest.mark.parametrize("text", ["", "-3", "1e9", "nan", "inf", "101", "٣", "99999999999"])
def test_a_charge_that_can_not_be_is_not_told(text: str) -> None:
    assert nut_reading({"ups.status": "OL", "battery.charge": text}).charge is None
    assert apcupsd_reading({"STATUS": "ONLINE", "BCHARGE": text}).charge is None


@pytest.mark.parametrize("address", ["host:", ":3493", "host:x", "host:0", "host:70000"])
def test_a_bad_address_is_refused(address: str) -> None:
    for make in (lambda: nut_link(address, "ups"), lambda: apcupsd_link(address)):
        with pytest.raises(ValueError, match="host:port"):
            make()


class _Noise(socketserver.BaseRequestHandler):
    answer = b""

    def handle(self) -> None:
        self.request.settimeout(1)
        try:
            self.request.recv(100)
            self.request.sendall(self.answer)
            self.request.shutdown(socket.SHUT_WR)
            while self.request.recv(4096):
                pass
        except OSError:
            return


@pytest.fixture(scope="module")
def noise() -> Iterator[tuple[type[_Noise], str]]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Noise)
    server.daemon_threads = True
    threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True).start()
    yield _Noise, f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


GOOD_NUT = b'BEGIN LIST VAR ups\nVAR ups ups.status "OL"\nEND LIST VAR ups\n'
GOOD_APC = b"\x00\x10STATUS  : ONLINE\x00\x00"


def spoiled(good: bytes) -> st.SearchStrategy[bytes]:
    """One byte of a good answer replaced by up to three others."""
    places = st.tuples(st.integers(0, len(good) - 1), st.binary(max_size=3))
    return places.map(lambda cut: good[: cut[0]] + cut[1] + good[cut[0] + 1 :])


@given(st.one_of(st.binary(max_size=200), spoiled(GOOD_NUT), spoiled(GOOD_APC)))
def test_noise_never_says_that_the_mains_are_there_unless_it_does(
    noise: tuple[type[_Noise], str], answer: bytes
) -> None:
    handler, address = noise
    handler.answer = answer
    for link, word in ((nut_link(address, "ups"), b"OL"), (apcupsd_link(address), b"ONLINE")):
        try:
            reading = link.ask(time.monotonic() + 2)
        except (UpsAwayError, UpsSilentError):
            continue
        assert reading.is_on_battery or word in answer or b"BYPASS" in answer


@pytest.mark.parametrize("make", [lambda a: nut_link(a, "ups"), apcupsd_link], ids=["nut", "apcupsd"])
def test_an_answer_without_an_end_is_given_up(make: object, noise: tuple[type[_Noise], str]) -> None:
    handler, address = noise
    link: UpsLink = make(address)  # type: ignore[operator]
    for answer in (b'VAR ups a "b"\n' * 20_000, b"\x00\x05ab: c" * 20_000, b"x" * 200_000):
        handler.answer = answer
        with pytest.raises(UpsSilentError):
            link.ask(time.monotonic() + 5)


# --- the real upsd


@pytest.fixture
def upsd(tmp_path: Path) -> Iterator[Upsd]:
    stack = Upsd(tmp_path)
    stack.start()
    yield stack
    stack.stop()


@pytest.mark.peer
def test_the_real_upsd_is_understood_and_its_faults_too(upsd: Upsd) -> None:
    watch = UpsWatch(nut_link(upsd.address, "ups"))
    watch.start()
    try:
        until(lambda: watch.status().band is Band.OK, "the mains", 15)
        assert watch.reading() == PowerReading(charge=97, runtime_s=1500)
        upsd.say("OB DISCHRG", 60)
        until(lambda: watch.status().reasons == (Reason.ON_BATTERY,), "battery", 15)
        upsd.say("OB DISCHRG LB", 9)
        until(lambda: watch.status().reasons == (Reason.BATTERY_LOW, Reason.ON_BATTERY), "a low battery", 15)
        upsd.say("OL CHRG", 10)
        until(lambda: watch.status().band is Band.OK, "the mains again", 15)
        upsd.stop_driver()
        until(lambda: watch.status().band is Band.UNKNOWN, "a driver that died", 20)
        assert watch.reading() is None
        upsd.stop_server()
        until(lambda: watch.status().reasons == (Reason.AWAY,), "a server that died", 15)
        upsd.start()
        until(lambda: watch.status().band is Band.OK, "both again", 20)
    finally:
        watch.stop()
    with pytest.raises(UpsAwayError):
        nut_link(upsd.address, "nobody").ask(time.monotonic() + 2)


@pytest.mark.peer
def test_nuts_own_client_of_apcupsd_reads_the_double_as_we_do(tmp_path: Path) -> None:
    """NUT's driver for apcupsd asks our double, and we ask both: the double speaks as apcupsd does."""
    front = Front(is_nut=False)
    stack = Upsd(tmp_path, "apcupsd-ups", front.server.address)
    stack.start()
    link = nut_link(stack.address, "ups")

    def heard() -> PowerReading | None:
        try:
            return link.ask(time.monotonic() + 1)
        except (UpsAwayError, UpsSilentError):
            return None

    try:
        until(lambda: heard() == front.ask(), "the mains, by way of NUT", 15)
        front.double.mains(are_there=False, is_low=True)
        until(lambda: heard() == front.ask(), "a low battery, by way of NUT", 15)
        found = heard()
        assert found is not None
        assert found.is_battery_low
    finally:
        stack.stop()
        front.server.close()
