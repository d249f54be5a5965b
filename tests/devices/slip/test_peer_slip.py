"""Slips: a foreign client on our printer double, and foreign bytes and readers on our decoder."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

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
        (SlipTrouble.CUTTER, b"error", 103),
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


def test_receiptio_sees_that_we_are_off(node_modules: Path, port_9100: tuple[SlipDouble, str]) -> None:
    double, address = port_9100
    double.switch(False)
    done = receiptio(node_modules, "-d", address, "-q", "-t", "1")
    assert (done.stderr.strip(), done.returncode) == (b"disconnect", 105)


@pytest.mark.parametrize("trouble", [SlipTrouble.PAPER_OUT, SlipTrouble.COVER_OPEN])
def test_receiptio_does_not_print_into_trouble(
    node_modules: Path, port_9100: tuple[SlipDouble, str], trouble: SlipTrouble
) -> None:
    double, address = port_9100
    double.fault(trouble)
    done = receiptio(node_modules, "-d", address, "-p", "escpos", text=RECEIPT)
    assert done.returncode != 0
    assert double.slips == []


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


RICH = """^^^ANJUNGAN
"Dinas Kependudukan"

_Layanan_ |`GRATIS`
Nomor antrean | ^^A-012
Café déjà vu | 12
---
{code:2012345678903;option:ean,2,72,hri}
{code:ABC-123;option:code128,2,60,hri}
{code:https://anjungan.invalid/antrean/A-012;option:qrcode,4,m}
{width:10,20;border:line}
|No|Dokumen|
-
|1|Kartu Keluarga|
|2|Akta|
"""
TRANSFORM = """
const [, folder, command, encoding] = process.argv;
const receiptline = require(folder + '/receiptline');
const printer = { cpl: 48, encoding, command, spacing: false, cutting: true };
const out = receiptline.transform(require('fs').readFileSync(0, 'utf8'), printer);
process.stdout.write(Buffer.from(out, command === 'svg' ? 'utf8' : 'latin1'));
"""


def transformed(modules: Path, command: str, encoding: str) -> bytes:
    """The same receipt from receiptline, as commands or as its own picture."""
    done = subprocess.run(
        ["node", "-e", TRANSFORM, "--", str(modules), command, encoding],
        input=RICH.encode(),
        capture_output=True,
        timeout=30,
        check=True,
    )
    return done.stdout


def words_of_svg(svg: bytes) -> list[str]:
    """The words of receiptline's picture from the top down, and in a line from the left."""
    name = "{http://www.w3.org/2000/svg}"
    lines: dict[int, dict[float, str]] = {}
    for group in ElementTree.fromstring(svg).iter(f"{name}g"):
        move = re.match(r"translate\((\d+),(\d+)\)", group.get("transform", ""))
        if move is None:
            continue
        for text in group.findall(f"{name}text"):
            scale = re.match(r"scale\((\d+)", text.get("transform", ""))
            for char in text.findall(f"{name}tspan"):
                x = int(move[1]) + float(char.get("x", 0)) * (int(scale[1]) if scale else 1)
                lines.setdefault(int(move[2]), {})[x] = (char.text or " ").replace("\xa0", " ")
    words: list[str] = []
    for _, chars in sorted(lines.items()):
        line, end = "", 0.0
        for x, char in sorted(chars.items()):
            line += (" " if x - end > 25 else "") + char
            end = x
        words += line.split()
    return words


@pytest.mark.parametrize("encoding", ["cp437", "cp858", "cp1252", "multilingual"])
def test_the_decoder_and_receiptline_draw_the_same_receipt(node_modules: Path, tmp_path: Path, encoding: str) -> None:
    """The same words in the same order, the same codes for foreign readers, nothing that was not understood."""
    slip = decode(transformed(node_modules, "escpos", encoding))[0]
    assert slip.unknown == []
    drawn = [word.strip("│") for word in re.sub("[─│╭╮╰╯├┤┬┴┼]", " ", slip.text).split()]
    codes = {"2012345678903", "ABC-123"}
    foreign = words_of_svg(transformed(node_modules, "svg", encoding))
    assert "Dokumen" in foreign
    assert [word for word in drawn if word not in codes] == [word for word in foreign if word not in codes]
    assert codes <= set(drawn), "the words below the bars"
    assert read_by_both(slip.image, tmp_path) == {ADDRESS, *codes}


def test_bar_codes_of_python_escpos_are_read(tmp_path: Path) -> None:
    printer = warm_up()()
    printer.hw("INIT")
    for kind, content in (("EAN13", "2012345678903"), ("CODE39", "ANJ-7"), ("ITF", "123456"), ("EAN8", "12345670")):
        printer.barcode(content, kind, width=2, height=80, pos="BELOW", check=False)
        printer.text("\n\n")
    printer.barcode("{BAnjungan", "CODE128", function_type="B", width=2, height=80)
    printer.cut()
    slip = decode(bytes(printer.output))[0]
    assert slip.unknown == []
    found = {result.text for result in zxingcpp.read_barcodes(slip.image.convert("L"))}
    assert found == {"2012345678903", "ANJ-7", "123456", "12345670", "Anjungan"}


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
