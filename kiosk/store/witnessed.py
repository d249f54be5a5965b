"""This kiosk's audit chain held against what the office last witnessed of it."""

from enum import StrEnum

from sqlalchemy import func, select

from kiosk.access_api import AuditHead
from kiosk.store import audit
from kiosk.store.checkpoints import KIND, chain_name, last_checkpoint
from kiosk.store.database import Store
from kiosk.store.schema import outbox


class Agreement(StrEnum):
    """How the two stand to each other."""

    AGREES = "agrees"
    """What was witnessed stands here; the newest entries may still be on their way."""
    NOTHING = "nothing-witnessed"
    """Nothing was shown yet, or all of it still waits in the outbox."""
    SHORTER = "shorter"
    """The chain ends before an entry that the office has: entries were cut off, or a backup was put back."""
    FORKED = "forked"
    """An entry says otherwise here than there."""
    OTHER_CHAIN = "other-chain"
    """The office knows another chain of this kiosk: the store was lost, replaced, or is a copy of another one."""
    BEHIND = "office-behind"
    """The office has less than it was shown, and nothing waits: it lost its witness, or refused what was shown."""
    ALARM = "alarm"
    """They agree, and an alarm stands open at the office all the same."""

    @property
    def is_well(self) -> bool:
        return self in (Agreement.AGREES, Agreement.NOTHING)


def compare(store: Store, told: AuditHead) -> Agreement:
    """``told`` must be older than this call: a core beside us goes on writing and showing. Raises StoreError."""
    shown = last_checkpoint(store)
    with store.transaction() as connection:
        chain = chain_name(connection)
        waiting = connection.execute(select(func.count()).where(outbox.c.kind == KIND)).scalar_one()
    if told.number and told.chain != chain:
        return Agreement.OTHER_CHAIN
    if told.number > audit.head(store).number:
        return Agreement.SHORTER
    if told.number and audit.hash_of(store, told.number) != bytes.fromhex(told.hash):
        return Agreement.FORKED
    if told.is_refused:
        return Agreement.ALARM
    if told.number < shown.number and not waiting:
        return Agreement.BEHIND
    return Agreement.AGREES if told.number else Agreement.NOTHING
