"""Models of the office's API for who a kiosk is and what it did: enrolment, the audit chain's witness, alarms.

As ``kiosk.api``, whose base they share: the one thing that the kiosk and the office both know.
"""

import json
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from kiosk.api import DocumentKind, Long, Model, Nik, Opaque, PrintCode, Sha256, Short

KioskId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$")]
Pem = Annotated[str, StringConstraints(min_length=60, max_length=8_000)]
PublicKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class EnrolRequest(Model):
    """A kiosk asks to be known: a one-time code of the administrator, and the public halves of its own keys."""

    kiosk: KioskId
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7-]{16,32}$")] = Field(repr=False)
    csr: Pem = Field(description="PEM of the certificate request for the kiosk's TLS key")
    audit_key: PublicKey = Field(description="raw Ed25519 public key, hex, that its checkpoints are signed with")


class EnrolAnswer(Model):
    certificate: Pem
    token: Annotated[str, StringConstraints(min_length=20, max_length=200)] = Field(repr=False)
    url: Annotated[str, StringConstraints(pattern=r"^https://", max_length=300)] = Field(description="where to ask")
    expires_at: AwareDatetime = Field(description="of the certificate")


class AuthorityAnswer(Model):
    """The certificate that the office's own hangs from. Worth nothing until its fingerprint was compared."""

    certificate: Pem


class Checkpoint(Model):
    """The end of a kiosk's audit chain, signed, with all entries since the checkpoint before it.

    ``entries`` are the canonical texts that the chain hashes, so that whoever has the hash before can follow them to
    ``hash``. The signature is Ed25519 over ``checkpoint_text``.
    """

    kiosk: KioskId
    chain: Opaque = Field(description="random name of this chain: a store that begins anew begins a new one")
    previous: int = Field(ge=0, description="number of the entry that the checkpoint before ended with; 0: none")
    previous_hash: Sha256
    number: int = Field(ge=1)
    hash: Sha256
    at: AwareDatetime
    entries: Annotated[list[Annotated[str, StringConstraints(max_length=4_000)]], Field(min_length=1, max_length=500)]
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]


class AlarmKind(StrEnum):
    """Why the office doubts a kiosk's audit chain."""

    SHORTER = "audit-shorter"
    """The chain ends before a checkpoint that stands here: a disk was set back, or entries were cut off."""
    FORKED = "audit-forked"
    """The chain says otherwise than a checkpoint that stands here."""
    BEGUN_ANEW = "audit-begun-anew"
    """A new chain: the store was lost or taken away."""
    BROKEN = "audit-broken"
    """The entries do not lead to the hash that was signed."""
    BAD_SIGNATURE = "audit-bad-signature"


class Alarm(Model):
    """One doubt, for the administrator."""

    id: int
    kiosk: Short
    kind: AlarmKind
    detail: Long
    at: AwareDatetime
    settled_at: AwareDatetime | None = None


class PrintCodeRequest(Model):
    """A code for a document of ``kind`` that waits for a person; ``document_id`` where several do."""

    nik: Nik = Field(repr=False)
    kind: DocumentKind
    document_id: Opaque | None = None
    hours: float = Field(default=24, gt=0, le=24 * 14)


class PrintCodeAnswer(Model):
    """Told once. Older codes for the document are void."""

    code: PrintCode = Field(repr=False)
    document_id: Opaque
    expires_at: AwareDatetime


class AuditHead(Model):
    """What the office last witnessed of the asking kiosk; number 0 when nothing."""

    chain: str = ""
    number: int = Field(default=0, ge=0)
    hash: str = ""
    is_refused: bool = Field(default=False, description="an alarm stands open")


def checkpoint_text(
    kiosk: str, chain: str, previous: int, previous_hash: str, number: int, hash_: str, at: str
) -> bytes:
    """What a checkpoint's signature covers; the entries are covered by the hash. ``at`` as ISO 8601."""
    parts: list[str | int] = ["anjungan-checkpoint-1", kiosk, chain, previous, previous_hash, number, hash_, at]
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=True).encode("ascii")
