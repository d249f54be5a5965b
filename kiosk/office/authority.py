"""The demo's certificate authority: a root and the signer under it, P-256, made when an office is seeded.

Nothing of it is ever committed; whoever seeds another office gets other keys, and kiosks pin ``ca/root.pem``.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.office import regions

ROOT, SIGNER, SIGNER_KEY = "ca/root.pem", "ca/signer.pem", "ca/signer.key"
HEAD_OF_OFFICE = "Dra. SEKAR ARUM WIDYANINGTYAS, M.Si."
HEAD_OF_OFFICE_NIP = "99010101 200001 2 001"
"""Invented, and no NIP: a real one begins with a birth date."""


def create_authority(folder: Path) -> None:
    """Write root, signer and the signer's key below ``folder``. The root's key is thrown away at once."""
    root_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name("Anjungan Demo Root CA - DOKUMEN CONTOH", "Demo, bukan BSrE")
    signer_name = _name("Kepala Dinas Dukcapil CONTOH RAYA (DOKUMEN CONTOH)", "Dinas Dukcapil CONTOH RAYA")
    start = datetime.now(UTC) - timedelta(days=1)
    root = (
        _builder(root_name, root_name, root_key, start, days=3650)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    signer = (
        _builder(signer_name, root_name, signer_key, start, days=1825)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_ca=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signer_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    (folder / "ca").mkdir(parents=True, exist_ok=True)
    (folder / ROOT).write_bytes(root.public_bytes(serialization.Encoding.PEM))
    (folder / SIGNER).write_bytes(signer.public_bytes(serialization.Encoding.PEM))
    key_file = folder / SIGNER_KEY
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        signer_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _name(common: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{regions.PROVINCE} (CONTOH)"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    start: datetime,
    *,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=not is_ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
