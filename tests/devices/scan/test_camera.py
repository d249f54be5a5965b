"""The camera as a scanner: pictures that foreign encoders drew, a pipe that a camera program fills, and noise."""

import os
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kiosk.devices.contract import Band, Reason, Rejection, ScanOutcome, Symbology
from kiosk.devices.scan import camera as camera_module
from kiosk.devices.scan.camera import CameraScanner
from kiosk.devices.scan.decoder import codes_in
from kiosk.devices.scan.frames import (
    MAX_PIXELS,
    FolderFrames,
    FrameError,
    GreyFrame,
    PgmReader,
    PipeFrames,
    frame_source,
    grey_of,
)
from tests.devices.waiting import until

TOKEN = "TOKEN-abc_123"


def stays(is_so: Callable[[], bool], seconds: float) -> None:
    """Holds for so long; there is nothing to wait for when nothing may happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert is_so()
        threading.Event().wait(0.02)


Draw = Callable[[Path, str], Path]


def by_segno(folder: Path, text: str) -> Path:
    path = folder / "segno.png"
    segno.make(text, error="m", micro=False).save(str(path), scale=6, border=4)
    return path


def by_zint(symbology: int) -> Draw:
    def draw(folder: Path, text: str) -> Path:
        path = folder / f"zint{symbology}.png"
        command = ["zint", "-b", str(symbology), "-o", str(path), "--scale=3", "-w", "10", "--vwhitesp=10", "-d", text]
        subprocess.run(command, check=True, capture_output=True)
        return path

    return draw


DRAWN: dict[str, tuple[Draw, Symbology]] = {
    "segno-qr": (by_segno, Symbology.QR),
    "zint-qr": (by_zint(58), Symbology.QR),
    "zint-datamatrix": (by_zint(71), Symbology.DATA_MATRIX),
    "zint-pdf417": (by_zint(55), Symbology.PDF417),
}


@pytest.mark.peer
@pytest.mark.parametrize("name", list(DRAWN))
def test_a_code_of_a_foreign_encoder_is_read(name: str, tmp_path: Path) -> None:
    draw, symbology = DRAWN[name]
    assert codes_in(grey_of(draw(tmp_path, TOKEN))) == [ScanOutcome(TOKEN, None, symbology)]


@pytest.mark.peer
@pytest.mark.parametrize("turn", [0, 17, 90, 180, 271])
def test_a_code_is_read_turned_small_and_pale(turn: int, tmp_path: Path) -> None:
    with Image.open(by_segno(tmp_path, TOKEN)) as drawn:
        pale = drawn.convert("L").point(lambda value: 90 + value // 2)
        picture = Image.new("L", (640, 480), 200)
        picture.paste(pale.resize((170, 170)).rotate(turn, expand=True, fillcolor=217), (200, 100))
    found = codes_in(GreyFrame(640, 480, picture.tobytes()))
    assert found == [ScanOutcome(TOKEN, None, Symbology.QR)]


@pytest.mark.peer
@pytest.mark.parametrize(
    ("payload", "rejection"),
    [
        (b"a\x1b[2Jb", Rejection.CONTROL),
        (b"a\x00b", Rejection.CONTROL),
        ("a\u202eb".encode(), Rejection.HIDDEN),
        ("a\u200bb".encode(), Rejection.HIDDEN),
        (b"a\xff\xfe\xfd", Rejection.ENCODING),
    ],
)
def test_a_hostile_picture_is_refused_with_its_reason(payload: bytes, rejection: Rejection, tmp_path: Path) -> None:
    path = tmp_path / "hostile.png"
    segno.make(payload, mode="byte", error="m", micro=False).save(str(path), scale=6, border=4)
    assert codes_in(grey_of(path)) == [ScanOutcome("", rejection, Symbology.QR)]


def test_a_picture_without_a_code_has_none() -> None:
    assert codes_in(GreyFrame(320, 240, bytes(320 * 240))) == []
    assert codes_in(GreyFrame(320, 240, os.urandom(320 * 240))) == []
    assert codes_in(GreyFrame(1, 1, b"\x00")) == []
    with pytest.raises(ValueError, match="fill"):
        codes_in(GreyFrame(320, 240, b"short"))


# --- pictures in a stream


def pgm(frame: GreyFrame, comment: bytes = b"") -> bytes:
    return b"P5\n" + comment + b"%d %d\n255\n" % (frame.width, frame.height) + frame.pixels


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.booleans()), max_size=4),
    st.lists(st.integers(1, 40)),
)
def test_a_stream_is_cut_into_its_frames_however_it_comes(
    sizes: list[tuple[int, int, bool]], pieces: list[int]
) -> None:
    frames = [GreyFrame(width, height, os.urandom(width * height)) for width, height, _ in sizes]
    comments = (b"# by a camera\n" if has_comment else b"" for _, _, has_comment in sizes)
    stream = b"".join(map(pgm, frames, comments))
    reader, found, at = PgmReader(), [], 0
    for piece in [*pieces, len(stream) + 1]:
        found += reader.feed(stream[at : at + piece])
        at += piece
    assert found == frames


@pytest.mark.parametrize(
    "stream",
    [
        b"P6\n1 1\n255\nxxx",
        b"\xff\xd8\xff\xe0JFIF",
        b"P5\n-1 5\n255\n",
        b"P5\n0 5\n255\n",
        b"P5\n99999 99999\n255\n",
        b"P5\n999999 1\n255\n",
        b"P5\n2 2\n65535\n",
        b"P5\n" + b"#" * 300,
        b"P5\n" + b" " * 300,
        b"P52 2 255x",
    ],
)
def test_what_is_no_picture_is_no_frame(stream: bytes) -> None:
    with pytest.raises(FrameError):
        PgmReader().feed(stream)


@given(st.binary(max_size=400))
def test_noise_makes_no_frame_that_is_larger_than_it(noise: bytes) -> None:
    reader = PgmReader()
    try:
        frames = reader.feed(b"P5" + noise)
    except FrameError:
        return
    assert all(len(frame.pixels) == frame.width * frame.height <= len(noise) for frame in frames)


@pytest.mark.parametrize("address", ["", "pipe:", "folder:", "/dev/video0", "v4l2:/dev/video0"])
def test_an_address_without_a_source_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="pipe:PATH"):
        frame_source(address)
    assert isinstance(frame_source("pipe:/x"), PipeFrames)
    assert isinstance(frame_source("folder:/x"), FolderFrames)


def test_a_broken_or_huge_picture_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    Image.new("1", (MAX_PIXELS, 2)).save(tmp_path / "b.png")
    by_segno(tmp_path, TOKEN).rename(tmp_path / "c.png")
    (tmp_path / "d.txt").write_text("no picture")
    source = FolderFrames(tmp_path)
    frame = source.frame(time.monotonic() + 1)
    assert frame is not None
    assert codes_in(frame)[0].text == TOKEN
    assert source.frame(time.monotonic() + 1) is None
    for name in ("a.png", "b.png"):
        with pytest.raises(FrameError):
            grey_of(tmp_path / name)
    with pytest.raises(FrameError):
        FolderFrames(tmp_path / "gone").frame(time.monotonic() + 1)


# --- the scanner


class Feed:
    """Stands for a camera program: writes one frame again and again into a named pipe."""

    def __init__(self, path: Path, frame: GreyFrame, gap_s: float = 0.02) -> None:
        self._over = threading.Event()
        self.is_still = False
        self.frame = frame

        def write() -> None:
            try:
                with path.open("wb", buffering=0) as pipe:
                    while not self._over.wait(gap_s):
                        if not self.is_still:
                            pipe.write(pgm(self.frame))
            except BrokenPipeError:
                return

        self._thread = threading.Thread(target=write, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(5)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "FRAME_S", 0.02)
    monkeypatch.setattr(camera_module, "RETRY_S", 0.05)
    monkeypatch.setattr(camera_module, "SILENT_S", 0.3)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "camera"
    os.mkfifo(path)
    return path


@pytest.fixture
def code(tmp_path: Path) -> GreyFrame:
    return grey_of(by_segno(tmp_path, TOKEN))


@pytest.fixture
def looking(pipe: Path, eager: None) -> Iterator[tuple[CameraScanner, list[ScanOutcome]]]:
    camera = CameraScanner(PipeFrames(pipe), again_s=0.5)
    heard: list[ScanOutcome] = []
    camera.listen_codes(heard.append)
    camera.start()
    yield camera, heard
    camera.stop()


def test_a_camera_looks_only_while_a_page_waits_and_tells_a_code_once(
    looking: tuple[CameraScanner, list[ScanOutcome]], pipe: Path, code: GreyFrame
) -> None:
    camera, heard = looking
    feed = Feed(pipe, code)
    try:
        until(lambda: camera.status().band is Band.OK, "frames")
        stays(lambda: heard == [], 0.3)
        camera.expect(True)
        until(lambda: heard == [ScanOutcome(TOKEN, None, Symbology.QR)], "the code")
        stays(lambda: len(heard) == 1, 0.7)
        camera.expect(False)
        camera.expect(True)
        stays(lambda: len(heard) == 1, 0.3)
        feed.frame = GreyFrame(64, 48, bytes(64 * 48))
        stays(lambda: len(heard) == 1, 0.7)
        feed.frame = code
        until(lambda: len(heard) == 2, "the code again, after a rest")
    finally:
        feed.stop()


def test_several_codes_in_one_picture_are_no_answer(
    looking: tuple[CameraScanner, list[ScanOutcome]], pipe: Path, tmp_path: Path
) -> None:
    camera, heard = looking
    both = Image.new("L", (700, 300), 255)
    for place, text in enumerate(("TOKEN-one", "TOKEN-two")):
        with Image.open(by_segno(tmp_path, text)) as drawn:
            both.paste(drawn.convert("L"), (20 + 350 * place, 30))
    feed = Feed(pipe, GreyFrame(700, 300, both.tobytes()))
    camera.expect(True)
    try:
        until(lambda: heard == [ScanOutcome(rejection=Rejection.SEVERAL)], "the refusal")
    finally:
        feed.stop()


def test_a_camera_that_falls_silent_goes_away_or_raves_says_so_and_comes_back(
    looking: tuple[CameraScanner, list[ScanOutcome]], pipe: Path, code: GreyFrame
) -> None:
    camera, _ = looking
    until(lambda: camera.status().reasons == (Reason.SILENT,), "no camera yet")
    feed = Feed(pipe, code)
    until(lambda: camera.status().band is Band.OK, "frames")
    feed.is_still = True
    until(lambda: camera.status().reasons == (Reason.SILENT,), "silence")
    feed.is_still = False
    until(lambda: camera.status().band is Band.OK, "frames again")
    feed.stop()
    until(lambda: camera.status().reasons == (Reason.AWAY,), "the end of the program")
    with pipe.open("wb", buffering=0) as raving:
        raving.write(b"\xff\xd8\xff no PGM at all")
        until(lambda: "PGM" in camera.status().detail, "noise")
    assert not camera.status().is_usable
    feed = Feed(pipe, code)
    try:
        until(lambda: camera.status().band is Band.OK, "frames once more", 12)
    finally:
        feed.stop()


def test_decoding_takes_no_more_than_a_third_of_a_core(pipe: Path, code: GreyFrame, eager: None) -> None:
    spent: list[float] = []

    def slow(frame: GreyFrame) -> list[ScanOutcome]:
        began = time.monotonic()
        threading.Event().wait(0.08)
        spent.append(time.monotonic() - began)
        return []

    camera = CameraScanner(PipeFrames(pipe), decode=slow)
    camera.expect(True)
    camera.start()
    feed = Feed(pipe, code)
    try:
        until(lambda: len(spent) == 1, "the first look")
        began = time.monotonic()
        until(lambda: len(spent) >= 7, "six more looks", 15)
        assert sum(spent[1:]) / (time.monotonic() - began) < 0.4
    finally:
        feed.stop()
        camera.stop()


def test_a_folder_of_pictures_is_a_camera(tmp_path: Path, eager: None) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    camera = CameraScanner(FolderFrames(folder))
    heard: list[ScanOutcome] = []
    camera.listen_codes(heard.append)
    camera.expect(True)
    camera.start()
    try:
        until(lambda: camera.status().band is Band.OK, "the folder")
        by_segno(tmp_path, TOKEN).rename(folder / "one.png")
        until(lambda: [outcome.text for outcome in heard] == [TOKEN], "the code")
    finally:
        camera.stop()


def test_a_picture_that_claims_many_pixels_is_refused_in_silence(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    """A BMP of a few bytes that says that it is 12,000 dots square: Pillow warns of such, and of larger ones raises."""
    for side in (2_500, 12_000, 60_000):
        head = struct.pack("<2sIHHI", b"BM", 154, 0, 0, 54)
        head += struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0)
        path = tmp_path / f"{side}.bmp"
        path.write_bytes(head + bytes(100))
        with pytest.raises(FrameError, match="too many"):
            grey_of(path)
    assert not recwarn.list
