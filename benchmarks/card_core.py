"""The real core, with a stamp at each return of SCardGetStatusChange that shows a card, and at each read's end.

``python -m benchmarks.card_core STAMPS [what kiosk.core takes]``. A stamp is a line of the file ``STAMPS``: ``card`` or
``read`` and CLOCK_MONOTONIC in seconds, which all processes of a machine share.
"""

import os
import sys
import time
from threading import Event
from typing import Any

from smartcard import scard


def stamp_into(path: str) -> None:
    """From now on every view of a card and every finished read leaves its stamp."""
    from kiosk.devices.card.reader import CardReader
    from kiosk.devices.contract import CardRead, CardReadKind

    out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    look, read = scard.SCardGetStatusChange, CardReader.read

    def looked(*words: Any) -> Any:
        answer = look(*words)
        at = time.monotonic()
        if any(state & scard.SCARD_STATE_PRESENT and state & scard.SCARD_STATE_CHANGED for _, state, _ in answer[1]):
            os.write(out, f"card {at!r}\n".encode())
        return answer

    def done(self: CardReader, deadline_s: float, cancel: Event) -> CardRead:
        found = read(self, deadline_s, cancel)
        if found.kind is CardReadKind.READ:
            os.write(out, f"read {time.monotonic()!r}\n".encode())
        return found

    scard.SCardGetStatusChange = looked
    CardReader.read = done  # type: ignore[method-assign]


if __name__ == "__main__":
    from kiosk.core.__main__ import main

    stamp_into(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
