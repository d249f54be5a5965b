"""One server context for each way in which TLS can be wrong."""

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.proxy.fault_proxy import Fault


class Authority:
    """A root that signs server certificates; files below ``folder``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test root {folder.name}")])
        now = datetime.now(UTC)
        built = x509.CertificateBuilder().subject_name(self._name).issuer_name(self._name)
        built = built.public_key(self._key.public_key()).serial_number(x509.random_serial_number())
        built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
        built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        built = built.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        self.root = folder / "root.pem"
        self.root.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, name: str, *, address: str = "127.0.0.1", is_expired: bool = False) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        until = now - timedelta(hours=1) if is_expired else now + timedelta(days=5)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {name}")])
        built = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
        built = built.public_key(key.public_key()).serial_number(x509.random_serial_number())
        built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(until)
        built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        host = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))])
        built = built.add_extension(host, critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        built = built.add_extension(issuer, critical=False)
        file = self._folder / f"{name}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signed = built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        file.write_bytes(private + signed)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def contexts(folder: Path) -> tuple[Path, dict[Fault, ssl.SSLContext]]:
    """The pinned root, and what the proxy shows for each fault."""
    ours, theirs = Authority(folder / "ours"), Authority(folder / "theirs")
    old = ours.server("old")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    return ours.root, {
        Fault.NONE: ours.server("good"),
        Fault.OTHER_CA: theirs.server("good"),
        Fault.EXPIRED: ours.server("expired", is_expired=True),
        Fault.WRONG_HOST: ours.server("elsewhere", address="127.9.9.9"),
        Fault.OLD_TLS: old,
    }
