"""Who may speak as which kiosk: one-time codes, certificates, tokens, and taking all of it back.

An administrator makes a code for a named kiosk; the kiosk spends it once, over TLS whose CA it has checked by its
fingerprint. From then on the certificate, the token and the name must belong together.
"""

import hmac
import secrets
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Connection

from kiosk import access_api
from kiosk.office import access_tables as at
from kiosk.office import database as db
from kiosk.office import tls
from kiosk.office.rules import Refusal, Rules

_DOOR = "#enrol"
"""Stands for the enrolment door in the table of failures: no kiosk can have this name."""


@dataclass(frozen=True, slots=True)
class KnownKiosk:
    """For the administrator's list. Times are seconds since 1970."""

    kiosk: str
    certificate_sha256: str
    enrolled_at: int
    revoked_at: int | None


class Enrolments:
    """``folder`` holds the TLS CA. ``needs_certificate``: kiosks are told apart by certificate too."""

    def __init__(self, database: db.Database, rules: Rules, folder: Path) -> None:
        self._database = database
        self._rules = rules
        self._folder = folder
        self.needs_certificate = False

    def make_code(self, kiosk: str, hours: float = 24) -> str:
        """A code of 80 bits for one enrolment of ``kiosk``. Older codes for it are void from now on."""
        text = b32encode(secrets.token_bytes(10)).decode("ascii")
        code = "-".join(text[start : start + 4] for start in range(0, 16, 4))
        row = {"hash": _hashed(code), "kiosk": kiosk, "expires_at": db.now_s() + int(hours * 3600)}
        with self._database.writing() as connection:
            connection.execute(delete(at.enrol_code).where(at.enrol_code.c.kiosk == kiosk))
            connection.execute(insert(at.enrol_code), [row])
        return code

    def enrol(self, asked: access_api.EnrolRequest, url: str) -> access_api.EnrolAnswer:
        """Spend a code. Raises Refusal: 429 after too many wrong ones, 403 for a wrong code, 422 for a bad request.

        A wrong, used, expired and another kiosk's code are answered alike.
        """
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(asked.audit_key))
            signed = tls.sign_kiosk(self._folder, asked.kiosk, asked.csr)
        except (ValueError, tls.CsrError):
            raise Refusal(422, "invalid", "csr or audit_key") from None
        except OSError:
            raise Refusal(404, "not-found", "this office has no TLS") from None
        token = secrets.token_urlsafe(32)
        now = db.now_s()
        with self._database.writing() as connection:
            since = now - self._rules.kiosk_window_s
            failures = db.kiosk_failure
            connection.execute(delete(failures).where(failures.c.kiosk == _DOOR, failures.c.at <= since))
            count, oldest = connection.execute(
                select(func.count(), func.min(failures.c.at)).where(failures.c.kiosk == _DOOR)
            ).one()
            if count >= self._rules.enrol_failures:
                raise Refusal(429, "too-many", retry_after_s=max(1, int(oldest) - since))
            code = at.enrol_code
            spent = connection.execute(
                update(code)
                .where(code.c.hash == _hashed(asked.code), code.c.kiosk == asked.kiosk)
                .where(code.c.used_at.is_(None), code.c.expires_at > now)
                .values(used_at=now)
            )
            is_right = spent.rowcount == 1
            if is_right:
                _replace(connection, asked, signed.fingerprint, token, now)
            else:
                connection.execute(insert(failures), [{"kiosk": _DOOR, "at": now}])
        if not is_right:
            raise Refusal(403, "code-refused")
        return access_api.EnrolAnswer(
            certificate=signed.pem, token=token, url=url, expires_at=signed.expires_at.astimezone()
        )

    def admit(self, token: str, certificate: bytes | None) -> str:
        """The kiosk that a token and the connection's certificate (DER) belong to. Raises Refusal (401, 403)."""
        chosen = select(db.kiosk.c.name, at.enrolment.c.certificate_sha256, at.enrolment.c.revoked_at).join(
            at.enrolment, at.enrolment.c.kiosk == db.kiosk.c.name, isouter=True
        )
        with self._database.reading() as connection:
            row = connection.execute(chosen.where(db.kiosk.c.token_hash == _digest(token))).one_or_none()
        if row is None:
            raise Refusal(401, "kiosk-unknown")
        if row.revoked_at is not None:
            raise Refusal(403, "kiosk-revoked")
        if self.needs_certificate and not (row.certificate_sha256 and certificate):
            raise Refusal(403, "kiosk-unknown", "not enrolled")
        if certificate and row.certificate_sha256:
            shown = sha256(certificate).hexdigest()
            if not hmac.compare_digest(shown, row.certificate_sha256):
                raise Refusal(403, "kiosk-unknown", "certificate and token belong to different kiosks")
        return str(row.name)

    def revoke(self, kiosk: str) -> bool:
        """From now on nothing of this kiosk is taken, until it is enrolled again. False when it was never enrolled."""
        with self._database.writing() as connection:
            changed = connection.execute(
                update(at.enrolment).where(at.enrolment.c.kiosk == kiosk).values(revoked_at=db.now_s())
            )
            connection.execute(delete(at.enrol_code).where(at.enrol_code.c.kiosk == kiosk))
        return changed.rowcount == 1

    def known(self) -> list[KnownKiosk]:
        """Every enrolled kiosk, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(at.enrolment).order_by(at.enrolment.c.kiosk)).all()
        return [KnownKiosk(row.kiosk, row.certificate_sha256, row.enrolled_at, row.revoked_at) for row in rows]

    def authority(self) -> str:
        """PEM of the TLS CA. Raises Refusal (404)."""
        try:
            return tls.ca_pem(self._folder)
        except OSError:
            raise Refusal(404, "not-found", "this office has no TLS") from None


def _replace(connection: Connection, asked: access_api.EnrolRequest, certificate: str, token: str, now: int) -> None:
    values = {"certificate_sha256": certificate, "audit_key": asked.audit_key, "enrolled_at": now, "revoked_at": None}
    row = upsert(at.enrolment).values(kiosk=asked.kiosk, **values)
    connection.execute(row.on_conflict_do_update(["kiosk"], set_=values))
    connection.execute(delete(db.kiosk).where(db.kiosk.c.name == asked.kiosk))
    connection.execute(insert(db.kiosk), [{"token_hash": _digest(token), "name": asked.kiosk}])


def _hashed(code: str) -> str:
    return _digest(code.replace("-", "").upper())


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
