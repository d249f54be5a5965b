"""Faces and fingers for the tests: one photo from a test package (never in this repository), and invented ones.

Drawn faces stand for other people than the astronaut. Among themselves they are alike to the network (0.23 to 0.42
apart), so no test compares two of them.
"""

import importlib.util
import io
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from kiosk.devices.contract import Picture


@cache
def astronaut() -> Image.Image:
    """The public-domain portrait inside scikit-image, 512 by 512."""
    spec = importlib.util.find_spec("skimage")
    assert spec is not None, "the test packages of requirements-biometrics.lock are missing"
    assert spec.origin is not None
    return Image.open(Path(spec.origin).parent / "data" / "astronaut.png").convert("RGB")


def chip_photo() -> bytes:
    """The portrait as small as on a KTP-el: 120 by 160, a JPEG of some kilobytes."""
    return jpeg(astronaut().crop((120, 0, 312, 256)).resize((120, 160)))


def jpeg(image: Image.Image, quality: int = 80) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def picture(image: Image.Image) -> Picture:
    """As a camera gives it."""
    channels = 1 if image.mode == "L" else 3
    data = image if channels == 1 else image.convert("RGB")
    return Picture(data.width, data.height, channels, bytearray(data.tobytes()))


def drawn_face(skin: tuple[int, int, int] = (205, 160, 130), eye: int = 22, gap: int = 62) -> Image.Image:
    """Nobody: a face that the detector takes for one."""
    image = Image.new("RGB", (400, 480), (150, 160, 170))
    draw = ImageDraw.Draw(image)
    hair = (40, 30, 25)
    draw.ellipse((62, 50, 338, 330), fill=hair)
    draw.ellipse((80, 80, 320, 400), fill=skin)
    for side in (-1, 1):
        x = 200 + side * gap
        draw.ellipse((x - eye - 6, 205, x + eye + 6, 235), fill=tuple(int(c * 0.8) for c in skin))
        draw.ellipse((x - eye, 208, x + eye, 232), fill=(245, 245, 240))
        draw.ellipse((x - 10, 209, x + 10, 231), fill=(50, 30, 20))
        draw.arc((x - eye - 12, 180, x + eye + 12, 215), 190, 350, fill=hair, width=9)
    draw.polygon([(200, 220), (180, 290), (220, 290)], fill=tuple(int(c * 0.86) for c in skin))
    draw.ellipse((180, 280, 220, 300), fill=tuple(int(c * 0.75) for c in skin))
    draw.ellipse((140, 325, 260, 355), fill=(150, 60, 60))
    draw.line((140, 338, 260, 338), fill=(90, 30, 30), width=4)
    return image.filter(ImageFilter.GaussianBlur(2.5))


def _smooth(field: Any, radius: int) -> Any:
    """Blurred by running means, which is near enough to a Gaussian."""
    for axis in (0, 1):
        for _ in range(3):
            padded = np.pad(field, [(radius, radius) if a == axis else (0, 0) for a in (0, 1)], mode="wrap")
            total = np.cumsum(padded, axis=axis)
            high = np.take(total, range(2 * radius, total.shape[axis]), axis=axis)
            low = np.take(total, range(total.shape[axis] - 2 * radius), axis=axis)
            field = (high - low) / (2 * radius)
    return field


@cache
def finger(seed: int, turn: float = 0.0, noise: float = 0.0, size: int = 300) -> Image.Image:
    """Ridges of nobody: noise bent along a smooth field of directions, nine pixels from ridge to ridge (500 dpi)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size].astype(np.float64)
    bend = _smooth(rng.normal(size=(size, size)), 36)
    bend = bend / bend.std() * 0.5
    loop_x, loop_y = size / 2 + rng.uniform(-20, 20), size / 2 + rng.uniform(-20, 20)
    angle = 0.5 * np.arctan2(y - loop_y, x - loop_x) + bend + rng.uniform(0, np.pi)
    ridges = rng.normal(size=(size, size))
    for _ in range(8):
        ridges = _along(ridges, angle)
    low, high = np.percentile(ridges, (25, 75))
    grey = np.clip((ridges - low) / (high - low), 0, 1) * 200 + 30
    image = Image.fromarray(grey.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.7))
    oval = Image.new("L", (size, size), 0)
    ImageDraw.Draw(oval).ellipse((20, 10, size - 20, size - 10), fill=255)
    white = Image.new("L", (size, size), 245)
    image = Image.composite(image, white, oval)
    if turn:
        image = image.rotate(turn, Image.Resampling.BICUBIC, fillcolor=245)
    if noise:
        shaken = np.asarray(image).astype(np.float64) + np.random.default_rng(seed + 1).normal(0, noise, (size, size))
        image = Image.fromarray(np.clip(shaken, 0, 255).astype(np.uint8))
    return image


def _along(field: Any, angle: Any) -> Any:
    """One step of smearing along the ridges and sharpening across them."""
    size = field.shape[0]
    y, x = np.mgrid[0:size, 0:size]
    cos, sin = np.cos(angle), np.sin(angle)
    out = np.zeros_like(field)
    for step in range(-12, 13):
        out += _at(field, x + step * cos, y + step * sin) * np.exp(-(step**2) / 72)
    across = np.zeros_like(field)
    for step in range(-9, 10):
        weight = np.cos(2 * np.pi * step / 9) * np.exp(-(step**2) / 26)
        across += _at(out, x - step * sin, y + step * cos) * weight
    across -= across.mean()
    return np.tanh(across / (across.std() + 1e-9))


def _at(field: Any, x: Any, y: Any) -> Any:
    size = field.shape[0]
    return field[np.clip(np.rint(y), 0, size - 1).astype(int), np.clip(np.rint(x), 0, size - 1).astype(int)]


def template(image: Image.Image) -> bytes:
    """The ISO/IEC 19794-2:2005 record of a finger, as an office would hold it."""
    import nbis

    settings = nbis.NbisExtractorSettings(
        min_quality=0.1, get_center=False, check_fingerprint=False, compute_nfiq2=False, ppi=500.0
    )
    record = nbis.new_nbis_extractor(settings).extract_minutiae(png(image)).to_iso_19794_2_2005()
    assert isinstance(record, bytes)
    return record
