"""What a print queue's scheduler would keep of a citizen's document, read from the files that it runs with.

A queue (``kind = "cups"``) writes the whole document into its spool. Which files count is asked of the running cupsd
itself, by its command line; where that is hidden (as in the core's sandbox) ``spool_conf`` is believed. Neither IPP nor
``cupsctl`` tells these settings to whoever is not an administrator of the scheduler.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.diagnostics.file_systems import MEMORY_FILE_SYSTEMS, file_system_of

_DIRECTIVE = re.compile(r"^\s*(\w+)\s+(.*?)\s*(?:#.*)?$")
_NO = {"no", "off", "false", "0"}
_HERE = {"localhost", "127.0.0.1", "::1"}
_IPP_PORT = 631
_MAIN = "/etc/cups/cupsd.conf"


class SpoolFault(StrEnum):
    """What can be wrong; the words are those of ``machine_check.Lack``."""

    ON_DISK = "spool-on-disk"
    KEEPS = "spool-keeps"
    FORGETS = "spool-forgets"
    UNCHECKED = "spool-unchecked"


def spool_faults(uri: str, spool_conf: Path, root: Path) -> Iterator[tuple[SpoolFault, str]]:
    """Everything wrong with the scheduler of the queue at ``uri``. ``root`` stands for ``/``."""
    parts = urlsplit(uri)
    if parts.hostname not in _HERE:
        yield SpoolFault.UNCHECKED, f"{parts.hostname}: another machine"
        return
    main, files = spool_conf, spool_conf.with_name("cups-files.conf")
    running = running_with(parts.port or _IPP_PORT, root)
    if running is not None:
        main, files = running
        if main != spool_conf:
            yield SpoolFault.UNCHECKED, f"spool_conf = {spool_conf}, cupsd -c {main}"
    settings = _read(main, root)
    if settings is None:
        yield SpoolFault.UNCHECKED, str(main)
    else:
        kept = settings.get("preservejobfiles", "86400")
        if kept.lower() not in _NO:
            yield SpoolFault.KEEPS, f"{main}: PreserveJobFiles {kept}"
        history = settings.get("preservejobhistory", "Yes")
        if history.lower() in _NO:
            yield SpoolFault.FORGETS, f"{main}: PreserveJobHistory {history}"
    places = _read(files, root)
    if places is None and _below(root, files).exists():
        yield SpoolFault.UNCHECKED, str(files)
    spool = Path((places or {}).get("requestroot", "/var/spool/cups"))
    for name, folder in (("RequestRoot", spool), ("TempDir", Path((places or {}).get("tempdir", str(spool / "tmp"))))):
        kind = file_system_of(folder, _below(root, Path("/proc/self/mountinfo")))
        if kind not in MEMORY_FILE_SYSTEMS:
            yield SpoolFault.ON_DISK, f"{name} {folder} ({kind or 'unknown'})"


def running_with(port: int, root: Path) -> tuple[Path, Path] | None:
    """``cupsd.conf`` and ``cups-files.conf`` of the cupsd that listens on ``port``; None when none is seen."""
    for line in sorted(_below(root, Path("/proc")).glob("[0-9]*/cmdline")):
        try:
            words = line.read_text(encoding="utf-8", errors="replace").split("\0")
        except OSError:
            continue
        if Path(words[0]).name != "cupsd":
            continue
        main = Path(_option(words, "-c") or _MAIN)
        files = Path(_option(words, "-s") or main.with_name("cups-files.conf"))
        if port in _ports(main, root):
            return main, files
    return None


def _option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1] if name in words[:-1] else ""


def _ports(conf: Path, root: Path) -> set[int]:
    try:
        lines = _below(root, conf).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    found = set()
    for match in filter(None, map(_DIRECTIVE.match, lines)):
        if match[1].lower() in ("listen", "port", "ssllisten", "sslport"):
            port = match[2].rpartition(":")[2]
            found |= {int(port)} if port.isdigit() else set()
    return found


def _read(conf: Path, root: Path) -> dict[str, str] | None:
    """Directives by their names in small letters, the last of a name; None for a file that can't be read."""
    try:
        text = _below(root, conf).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return {match[1].lower(): match[2] for match in filter(None, map(_DIRECTIVE.match, text.splitlines()))}


def _below(root: Path, path: Path) -> Path:
    return root / str(path).lstrip("/")
