"""The cash drawer stays shut: no byte that could open one crosses the line, whoever wrote it.

``ESC p`` and ``DLE DC4 1`` are refused wherever they stand, also in the dots of a picture: a printer that lost its
place in the stream would take them for commands, and ``DLE`` commands are obeyed even within a picture.
"""

from kiosk.devices.slip.transport import Opener, SlipTransport, TransportError

FORBIDDEN = (b"\x1bp", b"\x10\x14\x01")
"""``ESC p`` and ``DLE DC4`` with function 1."""
REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
"""Obeyed at once even within a picture: ``DLE EOT``, ``DLE ENQ``, ``DLE DC4``."""
_LONGEST = max(len(pattern) for pattern in FORBIDDEN)


class DrawerRefusedError(TransportError):
    """Bytes that would open a cash drawer were not sent."""


class GuardedLine:
    """A line that refuses them, also when they come in two writes. None of a refused write is sent."""

    def __init__(self, line: SlipTransport) -> None:
        self._line = line
        self._tail = b""

    def write(self, data: bytes, deadline: float) -> None:
        """See ``SlipTransport.write``. Raises DrawerRefusedError before the first byte."""
        whole = self._tail + data
        if any(pattern in whole for pattern in FORBIDDEN):
            raise DrawerRefusedError("would open a cash drawer")
        self._tail = whole[-(_LONGEST - 1) :]
        self._line.write(data, deadline)

    def read(self, deadline: float) -> bytes:
        """See ``SlipTransport.read``."""
        return self._line.read(deadline)

    def drain(self, deadline: float) -> None:
        """See ``SlipTransport.drain``."""
        self._line.drain(deadline)

    def close(self) -> None:
        """See ``SlipTransport.close``."""
        self._line.close()


def guarded(opener: Opener) -> Opener:
    """The same lines, behind the guard."""

    def open_guarded(deadline: float) -> SlipTransport:
        return GuardedLine(opener(deadline))

    return open_guarded


def defused(dots: bytes) -> bytes:
    """Dots of a picture that spell no drawer command and no real-time command: one dot more is black in each."""
    out = bytearray(dots)
    for pattern in (FORBIDDEN[0], *REAL_TIME):
        at = out.find(pattern)
        while at >= 0:
            # The new first bytes, 18 and 1F (hex), begin nothing, so that no new pattern arises.
            out[at] |= 0x08 if pattern[0] == 0x10 else 0x04
            at = out.find(pattern, at + 1)
    return bytes(out)
