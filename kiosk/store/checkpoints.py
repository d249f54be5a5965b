"""Checkpoints: the end of the audit chain, signed with the kiosk's own key, on their way to the office as witness.

Each brings the entries since the one before, and is put into the outbox in the transaction that notes how far it went:
no entry is left out, none is sent twice in two different checkpoints.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from kiosk.access_api import Checkpoint, checkpoint_text
from kiosk.errors import ErrorCode, StoreError
from kiosk.store import audit
from kiosk.store.database import Store
from kiosk.store.outbox import put
from kiosk.store.schema import audit as table
from kiosk.store.schema import state

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KIND = "checkpoint"
SUBJECT = "audit"
_STATE = "audit/checkpoint"
_CHAIN = "audit/chain"
_MOST_ENTRIES, _MOST_BYTES = 200, 24_000


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: ``kiosk`` is its name at the office."""

    kiosk: str
    key: "Ed25519PrivateKey"

    @property
    def public(self) -> str:
        """Raw public key, hex."""
        return self.key.public_key().public_bytes_raw().hex()

    def sign(self, text: bytes) -> str:
        """Hex."""
        return self.key.sign(text).hex()


def load_signer(kiosk: str, key_file: Path | None) -> Signer | None:
    """The signer whose key lies in ``key_file`` (64 hex digits); None where none is configured.

    Raises StoreError when the file cannot be read, is malformed or open to others.
    """
    if key_file is None:
        return None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        if key_file.stat().st_mode & 0o077:
            raise StoreError(ErrorCode.STORE_UNREADABLE, f"{key_file.name} can be read by others: chmod 600")
        raw = bytes.fromhex(key_file.read_text(encoding="ascii").strip())
        return Signer(kiosk, Ed25519PrivateKey.from_private_bytes(raw))
    except (OSError, ValueError) as error:
        raise StoreError(ErrorCode.STORE_UNREADABLE, f"{key_file.name}: {type(error).__name__}") from None


def chain_name(connection: Connection) -> str:
    """The random name of this store's chain, made on first use."""
    text = connection.execute(select(state.c.value).where(state.c.key == _CHAIN)).scalar_one_or_none()
    if text is not None:
        return str(json.loads(text))
    name = secrets.token_hex(8)
    connection.execute(insert(state).values(key=_CHAIN, value=json.dumps(name)))
    return name


def last_checkpoint(store: Store) -> audit.Head:
    """How far the last checkpoint went; number 0 when there was none."""
    with store.transaction() as connection:
        return _last(connection)


def make_checkpoint(store: Store, signer: Signer, at: float) -> int:
    """Put the entries since the last checkpoint into the outbox, signed; how many checkpoints that took."""
    made = 0
    while _make_one(store, signer, at):
        made += 1
    return made


def _make_one(store: Store, signer: Signer, at: float) -> bool:
    with store.transaction() as connection:
        last = _last(connection)
        rows = connection.execute(
            select(table).where(table.c.number > last.number).order_by(table.c.number).limit(_MOST_ENTRIES)
        ).all()
        entries: list[str] = []
        size, head = 0, last
        for row in rows:
            entry = audit.entry_text(row.number, row.at, row.event, row.fields)
            size += len(entry)
            if entries and size > _MOST_BYTES:
                break
            entries.append(entry)
            head = audit.Head(row.number, row.hash)
        if not entries:
            return False
        shown = signed_checkpoint(signer, chain_name(connection), last, head, entries, at)
        body = shown.model_dump_json().encode()
        key = f"checkpoint-{shown.chain}-{head.number}"
        put(connection, kind=KIND, subject=SUBJECT, key=key, body=body, at=at)
        value = json.dumps({"number": head.number, "hash": head.hash.hex()})
        row_of = insert(state).values(key=_STATE, value=value)
        connection.execute(row_of.on_conflict_do_update(index_elements=[state.c.key], set_={"value": value}))
    return True


def signed_checkpoint(
    signer: Signer, chain: str, last: audit.Head, head: audit.Head, entries: list[str], at: float
) -> Checkpoint:
    """The checkpoint that leads from ``last`` to ``head``."""
    moment = datetime.fromtimestamp(at, UTC)
    parts: dict[str, Any] = {"kiosk": signer.kiosk, "chain": chain, "previous": last.number}
    parts |= {"previous_hash": last.hash.hex(), "number": head.number, "hash": head.hash.hex()}
    text = checkpoint_text(
        signer.kiosk, chain, last.number, last.hash.hex(), head.number, head.hash.hex(), moment.isoformat()
    )
    return Checkpoint(**parts, at=moment, entries=entries, signature=signer.sign(text))


def _last(connection: Connection) -> audit.Head:
    text = connection.execute(select(state.c.value).where(state.c.key == _STATE)).scalar_one_or_none()
    if text is None:
        return audit.Head(0, audit.GENESIS)
    found = json.loads(text)
    return audit.Head(int(found["number"]), bytes.fromhex(found["hash"]))
