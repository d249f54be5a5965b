"""One model of the machine's state, printed by ``kiosk diagnose``. Probes never raise."""

import os
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk import __version__
from kiosk.core.link import is_core_running
from kiosk.devices.contract import Band, DeviceKind, Reason, Status
from kiosk.devices.reasons import entry
from kiosk.errors import ErrorCode, KioskError, StoreError
from kiosk.issues import Facts, issues_of
from kiosk.settings import Settings
from kiosk.store.prints import PrinterName
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.devices.build import Devices

IN_USE = "in-use"
"""The reason of a device that is left to the running core; nothing needs doing about it."""

SETTLE_S = 6.0
"""How long devices are waited for: a status that still says STARTING then is reported as such."""


@dataclass
class DeviceLine:
    """One device. ``band`` and ``reason`` are the contract's words, ``words`` the technician's."""

    device: str
    name: str
    band: str
    reason: str
    words: str
    detail: str = ""
    notes: list[str] = field(default_factory=list)

    def status(self) -> Status:
        """The line as a status again, for what follows from it."""
        reasons = () if self.reason == Reason.NONE.value else (Reason(self.reason),)
        return Status(DeviceKind(self.device), Band(self.band), reasons, 0.0, self.detail)


@dataclass
class Finding:
    """One probe of the machine that is not a device."""

    name: str
    is_good: bool
    words: str
    code: str = ""
    detail: str = ""


@dataclass
class IssueLine:
    """What the technician's door would show as open: ``slug`` is the office's word for it."""

    slug: str
    what: str
    do: str


@dataclass
class Report:
    version: str
    kiosk: str
    devices: list[DeviceLine] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    issues: list[IssueLine] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing needs doing."""
        bands = (Band.OK.value, Band.WARNING.value)
        configured = [line for line in self.devices if line.reason not in (Reason.NOT_CONFIGURED.value, IN_USE)]
        return all(line.band in bands for line in configured) and all(finding.is_good for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        return {"version": self.version, "kiosk": self.kiosk, "is_good": self.is_good} | {
            "devices": [asdict(line) for line in self.devices],
            "findings": [asdict(finding) for finding in self.findings],
            "issues": [asdict(issue) for issue in self.issues],
        }


def device_line(status: Status, texts: Texts) -> DeviceLine:
    """What the technician reads about one device."""
    reason = status.reasons[0] if status.reasons else Reason.NONE
    key = entry(reason).staff_key_for(status.kind)
    words = texts("staff.works") if reason is Reason.NONE else texts(key, detail=status.detail)
    name = texts(f"device.{status.kind}")
    return DeviceLine(status.kind.value, name, status.band.value, reason.value, words, status.detail)


def probe(settings: Settings, fault: ErrorCode | None, texts: Texts, detail: str = "") -> Report:
    """Ask every device, the office, the flows and the store, each once. Takes up to some ten seconds.

    ``detail`` says what is wrong with the settings. Nothing is written or told: a running core goes on undisturbed.
    """
    report = Report(__version__, settings.kiosk.id)
    if fault is not None:
        report.findings.append(Finding("settings", False, texts(f"error.{fault}.staff"), fault.value, detail))
    report.devices = _probe_devices(settings, texts)
    office = _probe_office(settings, texts)
    flows = _probe_flows(settings, texts)
    report.findings += [office, flows, _probe_store(settings, texts), _probe_trust(settings, texts)]
    report.findings += _probe_machine(settings, texts)
    statuses = [line.status() for line in report.devices if line.reason != IN_USE]
    from kiosk.store.soundness import set_aside_stores

    report.issues = _issues(statuses, office, flows, tuple(set_aside_stores(settings.store.path)), texts)
    return report


def _issues(
    statuses: list[Status], office: Finding, flows: Finding, lost_stores: tuple[str, ...], texts: Texts
) -> list[IssueLine]:
    """As the core has them, but for what stands in the store, which the core alone asks."""
    facts = Facts(
        statuses=tuple(statuses),
        is_office_away=not office.is_good and office.code != ErrorCode.OFFICE_REFUSED.value,
        flow_problem="" if flows.is_good else flows.detail or flows.words,
        lost_stores=lost_stores,
    )
    return [IssueLine(issue.slug, issue.what(texts), issue.do(texts)) for issue in issues_of(facts)]


def _probe_devices(settings: Settings, texts: Texts) -> list[DeviceLine]:
    from kiosk.devices.build import build_devices

    used = _used_lines(settings)
    spared = {kind.value.replace("-", "_"): {"kind": "none"} for kind in used}
    table = type(settings.devices).model_validate(settings.devices.model_dump() | spared)
    devices = build_devices(table)
    devices.start()
    try:
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            if all(Reason.STARTING not in device.status().reasons for device in devices):
                break
            time.sleep(0.05)
        lines = [
            _in_use(device.kind, texts) if device.kind in used else device_line(device.status(), texts)
            for device in devices
        ]
        _add_notes(lines, devices, settings, texts)
        return lines
    finally:
        devices.stop()


def _add_notes(lines: list[DeviceLine], devices: "Devices", settings: Settings, texts: Texts) -> None:
    """What a printer's line says besides: where it prints, and a card printer's parts."""
    from kiosk.diagnostics.printer_abilities import ability_notes
    from kiosk.diagnostics.printer_notes import part_notes, shift_notes, stored_shifts

    shifts = stored_shifts(settings)
    for line in lines:
        if line.reason == Reason.NOT_CONFIGURED.value:
            continue
        if line.device == DeviceKind.DOCUMENT_PRINTER.value:
            line.notes += shift_notes(devices.document_printer, shifts.get(PrinterName.A4), texts)
            line.notes += ability_notes(devices.document_printer.capabilities(), texts)
        elif line.device == DeviceKind.CARD_PRINTER.value:
            line.notes += shift_notes(devices.card_printer, shifts.get(PrinterName.CARD), texts)
            line.notes += part_notes(devices.card_printer.parts(), texts)
            line.notes += ability_notes(devices.card_printer.capabilities(), texts)


def _used_lines(settings: Settings) -> set[DeviceKind]:
    """Serial devices of a core that runs: a second reader would take bytes that are meant for it."""
    if not is_core_running(settings.run_dir / "core.sock"):
        return set()
    kinds = {
        DeviceKind.SLIP_PRINTER: settings.devices.slip_printer.kind,
        DeviceKind.SCANNER: settings.devices.scanner.kind,
    }
    return {device for device, kind in kinds.items() if kind in ("serial", "camera")}


def _in_use(kind: DeviceKind, texts: Texts) -> DeviceLine:
    return DeviceLine(kind.value, texts(f"device.{kind}"), Band.UNKNOWN.value, IN_USE, texts("diagnose.in-use"))


def _probe_office(settings: Settings, texts: Texts) -> Finding:
    from kiosk.backend.client import OfficeClient

    try:
        client = OfficeClient(settings.office)
        try:
            client.probe()
        finally:
            client.close()
    except KioskError as error:
        return Finding("office", False, texts(f"error.{error.code}.staff"), error.code.value, error.detail)
    return Finding("office", True, settings.office.url)


def _probe_flows(settings: Settings, texts: Texts) -> Finding:
    from kiosk.core.bundle import FlowBundle

    try:
        bundle = FlowBundle(settings)
    except KioskError as error:
        return Finding("flows", False, texts(f"error.{error.code}.staff"), error.code.value, error.detail)
    return Finding("flows", True, bundle.name)


def _probe_store(settings: Settings, texts: Texts) -> Finding:
    """Its folder must be writable with room to spare; the store itself is opened only while no core has it."""
    folder = Path(settings.store.path).parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return Finding("store", False, texts("diagnose.store-missing", folder=folder), ErrorCode.STORE_UNREADABLE)
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("store", False, texts("diagnose.store-closed", folder=folder), ErrorCode.STORE_UNREADABLE)
    if free < 50 * 1024 * 1024:
        return Finding("store", False, texts(f"error.{ErrorCode.STORE_FULL}.staff"), ErrorCode.STORE_FULL)
    if settings.store.path.exists() and not is_core_running(settings.run_dir / "core.sock"):
        from kiosk.store.database import check_store, load_key

        try:
            key = load_key(settings.store.key_file, is_production=True)
            check_store(settings.store.path, key, is_production=settings.kiosk.is_production)
        except StoreError as error:
            words = texts(f"error.{error.code}.staff")
            if error.code is ErrorCode.STORE_UNREADABLE:
                words = texts("diagnose.store-damaged")
            return Finding("store", False, words, error.code.value, error.detail)
    return Finding("store", True, f"{free // (1024 * 1024)} MiB")


def _probe_machine(settings: Settings, texts: Texts) -> list[Finding]:
    """What the core's self-check at its start says."""
    from kiosk.diagnostics.machine_check import Lack, check_machine

    # These have findings of their own above.
    told = (Lack.TRUST, Lack.FLOWS, Lack.STORE_FOLDER, Lack.STORE_ROOM)
    lacks = [one for one in check_machine(settings, is_core=False) if one.lack not in told]
    found = [Finding("machine", False, texts(f"machine.{one.lack}", detail=one.detail), "", one.lack) for one in lacks]
    return found or [Finding("machine", True, texts("diagnose.machine-whole"))]


def _probe_trust(settings: Settings, texts: Texts) -> Finding:
    missing = [path.name for path in settings.documents.trust if not path.is_file()]
    if not settings.documents.trust:
        return Finding("trust", False, texts("diagnose.trust-none"), ErrorCode.SIGNER_UNTRUSTED)
    if missing:
        words = texts("diagnose.trust-missing", files=", ".join(missing))
        return Finding("trust", False, words, ErrorCode.SIGNER_UNTRUSTED)
    return Finding("trust", True, str(len(settings.documents.trust)))
