import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, update

from kiosk.store import audit, checkpoints
from kiosk.store.checkpoints import Signer
from kiosk.store.database import Store
from kiosk.store.outbox import OutboxStore
from kiosk.store.schema import audit as table


def fill(store: Store, count: int = 6) -> None:
    for number in range(count):
        with store.transaction() as connection:
            audit.append(connection, 1000.0 + number / 3, "print.sent", {"print": f"p-{number}", "pages": number})


def test_an_untouched_chain_holds(store: Store) -> None:
    assert audit.head(store) == audit.Head(0, audit.GENESIS)
    assert audit.verify(store) is None
    fill(store)
    assert audit.head(store).number == 6
    assert audit.verify(store) is None


@pytest.mark.parametrize(
    "change", [{"event": "print.sold"}, {"at": 1.0}, {"fields": '{"pages":9}'}, {"hash": b"x" * 32}]
)
def test_any_change_is_found_where_it_is(store: Store, change: dict[str, object]) -> None:
    fill(store)
    with store.transaction() as connection:
        connection.execute(update(table).where(table.c.number == 3).values(**change))
    assert audit.verify(store) == 3


def test_a_missing_entry_is_found(store: Store) -> None:
    fill(store)
    with store.transaction() as connection:
        connection.execute(delete(table).where(table.c.number == 2))
    assert audit.verify(store) == 2


def test_entries_that_change_places_are_found(store: Store) -> None:
    fill(store)
    with store.transaction() as connection:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute(update(table).where(table.c.number == old).values(number=new))
    assert audit.verify(store) == 2


def test_a_broken_transaction_leaves_no_entry(store: Store) -> None:
    fill(store, 1)

    def break_off() -> None:
        with store.transaction() as connection:
            audit.append(connection, 1.0, "print.sent", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert audit.head(store).number == 1


def test_a_checkpoint_and_the_note_of_how_far_it_went_are_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    signer = Signer("anjungan-07", Ed25519PrivateKey.generate())

    def broken(*_: object) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patch:
        # The name of the chain is there already; what is written next is the note.
        with store.transaction() as connection:
            checkpoints.chain_name(connection)
        patch.setattr(checkpoints, "insert", broken)
        with pytest.raises(RuntimeError):
            checkpoints.make_checkpoint(store, signer, 2000.0)
    assert OutboxStore(store).size() == 0
    assert checkpoints.last_checkpoint(store).number == 0
    assert checkpoints.make_checkpoint(store, signer, 2000.0) == 1
    assert (OutboxStore(store).size(), checkpoints.last_checkpoint(store).number) == (1, 6)
