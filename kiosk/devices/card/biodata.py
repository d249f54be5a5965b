"""The biodata of a KTP-el: 21 quoted ASCII fields, parsed strictly. A record that is not exactly that is none."""

import re
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

FIELDS = 21
MAX_FIELD = 120
_NIK = re.compile(r"[0-9]{16}")
_DATE = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")


class GarbledError(ValueError):
    """The record is none. The message names the rule that failed and holds nothing of the record."""


@dataclass(frozen=True, slots=True)
class ChipIdentity:
    """What the chip holds of a person. Never in a repr, a log or a file. Texts stand as on the chip, in capitals.

    ``unnamed``: the fields 15 to 18 and 20, whose meaning is not publicly established. ``photo``: empty unless asked.
    """

    nik: str = field(repr=False)
    address: str = field(repr=False)
    rt: str = field(repr=False)
    rw: str = field(repr=False)
    birth_place: str = field(repr=False)
    district: str = field(repr=False)
    village: str = field(repr=False)
    regency: str = field(repr=False)
    sex: str = field(repr=False)
    blood_type: str = field(repr=False)
    religion: str = field(repr=False)
    marital_status: str = field(repr=False)
    occupation: str = field(repr=False)
    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    nationality: str = field(repr=False)
    unnamed: tuple[str, ...] = field(repr=False, default=())
    photo: bytes = field(repr=False, default=b"")


_TEXTS = tuple(part.name for part in fields(ChipIdentity))[:14]
"""In the order of the record, up to the name."""


def parse_biodata(record: bytes) -> ChipIdentity:
    """Raises GarbledError."""
    if not record.isascii():
        raise GarbledError("not ASCII")
    text = record.decode("ascii")
    if not text.isprintable():
        raise GarbledError("control characters")
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise GarbledError("not quoted")
    values = text[1:-1].split('","')
    if len(values) != FIELDS:
        raise GarbledError(f"{len(values)} fields")
    if any('"' in value for value in values):
        raise GarbledError("a quote inside a field")
    if any(len(value) > MAX_FIELD for value in values):
        raise GarbledError("a field is too long")
    if not _NIK.fullmatch(values[0]):
        raise GarbledError("no NIK")
    if not values[13].strip():
        raise GarbledError("no name")
    texts: dict[str, Any] = dict(zip(_TEXTS, values, strict=False))
    born, unnamed = _date_of(values[14]), (*values[15:19], values[20])
    return ChipIdentity(**texts, birth_date=born, nationality=values[19], unnamed=unnamed)


def _date_of(text: str) -> date:
    match = _DATE.fullmatch(text)
    if match is None:
        raise GarbledError("no birth date")
    day, month, year = (int(part) for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        # The date itself would stand in the error that is chained.
        raise GarbledError("no such birth date") from None
