"""What the parent of a process is told: ready, alive, stopping; the protocol is that of sd_notify(3).

systemd listens in production, ``kiosk.supervisor`` in demo and tests. Standard library only, since the face says
"ready" right after its first frame; nobody listening is not an error.
"""

import os
from collections.abc import Mapping


class Notifier:
    """Speaks to ``$NOTIFY_SOCKET``. Cheap enough for a main loop; never blocks, never raises."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog_s = _watchdog_s(environment) if address else 0.0

    @property
    def is_heard(self) -> bool:
        """Whether a parent listens."""
        return bool(self._address)

    @property
    def alive_every_s(self) -> float | None:
        """How often ``alive`` is due: a third of the parent's patience; None where nobody waits for it."""
        return self._watchdog_s / 3 if self._watchdog_s > 0 else None

    def ready(self, status: str = "") -> None:
        """Service has begun. ``status`` is one line for ``systemctl status``, never about a person."""
        self._tell(f"READY=1\nSTATUS={status}" if status else "READY=1")

    def alive(self) -> None:
        """The main loop, and nothing beside it, calls this: a thread of its own would hide a loop that hangs."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """An orderly end has begun."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        import socket  # 5 ms that the face's first frame does not wait for

        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto(message.encode(), self._address)
        except OSError:
            return  # a parent that does not listen will act by itself


def _watchdog_s(environment: Mapping[str, str]) -> float:
    try:
        return max(0, int(environment.get("WATCHDOG_USEC", "0"))) / 1_000_000
    except ValueError:
        return 0.0
