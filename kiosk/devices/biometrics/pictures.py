"""Pictures from outside into pixels: encoded references are decoded under limits, or refused.

Imported by the worker process alone.
"""

import io
import warnings
from typing import Any

import numpy as np
from PIL import Image

MAX_BYTES = 1 << 20
"""Of an encoded reference."""

MAX_PIXELS = 4_000_000
_MODES = ("L", "RGB", "RGBA", "P", "CMYK", "1", "LA")
"""Eight bits a channel at most; others (16 bit, float) are refused rather than cut."""


class UnusableError(Exception):
    """The picture can't be used, for whatever reason: nobody is told which."""


def decoded(data: bytes) -> Any:
    """RGB pixels (height, width, 3) of one whole JPEG or PNG. Raises UnusableError for everything else."""
    if not 64 <= len(data) <= MAX_BYTES:
        raise UnusableError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > MAX_PIXELS or picture.mode not in _MODES:
                    raise UnusableError
                picture.load()
                return np.array(picture.convert("RGB"))
    except UnusableError:
        raise
    except Exception as error:  # a decoder raises what it likes on hostile bytes
        raise UnusableError from error


def array_of(width: int, height: int, channels: int, pixels: bytes) -> Any:
    """Raw pixels as an array. Raises UnusableError when the numbers don't fit together."""
    is_sound = channels in (1, 3) and 0 < width <= 8192 and 0 < height <= 8192
    if not is_sound or width * height > 4 * MAX_PIXELS or len(pixels) != width * height * channels:
        raise UnusableError
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.frombuffer(pixels, dtype=np.uint8).reshape(shape)


def scaled(pixels: Any, width: int, height: int) -> Any:
    """The array at another size."""
    return np.array(Image.fromarray(pixels).resize((max(1, width), max(1, height)), Image.Resampling.BILINEAR))


def png_of(grey: Any) -> bytes:
    """A grey array as PNG, in memory."""
    out = io.BytesIO()
    Image.fromarray(grey).save(out, "PNG", compress_level=1)
    return out.getvalue()
