"""The ports of biometric comparison: one live face or finger against one reference, and nothing else.

A matcher never searches among people, keeps nothing, and answers "not sure" rather than guess. Pictures and references
live in memory for the length of a call; none of these classes shows one in ``repr``. There is no liveness detection
behind these ports: a match helps a person who already showed a card or a NIK, it proves nothing alone.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from typing import Protocol

from kiosk.devices.contract.base import Device


class MatchEnd(StrEnum):
    MATCH = "match"
    NO_MATCH = "no-match"
    NOT_SURE = "not-sure"
    NO_DEVICE = "no-device"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"


class Doubt(StrEnum):
    """Why a matcher is not sure."""

    NONE = "none"
    BETWEEN = "between"
    """The score lies between the two thresholds, or one picture said yes and another no."""
    NOBODY = "nobody"
    SEVERAL = "several"
    TOO_SMALL = "too-small"
    TOO_DARK = "too-dark"
    TOO_BRIGHT = "too-bright"
    BLURRED = "blurred"
    FEW_MINUTIAE = "few-minutiae"
    REFERENCE_UNUSABLE = "reference-unusable"


class ScoreBand(StrEnum):
    """How far beyond the threshold of acceptance a match lies; the score itself leaves the matcher never."""

    CLEAR = "clear"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class MatchReport:
    """``doubt`` is NONE unless NOT_SURE; ``band`` is None unless MATCH. Holds nothing of a person."""

    end: MatchEnd
    doubt: Doubt = Doubt.NONE
    band: ScoreBand | None = None


@dataclass(slots=True)
class Picture:
    """Eight-bit pixels, row by row: ``channels`` 1 is grey, 3 is red, green, blue. ``wipe`` when done with it."""

    width: int
    height: int
    channels: int
    pixels: bytearray = field(repr=False)

    def wipe(self) -> None:
        """Overwrite the pixels. Best effort: libraries may have made copies that nobody can reach."""
        self.pixels[:] = bytes(len(self.pixels))


class FrameSource(Protocol):
    """A camera, as far as a face matcher needs one. Calls come from one thread at a time."""

    def is_there(self) -> bool:
        """Whether frames can be had; returns at once."""
        ...

    def frame(self, deadline_s: float, cancel: Event) -> Picture | None:
        """The next live frame, owned by the caller; None where none came in time or it was cancelled."""
        ...

    def close(self) -> None:
        """Switch the camera off; ``frame`` opens it again. Any number of times."""
        ...


class FingerSensor(Protocol):
    """A fingerprint sensor that gives pictures of 500 dpi, dark ridges on a bright ground."""

    def is_there(self) -> bool:
        """Whether a finger can be read; returns at once."""
        ...

    def capture(self, deadline_s: float, cancel: Event) -> Picture | None:
        """The next finger, owned by the caller; None where none was laid on in time or it was cancelled."""
        ...


class FaceMatcher(Device, Protocol):
    def match(self, reference: bytes | None, deadline_s: float, cancel: Event) -> MatchReport:
        """Compare live frames with ``reference``, one JPEG or PNG of one face. Never raises for what it holds.

        Without a reference the same frames are taken and the end is NO_MATCH, so that nobody who watches can tell
        whether the office knows the person.
        """
        ...


class FingerMatcher(Device, Protocol):
    def match(self, reference: bytes | None, deadline_s: float, cancel: Event) -> MatchReport:
        """Compare a finger with ``reference``, an ISO/IEC 19794-2:2005 template. As ``FaceMatcher.match``."""
        ...
