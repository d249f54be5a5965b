"""Throw-away certificates for TLS tests: a root, a server on loopback, a client."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Certificates:
    """Files below ``folder``: ``root``, ``server`` and ``server_key``, ``client`` and ``client_key``.

    ``address`` and ``name`` are what they are made out to.
    """

    def __init__(self, folder: Path, address: str = "127.0.0.1", name: str = "localhost") -> None:
        folder.mkdir(parents=True)
        self._made_out_to = [x509.IPAddress(IPv4Address(address)), x509.DNSName(name)]
        self._folder = folder
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self._root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test root {folder.name}")])
        self.root = folder / "root.pem"
        root = self._builder(self._root_name, self._root_key.public_key())
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        root = root.add_extension(_usage(is_ca=True), critical=True)
        root = root.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._root_key.public_key()), critical=False
        )
        self.root.write_bytes(root.sign(self._root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        self.server, self.server_key = self._leaf("server", ExtendedKeyUsageOID.SERVER_AUTH)
        self.client, self.client_key = self._leaf("client", ExtendedKeyUsageOID.CLIENT_AUTH)

    def _leaf(self, name: str, purpose: x509.ObjectIdentifier) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {name}")])
        builder = self._builder(subject, key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(is_ca=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        builder = builder.add_extension(
            x509.SubjectAlternativeName(self._made_out_to),
            critical=False,
        )
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root_key.public_key()), critical=False
        )
        certificate, key_file = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        certificate.write_bytes(builder.sign(self._root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, key_file

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._root_name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
        )


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
