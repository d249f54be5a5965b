"""One core a store. SQLite lets any number of programs in, and two cores would settle each other's prints.

Whoever serves holds the lock of a small file beside the store for as long as it lives; the kernel lets go of it however
that ends. Commands that only say one word to the store (``kiosk stock``, ``kiosk reconcile``) do not ask for it.
"""

import fcntl
import os
from pathlib import Path

from kiosk.errors import ErrorCode, StoreError
from kiosk.store.soundness import as_store_error


class StoreHold:
    """Held from its making until ``release`` or the end of the process.

    Raises StoreError: STORE_HELD while another core serves with this store, STORE_FULL or STORE_UNREADABLE where the
    place takes no file.
    """

    def __init__(self, store: Path) -> None:
        try:
            store.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(store.with_name(f"{store.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise as_store_error(store, error) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise StoreError(ErrorCode.STORE_HELD, f"another core serves with {store.name}") from None
        except OSError as error:
            self.release()
            raise as_store_error(store, error) from None

    def release(self) -> None:
        """Let another core in. Idempotent."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)
