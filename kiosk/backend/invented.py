"""Invented people for the office in memory."""

from collections.abc import Iterable
from datetime import date

from kiosk import api
from kiosk.backend.simulated import SimulatedPerson


def invent_person(number: int = 1, *, children: int = 1, kinds: Iterable[api.DocumentKind] = ()) -> SimulatedPerson:
    """A married head of family with ``children`` for tests that do not care who it is; ``number`` tells them apart."""
    if not 1 <= number <= 9999 or not 0 <= children <= 8:
        raise ValueError("number 1 to 9999, children 0 to 8")
    address = api.Address(
        street="JL. CONTOH NO. 1",
        rt="001",
        rw="002",
        village="LARAS KIDUL",
        district="TANJUNG LARAS",
        regency="CONTOH RAYA",
        province="NUSA CONTOH",
        postal_code="99111",
    )
    father, mother = f"ADI CONTOH {_letters(number)}", f"SARI CONTOH {_letters(number)}"
    wedding = date(2010, 5, 12)
    members = [
        _member(f"990101170880{number:04d}", father, "1", date(1980, 8, 17), ("1", "KEPALA KELUARGA"), wedding),
        _member(f"990101440982{number:04d}", mother, "2", date(1982, 9, 4), ("3", "ISTRI"), wedding),
    ]
    for child in range(children):
        birth = date(2011 + child, 3, 5)
        nik = f"9901010503{birth:%y}{number:04d}"
        name = f"BUDI CONTOH {_letters(number * 10 + child)}"
        members.append(_member(nik, name, "1", birth, ("4", "ANAK"), None, father, mother))
    no_kk = f"990101120611{number:04d}"
    family = api.Family(no_kk=no_kk, head=father, address=address, issued=date(2025, 1, 6), members=members)
    person = api.Person(no_kk=no_kk, address=address, **dict(members[0]))
    documents = [_document(kind, number, father, len(members)) for kind in kinds]
    uid = bytes.fromhex(f"04000000{number:06d}")
    return SimulatedPerson(
        person,
        family,
        card_uid=uid,
        qr_token=f"contoh-token-{number:04d}",
        print_code=f"{number:010d}",
        documents=documents,
    )


_TITLES = {
    api.DocumentKind.KK: ("Kartu Keluarga", "Family card"),
    api.DocumentKind.BIRTH: ("Kutipan Akta Kelahiran", "Birth certificate"),
    api.DocumentKind.DEATH: ("Kutipan Akta Kematian", "Death certificate"),
    api.DocumentKind.MARRIAGE: ("Kutipan Akta Perkawinan", "Marriage certificate"),
    api.DocumentKind.DIVORCE: ("Kutipan Akta Perceraian", "Divorce certificate"),
    api.DocumentKind.KTP_EL: ("KTP-el", "Identity card"),
}


def _document(kind: api.DocumentKind, number: int, subject: str, members: int) -> api.ReadyDocument:
    is_card = kind is api.DocumentKind.KTP_EL
    pages = 2 if is_card else -(-members // 10) if kind is api.DocumentKind.KK else 1
    title, english = _TITLES[kind]
    return api.ReadyDocument(
        id=f"doc-{kind.value}-{number:04d}",
        kind=kind,
        title=api.Words(id=title, en=english),
        subject=subject,
        issued=date(2025, 1, 6),
        medium=api.Medium.ID_1 if is_card else api.Medium.A4,
        pages=pages,
        can_print=True,
        can_hand_over=not is_card,
    )


def _member(
    nik: str,
    name: str,
    sex: str,
    birth: date,
    relation: tuple[str, str],
    wedding: date | None,
    father: str = "TONO CONTOH",
    mother: str = "RINI CONTOH",
) -> api.FamilyMember:
    is_grown = wedding is not None
    return api.FamilyMember(
        nik=nik,
        name=name,
        sex=_coded(sex, "LAKI-LAKI" if sex == "1" else "PEREMPUAN"),
        birth_place="TANJUNG LARAS",
        birth_date=birth,
        religion=_coded("1", "ISLAM"),
        education=_coded("5", "SLTA/SEDERAJAT") if is_grown else _coded("3", "TAMAT SD/SEDERAJAT"),
        occupation=_coded("88", "WIRASWASTA") if is_grown else _coded("3", "PELAJAR/MAHASISWA"),
        blood=_coded("4", "O"),
        marital_status=_coded("2", "KAWIN TERCATAT") if is_grown else _coded("1", "BELUM KAWIN"),
        marital_date=wedding,
        relation=_coded(*relation),
        nationality=_coded("1", "WNI"),
        father=father,
        mother=mother,
    )


def _coded(code: str, label: str) -> api.Coded:
    return api.Coded(code=code, label=api.Words(id=label, en=label.capitalize()))


def _letters(number: int) -> str:
    """A number as letters, since names hold no digits: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
