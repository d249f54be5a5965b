"""The office as witness of every kiosk's audit chain: keeps signed checkpoints, refuses what does not go on from them.

A checkpoint brings the entries since the one before, so the office follows the chain itself: a chain that is shorter,
that says otherwise, or that was signed anew over other entries cannot lead to the hash that stands here. What is
refused raises an alarm, once a kind, that stands until an administrator settles it.
"""

import json
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Row

from kiosk import access_api
from kiosk.access_api import AlarmKind
from kiosk.office import access_tables as at
from kiosk.office import database as db
from kiosk.office.rules import Refusal, Rules

_GENESIS = "00" * 32


class Witness:
    """Thread-safe by the database."""

    def __init__(self, database: db.Database, rules: Rules | None = None) -> None:
        self._database = database
        self._rules = rules or Rules()

    def take(self, kiosk: str, shown: access_api.Checkpoint) -> None:
        """Keep a checkpoint. The same one again is done already. Raises Refusal (409) for what does not go on."""
        with self._database.writing() as connection:
            doubt = self._doubt(connection, kiosk, shown)
            if doubt is None:
                self._keep(connection, kiosk, shown)
            elif doubt[0] is not AlarmKind.BEGUN_ANEW:
                _raise(connection, kiosk, shown.chain, *doubt)
            else:
                # A lost store begins anew, and must be witnessed all the more: taken, with an alarm.
                _raise(connection, kiosk, shown.chain, *doubt)
                self._keep(connection, kiosk, shown)
                doubt = None
        if doubt is not None:
            raise Refusal(409, "audit-refused", f"{doubt[0]}: {doubt[1]}")

    def head(self, kiosk: str) -> access_api.AuditHead:
        """What was last witnessed of a kiosk."""
        with self._database.reading() as connection:
            last = _newest(connection, kiosk)
            is_refused = _is_open(connection, kiosk)
        if last is None:
            return access_api.AuditHead(is_refused=is_refused)
        return access_api.AuditHead(chain=last.chain, number=last.number, hash=last.hash, is_refused=is_refused)

    def alarms(self, *, is_open: bool = False) -> list[access_api.Alarm]:
        """Newest first."""
        chosen = select(at.alarm).order_by(at.alarm.c.id.desc())
        if is_open:
            chosen = chosen.where(at.alarm.c.settled_at.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(chosen.limit(500)).all()
        return [
            access_api.Alarm(
                id=row.id,
                kiosk=row.kiosk,
                kind=AlarmKind(row.kind),
                detail=row.detail,
                at=db.moment(row.at),
                settled_at=None if row.settled_at is None else db.moment(row.settled_at),
            )
            for row in rows
        ]

    def settle(self, alarm: int) -> bool:
        """The administrator has looked: the chain's next checkpoint is taken as it claims. False: none such is open."""
        with self._database.writing() as connection:
            changed = connection.execute(
                update(at.alarm)
                .where(at.alarm.c.id == alarm, at.alarm.c.settled_at.is_(None))
                .values(settled_at=db.now_s(), is_rebase_allowed=1)
            )
        return changed.rowcount == 1

    def is_refused(self, kiosk: str) -> bool:
        """Whether an alarm about this kiosk stands open."""
        with self._database.reading() as connection:
            return _is_open(connection, kiosk)

    def entries(self, kiosk: str, chain: str) -> list[str]:
        """Every entry that was witnessed, oldest first."""
        mark = at.checkpoint
        chosen = select(mark.c.entries).where(mark.c.kiosk == kiosk, mark.c.chain == chain).order_by(mark.c.id)
        with self._database.reading() as connection:
            return [entry for text in connection.execute(chosen).scalars() for entry in json.loads(text)]

    def _doubt(self, connection: Connection, kiosk: str, shown: access_api.Checkpoint) -> tuple[AlarmKind, str] | None:
        key = connection.execute(
            select(at.enrolment.c.audit_key).where(at.enrolment.c.kiosk == kiosk)
        ).scalar_one_or_none()
        if shown.kiosk != kiosk or key is None or not _is_signed(shown, key):
            return AlarmKind.BAD_SIGNATURE, f"checkpoint {shown.number}"
        if not _leads_on(shown):
            return AlarmKind.BROKEN, f"entries {shown.previous + 1} to {shown.number}"
        last = _newest(connection, kiosk, shown.chain)
        if _use_rebase(connection, kiosk, shown.chain):
            return None
        other = _newest(connection, kiosk)
        if last is None:
            if shown.previous != 0 or shown.previous_hash != _GENESIS:
                return AlarmKind.FORKED, f"begins with {shown.previous + 1}"
            if other is None or not self._rules.are_stores_lasting:
                return None
            return AlarmKind.BEGUN_ANEW, f"the chain before ended with {other.number}"
        if other is not None and other.chain != shown.chain:
            return AlarmKind.FORKED, f"an older chain goes on with {shown.number}"
        if shown.previous > last.number:
            return AlarmKind.FORKED, f"{last.number + 1} to {shown.previous} were never shown"
        if shown.previous == last.number:
            return None if shown.previous_hash == last.hash else (AlarmKind.FORKED, f"differs at {last.number}")
        return self._overlap(connection, kiosk, shown, last)

    def _overlap(
        self, connection: Connection, kiosk: str, shown: access_api.Checkpoint, last: "Row[tuple[object, ...]]"
    ) -> tuple[AlarmKind, str] | None:
        """It begins before what stands here: the very same again is fine, anything else is a disk set back."""
        mark = at.checkpoint
        numbered = (mark.c.kiosk == kiosk, mark.c.chain == shown.chain, mark.c.number == shown.number)
        hashes = set(connection.execute(select(mark.c.hash).where(*numbered)).scalars())
        if shown.hash in hashes:
            return None
        if shown.number < last.number and not hashes:
            return AlarmKind.SHORTER, f"ends with {shown.number}; {last.number} stand here"
        if shown.number <= last.number:
            return AlarmKind.FORKED, f"differs at {shown.number}"
        digest = bytes.fromhex(shown.previous_hash)
        for number, entry in enumerate(shown.entries, shown.previous + 1):
            digest = sha256(digest + entry.encode("ascii")).digest()
            if number == last.number and digest.hex() == last.hash:
                return None
        return AlarmKind.FORKED, f"set back to {shown.previous} and gone on; {last.number} stand here"

    def _keep(self, connection: Connection, kiosk: str, shown: access_api.Checkpoint) -> None:
        mark = at.checkpoint
        where = (mark.c.kiosk == kiosk, mark.c.chain == shown.chain, mark.c.hash == shown.hash)
        if connection.execute(select(mark.c.number).where(*where)).first() is not None:
            return
        last = _newest(connection, kiosk, shown.chain)
        entries = shown.entries[max(0, last.number - shown.previous) if last is not None else 0 :]
        row = {"kiosk": kiosk, "chain": shown.chain, "number": shown.number, "hash": shown.hash}
        row |= {"signature": shown.signature, "at": shown.at.isoformat()}
        connection.execute(insert(mark), [{**row, "received_at": db.now_s(), "entries": json.dumps(entries)}])


def _is_signed(shown: access_api.Checkpoint, key: str) -> bool:
    text = access_api.checkpoint_text(
        shown.kiosk,
        shown.chain,
        shown.previous,
        shown.previous_hash,
        shown.number,
        shown.hash,
        shown.at.isoformat(),
    )
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(shown.signature), text)
    except InvalidSignature:
        return False
    return True


def _leads_on(shown: access_api.Checkpoint) -> bool:
    """Whether the entries are numbered without a gap and lead from the hash before to the one that was signed."""
    if len(shown.entries) != shown.number - shown.previous:
        return False
    digest = bytes.fromhex(shown.previous_hash)
    for number, entry in enumerate(shown.entries, shown.previous + 1):
        try:
            parts = json.loads(entry)
        except ValueError:
            return False
        if not isinstance(parts, list) or len(parts) != 4 or parts[0] != number or not entry.isascii():
            return False
        digest = sha256(digest + entry.encode("ascii")).digest()
    return digest.hex() == shown.hash


def _newest(connection: Connection, kiosk: str, chain: str = "") -> "Row[tuple[object, ...]] | None":
    chosen = select(at.checkpoint).where(at.checkpoint.c.kiosk == kiosk)
    if chain:
        chosen = chosen.where(at.checkpoint.c.chain == chain)
    return connection.execute(chosen.order_by(at.checkpoint.c.id.desc()).limit(1)).first()


def _is_open(connection: Connection, kiosk: str) -> bool:
    chosen = select(at.alarm.c.id).where(at.alarm.c.kiosk == kiosk, at.alarm.c.settled_at.is_(None))
    return connection.execute(chosen.limit(1)).first() is not None


def _raise(connection: Connection, kiosk: str, chain: str, kind: AlarmKind, detail: str) -> None:
    """One open alarm a kind and chain: a kiosk that asks again and again is one trouble."""
    alarm = at.alarm
    same = (alarm.c.kiosk == kiosk, alarm.c.kind == kind, alarm.c.chain == chain, alarm.c.settled_at.is_(None))
    if connection.execute(select(alarm.c.id).where(*same)).first() is None:
        row = {"kiosk": kiosk, "kind": kind.value, "chain": chain, "detail": detail, "at": db.now_s()}
        connection.execute(insert(alarm), [{**row, "is_rebase_allowed": 0}])


def _use_rebase(connection: Connection, kiosk: str, chain: str) -> bool:
    """Whether an administrator let this chain go on from where it is; good for one checkpoint."""
    alarm = at.alarm
    where = (alarm.c.kiosk == kiosk, alarm.c.chain == chain, alarm.c.is_rebase_allowed == 1)
    changed = connection.execute(update(alarm).where(*where).values(is_rebase_allowed=0))
    return changed.rowcount > 0
