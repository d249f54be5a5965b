"""Fingers by NIST's MINDTCT and BOZORTH3 (package ``nbis-py``). Imported by the worker process alone."""

from typing import Any

import nbis

from kiosk.devices.biometrics import pictures, quality
from kiosk.devices.biometrics.wire import Sight
from kiosk.devices.contract.biometrics import Doubt

LEAST_MINUTIAE = 20
"""Fewer say nothing: a corner of a finger, a dry or a wet one."""

MOST_MINUTIAE = 150
"""BOZORTH3 looks at no more; a picture that gives more is noise, not a finger."""

LEAST_QUALITY = 0.1
PPI = 500.0
MAX_TEMPLATE = 4096
"""Bytes of an ISO/IEC 19794-2 record; the format's own limit for one finger lies below."""


class Fingers:
    """``reference`` once, ``look`` for each picture of the sensor."""

    def __init__(self) -> None:
        self._extractor: Any = nbis.new_nbis_extractor(
            nbis.NbisExtractorSettings(
                min_quality=LEAST_QUALITY, get_center=False, check_fingerprint=False, compute_nfiq2=False, ppi=PPI
            )
        )
        self._known: Any = None

    def reference(self, data: bytes) -> Doubt:
        """Hold one ISO/IEC 19794-2:2005 template; whatever is wrong with it is REFERENCE_UNUSABLE."""
        if not 32 <= len(data) <= MAX_TEMPLATE or not data.startswith(b"FMR\0 20\0"):
            return Doubt.REFERENCE_UNUSABLE
        try:
            known = self._extractor.load_iso_19794_2_2005(data)
            count = len(known.get())
        except Exception:  # noqa: BLE001 (a foreign parser of foreign bytes; what it says is of no use to anybody)
            return Doubt.REFERENCE_UNUSABLE
        if not LEAST_MINUTIAE <= count <= MOST_MINUTIAE:
            return Doubt.REFERENCE_UNUSABLE
        self._known = known
        return Doubt.NONE

    def look(self, width: int, height: int, channels: int, data: bytes) -> Sight:
        """One picture of a finger: the doubt, or the similarity to the reference."""
        try:
            pixels = pictures.array_of(width, height, channels, data)
        except pictures.UnusableError:
            return Sight(Doubt.NOBODY)
        grey = quality.grey_of(pixels)
        doubt = quality.doubt_of_finger(grey)
        if doubt is not Doubt.NONE:
            return Sight(doubt)
        try:
            seen = self._extractor.extract_minutiae(pictures.png_of(grey.astype("uint8")))
            count = len(seen.get())
            if count < LEAST_MINUTIAE:
                return Sight(Doubt.FEW_MINUTIAE)
            if count > MOST_MINUTIAE:
                return Sight(Doubt.BLURRED)
            return Sight(Doubt.NONE, None if self._known is None else float(seen.compare(self._known)))
        except Exception:  # noqa: BLE001 (see above)
            return Sight(Doubt.FEW_MINUTIAE)
