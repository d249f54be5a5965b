"""Enrols this kiosk at its office: makes its keys, spends the administrator's code, writes what came back.

The office's CA is checked by its fingerprint before anything is sent; without a fingerprint nothing is sent at all.
Files are written whole and 0600 beside the old ones, then put in their places one by one: a cut in that moment leaves a
key that is not its certificate's, which the self-check names and enrolling again mends. The audit key stays.
"""

import os
import secrets
import warnings
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import InsecureRequestWarning

from kiosk import access_api, api
from kiosk.backend.deadline import Deadline, DeadlineAdapter
from kiosk.errors import BackendError, ErrorCode
from kiosk.settings import CREDENTIALS

_Answer = TypeVar("_Answer", bound=BaseModel)

_DEADLINE_S = 20.0
_MOST_BYTES = 65_536
STORE_KEY = "store.key"


class UnknownAuthorityError(Exception):
    """No fingerprint was given: ``fingerprint`` is what the office showed, for somebody to compare."""

    def __init__(self, fingerprint: str) -> None:
        super().__init__(fingerprint)
        self.fingerprint = fingerprint


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What was written, and where the office is from now on."""

    url: str
    folder: Path
    files: tuple[str, ...]
    ca_sha256: str
    certificate_sha256: str
    audit_key: str


def enrol(url: str, code: str, kiosk: str, folder: Path, ca_sha256: str) -> Enrolled:
    """Become ``kiosk`` at the office whose public address is ``url``; ``folder`` gets keys, certificates and token.

    Raises UnknownAuthorityError without ``ca_sha256``, BackendError (OFFICE_UNTRUSTED for another CA, OFFICE_REFUSED
    for a code that is wrong, used or old), and OSError for a folder that takes no files. Then nothing was written.
    """
    base = url.rstrip("/") + api.VERSION_PATH
    ca = _authority(base)
    shown = fingerprint_of(ca)
    wanted = ca_sha256.replace(":", "").replace(" ", "").lower()
    if not wanted:
        raise UnknownAuthorityError(shown)
    if not secrets.compare_digest(shown, wanted):
        raise BackendError(ErrorCode.OFFICE_UNTRUSTED, f"the office shows a CA with {shown}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, audit_key = ec.generate_private_key(ec.SECP256R1()), _audit_key(folder)
    public = audit_key.public_key().public_bytes_raw().hex()
    asked = access_api.EnrolRequest(kiosk=kiosk, code=code.upper(), csr=_request(key, kiosk), audit_key=public)
    pinned = folder / f".{CREDENTIALS['ca']}.new"
    _write(pinned, ca)
    try:
        body = _exchange("POST", f"{base}/enrolments", str(pinned), asked.model_dump_json().encode())
        answer = _read(body, access_api.EnrolAnswer)
        _check(answer, ca, key)
    except BaseException:
        pinned.unlink(missing_ok=True)
        raise
    files = {
        CREDENTIALS["ca"]: ca,
        CREDENTIALS["key"]: key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"),
        CREDENTIALS["certificate"]: answer.certificate,
        CREDENTIALS["token_file"]: answer.token,
        CREDENTIALS["audit_key"]: audit_key.private_bytes_raw().hex(),
    }
    if not (folder / STORE_KEY).exists():
        files[STORE_KEY] = secrets.token_hex(32)
    for name, text in files.items():
        _write(folder / f".{name}.new", text)
    for name in files:
        (folder / f".{name}.new").replace(folder / name)
    _sync(folder)
    return Enrolled(answer.url, folder, tuple(files), shown, fingerprint_of(answer.certificate), public)


def fingerprint_of(pem: str) -> str:
    """SHA-256 of a certificate's DER, hex. Raises BackendError for what is no certificate."""
    try:
        return sha256(x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)).hexdigest()
    except ValueError:
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, "no certificate") from None


def _authority(base: str) -> str:
    """What the office says its CA is: asked without trust, and worth nothing before its fingerprint was compared."""
    if not base.startswith("https://"):
        raise BackendError(ErrorCode.OFFICE_UNTRUSTED, "enrolment goes over https alone")
    return _read(_exchange("GET", f"{base}/authority", verify=False), access_api.AuthorityAnswer).certificate


def _check(answer: access_api.EnrolAnswer, ca: str, key: ec.EllipticCurvePrivateKey) -> None:
    """The certificate is for our key and hangs from the CA that was compared."""
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        certificate = x509.load_pem_x509_certificate(answer.certificate.encode())
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(ca.encode()))
        is_ours = certificate.public_key().public_bytes(*form) == key.public_key().public_bytes(*form)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is no certificate for us
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, f"certificate: {type(error).__name__}") from None
    if not is_ours:
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, "a certificate for another key")


def _exchange(method: str, url: str, verify: "str | bool", body: bytes | None = None) -> bytes:
    with requests.Session() as session, Deadline(_DEADLINE_S), warnings.catch_warnings():
        # Said on purpose: what comes is believed only after its fingerprint was compared.
        warnings.simplefilter("ignore", InsecureRequestWarning)
        session.trust_env = False
        session.mount("https://", DeadlineAdapter(max_retries=0))
        try:
            headers = {"Content-Type": "application/json"}
            with session.request(
                method, url, data=body, headers=headers, verify=verify, stream=True, allow_redirects=False, timeout=10
            ) as response:
                found = bytearray()
                for chunk in response.iter_content(4_096):
                    found += chunk
                    if len(found) > _MOST_BYTES:
                        raise BackendError(ErrorCode.OFFICE_TOO_LARGE, url)
                status, wait = response.status_code, response.headers.get("Retry-After", "")
        except requests.exceptions.SSLError:
            raise BackendError(ErrorCode.OFFICE_UNTRUSTED, url) from None
        except (requests.RequestException, OSError) as error:
            raise BackendError(ErrorCode.OFFICE_OFFLINE, type(error).__name__) from None
    if status == 200:
        return bytes(found)
    try:
        problem = api.Problem.model_validate_json(bytes(found)).code.value
    except ValidationError:
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, f"{url}: {status}") from None
    raise BackendError(ErrorCode.OFFICE_REFUSED, f"{problem}{f', wait {wait} s' if wait.isdigit() else ''}")


def _read(body: bytes, model: type[_Answer]) -> _Answer:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, f"{error.error_count()} fields are not as agreed") from None


def _request(key: ec.EllipticCurvePrivateKey, kiosk: str) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, kiosk)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode("ascii")


def _audit_key(folder: Path) -> Ed25519PrivateKey:
    """The one that is there: checkpoints that wait in the outbox are signed with it."""
    try:
        raw = bytes.fromhex((folder / CREDENTIALS["audit_key"]).read_text(encoding="ascii").strip())
        return Ed25519PrivateKey.from_private_bytes(raw)
    except (OSError, ValueError):
        return Ed25519PrivateKey.generate()


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
