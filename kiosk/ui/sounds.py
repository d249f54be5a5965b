"""The face's own sounds: the tick of a touch, done, attention. Never blocks, silently absent without a player."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import queue
    import threading

_PLAYERS = (("pw-play",), ("aplay", "-q"))
_LONGEST_S = 5.0


class Sounds:
    """Plays short files in a thread of its own; at most one waits, since a late tick is worse than none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: queue.SimpleQueue[str] | None = None
        self._thread: threading.Thread | None = None
        self._player: tuple[str, ...] = ()
        self.is_on = True

    def start(self) -> None:
        """Look for a player; call after the first frame, which the imports would hold up."""
        import queue
        import shutil
        import threading

        self._player = next((player for player in _PLAYERS if shutil.which(player[0])), ())
        if self._player and self._thread is None:
            self._waiting = queue.SimpleQueue()
            self._thread = threading.Thread(target=self._run, name="sounds", daemon=True)
            self._thread.start()

    def play(self, name: str) -> None:
        """Queue ``tick``, ``done`` or ``attention``; dropped when off, absent or busy."""
        if self.is_on and self._waiting is not None and self._waiting.empty():
            self._waiting.put(name)

    def _run(self) -> None:
        import subprocess

        while self._waiting is not None:
            path = self._folder / f"{self._waiting.get()}.wav"
            if not path.is_file():
                continue
            try:
                subprocess.run(
                    [*self._player, str(path)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=_LONGEST_S,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                continue  # a broken sound card must never disturb a visit
