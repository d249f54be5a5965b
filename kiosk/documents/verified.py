"""What came through the gate, and the formats that the kiosk has paper for. Light to import."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class ExpectedSize(Enum):
    """Page formats: width, height and tolerance in mm; either orientation."""

    A4 = (210.0, 297.0, 2.0)
    ID_1 = (85.6, 53.98, 1.0)

    def fits(self, width_mm: float, height_mm: float) -> bool:
        """Whether a page of that size prints on this format at 100 %."""
        width, height, slack = self.value
        return any(
            abs(width_mm - w) <= slack and abs(height_mm - h) <= slack for w, h in ((width, height), (height, width))
        )


@dataclass(frozen=True, slots=True)
class VerifiedDocument:
    """Bytes that may be printed. ``signer`` is the certificate's common name; ``signed_at`` is the signer's claim."""

    data: bytes = field(repr=False)
    sha256: str
    pages: int
    signer: str
    signed_at: datetime | None
    width_mm: float
    height_mm: float
