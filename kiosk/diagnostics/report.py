"""One model of the machine's state, printed by ``kiosk diagnose``. Probes never raise."""

import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kiosk import __version__
from kiosk.devices.contract import Band, Reason, Status
from kiosk.devices.reasons import entry
from kiosk.errors import ErrorCode, KioskError
from kiosk.settings import Settings
from kiosk.texts import Texts

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


@dataclass
class Finding:
    """One probe of the machine that is not a device."""

    name: str
    is_good: bool
    words: str
    code: str = ""


@dataclass
class Report:
    version: str
    kiosk: str
    devices: list[DeviceLine] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing needs doing."""
        bands = (Band.OK.value, Band.WARNING.value)
        configured = [line for line in self.devices if line.reason != Reason.NOT_CONFIGURED.value]
        return all(line.band in bands for line in configured) and all(finding.is_good for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        return {"version": self.version, "kiosk": self.kiosk, "is_good": self.is_good} | {
            "devices": [asdict(line) for line in self.devices],
            "findings": [asdict(finding) for finding in self.findings],
        }


def device_line(status: Status, texts: Texts) -> DeviceLine:
    """What the technician reads about one device."""
    reason = status.reasons[0] if status.reasons else Reason.NONE
    words = texts("staff.works") if reason is Reason.NONE else texts(entry(reason).staff_key, detail=status.detail)
    name = texts(f"device.{status.kind}")
    return DeviceLine(status.kind.value, name, status.band.value, reason.value, words, status.detail)


def probe(settings: Settings, fault: ErrorCode | None, texts: Texts) -> Report:
    """Ask every device, the office, the flows and the store, each once. Takes up to some ten seconds."""
    report = Report(__version__, settings.kiosk.id)
    if fault is not None:
        report.findings.append(Finding("settings", False, texts(f"error.{fault}.staff"), fault.value))
    report.devices = _probe_devices(settings, texts)
    report.findings.append(_probe_office(settings, texts))
    report.findings.append(_probe_flows(settings, texts))
    report.findings.append(_probe_store(settings, texts))
    report.findings.append(_probe_trust(settings, texts))
    return report


def _probe_devices(settings: Settings, texts: Texts) -> list[DeviceLine]:
    from kiosk.devices.build import build_devices

    devices = build_devices(settings.devices)
    devices.start()
    try:
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            if all(Reason.STARTING not in device.status().reasons for device in devices):
                break
            time.sleep(0.05)
        return [device_line(device.status(), texts) for device in devices]
    finally:
        devices.stop()


def _probe_office(settings: Settings, texts: Texts) -> Finding:
    from datetime import UTC, datetime

    from kiosk import api
    from kiosk.backend.client import OfficeClient

    try:
        client = OfficeClient(settings.office)
        try:
            client.heartbeat(api.Heartbeat(kiosk=settings.kiosk.id, version=__version__, at=datetime.now(UTC)))
        finally:
            client.close()
    except KioskError as error:
        return Finding("office", False, texts(f"error.{error.code}.staff"), error.code.value)
    return Finding("office", True, settings.office.url)


def _probe_flows(settings: Settings, texts: Texts) -> Finding:
    from kiosk.core.bundle import FlowBundle

    try:
        bundle = FlowBundle(settings)
    except KioskError as error:
        return Finding("flows", False, texts(f"error.{error.code}.staff"), error.code.value)
    return Finding("flows", True, bundle.name)


def _probe_store(settings: Settings, texts: Texts) -> Finding:
    """The store is not opened: the core may have it. Its folder must be writable with room to spare."""
    folder = Path(settings.store.path).parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return Finding("store", False, texts(f"error.{ErrorCode.STORE_UNREADABLE}.staff"), ErrorCode.STORE_UNREADABLE)
    if free < 50 * 1024 * 1024:
        return Finding("store", False, texts(f"error.{ErrorCode.STORE_FULL}.staff"), ErrorCode.STORE_FULL)
    return Finding("store", True, f"{free // (1024 * 1024)} MiB")


def _probe_trust(settings: Settings, texts: Texts) -> Finding:
    missing = [str(path.name) for path in settings.documents.trust if not path.is_file()]
    if missing or not settings.documents.trust:
        words = texts(f"error.{ErrorCode.SIGNER_UNTRUSTED}.staff")
        return Finding("trust", False, words, ErrorCode.SIGNER_UNTRUSTED)
    return Finding("trust", True, str(len(settings.documents.trust)))
