"""The program as it was before revision 0002 of the store: it knows of no leases, and of no store that has them."""

from collections.abc import Callable, Mapping
from typing import Any

OLDER = 1


class NoNumbers:
    """There were no queue numbers yet."""

    def __init__(self, *_: object, **__: object) -> None:
        self.tell: Callable[[Mapping[str, int]], None] = lambda left: None
        self.troubles: dict[str, str] = {}

    def left(self) -> dict[str, int]:
        return {}

    def _nothing(self, *_: object) -> None:
        pass

    start = stop = wake = office_said = _nothing


def become_older() -> None:
    """To be called in a process that is about to be a core."""
    from kiosk.core import app
    from kiosk.store import database, schema, soundness

    parts: tuple[Any, ...] = (database, schema, soundness)
    for part in parts:
        part.SCHEMA_VERSION = OLDER
    schema.metadata.remove(schema.metadata.tables["leases"])
    app.NumberKeeper = NoNumbers  # type: ignore[assignment,misc]
