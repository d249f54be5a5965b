"""The office's own TLS: a CA that signs its server's certificate and one certificate for each enrolled kiosk.

It has nothing to do with the authority that signs documents. The CA's key stays in the office's folder, 0600; kiosks
pin the CA by its fingerprint, which an administrator reads out.
"""

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA, CA_KEY = "tls/ca.pem", "tls/ca.key"
SERVER, SERVER_KEY = "tls/server.pem", "tls/server.key"
_CA_DAYS, _SERVER_DAYS, KIOSK_DAYS = 3650, 825, 825


class CsrError(ValueError):
    """A certificate request that is none, is not signed by its own key, or has a key of another kind."""


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """``fingerprint`` is SHA-256 of the DER, as hex."""

    pem: str
    fingerprint: str
    expires_at: datetime


def prepare_ca(folder: Path) -> None:
    """Make the CA if there is none."""
    (folder / "tls").mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / CA).exists():
        _create_ca(folder)


def prepare_server(folder: Path, names: list[str]) -> None:
    """Make the CA if there is none, and the server's certificate for ``names`` if none is good for all of them."""
    prepare_ca(folder)
    if not _serves(folder, names):
        _create_server(folder, names)


def ca_pem(folder: Path) -> str:
    """Raises OSError when no CA was made."""
    return (folder / CA).read_text(encoding="ascii")


def fingerprint(pem: str) -> str:
    """SHA-256 of a certificate's DER: 64 hex digits."""
    return sha256(x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)).hexdigest()


def sign_kiosk(folder: Path, kiosk: str, csr: str) -> SignedCertificate:
    """A client certificate for the request's key; whatever name the request asks for, it gets ``kiosk``'s.

    Raises CsrError, and OSError when there is no CA.
    """
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        key = request.public_key()
        is_own = request.is_signature_valid
    except (ValueError, TypeError) as error:
        raise CsrError(type(error).__name__) from None
    if not is_own or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CsrError("a P-256 key and its own signature are wanted")
    ca, ca_key = _load_ca(folder)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        _builder(_name(kiosk, "Anjungan"), ca.subject, key, KIOSK_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(_authority(ca), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    digest = sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    return SignedCertificate(_pem(certificate), digest, certificate.not_valid_after_utc)


def _create_ca(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Anjungan office TLS CA", "Anjungan")
    certificate = (
        _builder(name, name, key.public_key(), _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_ca_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(folder / CA_KEY, key)
    (folder / CA).write_text(_pem(certificate), encoding="ascii")


def _create_server(folder: Path, names: list[str]) -> None:
    ca, ca_key = _load_ca(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    certificate = (
        _builder(_name(names[0], "Anjungan office"), ca.subject, key.public_key(), _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(_authority(ca), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write_key(folder / SERVER_KEY, key)
    (folder / SERVER).write_text(_pem(certificate) + _pem(ca), encoding="ascii")


def _serves(folder: Path, names: list[str]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate((folder / SERVER).read_bytes())
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    is_fresh = certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=30)
    return is_fresh and {_general(name) for name in names} <= set(found)


def _load_ca(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    ca = x509.load_pem_x509_certificate((folder / CA).read_bytes())
    key = load_pem_private_key((folder / CA_KEY).read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return ca, key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _authority(ca: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _ca_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
