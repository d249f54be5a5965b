"""Runs the core, or the office, as it is, with an ear: ``python -m tests.soak.inside SOCKET LEAK MODULE ARGS``.

Asked over the socket it collects and tells what is alive, exactly: a leak of one KiB a visit shows in a hundred visits
and needs no guessing from pages of memory. ``LEAK`` other than 0 breaks the core on purpose: so many bytes stay behind
each visit, and the judge must notice.
"""

import ctypes
import gc
import json
import runpy
import socket
import sys
import threading
from pathlib import Path

_FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class _Malloc(ctypes.Structure):
    """``struct mallinfo2`` of the C library."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _FIELDS)


def alive() -> dict[str, int]:
    """Blocks of Python's own allocator (up to 512 bytes each), and bytes in use of the C library's."""
    library = ctypes.CDLL(None)
    library.mallinfo2.restype = _Malloc
    gc.collect()
    # C code looks attributes up by strings made anew; the interpreter's cache of types keeps up to 4,096 such names.
    sys._clear_type_cache()
    info = library.mallinfo2()
    return {"blocks": sys.getallocatedblocks(), "bytes": info.uordblks + info.hblkhd}


def _listen(path: str) -> None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(1)
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(json.dumps(alive()).encode() + b"\n")


def ask(path: Path) -> dict[str, int]:
    """What is alive in the process behind the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ear:
        ear.settimeout(30)
        ear.connect(str(path))
        with ear.makefile("rb") as stream:
            found: dict[str, int] = json.loads(stream.readline())
            return found


def _leak(size: int) -> None:
    """Each visit leaves so many bytes behind from here on."""
    from kiosk.core.tidying import Tidying

    kept: list[bytearray] = []
    tidy = Tidying.after_visit

    def and_keep(self: Tidying) -> None:
        kept.append(bytearray(size))
        tidy(self)

    Tidying.after_visit = and_keep  # type: ignore[method-assign]


def main() -> None:
    path, leak, module, *arguments = sys.argv[1:]
    threading.Thread(target=_listen, args=(path,), name="soak-ear", daemon=True).start()
    if int(leak):
        _leak(int(leak))
    sys.argv[:] = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
