"""The face's own sounds: the tick of a touch, done, attention. Never blocks, silently absent without a player."""

import queue
import shutil
import subprocess
import threading
from pathlib import Path

_PLAYERS = (("pw-play",), ("aplay", "-q"))
_LONGEST_S = 5.0


class Sounds:
    """Plays short files in a thread of its own; at most one waits, since a late tick is worse than none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: queue.Queue[str] = queue.Queue(maxsize=1)
        self._thread: threading.Thread | None = None
        self._player: tuple[str, ...] = ()
        self.is_on = True

    def start(self) -> None:
        """Look for a player; call after the first frame."""
        self._player = next((player for player in _PLAYERS if shutil.which(player[0])), ())
        if self._player and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sounds", daemon=True)
            self._thread.start()

    def play(self, name: str) -> None:
        """Queue ``tick``, ``done`` or ``attention``; dropped when off, absent or busy."""
        if not self.is_on or self._thread is None:
            return
        try:
            self._waiting.put_nowait(name)
        except queue.Full:
            return

    def _run(self) -> None:
        while True:
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
