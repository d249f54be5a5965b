"""The store at the start: opened for service, and tried again while the disk refuses, so that room brings it back."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from kiosk.core.heartbeat import StoreLoss
from kiosk.errors import ErrorCode, StoreError
from kiosk.settings import Settings
from kiosk.store.database import STORE_BEGUN, OpenedStore, load_key, open_store
from kiosk.store.hold import StoreHold
from kiosk.store.soundness import refuse_wiped
from kiosk.store.stored_state import StoredState

if TYPE_CHECKING:
    from kiosk.store.database import Store

AGAIN_S = 3.0

T = TypeVar("T")
Tell = Callable[[ErrorCode | None, str], None]


def opened_store(settings: Settings) -> OpenedStore:
    """The store as it opens now, for this core alone. Raises StoreError: STORE_HELD while another serves with it."""
    # Before the key: outside of production a missing one is made anew, and a half-wiped machine would serve with it.
    refuse_wiped(settings.store.path)
    is_production = settings.kiosk.is_production
    key = load_key(settings.store.key_file, is_production=is_production)
    # Before it is opened: to recover, a second core would settle the prints of the first.
    hold = StoreHold(settings.store.path)
    try:
        opened = open_store(settings.store.path, key, is_production=is_production)
    except BaseException:
        hold.release()
        raise
    opened.store.hold = hold
    return opened


def until_taken(work: Callable[[], T], stopping: threading.Event, tell: Tell) -> T:
    """Do it again every few seconds while the store refuses. ``tell`` gets each new code, and None when it is over.

    Raises StoreError when ``stopping`` is set meanwhile.
    """
    told: ErrorCode | None = None
    while True:
        try:
            result = work()
        except StoreError as error:
            if error.code is not told:
                told = error.code
                tell(error.code, error.detail)
            if stopping.wait(AGAIN_S):
                raise
        else:
            if told is not None:
                tell(None, "")
            return result


def store_loss(store: "Store") -> StoreLoss | None:
    """Whether this store began anew and the office has not heard of it. Raises StoreError."""
    state = StoredState(store)
    begun = state.get(STORE_BEGUN)
    return None if begun is None else StoreLoss(float(begun["at"]), lambda: state.remove(STORE_BEGUN))
