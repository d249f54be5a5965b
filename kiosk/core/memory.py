"""After a visit its memory goes back to the system: less to hold, and less of a person left in freed memory."""

import ctypes
import gc
import urllib.parse


def keep_for_good() -> None:
    """What lives now lives as long as the process: leave it out of every later collection.

    For the end of the start, before anybody came. Modules and classes are 125,000 objects; to walk them after each
    visit held the core for 100 ms and found nothing. What is freed by its count alone is freed as ever.
    """
    gc.freeze()


def give_back() -> None:
    """Collect cycles and let the C library return its free pages. Some milliseconds; for moments when nobody waits.

    Where the C library has no ``malloc_trim`` only the first half happens. It overwrites nothing: what a page held
    before it was returned is the kernel's to clear.
    """
    # The standard library remembers the last addresses it split, and a phone's address opens a document.
    urllib.parse.clear_cache()  # type: ignore[attr-defined]
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        return
