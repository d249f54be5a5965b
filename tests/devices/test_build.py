"""What the settings become, what is imported for it, and that one module alone touches each library."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.devices.build import build_devices
from kiosk.devices.card.reader import CardReader
from kiosk.devices.contract import Band, CardReadKind, DeviceKind, Job, JobState, Reason, SlipEnd
from kiosk.devices.printing.cups_queue import CupsQueue
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.scan.scanner import SerialScanner, WedgeScanner
from kiosk.devices.slip.printer import EscPosPrinter
from kiosk.devices.surroundings.audio import JackWatch
from kiosk.devices.surroundings.box import BoxWatch
from kiosk.devices.surroundings.keypad import KeypadWatch
from kiosk.devices.surroundings.ups import UpsWatch
from kiosk.errors import DeviceError, SettingsError
from kiosk.settings import (
    AudioTable,
    BoxTable,
    CardPrinterTable,
    CardReaderTable,
    DevicesTable,
    KeypadTable,
    PowerTable,
    PrinterTable,
    ScannerTable,
    SlipPrinterTable,
)
from tests.devices.papers import noise_slip

ROOT = Path(__file__).resolve().parents[2]


def test_a_queue_is_built_by_its_name_and_a_tray_is_passed_on() -> None:
    table = PrinterTable(kind="cups", uri="ipp://127.0.0.1:1/printers/a4", tray="main", spool_conf=Path("/none"))
    printer = build_devices(DevicesTable(document_printer=table)).document_printer
    assert isinstance(printer, CupsQueue)
    assert printer.is_queue
    assert printer._wish.tray == "main"


def test_every_kind_becomes_its_adapter() -> None:
    devices = build_devices(
        DevicesTable(
            card_reader=CardReaderTable(kind="socket", address="127.0.0.1:1"),
            document_printer=PrinterTable(kind="ipp", uri="ipp://127.0.0.1:1/ipp/print"),
            card_printer=CardPrinterTable(kind="ipp", uri="ipps://127.0.0.1:1/ipp/print", media="iso_id-1_54x85.6mm"),
            slip_printer=SlipPrinterTable(kind="tcp", address="127.0.0.1:1", width_dots=384),
            scanner=ScannerTable(kind="serial", address="/dev/ttyACM9"),
            keypad=KeypadTable(kind="input", name="Keypad"),
            audio=AudioTable(kind="jack"),
            power=PowerTable(kind="nut"),
            box=BoxTable(kind="probes", temperatures=["/nowhere/temp1_input"]),
        )
    )
    assert isinstance(devices.keypad, KeypadWatch)
    assert isinstance(devices.audio, JackWatch)
    assert isinstance(devices.power, UpsWatch)
    assert isinstance(devices.box, BoxWatch)
    assert isinstance(devices.card_reader, CardReader)
    assert isinstance(devices.document_printer, IppPrinter)
    assert devices.card_printer.kind is DeviceKind.CARD_PRINTER
    assert isinstance(devices.slip_printer, EscPosPrinter)
    assert devices.slip_printer.width_dots == 384
    assert isinstance(devices.scanner, SerialScanner)
    unnamed = (DeviceKind.FACE, DeviceKind.FINGER)
    assert [device.kind for device in devices] == [kind for kind in DeviceKind if kind not in unnamed]
    devices.stop()


def test_a_real_reader_is_built_from_the_settings() -> None:
    devices = build_devices(DevicesTable(card_reader=CardReaderTable(kind="pcsc", reader="ACR")))
    assert devices.card_reader.name == "PC/SC ACR"


def test_what_is_not_there_says_so_and_ends_at_once() -> None:
    from threading import Event

    devices = build_devices(DevicesTable(scanner=ScannerTable(kind="none")))
    devices.start()
    for device in devices:
        status = device.status()
        assert (status.band, status.reasons) == (Band.UNKNOWN, (Reason.NOT_CONFIGURED,))
        assert not status.is_usable
    assert devices.card_reader.read(30, Event()).kind is CardReadKind.READER_AWAY
    assert not devices.card_reader.presence().is_present
    assert devices.slip_printer.print_slip(noise_slip(8), 30).end is SlipEnd.FAILED
    printer = devices.document_printer
    assert printer.poll(Job(1, "x")).state is JobState.UNKNOWN
    assert printer.open_jobs() == []
    for call in (
        lambda: printer.create("x", 1, 1),
        lambda: printer.send(Job(1, "x"), b"", 1),
        lambda: printer.find("x"),
    ):
        with pytest.raises(DeviceError):
            call()
    devices.stop()


def test_the_wedge_is_the_scanner_of_the_default() -> None:
    assert isinstance(build_devices(DevicesTable()).scanner, WedgeScanner)


@pytest.mark.parametrize(
    "table",
    [
        DevicesTable(card_reader=CardReaderTable(kind="socket", address="nowhere")),
        DevicesTable(document_printer=PrinterTable(kind="ipp", uri="file:///dev/usb/lp0")),
        DevicesTable(slip_printer=SlipPrinterTable(kind="tcp", address="host:port")),
    ],
)
def test_a_wrong_address_is_an_error_of_the_settings(table: DevicesTable) -> None:
    with pytest.raises(SettingsError):
        build_devices(table)


@pytest.mark.parametrize(
    ("library", "module"),
    [("smartcard", "pcsc_link.py"), ("escpos", "encoder.py"), ("pyipp", "ipp.py")],
)
def test_one_module_alone_imports_each_library(library: str, module: str) -> None:
    importers = set()
    for path in (ROOT / "kiosk").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == library for name in names):
                importers.add(path.name)
    assert importers == {module}


def _in_a_new_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    assert done.stderr == ""
    return done.stdout


def test_the_encoder_leaves_no_trace_of_its_library(tmp_path: Path) -> None:
    """No logging set up, no file or folder left, no words on standard output, no environment changed."""
    told = _in_a_new_process(
        "import logging, os, tempfile\n"
        f"tempfile.tempdir = {str(tmp_path)!r}\n"
        "before = dict(os.environ)\n"
        "from kiosk.devices.contract import SlipBitmap\n"
        "from kiosk.devices.slip.encoder import encode\n"
        "encode(SlipBitmap(8, 600, bytes(600)))\n"
        "print(logging.getLogger().handlers, dict(os.environ) == before, os.listdir(tempfile.tempdir))\n"
    )
    assert told == "[] True []\n"


def test_the_codec_comes_without_its_web_client() -> None:
    told = _in_a_new_process(
        "import sys, kiosk.devices.printing.ipp; print('aiohttp' in sys.modules, 'pyipp' in sys.modules)"
    )
    assert told == "False False\n"


def test_nothing_heavy_is_imported_for_what_is_not_there() -> None:
    told = _in_a_new_process(
        "import sys\n"
        "from kiosk.devices.build import build_devices\n"
        "from kiosk.settings import DevicesTable\n"
        "build_devices(DevicesTable())\n"
        "print([name for name in ('smartcard', 'escpos', 'pyipp.parser', 'requests', 'PIL') if name in sys.modules])\n"
    )
    assert told == "[]\n"
