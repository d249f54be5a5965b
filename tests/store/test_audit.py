import pytest
from sqlalchemy import delete, update

from kiosk.store import audit
from kiosk.store.database import Store
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
