"""Where pictures for the camera scanner come from: "give me a grey frame".

A camera is not opened here. Any program that writes grey frames into a named pipe is one, for instance
``ffmpeg -f v4l2 -i /dev/video0 -vf fps=10,scale=800:-1 -f image2pipe -c:v pgm -y PIPE``.
"""

import os
import select
import stat
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MAX_PIXELS = 4_000_000
"""A frame larger than this is refused: decoding it would hold a core too long."""

_MAX_HEADER = 256
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".pgm"})


@dataclass(frozen=True, slots=True)
class GreyFrame:
    """8 bits a pixel, row by row, no padding: ``len(pixels) == width * height``."""

    width: int
    height: int
    pixels: bytes


class FrameError(Exception):
    """No picture comes: the source is gone, or what it sends is no picture."""


class GreySource(Protocol):
    """One thread uses it. ``close`` may be called at any time and any number of times; ``frame`` opens it again."""

    name: str
    is_stream: bool
    """Whether silence means that something is wrong."""

    def frame(self, deadline: float) -> GreyFrame | None:
        """The next picture before ``deadline`` (monotonic), or None. Raises FrameError."""
        ...

    def close(self) -> None: ...


def frame_source(address: str) -> GreySource:
    """For ``pipe:PATH`` or ``folder:PATH``. Raises ValueError on anything else."""
    kind, _, path = address.partition(":")
    if kind == "pipe" and path:
        return PipeFrames(Path(path))
    if kind == "folder" and path:
        return FolderFrames(Path(path))
    raise ValueError(f"no pipe:PATH or folder:PATH: {address!r}")


class PgmReader:
    """Cuts a stream of binary PGM pictures (``P5``, one byte a pixel) into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[GreyFrame]:
        """The pictures that were completed. Raises FrameError on what is no PGM; the reader is of no use after it."""
        self._buffer += data
        frames: list[GreyFrame] = []
        while (header := self._header()) is not None:
            start, width, height = header
            end = start + width * height
            if len(self._buffer) < end:
                break
            frames.append(GreyFrame(width, height, bytes(self._buffer[start:end])))
            del self._buffer[:end]
        return frames

    def _header(self) -> tuple[int, int, int] | None:
        """Where the pixels begin, width and height; None while the header is not whole."""
        head = bytes(self._buffer[:_MAX_HEADER])
        if not b"P5".startswith(head[:2]):
            raise FrameError("no PGM picture")
        numbers: list[int] = []
        place = 2
        while len(numbers) < 3:
            while place < len(head) and head[place : place + 1].isspace():
                place += 1
            if head[place : place + 1] == b"#":
                place = head.find(b"\n", place) + 1 or len(head)
                continue
            end = place
            while end < len(head) and head[end : end + 1].isdigit():
                end += 1
            if end >= len(head):
                if len(head) == _MAX_HEADER:
                    raise FrameError("a header without an end")
                return None
            if end == place or end - place > 5 or not head[end : end + 1].isspace():
                raise FrameError("no PGM header")
            numbers.append(int(head[place:end]))
            place = end
        width, height, depth = numbers
        if depth != 255 or not 0 < width * height <= MAX_PIXELS:
            raise FrameError(f"{width} x {height} at {depth} levels is no frame of ours")
        return place + 1, width, height


class PipeFrames:
    """Frames from a named pipe; while nobody writes into it, FrameError. The newest frame is given, older ones drop."""

    def __init__(self, path: Path) -> None:
        self.name = f"camera at {path.name}"
        self.is_stream = True
        self._path = path
        self._fd = -1
        self._reader = PgmReader()

    def frame(self, deadline: float) -> GreyFrame | None:
        """See ``GreySource``."""
        try:
            return self._next(deadline)
        except (OSError, FrameError) as error:
            self.close()
            text = error.strerror if isinstance(error, OSError) else str(error)
            raise FrameError(text or "the pipe can't be read") from error

    def _next(self, deadline: float) -> GreyFrame | None:
        if self._fd < 0:
            fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            if not stat.S_ISFIFO(os.fstat(fd).st_mode):
                os.close(fd)
                raise FrameError("no named pipe")
            self._fd, self._reader = fd, PgmReader()
        newest: GreyFrame | None = None
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        while newest is None:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                return None
            data = os.read(self._fd, 1 << 20)
            if not data:
                raise FrameError("nobody writes into the pipe")
            frames = self._reader.feed(data)
            newest = frames[-1] if frames else None
        return newest

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class FolderFrames:
    """Picture files of a folder, each told once, in the order of their names; for tests and for integrators."""

    def __init__(self, folder: Path) -> None:
        self.name = f"pictures in {folder.name}"
        self.is_stream = False
        self._folder = folder
        self._seen: set[tuple[str, int]] = set()

    def frame(self, deadline: float) -> GreyFrame | None:
        """See ``GreySource``. Looks once and does not wait."""
        try:
            files = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in _PICTURES)
            stamps = {(path.name, path.stat().st_mtime_ns): path for path in files}
        except OSError as error:
            raise FrameError(error.strerror or "the folder can't be read") from error
        self._seen &= stamps.keys()
        for stamp, path in stamps.items():
            if stamp not in self._seen:
                self._seen.add(stamp)
                with suppress(FrameError):
                    return grey_of(path)
        return None

    def close(self) -> None:
        """Nothing is kept open."""


def grey_of(path: Path) -> GreyFrame:
    """A picture file as a frame. Raises FrameError: a broken or huge file is no picture."""
    from PIL import Image, UnidentifiedImageError

    try:
        # What Pillow only warns of is a picture of more pixels than any frame of ours.
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(path) as picture,
        ):
            if not 0 < picture.width * picture.height <= MAX_PIXELS:
                raise FrameError("too many pixels")
            flat = Image.new("RGBA", picture.size, "white")
            flat.alpha_composite(picture.convert("RGBA"))
            return GreyFrame(picture.width, picture.height, flat.convert("L").tobytes())
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise FrameError("no picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FrameError("too many pixels") from error
