"""The self-check at the start: what this machine lacks to serve, each with the file or line that is missing.

Looks and never touches: no store is opened, no device asked, no office called. ``root`` stands for ``/`` in tests.
What is wrong is told, logged and shown to staff; only what the core itself can't do without keeps it from serving.
"""

import os
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from kiosk.diagnostics.file_systems import MEMORY_FILE_SYSTEMS, file_system_of
from kiosk.diagnostics.spool_check import spool_faults
from kiosk.errors import KioskError
from kiosk.settings import Settings
from kiosk.store.database import load_key, require_build

ASSETS = Path(__file__).resolve().parents[2] / "assets"
FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)
"""Before this program was written no clock can rightly stand."""
CERTIFICATE_WARNING = timedelta(days=21)


class Lack(StrEnum):
    """What can be missing; the words are the texts ``machine.<lack>``, which say what to do."""

    ASSET = "asset"
    RUN_DIR_ON_DISK = "run-dir-on-disk"
    RUN_DIR_OPEN = "run-dir-open"
    SPOOL_ON_DISK = "spool-on-disk"
    SPOOL_KEEPS = "spool-keeps"
    SPOOL_FORGETS = "spool-forgets"
    SPOOL_UNCHECKED = "spool-unchecked"
    CORE_DUMPS = "core-dumps"
    SWAP = "swap"
    CLOCK = "clock"
    STORE_KEY = "store-key"
    STORE_BUILD = "store-build"
    STORE_FOLDER = "store-folder"
    STORE_ROOM = "store-room"
    FLOWS = "flows"
    OFFICE_PLAIN = "office-plain"
    OFFICE_CA = "office-ca"
    OFFICE_CERTIFICATE = "office-certificate"
    OFFICE_CERTIFICATE_OLD = "office-certificate-old"
    OFFICE_TOKEN = "office-token"  # noqa: S105 - a word, not a secret
    TRUST = "trust"
    PCSCD = "pcscd"
    DEVICE_NODE = "device-node"
    STAFF_CODE = "staff-code"


@dataclass(frozen=True, slots=True)
class Lacking:
    """One finding. ``detail`` names the file, table or value."""

    lack: Lack
    detail: str


def check_machine(
    settings: Settings, *, is_core: bool = True, root: Path = Path("/"), now: Callable[[], float] = time.time
) -> list[Lacking]:
    """Everything that is missing, in the order in which an installer would mend it; empty when nothing is.

    ``is_core`` is False in a command beside the core: limits of the process are then not the core's.
    """
    is_production = settings.kiosk.is_production
    found = [*_assets(), *_clock(now()), *_flows(settings), *_store(settings), *_devices(settings, root)]
    found += [*_trust(settings), *_office(settings, now())]
    if is_production:
        found += [*_run_dir(settings, root), *_spool(settings, root), *_staff(settings)]
        found += _memory(root) if is_core else ()
    return found


def _assets() -> Iterator[Lacking]:
    for name in ("icons", "sounds", "texts", "first-page.json"):
        if not (ASSETS / name).exists():
            yield Lacking(Lack.ASSET, str(ASSETS / name))


def _clock(now: float) -> Iterator[Lacking]:
    if now < FIRST_DAY.timestamp():
        yield Lacking(Lack.CLOCK, datetime.fromtimestamp(now, UTC).date().isoformat())


def _flows(settings: Settings) -> Iterator[Lacking]:
    for service in settings.kiosk.services:
        file = settings.kiosk.flows / f"{service}.yaml"
        if not os.access(file, os.R_OK):
            yield Lacking(Lack.FLOWS, str(file))


def _store(settings: Settings) -> Iterator[Lacking]:
    try:
        require_build(is_production=settings.kiosk.is_production)
    except KioskError as error:
        yield Lacking(Lack.STORE_BUILD, error.detail)
    try:
        # As in production, so that the check never makes a key.
        load_key(settings.store.key_file, is_production=True)
    except KioskError as error:
        if settings.kiosk.is_production:
            yield Lacking(Lack.STORE_KEY, error.detail)
    folder = settings.store.path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent  # the store makes its own
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Lacking(Lack.STORE_FOLDER, str(folder))
        return
    usage = os.statvfs(folder)
    free_mib = usage.f_bavail * usage.f_frsize // (1024 * 1024)
    if free_mib < 50:
        yield Lacking(Lack.STORE_ROOM, f"{folder}: {free_mib} MiB")


def _devices(settings: Settings, root: Path) -> Iterator[Lacking]:
    devices = settings.devices
    if devices.card_reader.kind == "pcsc":
        comm = _below(root, os.environ.get("PCSCLITE_CSOCK_NAME", "/run/pcscd/pcscd.comm"))
        if not comm.exists():
            yield Lacking(Lack.PCSCD, str(comm))
        elif not os.access(comm, os.R_OK | os.W_OK):
            yield Lacking(Lack.PCSCD, f"{comm}: no permission")
    for name, table in (("slip_printer", devices.slip_printer), ("scanner", devices.scanner)):
        if table.kind in ("serial", "usb") and table.address.startswith("/dev/"):
            node = _below(root, table.address)
            if not os.access(node, os.R_OK | os.W_OK):
                reason = "no permission" if node.exists() else "not there"
                yield Lacking(Lack.DEVICE_NODE, f"devices.{name}: {node}: {reason}")


def _trust(settings: Settings) -> Iterator[Lacking]:
    if not settings.documents.trust:
        yield Lacking(Lack.TRUST, "documents.trust = []")
    for path in settings.documents.trust:
        if not os.access(path, os.R_OK):
            yield Lacking(Lack.TRUST, str(path))


def _office(settings: Settings, now: float) -> Iterator[Lacking]:
    office = settings.office
    if settings.kiosk.is_production and not office.url.startswith("https://"):
        yield Lacking(Lack.OFFICE_PLAIN, office.url)
    if office.ca is not None and not os.access(office.ca, os.R_OK):
        yield Lacking(Lack.OFFICE_CA, str(office.ca))
    missing = [path for path in (office.certificate, office.key) if path is not None and not os.access(path, os.R_OK)]
    for path in missing:
        yield Lacking(Lack.OFFICE_CERTIFICATE, str(path))
    if office.certificate is not None and not missing:
        yield from _certificate(office.certificate, office.key, now)
    if office.token_file is None and settings.kiosk.is_production:
        yield Lacking(Lack.OFFICE_TOKEN, "kiosk enroll")
    if office.token_file is not None and not os.access(office.token_file, os.R_OK):
        yield Lacking(Lack.OFFICE_TOKEN, str(office.token_file))


def _certificate(path: Path, key: Path | None, now: float) -> Iterator[Lacking]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        yield Lacking(Lack.OFFICE_CERTIFICATE, f"{path}: no certificate")
        return
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if datetime.fromtimestamp(now, UTC) < begins:
        # The office signed it in the past: it is this machine's clock that is behind.
        yield Lacking(Lack.CLOCK, f"{path.name}: {begins.isoformat()}")
    if datetime.fromtimestamp(now, UTC) > ends - CERTIFICATE_WARNING:
        yield Lacking(Lack.OFFICE_CERTIFICATE_OLD, f"{path}: {ends.date().isoformat()}")
    if key is None:
        return
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        own = load_pem_private_key(key.read_bytes(), None).public_key().public_bytes(*form)
    except (OSError, ValueError, TypeError):
        yield Lacking(Lack.OFFICE_CERTIFICATE, f"{key}: no key")
        return
    if own != certificate.public_key().public_bytes(*form):
        yield Lacking(Lack.OFFICE_CERTIFICATE, f"{key} is not the key of {path.name}")


def _run_dir(settings: Settings, root: Path) -> Iterator[Lacking]:
    """Sockets alone stand there, but a preview that a debugger dumped would too."""
    folder = settings.run_dir
    kind = file_system_of(folder, _below(root, "/proc/self/mountinfo"))
    if kind and kind not in MEMORY_FILE_SYSTEMS:
        yield Lacking(Lack.RUN_DIR_ON_DISK, f"{folder} ({kind})")
    try:
        mode = folder.stat().st_mode
    except OSError:
        return
    if mode & 0o007:
        yield Lacking(Lack.RUN_DIR_OPEN, f"{folder} ({mode & 0o777:o})")


def _spool(settings: Settings, root: Path) -> Iterator[Lacking]:
    """A queue writes the whole document into its spool: on a disk, or kept there, it could be found again."""
    told: set[tuple[str, str]] = set()
    for table in (settings.devices.document_printer, settings.devices.card_printer):
        if table.kind == "cups":
            told.update(spool_faults(table.uri, table.spool_conf, root))
    for fault, detail in sorted(told):
        yield Lacking(Lack(fault), detail)


def _memory(root: Path) -> Iterator[Lacking]:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    # One byte is the stricter of the two: kiosk/sealed.py.
    if not 0 <= soft <= 1 or not 0 <= hard <= 1:
        yield Lacking(Lack.CORE_DUMPS, f"RLIMIT_CORE {soft}/{hard}")
    if may_swap(root):
        yield Lacking(Lack.SWAP, "memory.swap.max")


def may_swap(root: Path) -> bool:
    """Whether what a citizen types may be written to a swap device: there is one, and our control group may use it."""
    try:
        devices = _below(root, "/proc/swaps").read_text(encoding="utf-8").splitlines()[1:]
    except OSError:
        devices = ["hidden by ProcSubset=pid"]
    if not devices:
        return False
    try:
        group = _below(root, "/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
        own = next(row.removeprefix("0::") for row in group if row.startswith("0::"))
        limit = _below(root, f"/sys/fs/cgroup{own}/memory.swap.max").read_text(encoding="utf-8").strip()
    except (OSError, StopIteration):
        return True
    return limit != "0"


def _staff(settings: Settings) -> Iterator[Lacking]:
    if not settings.visit.staff_code_sha256:
        yield Lacking(Lack.STAFF_CODE, "visit.staff_code_sha256")


def _below(root: Path, path: str) -> Path:
    return root / path.lstrip("/")
