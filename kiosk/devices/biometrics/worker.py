"""``python -m kiosk.devices.biometrics.worker face|finger``: one comparison's process.

It holds one reference and dies with the call that started it, and so do all the copies that native libraries make. It
writes no file, no log and no core dump, and it can crash on a hostile picture without touching the kiosk.
"""

import os
import resource
import sys
from typing import BinaryIO

from kiosk.devices.biometrics.wire import LOOK, MAX_REQUEST, PICTURE, READY, REFERENCE, REQUEST, Sight, packed
from kiosk.devices.contract.biometrics import Doubt
from kiosk.sealed import forbid_core_dumps

MAX_MEMORY = 2 << 30
"""Bytes of address space: a bomb ends this process, not the machine."""


def _read(stream: BinaryIO, count: int) -> bytes:
    """Exactly ``count`` bytes, or fewer when the other side is gone."""
    return stream.read(count)


def serve(kind: str, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the pipe is closed."""
    from kiosk.devices.biometrics import worker_kinds

    matcher = worker_kinds.make(kind)
    while len(head := _read(requests, REQUEST.size)) == REQUEST.size:
        what, length = REQUEST.unpack(head)
        if length > MAX_REQUEST:
            return
        body = _read(requests, length)
        if len(body) != length:
            return
        if what == READY:
            sight = Sight(Doubt.NONE)
        elif what == REFERENCE:
            sight = Sight(matcher.reference(body))
        elif what == LOOK and length >= PICTURE.size:
            width, height, channels = PICTURE.unpack_from(body)
            sight = matcher.look(width, height, channels, body[PICTURE.size :])
        else:
            return
        answers.write(packed(sight))
        answers.flush()


def main() -> int:
    """Take the pipes for itself, so that a library that prints can't disturb the answers."""
    forbid_core_dumps()
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin.buffer, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
