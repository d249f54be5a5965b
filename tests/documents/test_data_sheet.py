"""The data sheet says plainly what it is, shows what it should, hides what it should, and cuts nothing."""

from datetime import datetime
from io import BytesIO
from typing import Any

import pypdf
import pytest

from kiosk.documents.data_sheet import draw_data_sheet
from kiosk.documents.preview import page_sizes_mm
from kiosk.documents.verified import ExpectedSize
from kiosk.texts import Texts

AT = datetime(2026, 11, 22, 9, 41)  # noqa: DTZ001 - wall time of the office, for display


def coded(label: str, english: str) -> dict[str, Any]:
    return {"code": "1", "label": {"id": label, "en": english}}


def member(number: int, name: str) -> dict[str, Any]:
    return {
        "nik": f"990101540388{number:04d}",
        "name": name,
        "sex": coded("PEREMPUAN", "Female"),
        "birth_place": "NUSA CONTOH",
        "birth_date": "1988-03-14",
        "religion": coded("ISLAM", "Islam"),
        "education": coded("SLTA/SEDERAJAT", "Upper secondary"),
        "occupation": coded("WIRASWASTA", "Self-employed"),
        "blood": coded("O", "O"),
        "marital_status": coded("KAWIN TERCATAT", "Married"),
        "marital_date": None,
        "relation": coded("ISTRI", "Wife"),
        "nationality": coded("WNI", "Indonesian"),
        "passport": "",
        "kitap": "",
        "father": "SUTRISNO WIDAGDO",
        "mother": "SITI MARLINAH",
    }


ADDRESS = {
    "street": "JL. MELATI RAYA NO. 12",
    "rt": "003",
    "rw": "007",
    "village": "SUKAMAJU",
    "district": "NUSA TENGAH",
    "regency": "KABUPATEN NUSA CONTOH",
    "province": "CONTOH RAYA",
    "postal_code": "99111",
}
PERSON = member(2, "RATNA KUSUMANINGTYAS") | {"no_kk": "9901011203150007", "address": ADDRESS}
LONG = "LARASATI PUTRI WIDIANTO NINGRUM KUSUMA WARDHANI SUKMAWATI"
FAMILY = {
    "no_kk": "9901011203150007",
    "members": [member(1, "BAGAS WIDIANTO"), member(2, PERSON["name"]), member(3, LONG)],
}


def pages(language: str = "id", person: Any = PERSON, family: Any = FAMILY, **options: Any) -> list[str]:
    pdf = draw_data_sheet(
        person, family, Texts(language), office="Dinas Contoh", place="Kabupaten Nusa Contoh", at=AT, **options
    )
    for size in page_sizes_mm(pdf):
        assert ExpectedSize.A4.fits(*size)
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def test_it_says_what_it_is_three_times() -> None:
    (text,) = pages()
    assert text.count("Bukan dokumen resmi") == 3
    (text,) = pages("en")
    assert text.count("Not an official document") == 3


def test_everything_about_the_person_is_on_it() -> None:
    (text,) = pages()
    for words in (
        "990101 540388 0002",
        "RATNA KUSUMANINGTYAS",
        "NUSA CONTOH",
        "14 Maret 1988",
        "PEREMPUAN",
        "KAWIN TERCATAT",
        "WIRASWASTA",
        "SUTRISNO WIDAGDO",
        "SITI MARLINAH",
        "JL. MELATI RAYA NO. 12, RT 003 / RW 007, SUKAMAJU, NUSA TENGAH",
        "KABUPATEN NUSA CONTOH, CONTOH RAYA, 99111",
        "990101 120315 0007",
        "22 November 2026, 09.41",
    ):
        assert words in text
    (text,) = pages("en")
    for words in ("14 March 1988", "Female", "Self-employed", "22 November 2026, 09:41"):
        assert words in text


def test_other_peoples_numbers_are_hidden() -> None:
    """Also from somebody who sees the birth date beside it: without the last digits it cannot be completed."""
    (text,) = pages()
    assert "BAGAS WIDIANTO" in text
    flat = text.replace(" ", "")
    for number in ("9901015403880001", "9901015403880003"):
        assert number not in flat
        assert number[-4:] not in flat.replace("9901011203150007", "")


def test_what_is_masked_is_the_callers_choice() -> None:
    flat = pages(masked=("nik", "no_kk"))[0].replace(" ", "")
    assert "9901015403880001" in flat
    assert "9901011203150007" not in flat


def test_a_long_name_is_not_cut() -> None:
    (text,) = pages()
    for word in LONG.split():
        assert word in text
    (text,) = pages(person=PERSON | {"name": "A" * 60})
    assert "A" * 60 in text


def test_a_large_family_takes_more_pages_each_marked() -> None:
    family = {"members": [member(number, f"ANGGOTA {number:02d}") for number in range(1, 41)]}
    texts = pages(family=family)
    assert len(texts) >= 3
    assert all(text.count("Bukan dokumen resmi") >= 2 for text in texts)
    whole = "\n".join(texts)
    assert all(f"ANGGOTA {number:02d}" in whole for number in range(1, 41))
    assert [f"Halaman {number}" in text for number, text in enumerate(texts, start=1)] == [True] * len(texts)


@pytest.mark.parametrize(("person", "family"), [({}, FAMILY), (PERSON, {}), ({}, {})])
def test_half_the_data_is_no_error(person: Any, family: Any) -> None:
    assert "Lembar cek data" in pages(person=person, family=family)[0]


def test_all_letters_are_in_the_file() -> None:
    pdf = draw_data_sheet(PERSON, FAMILY, Texts("id"), office="D", place="K", at=AT)
    reader = pypdf.PdfReader(BytesIO(pdf))
    fonts = reader.pages[0]["/Resources"]["/Font"]
    assert fonts
    for font in fonts.values():
        descriptor = font.get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor
    assert PERSON["name"] not in str(reader.metadata)
