"""A folder of flows in force: it changes as a whole, between visits, or not at all."""

import hashlib
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from kiosk.flows.check import check, flow_files
from kiosk.flows.compiled import CompiledFlow
from kiosk.flows.problems import Problem

_Stamp = tuple[tuple[str, int, int], ...]


class Change(msgspec.Struct, frozen=True):
    """What a poll found: a new set that is in force from now on, or the problems that kept the old one in force."""

    flows: Mapping[str, CompiledFlow]
    problems: tuple[Problem, ...] = ()
    digest: str = ""

    @property
    def is_accepted(self) -> bool:
        return not self.problems


class FlowFolder:
    """The flows of one folder (or one file); the parameters are those of ``check``. ``poll`` reads the disk."""

    def __init__(
        self,
        path: Path,
        languages: Sequence[str] = ("id", "en"),
        devices: Collection[str] | None = None,
        regions: Iterable[str] = (),
        services: Collection[str] | None = None,
    ) -> None:
        self._path = path
        self._languages = tuple(languages)
        self._devices = devices
        self._regions = tuple(regions)
        self._services = services
        self._stamp: _Stamp | None = None
        self._seen = ""
        self._lock = threading.Lock()
        self.flows: Mapping[str, CompiledFlow] = {}
        """The set in force, by id; empty until a first poll was accepted."""
        self.digest = ""
        """SHA-256 over names and contents of the set in force, for the audit and the technician's page."""
        self.problems: tuple[Problem, ...] = ()
        """What is wrong with the newest files, empty when they are in force."""

    def poll(self) -> Change | None:
        """None while nothing changed, else the change.

        A look costs one ``stat`` a file; contents are read when a name, size or time differs, and checked when their
        hash differs too.
        """
        with self._lock:
            stamp = self._look()
            if stamp == self._stamp:
                return None
            seen = self._hash()
            self._stamp = stamp
            if seen == self._seen:
                return None
            self._seen = seen
            flows, problems = check(self._path, self._languages, self._devices, self._regions, self._services)
            if self._look() != stamp:
                # Somebody is still writing: what was read may be half of it. The next poll looks again.
                self._stamp, self._seen = None, ""
                return None
            self.problems = problems
            if problems:
                return Change(self.flows, problems, self.digest)
            self.flows, self.digest = flows, seen
            return Change(flows, (), seen)

    def _look(self) -> _Stamp:
        stamp = []
        for file in flow_files(self._path):
            try:
                stat = file.stat()
            except OSError:
                stamp.append((file.name, -1, -1))
                continue
            stamp.append((file.name, stat.st_size, stat.st_mtime_ns))
        return tuple(stamp)

    def _hash(self) -> str:
        total = hashlib.sha256()
        for file in flow_files(self._path):
            try:
                content = file.read_bytes()
            except OSError:
                content = b""
            total.update(f"{file.name}\0{len(content)}\0".encode())
            total.update(content)
        return total.hexdigest()
