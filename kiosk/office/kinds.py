"""What the office issues: title, medium and rules of each kind of document."""

from dataclasses import dataclass

from kiosk.api import DocumentKind, Medium, Words


@dataclass(frozen=True, slots=True)
class Kind:
    title: Words
    medium: Medium
    can_hand_over: bool


KINDS = {
    DocumentKind.KK: Kind(Words(id="Kartu Keluarga", en="Family card"), Medium.A4, True),
    DocumentKind.BIRTH: Kind(Words(id="Kutipan Akta Kelahiran", en="Birth certificate"), Medium.A4, True),
    DocumentKind.DEATH: Kind(Words(id="Kutipan Akta Kematian", en="Death certificate"), Medium.A4, True),
    DocumentKind.MARRIAGE: Kind(Words(id="Kutipan Akta Perkawinan", en="Marriage certificate"), Medium.A4, True),
    DocumentKind.DIVORCE: Kind(Words(id="Kutipan Akta Perceraian", en="Divorce certificate"), Medium.A4, True),
    DocumentKind.KTP_EL: Kind(Words(id="KTP-el", en="Identity card"), Medium.ID_1, False),
}

MEMBERS_ON_A_SHEET = 10
"""Rows in each table of a family card; a larger family runs on over further sheets."""


def pages_of(kind: DocumentKind, members: int = 1) -> int:
    """How many sides a document has."""
    if kind is DocumentKind.KK:
        return -(-members // MEMBERS_ON_A_SHEET)
    return 2 if kind is DocumentKind.KTP_EL else 1
