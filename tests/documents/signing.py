"""A city's signing hierarchy and its documents, invented in memory for the tests."""

import datetime as dt
from dataclasses import dataclass
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

A4 = (210.0, 297.0)
A4_LANDSCAPE = (297.0, 210.0)
ID_1 = (85.6, 53.98)


@dataclass(frozen=True)
class Authority:
    """One root with one signer below it."""

    root_pem: bytes
    signer: signers.SimpleSigner


def make_authority(name: str, *, signer_days: int = 30) -> Authority:
    root_key, signer_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} Root")])
    signer_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} Kepala Dinas")])
    now = dt.datetime.now(dt.UTC)

    def builder(subject: x509.Name, key: ec.EllipticCurvePrivateKey, until: dt.datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=60))
            .not_valid_after(until)
        )

    def usage(**on: bool) -> x509.KeyUsage:
        names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        names += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
        return x509.KeyUsage(**{name: on.get(name, False) for name in names})

    root = (
        builder(root_name, root_key, now + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        builder(signer_name, signer_key, now + dt.timedelta(days=signer_days))
        .add_extension(usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    der = serialization.Encoding.DER
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(root.public_bytes(der)))
    key_der = signer_key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(leaf.public_bytes(der)),
        signing_key=asn1_keys.PrivateKeyInfo.load(key_der),
        cert_registry=store,
    )
    return Authority(root.public_bytes(serialization.Encoding.PEM), signer)


def plain_pdf(pages: int = 1, size_mm: tuple[float, float] = A4_LANDSCAPE, words: str = "Kartu contoh") -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(size_mm[0] * mm, size_mm[1] * mm))
    for page in range(pages):
        canvas.drawString(5 * mm, 5 * mm, f"{words} {page + 1}")
        canvas.rect(1 * mm, 1 * mm, (size_mm[0] - 2) * mm, (size_mm[1] - 2) * mm)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def sign(pdf: bytes, authority: Authority) -> bytes:
    """PAdES B-B over the whole file."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature1", subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    return signers.sign_pdf(writer, metadata, signer=authority.signer).getvalue()
