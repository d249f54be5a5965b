"""The doubles in their own process, moved through the control socket, as the demo and the robot use them."""

import base64
import json
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.devices.build import Devices, build_devices
from kiosk.devices.contract import Band, CardReadKind, JobState, Reason, SlipEnd
from kiosk.devices.simulated.control import DoublesControl, wait_for_addresses
from kiosk.devices.simulated.doubles import UnknownActError
from kiosk.settings import CardPrinterTable, CardReaderTable, DevicesTable, PrinterTable, SlipPrinterTable
from tests.devices.papers import noise_slip, pdf, rows_of
from tests.devices.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("run")
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.devices.simulated", "--run-dir", str(folder), "--speed", "0"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    wait_for_addresses(folder)
    yield folder
    process.terminate()
    assert process.wait(10) == 0
    assert list(folder.iterdir()) == [], "socket and file go with the process"


@pytest.fixture
def control(run_dir: Path) -> Iterator[DoublesControl]:
    addresses = wait_for_addresses(run_dir)
    with DoublesControl(Path(addresses["control"])) as made:
        yield made
        for device in made.describe():
            made.act(device["device"], "clear")


@pytest.fixture
def devices(run_dir: Path, control: DoublesControl, eager: None) -> Iterator[Devices]:
    at = wait_for_addresses(run_dir)
    built = build_devices(
        DevicesTable(
            card_reader=CardReaderTable(kind="socket", address=at["card_reader"]),
            document_printer=PrinterTable(kind="ipp", uri=at["document_printer"]),
            card_printer=CardPrinterTable(kind="ipp", uri=at["card_printer"], media="iso_id-1_54x85.6mm"),
            slip_printer=SlipPrinterTable(kind="tcp", address=at["slip_printer"]),
        )
    )
    built.start()
    driven = (built.card_reader, built.document_printer, built.card_printer, built.slip_printer)
    until(lambda: all(device.status().band is Band.OK for device in driven), "all devices")
    yield built
    built.stop()


def test_the_addresses_are_whole_and_the_socket_is_private(run_dir: Path) -> None:
    addresses = wait_for_addresses(run_dir)
    driven = {"card_reader", "document_printer", "card_printer", "slip_printer", "face", "finger"}
    assert set(addresses) == {*driven, "control", "pid"}
    assert stat.S_IMODE(Path(addresses["control"]).stat().st_mode) == 0o600


def test_a_tap_and_its_end(control: DoublesControl, devices: Devices) -> None:
    control.act("card-reader", "tap", uid="04a1b2c3d4e5f6", type="A", is_ktp=True)
    read = devices.card_reader.read(5, threading.Event())
    assert (read.kind, read.uid.hex(), read.is_uid_stable) == (CardReadKind.READ, "04a1b2c3d4e5f6", True)
    control.act("card-reader", "pull")
    until(lambda: not devices.card_reader.presence().is_present, "an empty reader")


def test_a_document_and_its_bytes(control: DoublesControl, devices: Devices, tmp_path: Path) -> None:
    printer = devices.document_printer
    job = printer.create("cetak-1", 2, 5)
    printer.send(job, pdf(2), 5)
    until(lambda: printer.poll(job).state is JobState.COMPLETED, "the end")
    (document,) = control.act("document-printer", "printed")["documents"][-1:]
    assert base64.b64decode(document["base64"]) == pdf(2)
    assert (document["name"], document["sheets"]) == ("cetak-1", 2)
    (on_disk,) = control.act("document-printer", "printed", folder=str(tmp_path / "out"))["documents"][-1:]
    assert Path(on_disk["path"]).read_bytes() == pdf(2)


def test_a_slip_and_its_picture(control: DoublesControl, devices: Devices, tmp_path: Path) -> None:
    assert devices.slip_printer.print_slip(noise_slip(), 5).end is SlipEnd.PRINTED
    told = control.act("slip-printer", "slips", folder=str(tmp_path / "slips"))
    with Image.open(told["paths"][-1]) as picture:
        assert rows_of(picture.convert("1").crop((0, 0, 576, 300))) == noise_slip().rows


@pytest.mark.parametrize(
    ("device", "reason"),
    [("document-printer", "media-empty"), ("card-printer", "marker-supply-empty"), ("slip-printer", "cover-open")],
)
def test_a_fault_greys_its_device_alone(control: DoublesControl, devices: Devices, device: str, reason: str) -> None:
    control.act(device, "fault", reason=reason)
    (hit,) = [one for one in devices if one.kind.value == device]
    until(lambda: hit.status().band is Band.ERROR, "the fault")
    has = [one for one in devices if Reason.NOT_CONFIGURED not in one.status().reasons]
    assert [one.kind.value for one in has if not one.status().is_usable] == [device]
    control.act(device, "clear")
    until(lambda: hit.status().band is Band.OK, "the cure")


def test_a_fault_waits_for_its_sheet(control: DoublesControl, devices: Devices) -> None:
    control.act("document-printer", "speed", sheet_s=0.05)
    control.act("document-printer", "fault", reason="media-jam", at_sheet=2)
    printer = devices.document_printer
    job = printer.create("cetak-2", 3, 5)
    printer.send(job, pdf(3), 5)
    until(lambda: printer.poll(job).state is JobState.STOPPED, "the jam")
    assert printer.poll(job).impressions == 1
    assert printer.cancel(job)
    control.act("document-printer", "speed", sheet_s=0)


@pytest.mark.parametrize("device", ["card-reader", "document-printer", "card-printer", "slip-printer"])
def test_off_and_on(control: DoublesControl, devices: Devices, device: str) -> None:
    (hit,) = [one for one in devices if one.kind.value == device]
    control.act(device, "off")
    until(lambda: not hit.status().is_usable, "off", 8)
    control.act(device, "on")
    until(lambda: hit.status().is_usable, "on", 8)


def test_the_dock_finds_all_it_draws(control: DoublesControl) -> None:
    described = {device["device"]: device for device in control.describe()}
    assert set(described) == {
        *("card-reader", "document-printer", "card-printer", "slip-printer"),
        *("face", "finger"),
    }
    for device in described.values():
        assert {"clear", "off", "on"} <= set(device["acts"])
        assert device["state"]["is_on"] is True
    assert "media-jam" in described["document-printer"]["faults"]


@pytest.mark.parametrize(
    ("device", "do", "arguments"),
    [
        ("toaster", "tap", {}),
        ("card-reader", "dance", {}),
        ("card-reader", "tap", {"uid": "no hex"}),
        ("card-reader", "tap", {"type": "Z"}),
        ("document-printer", "fault", {"reason": "gremlins"}),
        ("document-printer", "fault", {}),
        ("document-printer", "speed", {"sheet_s": "fast"}),
        ("slip-printer", "fault", {"reason": "media-jam"}),
    ],
)
def test_a_wrong_act_is_answered(control: DoublesControl, device: str, do: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(UnknownActError):
        control.act(device, do, **arguments)
    assert control.describe(), "and the socket goes on"


@pytest.mark.parametrize("line", [b"no json\n", b"[]\n", b"{}\n", b'{"id": 3, "do": null}\n'])
def test_a_broken_line_is_answered(run_dir: Path, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(wait_for_addresses(run_dir)["control"])
        sock.sendall(line)
        answer = json.loads(sock.makefile().readline())
    assert answer["ok"] is False
    assert answer["error"]
