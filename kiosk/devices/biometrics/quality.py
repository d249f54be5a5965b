"""Whether a picture may be compared at all: size, exposure, sharpness. Looked at before every comparison.

Works on plain grey pixels as numpy arrays; imported by the worker process alone.
"""

from typing import Any

import numpy as np

from kiosk.devices.contract.biometrics import Doubt

DARKEST = 40.0
BRIGHTEST = 225.0
"""Mean grey of the face or finger, 0 to 255: outside nothing can be told apart."""

LEAST_SPREAD = 12.0
"""Standard deviation of grey: below it there is fog, a covered lens or a wall."""

LEAST_SHARPNESS = 40.0
"""Variance of the Laplacian of a face scaled to ``SHARP_WIDTH`` pixels; a face out of focus lies below."""

SHARP_WIDTH = 96
LEAST_RIDGE_SPREAD = 30.0
LEAST_INK = 0.15
"""Share of a finger picture that must hold ridges."""

BLOCK = 16


def grey_of(pixels: Any) -> Any:
    """Luminance as float, of a grey or colour array."""
    if pixels.ndim == 2:
        return pixels.astype(np.float32)
    return pixels[..., :3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)


def sharpness(grey: Any) -> float:
    """Variance of the Laplacian."""
    if min(grey.shape) < 3:
        return 0.0
    middle = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * middle
    return float(laplacian.var())


def doubt_of_face(grey: Any, scaled: Any) -> Doubt:
    """What speaks against a face, NONE when nothing does. ``scaled`` is the face at ``SHARP_WIDTH``."""
    mean = float(grey.mean())
    if mean < DARKEST:
        return Doubt.TOO_DARK
    if mean > BRIGHTEST:
        return Doubt.TOO_BRIGHT
    if float(grey.std()) < LEAST_SPREAD or sharpness(scaled) < LEAST_SHARPNESS:
        return Doubt.BLURRED
    return Doubt.NONE


def doubt_of_finger(grey: Any) -> Doubt:
    """What speaks against the picture of a finger, NONE when nothing does."""
    rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    if rows < 8 or columns < 8:
        return Doubt.TOO_SMALL
    blocks = grey[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    spreads = blocks.std(axis=(1, 3))
    if float((spreads > LEAST_RIDGE_SPREAD).mean()) >= LEAST_INK:
        return Doubt.NONE
    mean = float(grey.mean())
    if mean < DARKEST:
        return Doubt.TOO_DARK
    return Doubt.NOBODY if mean > BRIGHTEST else Doubt.BLURRED
