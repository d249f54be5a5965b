"""Keeps a process's memory to itself: no core dump, also of a native crash, and in production no other reader.

Imports the standard library alone: the face calls it before its first frame.
"""

import contextlib
import resource

_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """Leave nothing of a crash on the disk. What it starts inherits it.

    The limit is one byte and not zero: Linux pipes a dump to a collector (``core_pattern`` with a ``|``) also at zero,
    and at exactly one does neither. Where the limit was zero already and may not be raised, it stays.
    """
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    except (ValueError, OSError):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def seal_memory() -> bool:
    """Close ``/proc/PID/mem`` and tracing to other programs of the same user, and dumps once more; whether it held.

    For production: it takes the process's counters in /proc from whoever measures it, too.
    """
    import ctypes

    try:
        library = ctypes.CDLL(None, use_errno=True)
        return bool(library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def is_sealed() -> bool:
    """Whether this process may not be dumped or read."""
    import ctypes

    try:
        return bool(ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False
