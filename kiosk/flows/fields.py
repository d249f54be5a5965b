"""The fields that conditions and reviews may read, with their types and what sets them.

Closed on purpose: a name that is not here is a mistake in the file, found before it reaches a kiosk.
"""

from enum import StrEnum


class FieldType(StrEnum):
    TEXT = "text"
    CODE = "code"
    DATE = "date"
    NUMBER = "number"
    TRUTH = "truth"
    LIST = "list"


class Field:
    """``needs`` is the fact that an earlier step must have set, ``""`` for none; ``is_secret`` wants a mask."""

    __slots__ = ("is_secret", "needs", "type")

    def __init__(self, type_: FieldType, needs: str, is_secret: bool = False) -> None:
        self.type = type_
        self.needs = needs
        self.is_secret = is_secret


_MEMBER = {
    "nik": (FieldType.TEXT, True),
    "name": (FieldType.TEXT, False),
    "sex": (FieldType.CODE, False),
    "birth_place": (FieldType.TEXT, False),
    "birth_date": (FieldType.DATE, False),
    "religion": (FieldType.CODE, False),
    "education": (FieldType.CODE, False),
    "occupation": (FieldType.CODE, False),
    "blood": (FieldType.CODE, False),
    "marital_status": (FieldType.CODE, False),
    "marital_date": (FieldType.DATE, False),
    "relation": (FieldType.CODE, False),
    "nationality": (FieldType.CODE, False),
    "passport": (FieldType.TEXT, True),
    "kitap": (FieldType.TEXT, True),
    "father": (FieldType.TEXT, False),
    "mother": (FieldType.TEXT, False),
}
_ADDRESS = ("street", "rt", "rw", "village", "district", "regency", "province", "postal_code")
DEVICES = ("card-reader", "document-printer", "card-printer", "slip-printer", "scanner", "face", "finger")
DOCUMENT_KINDS = ("kk", "akta-kelahiran", "akta-kematian", "akta-perkawinan", "akta-perceraian", "ktp-el")

FIELDS: dict[str, Field] = {
    **{f"person.{name}": Field(type_, "person", secret) for name, (type_, secret) in _MEMBER.items()},
    "person.no_kk": Field(FieldType.TEXT, "person", is_secret=True),
    **{f"person.address.{name}": Field(FieldType.TEXT, "person") for name in _ADDRESS},
    "family.no_kk": Field(FieldType.TEXT, "family", is_secret=True),
    "family.head": Field(FieldType.TEXT, "family"),
    "family.issued": Field(FieldType.DATE, "family"),
    "family.members": Field(FieldType.LIST, "family"),
    **{f"family.address.{name}": Field(FieldType.TEXT, "family") for name in _ADDRESS},
    "documents": Field(FieldType.LIST, "documents"),
    **{f"documents.{kind}": Field(FieldType.NUMBER, "documents") for kind in DOCUMENT_KINDS},
    "document.kind": Field(FieldType.CODE, "document"),
    "document.subject": Field(FieldType.TEXT, "document"),
    "document.issued": Field(FieldType.DATE, "document"),
    "document.pages": Field(FieldType.NUMBER, "document"),
    "document.can_print": Field(FieldType.TRUTH, "document"),
    "document.can_hand_over": Field(FieldType.TRUTH, "document"),
    **{f"device.{name}": Field(FieldType.TRUTH, "") for name in DEVICES},
    "ticket.queue": Field(FieldType.TEXT, "ticket"),
    "ticket.label": Field(FieldType.TEXT, "ticket"),
    "complaint.number": Field(FieldType.TEXT, "complaint"),
    "name": Field(FieldType.TEXT, "proof"),
    "proof": Field(FieldType.CODE, "proof"),
}
"""Every field outside ``each``; ``choice.<menu>`` and ``form.<form>.<field>`` come from the file itself.

``device.*`` is how the visit began.
"""

MEMBER_FIELDS: dict[str, Field] = {
    f"member.{name}": Field(type_, "family", secret) for name, (type_, secret) in _MEMBER.items()
}
"""The fields of one entry of ``each: family.members``."""

TESTS: dict[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("is", "in", "exists"),
    FieldType.CODE: ("is", "in", "exists"),
    FieldType.DATE: ("is", "in", "before", "exists"),
    FieldType.NUMBER: ("is", "in", "at_least", "exists"),
    FieldType.TRUTH: ("is", "exists"),
    FieldType.LIST: ("at_least", "exists"),
}
"""Which tests make sense for which type."""

VALUES: dict[FieldType, type] = {
    FieldType.TEXT: str,
    FieldType.CODE: str,
    FieldType.DATE: str,
    FieldType.NUMBER: int,
    FieldType.TRUTH: bool,
}
"""What ``is`` and ``in`` compare with."""
