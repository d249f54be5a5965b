"""Slips: a foreign client on our printer double, and foreign bytes and readers on our decoder."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
import zxingcpp
from PIL import Image

from kiosk.devices.simulated.slip_double import SlipDouble, SlipServer, SlipTrouble
from kiosk.devices.simulated.stacks import is_listening
from kiosk.devices.slip.decoder import decode
from kiosk.devices.slip.encoder import encode, warm_up
from tests.devices.papers import slip_of

pytestmark = pytest.mark.peer
ADDRESS = "https://anjungan.invalid/antrean/A-012"
RECEIPT = f"^^^ANJUNGAN\n\nNomor antrean|A-012\n---\n{{code:{ADDRESS};option:qrcode,4,m}}\n"
LOOPBACK = [f"127.0.9.{last}" for last in range(1, 40)]


@pytest.fixture
def port_9100() -> Iterator[tuple[SlipDouble, str]]:
    """receiptio knows port 9100 alone, so each test takes a loopback address of its own."""
    double = SlipDouble()
    for address in LOOPBACK:
        try:
            server = SlipServer(double, address, 9100)
        except OSError:
            continue
        break
    else:
        raise AssertionError("no loopback address free on port 9100")
    assert is_listening(9100)
    yield double, address
    server.close()


def receiptio(modules: Path, *words: str, text: str = "") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["node", str(modules / "receiptio" / "bin" / "cli.js"), *words],
        input=text.encode(),
        capture_output=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("trouble", "word", "code"),
    [
        (None, b"online", 100),
        (SlipTrouble.PAPER_LOW, b"online", 100),
        (SlipTrouble.PAPER_OUT, b"paperempty", 102),
        (SlipTrouble.COVER_OPEN, b"coveropen", 101),
    ],
)
def test_receiptio_sees_our_states(
    node_modules: Path, port_9100: tuple[SlipDouble, str], trouble: SlipTrouble | None, word: bytes, code: int
) -> None:
    double, address = port_9100
    if trouble:
        double.fault(trouble)
    done = receiptio(node_modules, "-d", address, "-q")
    assert (done.stderr.strip(), done.returncode) == (word, code)


def test_receiptio_prints_on_our_printer(node_modules: Path, port_9100: tuple[SlipDouble, str], tmp_path: Path) -> None:
    double, address = port_9100
    done = receiptio(node_modules, "-d", address, "-p", "escpos", text=RECEIPT)
    assert (done.stderr.strip(), done.returncode) == (b"success", 0)
    slip = double.slips[0]
    assert "ANJUNGAN" in slip.text
    assert "Nomor antrean A-012" in slip.text
    assert slip.unknown == []
    assert read_by_both(slip.image, tmp_path) == {ADDRESS}


def test_the_decoder_draws_what_receiptline_writes(node_modules: Path, tmp_path: Path) -> None:
    done = receiptio(node_modules, "-p", "escpos", "-c", "48", text=RECEIPT)
    slip = decode(done.stdout)[0]
    assert slip.text.split("\n")[0].strip() == "ANJUNGAN"
    assert slip.text.splitlines()[-1] == "─" * 48
    assert slip.has_cut
    assert slip.unknown == []
    assert read_by_both(slip.image, tmp_path) == {ADDRESS}


def read_by_both(image: Image.Image, folder: Path) -> set[str]:
    """What zbar and ZXing read; one answer when they agree."""
    path = folder / "slip.png"
    margin = Image.new("L", (image.width + 40, image.height + 40), 255)
    margin.paste(image.convert("L"), (20, 20))
    margin.save(path)
    zbar = subprocess.run(
        ["zbarimg", "-q", "--raw", "--nodbus", str(path)], capture_output=True, timeout=20, check=True
    )
    read = {result.text for result in zxingcpp.read_barcodes(margin)}
    return read | set(zbar.stdout.decode().split())


def test_the_qr_on_our_slip_is_read_by_both(tmp_path: Path) -> None:
    """From the picture through encoder, bytes and decoder to two foreign readers."""
    code = segno.make_qr(ADDRESS, error="m")
    path = tmp_path / "qr.png"
    code.save(path, scale=6, border=4)
    with Image.open(path) as picture:
        slip = slip_of(picture)
    assert read_by_both(decode(encode(slip))[0].image, tmp_path) == {ADDRESS}


@pytest.mark.parametrize("is_native", [True, False])
def test_the_qr_of_python_escpos_is_read_by_both(is_native: bool, tmp_path: Path) -> None:
    """Native: the printer draws it (GS ( k); else it comes as a raster."""
    printer = warm_up()()
    printer.hw("INIT")
    printer.qr(ADDRESS, native=is_native, size=6)
    printer.cut()
    slip = decode(bytes(printer.output))[0]
    assert slip.codes == ([ADDRESS] if is_native else [])
    assert read_by_both(slip.image, tmp_path) == {ADDRESS}


@pytest.mark.parametrize("implementation", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_pictures_of_python_escpos_come_out_alike(implementation: str) -> None:
    """Three ways to send the same dots must give the same dots."""
    picture = Image.radial_gradient("L").convert("1")
    printer = warm_up()()
    printer.hw("INIT")
    printer.profile.profile_data["media"]["width"]["pixels"] = 576
    printer.image(picture, impl=implementation)
    printer.cut()
    drawn = decode(bytes(printer.output))[0].image.crop((0, 0, 256, 256))
    assert drawn.tobytes() == picture.tobytes()


def test_text_of_python_escpos_is_read_back() -> None:
    printer = warm_up()()
    printer.hw("INIT")
    printer.set(align="center", bold=True, double_width=True, double_height=True)
    printer.text("Antrean A-012\n")
    printer.set_with_default()
    printer.text("Loket 3, Kabupaten Nusa Contoh\n")
    printer.cut()
    slip = decode(bytes(printer.output))[0]
    assert slip.text.split("\n")[:2] == ["Antrean A-012", "Loket 3, Kabupaten Nusa Contoh"]
    assert slip.unknown == []
