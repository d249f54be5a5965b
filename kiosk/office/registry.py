"""People, families and documents as the tables hold them, turned into the models of the API."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection, RowMapping

from kiosk import api
from kiosk.office import codes, regions
from kiosk.office import database as db
from kiosk.office.drawing.data import Sheet


def member_of(row: RowMapping) -> api.FamilyMember:
    return api.FamilyMember(**_member_fields(row))


def person_of(connection: Connection, nik: str) -> api.Person:
    """Raises LookupError when the registry has nobody with this NIK."""
    row = (
        connection.execute(
            select(db.person, *_ADDRESS)
            .join(db.family, db.person.c.no_kk == db.family.c.no_kk)
            .where(db.person.c.nik == nik)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise LookupError("no such person")
    return api.Person(no_kk=row["no_kk"], address=_address(row), **_member_fields(row))


def family_of(connection: Connection, no_kk: str) -> api.Family:
    """Raises LookupError when there is no such family."""
    card = connection.execute(select(db.family).where(db.family.c.no_kk == no_kk)).mappings().one_or_none()
    if card is None:
        raise LookupError("no such family")
    rows = connection.execute(
        select(db.person).where(db.person.c.no_kk == no_kk).order_by(db.person.c.position)
    ).mappings()
    members = [member_of(row) for row in rows]
    return api.Family(no_kk=no_kk, head=members[0].name, address=_address(card), issued=card["issued"], members=members)


def sheet_of(connection: Connection, document: RowMapping) -> Sheet:
    """What the drawing of this document needs."""
    return Sheet(
        kind=api.DocumentKind(document["kind"]),
        number=document["number"],
        issued=document["issued"],
        verify_id=document["verify_id"],
        subject_nik=document["subject_nik"],
        subject_name=document["subject_name"],
        family=family_of(connection, document["no_kk"]),
        details=document["details"],
    )


_ADDRESS = [db.family.c[name] for name in ("street", "rt", "rw", "village", "district", "postal_code")]


def _address(row: RowMapping) -> api.Address:
    return api.Address(
        street=row["street"],
        rt=row["rt"],
        rw=row["rw"],
        village=row["village"],
        district=row["district"],
        regency=regions.REGENCY,
        province=regions.PROVINCE,
        postal_code=row["postal_code"],
    )


def _member_fields(row: RowMapping) -> dict[str, Any]:
    return {
        "nik": row["nik"],
        "name": row["name"],
        "sex": codes.coded("sex", row["sex"]),
        "birth_place": row["birth_place"],
        "birth_date": row["birth_date"],
        "religion": codes.coded("religion", row["religion"]),
        "education": codes.coded("education", row["education"]),
        "occupation": codes.coded("occupation", row["occupation"]),
        "blood": codes.coded("blood", row["blood"]),
        "marital_status": codes.coded("marital_status", row["marital"]),
        "marital_date": row["marital_date"],
        "relation": codes.coded("relation", row["relation"]),
        "nationality": codes.coded("nationality", row["nationality"]),
        "passport": row["passport"],
        "kitap": row["kitap"],
        "father": row["father"],
        "mother": row["mother"],
    }
