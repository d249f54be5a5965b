"""Keypad and headphones: what the kernel lists, plugged in and pulled."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.contract import Band, Reason
from kiosk.devices.surroundings import audio as audio_module
from kiosk.devices.surroundings import keypad as keypad_module
from kiosk.devices.surroundings.audio import JackWatch, UsbSoundWatch
from kiosk.devices.surroundings.input_devices import LIST, InputDevice, listed, parse, switch_states
from kiosk.devices.surroundings.keypad import KeypadWatch
from tests.devices.waiting import until

KEYPAD = """I: Bus=0003 Vendor=0000 Product=0001 Version=0110
N: Name="Example Tactile Keypad"
P: Phys=usb-0000:00:14.0-2/input0
S: Sysfs=/devices/pci0000:00/input/input7
U: Uniq=
H: Handlers=sysrq kbd leds event4
B: PROP=0
B: EV=120013
B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe

"""
JACK = """I: Bus=0000 Vendor=0000 Product=0000 Version=0000
N: Name="HDA Intel PCH Headphone Front"
H: Handlers=event9
B: PROP=0
B: EV=21
B: SW=4

"""
MICROPHONE = JACK.replace("Headphone Front", "Mic").replace("SW=4", "SW=10").replace("event9", "event8")


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypad_module, "LOOK_S", 0.02)
    monkeypatch.setattr(audio_module, "LOOK_S", 0.02)
    monkeypatch.setattr("kiosk.devices.status.CALM_S", 0.1)


def test_the_list_is_read_as_the_kernel_writes_it() -> None:
    assert parse(KEYPAD + MICROPHONE + JACK) == [
        InputDevice("Example Tactile Keypad", "event4", 0),
        InputDevice("HDA Intel PCH Mic", "event8", 0x10),
        InputDevice("HDA Intel PCH Headphone Front", "event9", 4),
    ]
    assert parse("") == []
    assert parse('N: Name="broken\nH: Handlers=\nB: SW=zz\n') == [InputDevice("broken", "", 0)]


@given(st.text(max_size=400))
def test_no_list_breaks_the_reader(text: str) -> None:
    for device in parse(text + "\n\n" + JACK):
        assert isinstance(device.switches, int)
    assert parse(text + "\n\n" + JACK)[-1].node == "event9"


@pytest.mark.peer
def test_the_list_of_this_machine_can_be_read_or_is_told_missing() -> None:
    if LIST.exists():
        assert all(device.name or device.node for device in listed(LIST))
    else:
        with pytest.raises(OSError, match="No such file"):
            listed(LIST)


def test_what_is_no_input_device_has_no_switches(tmp_path: Path) -> None:
    file = tmp_path / "event9"
    file.write_text("")
    for path in (file, tmp_path / "none", Path(os.devnull)):
        with pytest.raises(OSError, match=r"."):
            switch_states(path)


@pytest.mark.parametrize("by_name", [True, False])
def test_a_keypad_comes_and_goes(by_name: bool, tmp_path: Path) -> None:
    node, table = tmp_path / "usb-example-event-kbd", tmp_path / "devices"
    table.write_text(JACK)
    watch = KeypadWatch("" if by_name else str(node), "tactile keypad" if by_name else "", input_list=table)

    def plug(is_in: bool) -> None:
        if by_name:
            table.write_text(JACK + KEYPAD if is_in else JACK)
        elif is_in:
            node.write_text("")
        else:
            node.unlink()

    watch.start()
    try:
        until(lambda: watch.status().reasons == (Reason.AWAY,), "no keypad")
        plug(True)
        until(lambda: watch.status().band is Band.OK, "the keypad")
        plug(False)
        until(lambda: watch.status().reasons == (Reason.AWAY,), "no keypad again")
        if by_name:
            table.unlink()
            until(lambda: watch.status().reasons == (Reason.SILENT,), "no list at all")
    finally:
        watch.stop()


def test_a_keypad_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="device or a name"):
        KeypadWatch("", "")


def test_headphones_come_and_go(tmp_path: Path) -> None:
    table, states = tmp_path / "devices", {"event9": 0, "event8": 0x10}
    table.write_text(KEYPAD + MICROPHONE + JACK)
    watch = JackWatch("Headphone", input_list=table, switches=lambda node: states[node.name])
    heard: list[bool] = []
    end = watch.listen_headphones(heard.append)
    assert watch.has_headphones() is None
    watch.start()
    try:
        until(lambda: watch.has_headphones() is False, "an empty socket")
        assert watch.status().band is Band.OK
        states["event9"] = 4
        until(lambda: heard == [True], "headphones")
        assert watch.status().detail == "headphones"
        states["event9"] = 0
        until(lambda: heard == [True, False], "none")
        states["event9"] = 4
        until(lambda: heard[-1] is True, "headphones again")
        table.write_text(KEYPAD)
        until(lambda: watch.status().reasons == (Reason.AWAY,), "a sound card that went")
        until(lambda: heard[-1] is False, "with its headphones")
        assert watch.has_headphones() is None
        end()
        table.write_text(JACK)
        until(lambda: watch.has_headphones() is True, "all back")
        assert heard == [True, False, True, False]
    finally:
        watch.stop()


def test_a_socket_that_may_not_be_read_is_silent(tmp_path: Path) -> None:
    table = tmp_path / "devices"
    table.write_text(JACK)

    def forbidden(node: Path) -> int:
        raise PermissionError(13, "Permission denied", str(node))

    watch = JackWatch("Headphone", input_list=table, switches=forbidden)
    watch.start()
    try:
        until(lambda: watch.status().reasons == (Reason.SILENT,), "silence")
        assert watch.status().detail == "Permission denied"
    finally:
        watch.stop()


def test_a_usb_headset_is_a_sound_card(tmp_path: Path) -> None:
    cards = tmp_path / "cards"
    cards.write_text(" 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n")
    watch = UsbSoundWatch("USB Headset", cards=cards)
    heard: list[bool] = []
    watch.listen_headphones(heard.append)
    watch.start()
    try:
        until(lambda: watch.has_headphones() is False, "no headset")
        with cards.open("a") as file:
            file.write(" 1 [Headset        ]: USB-Audio - Example USB Headset\n")
        until(lambda: heard == [True], "the headset")
        cards.unlink()
        until(lambda: watch.status().reasons == (Reason.SILENT,), "no sound at all")
    finally:
        watch.stop()
