"""The gate: what an office signed comes through; everything else is refused with its reason."""

import hashlib
import zlib
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from kiosk.documents import verify as gate
from kiosk.documents.verified import ExpectedSize
from kiosk.documents.verify import Verifier
from kiosk.errors import DocumentError, ErrorCode
from tests.documents.signing import A4, ID_1, Authority, make_authority, plain_pdf, sign


def refusal(verifier: Verifier, pdf: bytes, size: ExpectedSize = ExpectedSize.A4, sha256: str | None = None) -> str:
    with pytest.raises(DocumentError) as caught:
        verifier.verify(pdf, expected_sha256=sha256, size=size)
    return caught.value.code


def test_what_the_office_signed_comes_through(verifier: Verifier, signed: bytes) -> None:
    sha256 = hashlib.sha256(signed).hexdigest()
    document = verifier.verify(signed, expected_sha256=sha256, size=ExpectedSize.A4)
    assert document.data == signed
    assert (document.sha256, document.pages, document.signer) == (sha256, 2, "Kota Contoh Kepala Dinas")
    assert (round(document.width_mm), round(document.height_mm)) == (297, 210)
    assert document.signed_at is not None
    assert "PDF" not in repr(document)


@pytest.mark.parametrize(("size_mm", "size"), [(A4, ExpectedSize.A4), (ID_1, ExpectedSize.ID_1)])
def test_each_format_upright_and_across(
    verifier: Verifier, authority: Authority, size_mm: tuple[float, float], size: ExpectedSize
) -> None:
    for shape in (size_mm, size_mm[::-1]):
        assert verifier.verify(sign(plain_pdf(1, shape), authority), expected_sha256=None, size=size).pages == 1


def test_no_signature(verifier: Verifier) -> None:
    assert refusal(verifier, plain_pdf()) == ErrorCode.SIGNATURE_MISSING


def test_another_citys_signature(verifier: Verifier) -> None:
    assert refusal(verifier, sign(plain_pdf(), make_authority("Kota Lain"))) == ErrorCode.SIGNER_UNTRUSTED


def test_a_namesake_of_the_authority(verifier: Verifier) -> None:
    """The same names, other keys."""
    assert refusal(verifier, sign(plain_pdf(), make_authority("Kota Contoh"))) == ErrorCode.SIGNER_UNTRUSTED


def test_a_signer_whose_certificate_ran_out(tmp_path: Path) -> None:
    late = make_authority("Kota Lama", signer_days=-1)
    (tmp_path / "root.pem").write_bytes(late.root_pem)
    assert refusal(Verifier([tmp_path / "root.pem"]), sign(plain_pdf(), late)) == ErrorCode.SIGNER_UNTRUSTED


def test_without_a_pinned_root_nothing_prints(signed: bytes) -> None:
    assert refusal(Verifier([]), signed) == ErrorCode.SIGNER_UNTRUSTED


def test_a_root_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        Verifier([tmp_path / "nowhere.pem"])


def test_a_page_appended_after_signing(verifier: Verifier, signed: bytes) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    extra = copy_into_new_writer(PdfFileReader(BytesIO(plain_pdf())))
    from pyhanko.pdf_utils.writer import PageObject

    page = extra.find_page_for_modification(0)[0].get_object()
    writer.insert_page(
        PageObject(contents=writer.add_object(page["/Contents"].get_object()), media_box=(0, 0, 842, 595))
    )
    out = BytesIO()
    writer.write(out)
    assert len(pypdf.PdfReader(BytesIO(out.getvalue())).pages) == 3
    assert refusal(verifier, out.getvalue()) == ErrorCode.DOCUMENT_CHANGED_AFTER_SIGNING


def test_even_blanks_after_the_end(verifier: Verifier, signed: bytes) -> None:
    assert refusal(verifier, signed + b"\n") == ErrorCode.DOCUMENT_CHANGED_AFTER_SIGNING


def test_signed_but_not_what_was_granted(verifier: Verifier, signed: bytes, authority: Authority) -> None:
    other = sign(plain_pdf(2, words="Kartu lain"), authority)
    sha256 = hashlib.sha256(signed).hexdigest()
    assert refusal(verifier, other, sha256=sha256) == ErrorCode.DOCUMENT_CHANGED_AFTER_SIGNING


def test_the_wrong_paper(verifier: Verifier, signed: bytes, authority: Authority) -> None:
    assert refusal(verifier, signed, ExpectedSize.ID_1) == ErrorCode.DOCUMENT_WRONG_SIZE
    letter = sign(plain_pdf(1, (215.9, 279.4)), authority)
    assert refusal(verifier, letter) == ErrorCode.DOCUMENT_WRONG_SIZE


@pytest.mark.parametrize("junk", [b"", b"<html>502 Bad Gateway</html>", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xff" * 5000])
def test_what_is_no_document(verifier: Verifier, junk: bytes) -> None:
    assert refusal(verifier, junk) == ErrorCode.DOCUMENT_UNREADABLE


def test_half_a_document(verifier: Verifier, signed: bytes) -> None:
    for part in (0.1, 0.5, 0.9, 0.999):
        with pytest.raises(DocumentError):
            verifier.verify(signed[: int(len(signed) * part)], expected_sha256=None, size=ExpectedSize.A4)


def test_every_sampled_flip_is_refused(verifier: Verifier, signed: bytes) -> None:
    """One bit anywhere, also where no signature reaches: in its own place and among the certificates."""
    hole = signed.index(b"/Contents <")
    offsets = {*range(0, len(signed), 97), *range(hole, hole + 120), *range(hole + 120, len(signed), 211)}
    for offset in sorted(offsets):
        for bit in (0x01, 0x20):
            altered = bytearray(signed)
            altered[offset] ^= bit
            with pytest.raises(DocumentError):
                verifier.verify(bytes(altered), expected_sha256=None, size=ExpectedSize.A4)


@settings(max_examples=150, deadline=None)
@given(offset=st.floats(0, 0.999999), value=st.integers(1, 255))
def test_any_altered_byte_is_refused_by_the_grants_hash(
    verifier: Verifier, signed: bytes, offset: float, value: int
) -> None:
    altered = bytearray(signed)
    altered[int(offset * len(signed))] ^= value
    with pytest.raises(DocumentError):
        verifier.verify(bytes(altered), expected_sha256=hashlib.sha256(signed).hexdigest(), size=ExpectedSize.A4)


@settings(max_examples=100, deadline=None)
@given(junk=st.binary(max_size=400), at=st.floats(0, 1))
def test_no_junk_breaks_the_gate(verifier: Verifier, signed: bytes, junk: bytes, at: float) -> None:
    cut = int(at * len(signed))
    with pytest.raises(DocumentError):
        verifier.verify(signed[:cut] + b"x" + junk + signed[cut:], expected_sha256=None, size=ExpectedSize.A4)


class TestBounds:
    def test_too_many_bytes(self, verifier: Verifier, authority: Authority, tmp_path: Path) -> None:
        (tmp_path / "root.pem").write_bytes(authority.root_pem)
        small = Verifier([tmp_path / "root.pem"], max_bytes=1000)
        assert refusal(small, b"%PDF-" + b" " * 1000) == ErrorCode.DOCUMENT_UNREADABLE

    def test_too_many_pages(self, verifier: Verifier, authority: Authority) -> None:
        many = sign(plain_pdf(gate.MAX_PAGES + 1), authority)
        assert refusal(verifier, many) == ErrorCode.DOCUMENT_UNREADABLE

    def test_a_stream_that_inflates_beyond_measure(self, verifier: Verifier) -> None:
        bomb = zlib.compress(b"\0" * (gate.MAX_INFLATED_BYTES + 1), 9)
        pdf = b"%PDF-1.7\n1 0 obj <</Filter /FlateDecode>>\nstream\n" + bomb + b"\nendstream\n"
        with pytest.raises(DocumentError, match="inflates"):
            verifier.verify(pdf, expected_sha256=None, size=ExpectedSize.A4)

    @pytest.mark.parametrize(
        "words", [b"/Filter [/FlateDecode /FlateDecode]", b"/Filter [/Fl /Fl]", b"/Filter /LZWDecode", b"/Filter /#46l"]
    )
    def test_nested_or_hidden_compression(self, verifier: Verifier, words: bytes) -> None:
        with pytest.raises(DocumentError, match="nested"):
            verifier.verify(b"%PDF-1.7\n<<" + words + b">>", expected_sha256=None, size=ExpectedSize.A4)

    def test_a_document_that_takes_too_long(
        self, authority: Authority, signed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import threading

        (tmp_path / "root.pem").write_bytes(authority.root_pem)
        slow = Verifier([tmp_path / "root.pem"], deadline_s=0.2)
        end = threading.Event()
        with monkeypatch.context() as patch:
            patch.setattr(gate, "_refuse_bombs", lambda _pdf: end.wait(20))
            with pytest.raises(DocumentError, match="too long"):
                slow.verify(signed, expected_sha256=None, size=ExpectedSize.A4)
        patient = Verifier([tmp_path / "root.pem"])
        assert patient.verify(signed, expected_sha256=None, size=ExpectedSize.A4).pages == 2
        end.set()

    def test_one_that_was_slow_does_not_block_the_next(
        self, authority: Authority, signed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import threading

        (tmp_path / "root.pem").write_bytes(authority.root_pem)
        verifier = Verifier([tmp_path / "root.pem"], deadline_s=5.0)
        verifier._deadline_s = 0.1
        end = threading.Event()
        with monkeypatch.context() as patch:
            patch.setattr(gate, "_refuse_bombs", lambda _pdf: end.wait(20))
            with pytest.raises(DocumentError):
                verifier.verify(signed, expected_sha256=None, size=ExpectedSize.A4)
        verifier._deadline_s = 5.0
        assert verifier.verify(signed, expected_sha256=None, size=ExpectedSize.A4).pages == 2
        end.set()


@pytest.mark.peer
def test_a_foreign_validator_agrees(verifier: Verifier, signed: bytes, authority: Authority, tmp_path: Path) -> None:
    """pdfsig says of our documents what the gate says: the signature is valid, and over the whole file."""
    import subprocess

    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    said = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, timeout=30, check=False
    ).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    altered = bytearray(signed)
    altered[signed.index(b"/Contents <") - 300] ^= 1
    path.write_bytes(bytes(altered))
    said = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, timeout=30, check=False
    ).stdout
    assert "Signature is Valid" not in said
    assert refusal(verifier, bytes(altered))
