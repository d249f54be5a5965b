"""Small things that outlive a restart: out of order, stock, open issues. Key to JSON value."""

import json
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from kiosk.store.database import Store
from kiosk.store.schema import state


class StoredState:
    """Thread-safe by the store. Values are what JSON can hold."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str, default: Any = None) -> Any:
        with self._store.transaction() as connection:
            return get_in(connection, key, default)

    def set(self, key: str, value: Any) -> None:
        with self._store.transaction() as connection:
            set_in(connection, key, value)

    def remove(self, key: str) -> None:
        with self._store.transaction() as connection:
            remove_in(connection, key)

    def add(self, key: str, amount: int) -> int:
        """Change a counter by ``amount`` in one transaction; the new value. A missing counter counts from 0."""
        with self._store.transaction() as connection:
            return add_in(connection, key, amount)


def get_in(connection: Connection, key: str, default: Any = None) -> Any:
    """The same within the caller's transaction, as are those below."""
    text = connection.execute(select(state.c.value).where(state.c.key == key)).scalar_one_or_none()
    return default if text is None else json.loads(text)


def set_in(connection: Connection, key: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    row = insert(state).values(key=key, value=text)
    connection.execute(row.on_conflict_do_update(index_elements=[state.c.key], set_={"value": text}))


def remove_in(connection: Connection, key: str) -> None:
    connection.execute(delete(state).where(state.c.key == key))


def add_in(connection: Connection, key: str, amount: int) -> int:
    value = int(get_in(connection, key, 0)) + amount
    set_in(connection, key, value)
    return value
