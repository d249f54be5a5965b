"""The gate before the printer: only bytes that a pinned office signed, whole and untouched, come through.

Verification is offline: roots are pinned, nothing is fetched, revocation is the office's business. Import this module
on a worker: pyHanko takes half a second to load. What pyHanko says in its own logs may quote a document, so it is
silenced here.
"""

import hashlib
import logging
import re
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from kiosk.documents.preview import page_sizes_mm
from kiosk.documents.verified import ExpectedSize, VerifiedDocument
from kiosk.errors import DocumentError, ErrorCode

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

MAX_BYTES = 8_388_608
MAX_INFLATED_BYTES = 67_108_864
MAX_PAGES = 20
DEADLINE_S = 10.0

_STREAM = re.compile(rb"stream\r?\n")
_NESTED = re.compile(rb"/Fl[^\]\[<>]{0,40}/Fl|/LZWDecode|/Filter[^>]{0,40}#")
"""Compression in compression, or hidden by escapes: no honest maker of documents writes it."""


class Verifier:
    """Checks documents against pinned roots. One instance serves all threads; checks are made one at a time."""

    def __init__(self, roots: Sequence[Path], *, deadline_s: float = DEADLINE_S, max_bytes: int = MAX_BYTES) -> None:
        """Load the PEM or DER files of the roots. Raises DocumentError (SIGNER_UNTRUSTED) when one cannot be read."""
        try:
            self._roots = [load_cert_from_pemder(str(path)) for path in roots]  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise DocumentError(ErrorCode.SIGNER_UNTRUSTED, "a pinned root cannot be read") from error
        self._deadline_s = deadline_s
        self._max_bytes = max_bytes
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="verify")

    def verify(self, pdf: bytes, *, expected_sha256: str | None, size: ExpectedSize) -> VerifiedDocument:
        """Check signature, signer, coverage, page size and (where given) the grant's hash; blocks at most the deadline.

        Raises DocumentError: SIGNATURE_MISSING, SIGNATURE_BROKEN, SIGNER_UNTRUSTED, DOCUMENT_CHANGED_AFTER_SIGNING
        (also for signed bytes other than the granted ones), DOCUMENT_UNREADABLE or DOCUMENT_WRONG_SIZE.
        """
        if not self._roots:
            raise DocumentError(ErrorCode.SIGNER_UNTRUSTED, "no root is pinned")
        if not 0 < len(pdf) <= self._max_bytes:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, f"{len(pdf)} bytes")
        future = self._worker.submit(self._guarded, pdf, expected_sha256, size)
        try:
            return future.result(self._deadline_s)
        except FutureTimeoutError:
            # The stuck thread cannot be ended; the next document gets a new one.
            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="verify")
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "reading it takes too long") from None

    def _guarded(self, pdf: bytes, expected_sha256: str | None, size: ExpectedSize) -> VerifiedDocument:
        try:
            return self._verify(pdf, expected_sha256, size)
        except DocumentError:
            raise
        except Exception as error:  # noqa: BLE001 - a parser of hostile bytes fails in any way
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, type(error).__name__) from None

    def _verify(self, pdf: bytes, expected_sha256: str | None, size: ExpectedSize) -> VerifiedDocument:
        _refuse_bombs(pdf)
        signer, signed_at = self._check_signatures(pdf, is_hash_known=expected_sha256 is not None)
        sizes = page_sizes_mm(pdf)
        if not 0 < len(sizes) <= MAX_PAGES:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, f"{len(sizes)} pages")
        if not all(size.fits(width, height) for width, height in sizes):
            raise DocumentError(ErrorCode.DOCUMENT_WRONG_SIZE, f"not {size.name}")
        sha256 = hashlib.sha256(pdf).hexdigest()
        if expected_sha256 is not None and sha256 != expected_sha256:
            raise DocumentError(ErrorCode.DOCUMENT_CHANGED_AFTER_SIGNING, "signed, but not the granted bytes")
        return VerifiedDocument(pdf, sha256, len(sizes), signer, signed_at, *sizes[0])

    def _check_signatures(self, pdf: bytes, *, is_hash_known: bool) -> tuple[str, datetime | None]:
        """The last signer and the claimed moment. Every signature must hold, the last one over the whole file."""
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        if reader.encrypted:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "encrypted")
        signatures = reader.embedded_regular_signatures
        if not signatures:
            raise DocumentError(ErrorCode.SIGNATURE_MISSING)
        for signature in signatures:
            status = self._status(signature)
            if not (status.intact and status.valid):
                raise DocumentError(ErrorCode.SIGNATURE_BROKEN, "digest or signature is wrong")
            if not status.trusted:
                raise DocumentError(ErrorCode.SIGNER_UNTRUSTED, "no chain to a pinned root")
            if not is_hash_known:
                _refuse_idle_bytes(signature, status)
            if signature is signatures[-1]:
                _refuse_additions(pdf, signature, status)
            if not status.bottom_line:
                raise DocumentError(ErrorCode.DOCUMENT_CHANGED_AFTER_SIGNING, "altered by a later revision")
        certificate: Any = signatures[-1].signer_cert
        return str(certificate.subject.native.get("common_name", "")), signatures[-1].self_reported_timestamp

    def _status(self, signature: Any) -> Any:
        context = ValidationContext(trust_roots=self._roots, allow_fetching=False)
        try:
            return validate_pdf_signature(signature, context)
        except Exception as error:  # noqa: BLE001 - a parser of hostile bytes fails in any way
            raise DocumentError(ErrorCode.SIGNATURE_BROKEN, type(error).__name__) from None


def _refuse_idle_bytes(signature: Any, status: Any) -> None:
    """Every byte of the signature's envelope has its one right value, and every certificate in it its place.

    No signature covers its own envelope. Where the grant's hash pins every byte this does not matter; without a hash,
    versions, repeated algorithms and certificates that prove nothing could be exchanged unseen.
    """
    envelope, signer = signature.signed_data, signature.signer_info
    algorithms = [algorithm.dump() for algorithm in envelope["digest_algorithms"]]
    chain = {certificate.dump() for certificate in status.validation_path}
    content = signature.pkcs7_content
    outer = _header(content)
    kind = outer + _extent(content[outer:])
    is_plain = (
        envelope["version"].native == signer["version"].native == "v1"
        and algorithms == [signer["digest_algorithm"].dump()]
        and _extent(content) == kind + _extent(content[kind:])
        and all(certificate.dump() in chain for certificate in signature.other_embedded_certs)
    )
    if not is_plain:
        raise DocumentError(ErrorCode.SIGNATURE_BROKEN, "the signature's envelope was altered")


def _refuse_additions(pdf: bytes, signature: Any, status: Any) -> None:
    """The last signature covers every byte, and its own hole holds one CMS object in one spelling and zeros.

    A signature cannot cover the hole that it stands in: letters of the other case or a filled padding would pass every
    cryptographic check, so they are refused by their form.
    """
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise DocumentError(ErrorCode.DOCUMENT_CHANGED_AFTER_SIGNING, "bytes after the signature")
    start, length, resume, rest = (int(part) for part in signature.byte_range)
    hole = pdf[start + length : resume]
    if start != 0 or resume + rest != len(pdf) or not re.fullmatch(rb"<(?:[0-9a-f]+|[0-9A-F]+)>", hole):
        raise DocumentError(ErrorCode.SIGNATURE_BROKEN, "the signature's place is malformed")
    content = bytes.fromhex(hole[1:-1].decode("ascii"))
    if any(content[_extent(content) :]):
        raise DocumentError(ErrorCode.SIGNATURE_BROKEN, "the signature's padding is filled")


def _header(der: bytes) -> int:
    """Bytes of tag and length at the beginning of a DER value."""
    return 2 if der[1] < 0x80 else 2 + (der[1] & 0x7F)


def _extent(der: bytes) -> int:
    """Bytes of the first DER value, header and all."""
    header = _header(der)
    return header + (der[1] if der[1] < 0x80 else int.from_bytes(der[2:header], "big"))


def _refuse_bombs(pdf: bytes) -> None:
    """Bound what any reader may have to inflate, before a reader sees the bytes."""
    if not pdf.startswith(b"%PDF-"):
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "no PDF")
    if _NESTED.search(pdf):
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "nested compression")
    left = MAX_INFLATED_BYTES
    for match in _STREAM.finditer(pdf):
        inflater = zlib.decompressobj()
        try:
            left -= len(inflater.decompress(memoryview(pdf)[match.end() :], left + 1))
        except zlib.error:
            continue
        if left < 0:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "inflates beyond measure")
