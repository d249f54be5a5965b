"""What a drawing needs to know, gathered by the issuer from the tables."""

from dataclasses import dataclass
from datetime import date

from kiosk import api


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document to draw. ``family`` holds the subject's household."""

    kind: api.DocumentKind
    number: str
    issued: date
    verify_id: str
    subject_nik: str
    subject_name: str
    family: api.Family
    details: dict[str, str]

    def member(self, nik: str) -> api.FamilyMember:
        """Raises LookupError when nobody of the household has this NIK."""
        for member in self.family.members:
            if member.nik == nik:
                return member
        raise LookupError("the subject is not in the household")


def numeric(day: date | None) -> str:
    """``DD-MM-YYYY``, or a dash."""
    return day.strftime("%d-%m-%Y") if day else "-"
