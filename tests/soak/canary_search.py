"""Searches an hour's bytes for people: the wire as it goes by into files, and whatever else the disk took meanwhile.

grep looks for all words in one pass; Python's search, one word after another, would take longer than the visits did.
"""

import os
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.privacy.canary import Person
from tests.privacy.wire import Wire

EVERY_S = 1.0
OUTSIDE = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/var/spool", "/var/log", "/var/lib", "/var/cache", "/root", "/home")
"""Where a program of any user may write; the run folder and the checkout come with them."""
MOST_BYTES = 300 * 1024 * 1024
_ETHERNET = 1


def needles(people: Iterable[Person], *, with_names: bool = True) -> list[bytes]:
    """What grep looks for: words as they are and bytes of cards and documents, those that fit on a line.

    Without names where files of other programs are looked at: invented people share those.
    """
    found: set[bytes] = set()
    for person in people:
        found |= {word.encode() for word in person.words if with_names or any(sign.isdigit() for sign in word)}
        found |= {raw for raw in person.raw if len(raw) >= 7 and b"\n" not in raw and b"\0" not in raw}
    return sorted(found)


def grep(patterns: list[bytes], files: list[Path], scratch: Path) -> list[tuple[str, bytes]]:
    """File and word for whatever stands in these files."""
    scratch.write_bytes(b"\n".join(patterns) + b"\n")
    command = ["xargs", "-0", "-r", "grep", "-a", "-o", "-H", "-s", "-Z", "-F", "-f", str(scratch), "--"]
    given = b"\0".join(os.fsencode(file) for file in files)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    run = subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
    scratch.unlink()
    assert run.returncode in (0, 1, 123), run.stderr[:300]
    lines = {line.partition(b"\0") for line in run.stdout.split(b"\n") if line}
    return sorted((os.fsdecode(file), word) for file, _, word in lines)


def control(patterns: list[bytes], sample: Path, scratch: Path) -> bool:
    """That the search finds every one of its words in the middle of what was recorded; else it proves nothing."""
    data = sample.read_bytes()[:1_000_000]
    planted = scratch.with_suffix(".planted")
    middle = len(data) // 2
    planted.write_bytes(data[:middle] + b"\n".join(patterns) + data[middle:])
    found = {word for _, word in grep(patterns, [planted], scratch)}
    planted.unlink()
    # A word within a longer one is not told by itself.
    return all(word in found or any(word in one for one in found) for word in patterns)


@dataclass
class Tape:
    """Keeps what goes over the wire: ``wire.bin`` as it was passed on, ``capture.pcap`` as the interface saw it.

    Any reader of packet captures opens the second one; without the right to capture there is only the first.
    """

    wire: Wire
    folder: Path
    bytes_seen: int = 0
    frames_seen: int = 0
    _done: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.stream, self.capture = self.folder / "wire.bin", self.folder / "capture.pcap"
        if self.wire.sniffer.is_on:
            self.capture.write_bytes(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, _ETHERNET))
        self._thread = threading.Thread(target=self._run, name="tape", daemon=True)
        self._thread.start()

    def files(self) -> list[Path]:
        return [file for file in (self.stream, self.capture) if file.exists()]

    def close(self) -> None:
        self._done.set()
        self._thread.join(60)
        self._keep()

    def _run(self) -> None:
        while not self._done.wait(EVERY_S):
            self._keep()

    def _keep(self) -> None:
        passed = self.wire.recorder.take()
        self.bytes_seen += len(passed)
        with self.stream.open("ab") as file:
            file.write(passed)
        frames = self.wire.sniffer.take_frames()
        self.frames_seen += len(frames)
        if frames:
            with self.capture.open("ab") as file:
                for at, frame in frames:
                    head = struct.pack("=IIII", int(at), int(at % 1 * 1e6), len(frame), len(frame))
                    file.write(head + frame)


@dataclass
class Disk:
    """Every file that was written since this was made, but what is listed in ``left_out``."""

    left_out: dict[Path, str]
    own: Path
    """A folder of this test run. Another run of the tests prints for the same invented people."""
    began: float = field(default_factory=time.time)

    def files(self, places: Iterable[Path], say: Callable[[str], None]) -> list[Path]:
        """``say`` is told what is not looked at, and why."""
        found: set[Path] = set()
        skipped: dict[str, str] = {str(path): why for path, why in self.left_out.items()}
        for place in {path.resolve() for path in places if path.is_dir()}:
            for folder, folders, names in os.walk(place):
                here = Path(folder)
                reason = self._reason(here, names)
                if reason:
                    skipped[folder] = reason
                    folders.clear()
                    continue
                for name in names:
                    file = here / name
                    try:
                        info = file.lstat()
                    except OSError:
                        continue
                    if file in self.left_out or not _is_plain(info) or info.st_mtime < self.began:
                        continue
                    if info.st_size > MOST_BYTES:
                        skipped[str(file)] = "too large"
                        continue
                    found.add(file)
        for path, why in sorted(skipped.items()):
            say(f"not searched: {path} ({why})")
        return sorted(found)

    def _reason(self, folder: Path, names: list[str]) -> str:
        if folder in self.left_out:
            return self.left_out[folder]
        if "office.db" in names and "people.json" in names:
            return "the data of another office"
        if folder.parent.name.startswith("pytest-of-") and folder not in self.own.parents:
            return "another run of the tests"
        return ""


def _is_plain(info: os.stat_result) -> bool:
    return (info.st_mode & 0o170000) == 0o100000
