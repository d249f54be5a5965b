"""The documents: everything on them, readable, marked as samples, signed, and readable by programs of others."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from kiosk.api import DocumentKind
from kiosk.office import codes
from kiosk.office.drawing import certificate, family_card, identity_card, paper
from kiosk.office.drawing.data import Sheet, numeric
from kiosk.office.drawing.spelling import day_in_words, ordinal_english, spelled, spelled_english
from tests.office.desk import copy_of
from tests.office.papers import Paper, Press

A4 = [DocumentKind.KK, DocumentKind.BIRTH, DocumentKind.DEATH, DocumentKind.MARRIAGE, DocumentKind.DIVORCE]


@pytest.fixture(scope="module")
def press(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    folder = tmp_path_factory.mktemp("press")
    press = Press(copy_of(seeded, folder / "office"), folder)
    yield press
    press.close()


def run(*command: str | Path, code: int = 0) -> str:
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=60, env=os.environ | {"LC_ALL": "C"}
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def picture_of(pdf: bytes, dpi: int = 150) -> Any:
    return pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil()


# --- what stands on them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("members", [10, 12])
def test_family_card_holds_every_member_with_every_column(press: Press, members: int) -> None:
    card = press.paper(DocumentKind.KK, members=members)
    text = flat(text_of(card.pdf))
    for one in card.family.members:
        for part in (
            one.nik, one.name, one.birth_place, numeric(one.birth_date), one.sex.label.id, one.religion.label.id,
            one.education.label.id, one.occupation.label.id, one.blood.label.id, one.marital_status.label.id,
            numeric(one.marital_date), one.relation.label.id, one.nationality.label.id, one.father, one.mother,
        ):  # fmt: skip
            assert part in text
    address = card.family.address
    for part in (card.family.no_kk, card.family.head, address.street, f"{address.rt}/{address.rw}", address.village,
                 address.district, address.regency, address.province, address.postal_code, "KARTU KELUARGA",
                 numeric(card.family.issued), "NIP.", "KEPALA DINAS"):  # fmt: skip
        assert part in text
    for title in (
        "Nama Lengkap",
        "Pendidikan",
        "Jenis Pekerjaan",
        "No. Paspor",
        "No. KITAP",
        "Ayah",
        "Ibu",
        "Dokumen Imigrasi",
    ):
        assert title in text
    assert all(f"({number})" in text for number in range(1, 18))


def test_family_card_of_twelve_has_two_sheets_and_of_ten_one(press: Press) -> None:
    twelve = press.paper(DocumentKind.KK, members=12)
    pages = [page.extract_text() for page in PdfReader(BytesIO(twelve.pdf)).pages]
    assert len(pages) == 2
    assert "Lembar 1 dari 2" in pages[0]
    assert "Lembar 2 dari 2" in pages[1]
    assert twelve.family.members[9].nik in pages[0]
    assert twelve.family.members[10].nik in pages[1]
    assert len(PdfReader(BytesIO(press.paper(DocumentKind.KK, members=10).pdf)).pages) == 1


def test_unused_rows_of_a_family_card_are_dashes(press: Press) -> None:
    card = press.paper(DocumentKind.KK, members=1)
    assert len(re.findall(r"(?m)(?:^|\s)-(?=\s|$)", text_of(card.pdf))) >= 9 * 9 + 9 * 8


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_document_is_marked_as_a_sample(press: Press, kind: DocumentKind) -> None:
    reader = PdfReader(BytesIO(press.paper(kind).pdf))
    for page in reader.pages:
        assert "CONTOH" in page.extract_text()
    assert reader.metadata is not None
    subject = press.paper(kind).sheet.subject_name
    assert subject not in str(reader.metadata)
    assert "CONTOH" in str(reader.metadata.title)


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (DocumentKind.BIRTH, "KUTIPAN AKTA KELAHIRAN"),
        (DocumentKind.DEATH, "KUTIPAN AKTA KEMATIAN"),
        (DocumentKind.MARRIAGE, "KUTIPAN AKTA PERKAWINAN"),
        (DocumentKind.DIVORCE, "KUTIPAN AKTA PERCERAIAN"),
    ],
)
def test_certificate_tells_the_whole_event(press: Press, kind: DocumentKind, title: str) -> None:
    from datetime import date

    found = press.paper(kind)
    text = flat(text_of(found.pdf))
    assert title in text
    assert found.sheet.number in text
    assert found.sheet.subject_nik in text
    assert day_in_words(date.fromisoformat(found.sheet.details["date"])) in text
    names = ("father", "mother", "husband", "wife", "husband_nik", "wife_nik", "officiant", "court")
    for name in names:
        if name in found.sheet.details:
            assert found.sheet.details[name] in text
    if kind in (DocumentKind.BIRTH, DocumentKind.DEATH):
        assert found.sheet.subject_name in text


def test_identity_card_has_its_fields_and_the_four_old_marital_states(press: Press) -> None:
    card = press.paper(DocumentKind.KTP_EL)
    holder, address = card.sheet.member(card.sheet.subject_nik), card.family.address
    text = flat(text_of(card.pdf))
    for part in (holder.nik, holder.name, holder.birth_place, numeric(holder.birth_date), holder.religion.label.id,
                 holder.occupation.label.id, "SEUMUR HIDUP", "PROVINSI NUSA CONTOH", address.street):  # fmt: skip
        assert part in text
    assert codes.label("marital_status_card", codes.CARD_MARITAL[holder.marital_status.code]) in text
    assert "TERCATAT" not in text
    sizes = [tuple(map(float, page.mediabox[2:])) for page in PdfReader(BytesIO(card.pdf)).pages]
    assert len(sizes) == 2
    for size in sizes:
        assert size == pytest.approx((85.60 * 72 / 25.4, 53.98 * 72 / 25.4), abs=0.1)


@pytest.mark.parametrize(("kind", "width", "height"), [(DocumentKind.KK, 297, 210), (DocumentKind.BIRTH, 210, 297)])
def test_sheets_are_a4(press: Press, kind: DocumentKind, width: int, height: int) -> None:
    box = PdfReader(BytesIO(press.paper(kind).pdf)).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((width * 72 / 25.4, height * 72 / 25.4), abs=0.1)


# --- nothing overlaps, however long a name is -------------------------------------------------------------------------

words = st.text(alphabet="ABCDEGIKMNSTUW", min_size=1, max_size=14)
names = st.lists(words, min_size=2, max_size=9).map(" ".join).map(lambda name: name[:60].strip())


def renamed(sheet: Sheet, name: str) -> Sheet:
    members = [
        member.model_copy(update={"name": name, "father": name, "mother": name}) for member in sheet.family.members
    ]
    family = sheet.family.model_copy(update={"head": name, "members": members})
    details = {
        k: name if k in ("father", "mother", "husband", "wife", "officiant") else v for k, v in sheet.details.items()
    }
    return replace(sheet, family=family, subject_name=name, details=details)


Box = tuple[float, float, float, float]


def boxes(pdf: bytes) -> list[list[Box]]:
    """Page by page: left, bottom, right, top of every run of level text."""
    pages = []
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        rects = [text.get_rect(index) for index in range(text.count_rects())]
        # The pale mark of the identity card does not lie level: its letters are much taller than any line.
        pages.append([rect for rect in rects if rect[3] - rect[1] < 22])
    return pages


def unmarked(draw: Callable[[Sheet], bytes], sheet: Sheet) -> bytes:
    """Drawn without the large mark, which lies under everything on purpose."""
    with mock.patch.object(paper, "contoh", return_value=None):
        return draw(sheet)


def overlap(one: Box, other: Box) -> float:
    """Shared area in square points."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


@settings(max_examples=12, deadline=None)
@given(name=names)
def test_long_names_stay_on_the_sheet_and_out_of_each_others_way(press: Press, name: str) -> None:
    for kind, draw in (
        (DocumentKind.KK, family_card.draw),
        (DocumentKind.MARRIAGE, certificate.draw),
        (DocumentKind.DEATH, certificate.draw),
        (DocumentKind.KTP_EL, identity_card.draw),
    ):
        pdf = unmarked(draw, renamed(press.paper(kind).sheet, name))
        media = PdfReader(BytesIO(pdf)).pages[0].mediabox
        assert name in flat(text_of(pdf))
        for placed in boxes(pdf):
            assert placed
            for number, box in enumerate(placed):
                assert box[0] >= 0
                assert box[1] >= 0
                assert box[2] <= float(media.width)
                assert box[3] <= float(media.height)
                assert not [other for other in placed[number + 1 :] if overlap(box, other) > 1.0]


@settings(max_examples=40, deadline=None)
@given(name=names, room=st.floats(min_value=30, max_value=300), size=st.floats(min_value=5, max_value=20))
def test_fitted_text_is_never_wider_than_its_room(name: str, room: float, size: float) -> None:
    buffer = BytesIO()
    canvas = paper.new_canvas(buffer, 600, 100, "probe")
    paper.write_fitted(canvas, 50, 50, room, name, paper.SANS, size)
    paper.write(canvas, 50, 20, "AFTER", paper.SANS, 10)
    canvas.save()
    text = pypdfium2.PdfDocument(buffer.getvalue())[0].get_textpage()
    rects = [text.get_rect(index) for index in range(text.count_rects())]
    fitted = [rect for rect in rects if rect[1] > 40]
    after = [rect for rect in rects if rect[1] < 40]
    assert max(rect[2] for rect in fitted) <= 50 + room + 1
    width = paper.width_of("AFTER", paper.SANS, 10)
    assert after[-1][2] - after[0][0] == pytest.approx(width, abs=1.5), "a narrowed line must not narrow the next"


@pytest.mark.parametrize(
    ("number", "indonesian", "english"),
    [
        (0, "NOL", "zero"),
        (11, "SEBELAS", "eleven"),
        (17, "TUJUH BELAS", "seventeen"),
        (20, "DUA PULUH", "twenty"),
        (31, "TIGA PULUH SATU", "thirty-one"),
        (100, "SERATUS", "one hundred"),
        (1000, "SERIBU", "one thousand"),
        (1111, "SERIBU SERATUS SEBELAS", "one thousand one hundred and eleven"),
        (1987, "SERIBU SEMBILAN RATUS DELAPAN PULUH TUJUH", "one thousand nine hundred and eighty-seven"),
        (2010, "DUA RIBU SEPULUH", "two thousand and ten"),
        (9999, "SEMBILAN RIBU SEMBILAN RATUS SEMBILAN PULUH SEMBILAN", "nine thousand nine hundred and ninety-nine"),
    ],
)
def test_numbers_in_words(number: int, indonesian: str, english: str) -> None:
    assert spelled(number) == indonesian
    assert spelled_english(number) == english


@pytest.mark.parametrize(
    ("number", "ordinal"),
    [(1, "first"), (2, "second"), (3, "third"), (5, "fifth"), (8, "eighth"), (9, "ninth"), (12, "twelfth"),
     (13, "thirteenth"), (20, "twentieth"), (21, "twenty-first"), (22, "twenty-second"), (30, "thirtieth"),
     (31, "thirty-first")],
)  # fmt: skip
def test_ordinals(number: int, ordinal: str) -> None:
    assert ordinal_english(number) == ordinal


@pytest.mark.parametrize("number", [-1, 10_000])
def test_numbers_beyond_are_not_spelled(number: int) -> None:
    with pytest.raises(ValueError, match="9999"):
        spelled(number)
    with pytest.raises(ValueError, match="9999"):
        spelled_english(number)


# --- signed, and kept -------------------------------------------------------------------------------------------------


def status_of(pdf: bytes, root: Path) -> Any:
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(trust_roots=[load_cert_from_pemder(str(root))], allow_fetching=False)
    reader = PdfFileReader(BytesIO(pdf))
    return validate_pdf_signature(reader.embedded_signatures[0], context)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_signature_holds_and_covers_the_whole_file(press: Press, kind: DocumentKind) -> None:
    status = status_of(press.paper(kind).pdf, press.folder / "ca/root.pem")
    assert status.bottom_line
    assert status.trusted
    assert status.coverage.name == "ENTIRE_FILE"


@pytest.mark.expects_warnings
def test_one_flipped_byte_breaks_the_signature(press: Press) -> None:
    pdf = bytearray(press.paper(DocumentKind.KK).pdf)
    place = pdf.index(b"stream") + 40
    pdf[place] ^= 0x01
    assert not status_of(bytes(pdf), press.folder / "ca/root.pem").bottom_line


@pytest.mark.expects_warnings
def test_another_offices_root_does_not_vouch(press: Press, tmp_path: Path) -> None:
    from kiosk.office.authority import create_authority

    create_authority(tmp_path)
    assert not status_of(press.paper(DocumentKind.KK).pdf, tmp_path / "ca/root.pem").bottom_line


def test_document_is_drawn_and_signed_once(press: Press) -> None:
    first = press.paper(DocumentKind.MARRIAGE)
    assert press.paper(DocumentKind.MARRIAGE).pdf == first.pdf
    other = Press(press.folder, press.folder)
    try:
        assert other.paper(DocumentKind.MARRIAGE).pdf == first.pdf
    finally:
        other.close()


def test_qr_leads_to_an_opaque_id_and_to_nobody(press: Press) -> None:
    for kind in A4:
        made = press.paper(kind)
        found = zxingcpp.read_barcodes(picture_of(made.pdf))
        assert [code.text for code in found] == [paper.VERIFY_URL + made.sheet.verify_id]
        assert made.sheet.subject_nik not in found[0].text
        assert made.family.no_kk not in found[0].text


# --- programs that no one here wrote ----------------------------------------------------------------------------------


@pytest.mark.peer
@pytest.mark.parametrize("kind", list(DocumentKind))
def test_pdfsig_finds_the_signature_valid(press: Press, kind: DocumentKind) -> None:
    report = run("pdfsig", press.paper(kind).path)
    assert "Signature is Valid." in report
    assert "Total document signed" in report
    assert "ETSI.CAdES.detached" in report
    assert "Signature #2" not in report


@pytest.mark.peer
def test_pdfsig_sees_one_flipped_byte(press: Press, tmp_path: Path) -> None:
    pdf = bytearray(press.paper(DocumentKind.KK).pdf)
    pdf[pdf.index(b"stream") + 40] ^= 0x01
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(pdf)
    assert "Signature is Valid." not in run("pdfsig", broken)


@pytest.mark.peer
@pytest.mark.parametrize("kind", A4)
def test_zbar_reads_the_printed_qr(press: Press, tmp_path: Path, kind: DocumentKind) -> None:
    made = press.paper(kind)
    run("pdftoppm", "-r", "150", "-png", "-singlefile", made.path, tmp_path / "page")
    assert run("zbarimg", "-q", "--raw", tmp_path / "page.png").strip() == paper.VERIFY_URL + made.sheet.verify_id


@pytest.mark.peer
@pytest.mark.parametrize("kind", list(DocumentKind))
def test_poppler_finds_every_font_embedded(press: Press, kind: DocumentKind) -> None:
    rows = run("pdffonts", press.paper(kind).path).splitlines()[2:]
    assert rows
    for row in rows:
        assert re.search(r"\s(yes)\s+(yes)\s+(yes)\s", row), row


@pytest.mark.peer
def test_poppler_reads_every_member(press: Press) -> None:
    card = press.paper(DocumentKind.KK, members=12)
    text = flat(run("pdftotext", "-layout", card.path, "-"))
    for one in card.family.members:
        assert one.nik in text
        assert one.name in text
        assert one.mother in text


@pytest.mark.peer
def test_poppler_measures_an_id1_card(press: Press) -> None:
    report = run("pdfinfo", press.paper(DocumentKind.KTP_EL).path)
    assert re.search(r"Pages:\s+2", report)
    assert re.search(r"Page size:\s+242\.6\d* x 153\.0\d* pts", report)


@pytest.mark.peer
def test_openssl_accepts_the_signer_under_the_root(press: Press) -> None:
    ca = press.folder / "ca"
    report = run("openssl", "verify", "-x509_strict", "-CAfile", ca / "root.pem", ca / "signer.pem")
    assert report.strip().endswith("OK")
    assert oct((ca / "signer.key").stat().st_mode & 0o777) == "0o600"


def test_paper_fixture_is_what_the_office_signed(press: Press) -> None:
    made: Paper = press.paper(DocumentKind.KK)
    assert made.path.read_bytes() == made.pdf
