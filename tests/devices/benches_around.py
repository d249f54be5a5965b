"""Benches of what stands around: UPS, cabinet, keypad, headphones, face and finger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk.devices.biometrics.matcher import Matcher, face_matcher, finger_matcher
from kiosk.devices.biometrics.socket_matcher import SocketMatcher
from kiosk.devices.contract import DeviceKind
from kiosk.devices.simulated.matcher_double import MatcherDouble, MatcherServer
from kiosk.devices.simulated.sight_doubles import SightDouble
from kiosk.devices.simulated.ups_double import UpsDouble, UpsServer
from kiosk.devices.surroundings.audio import JackWatch
from kiosk.devices.surroundings.box import BoxWatch
from kiosk.devices.surroundings.keypad import KeypadWatch
from kiosk.devices.surroundings.ups import UpsWatch
from kiosk.devices.surroundings.ups_links import apcupsd_link, nut_link
from tests.devices.bench import Bench, silence, switches


def ups_bench(is_nut: bool) -> Callable[[], Any]:
    @contextmanager
    def bench() -> Iterator[Bench[UpsWatch, UpsDouble]]:
        double = UpsDouble()
        servers = [UpsServer(double, is_nut=is_nut)]
        port = servers[0].port

        def build() -> UpsWatch:
            address = f"127.0.0.1:{port}"
            return UpsWatch(nut_link(address, "ups") if is_nut else apcupsd_link(address))

        def take_away() -> None:
            servers.pop().close()

        def bring_back() -> None:
            servers.append(UpsServer(double, is_nut=is_nut, port=port))

        try:
            yield Bench(build(), double, build, take_away, bring_back, silence(double))
        finally:
            while servers:
                servers.pop().close()

    return bench


@contextmanager
def box_on_files(folder: Any) -> Iterator[Bench[BoxWatch, Path]]:
    probe = folder / "temp1_input"
    probe.write_text("31000\n")

    def build() -> BoxWatch:
        return BoxWatch("", "1", (str(probe),))

    yield Bench(build(), probe, build, probe.unlink, lambda: probe.write_text("31000\n"))


@contextmanager
def keypad_on_node(folder: Any) -> Iterator[Bench[KeypadWatch, Path]]:
    node = folder / "usb-example-event-kbd"
    node.write_text("")

    def build() -> KeypadWatch:
        return KeypadWatch(str(node), "")

    yield Bench(build(), node, build, node.unlink, lambda: node.write_text(""))


@contextmanager
def audio_on_jack(folder: Any) -> Iterator[Bench[JackWatch, Path]]:
    table = folder / "devices"
    jack = 'N: Name="HDA Example Headphone"\nH: Handlers=event9\nB: SW=4\n'
    table.write_text(jack)

    def build() -> JackWatch:
        return JackWatch("Headphone", input_list=table, switches=lambda _: 0)

    yield Bench(build(), table, build, lambda: table.write_text(""), lambda: table.write_text(jack))


@contextmanager
def face_in_memory() -> Iterator[Bench[Matcher, SightDouble]]:
    double = SightDouble()

    def build() -> Matcher:
        return face_matcher(double)

    yield Bench(build(), double, build, *switches(double))


@contextmanager
def finger_in_memory() -> Iterator[Bench[Matcher, SightDouble]]:
    double = SightDouble()

    def build() -> Matcher:
        return finger_matcher(double)

    yield Bench(build(), double, build, *switches(double))


@contextmanager
def face_on_socket() -> Iterator[Bench[SocketMatcher, MatcherDouble]]:
    double = MatcherDouble(DeviceKind.FACE)
    server = MatcherServer(double)

    def build() -> SocketMatcher:
        return SocketMatcher(DeviceKind.FACE, server.address)

    try:
        yield Bench(build(), double, build, *switches(double), silence(double))
    finally:
        server.close()
