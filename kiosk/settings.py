"""``kiosk.toml``: what differs from one machine to the next.

Every key has a default that suits the demo; an unknown key, a wrong type or a value out of range is refused with its
place. Times are seconds, lengths millimetres, unless the name says otherwise.
"""

import contextlib
import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiosk.errors import ErrorCode, SettingsError


class Table(BaseModel):
    """Base of every table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Place(StrEnum):
    """Where a thing is on this machine, seen from the front."""

    LEFT = "left"
    RIGHT = "right"
    BELOW = "below"


class KioskTable(Table):
    id: str = "anjungan-demo-01"
    office: str = "Dinas Kependudukan dan Pencatatan Sipil"
    place: str = "Kabupaten Contoh Raya"
    is_production: bool = False
    languages: list[str] = Field(default=["id", "en"], min_length=1)
    regions: list[str] = Field(default=["99"], description="province codes accepted besides the real ones")
    flows: Path = Path("config/flows")
    services: list[str] = Field(
        default=["cetak-kk", "cek-data", "unduh-akta", "cetak-ktp", "antrean", "keluhan"], max_length=6
    )


class ScreenTable(Table):
    width: int = Field(default=1080, ge=480, le=7680)
    height: int = Field(default=1920, ge=480, le=7680)
    mm_per_px: float = Field(default=0.311, gt=0.05, lt=2)
    is_low_reach: bool = False
    is_motion_reduced: bool = False
    card_side: Place = Place.RIGHT
    paper_side: Place = Place.BELOW
    slip_side: Place = Place.LEFT
    scanner_side: Place = Place.RIGHT
    card_out_side: Place = Place.RIGHT


class VisitTable(Table):
    """Section 7 of the design; longer in helper mode."""

    idle_s: float = Field(default=60, ge=5)
    warning_s: float = Field(default=30, ge=5)
    overall_s: float = Field(default=600, ge=30)
    extension_s: float = Field(default=180, ge=0)
    painted_s: float = Field(default=2, gt=0, le=10)
    take_s: float = Field(default=12, ge=2)
    staff_code_sha256: str = Field(
        default="",
        pattern="^([0-9a-fA-F]{64})?$",
        description="hex SHA-256 of the staff code; empty closes the door",
    )


class OfficeTable(Table):
    url: str = "http://127.0.0.1:8099"
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    token_file: Path | None = Field(default=None, description="the kiosk's bearer token")
    audit_key: Path | None = Field(default=None, description="signs checkpoints of the audit chain; none: no witness")
    checkpoint_s: float = Field(default=900, ge=1, description="longest time without a checkpoint when there is news")
    deadline_s: float = Field(default=8, gt=0, le=60)
    heartbeat_s: float = Field(default=30, ge=1)
    max_answer_bytes: int = Field(default=8_388_608, ge=65_536)


class DocumentsTable(Table):
    trust: list[Path] = Field(default=[], description="PEM files of the pinned roots")


class CardReaderTable(Table):
    kind: Literal["pcsc", "wedge", "socket", "none"] = Field(
        default="none", description="wedge: an RFID reader that types; a tap is all it tells"
    )
    reader: str = Field(default="", description="part of the PC/SC name; empty takes the first contactless one")
    address: str = Field(default="", description="host:port of the simulated reader")
    wedge_digits: Literal["decimal", "hex"] = Field(default="decimal", description="how the wedge types an identifier")
    wedge_bytes: Literal[4, 7, 10] = Field(default=4, description="bytes of it: 4 are 10 decimal or 8 hex digits")
    wedge_order: Literal["as-sent", "reversed"] = Field(default="as-sent", description="order of the bytes as typed")


class PrinterTable(Table):
    kind: Literal["ipp", "cups", "none"] = Field(
        default="none", description="cups: a queue of its own, whose completed only means sent"
    )
    uri: str = ""
    media: str = "iso_a4_210x297mm"
    tray: str = Field(default="", description="the printer's word for the tray (media-source); empty: its own choice")
    spool_conf: Path = Field(default=Path("/etc/cups/cupsd.conf"), description="for kind cups: what the queue keeps")
    evidence: Literal["impressions", "page-counter", "attendant", "none"] = "impressions"
    job_s: float = Field(default=180, ge=5, description="longest time for one document")


class CardPrinterTable(PrinterTable):
    """A printer of ID-1 cards. What it can say of its parts itself wins over what stands here, but for the flipper."""

    media: str = "iso_id-1_54x85.6mm"
    serials: Literal["counter", "scanner", "none"] = Field(
        default="counter",
        description="how each blank's serial is known: counted from what staff loaded, read inside, or not at all",
    )
    blanks_low: int = Field(default=20, ge=0, le=10_000, description="so many recorded blanks left are few")
    ribbon_low: int = Field(default=10, ge=0, le=10_000, description="so many cards' worth of ribbon, or %, are few")
    has_flipper: Literal["yes", "no", "ask"] = "ask"
    has_reject_tray: Literal["yes", "no", "ask"] = "ask"
    inner_scanner: str = Field(default="", description="serial device that reads the blank which lies ready")
    encoder: Literal["none", "simulated"] = Field(
        default="none", description="what writes chips; simulated writes none and is refused in production"
    )


class SlipPrinterTable(Table):
    kind: Literal["tcp", "serial", "usb", "none"] = "none"
    address: str = Field(default="", description="host:port, the serial device, or /dev/usb/lp0 and its like")
    baud: int = 38_400
    profile: Literal["generic", "generic-58", "generic-text", "epson", "epson-text", "columns", "mute"] = Field(
        default="generic", description="what the printer can do: kiosk/devices/slip/profiles.py"
    )
    width_dots: Literal[384, 576] | None = Field(default=None, description="58 or 80 mm paper; default as the profile")


class ScannerTable(Table):
    kind: Literal["wedge", "serial", "camera", "none"] = "wedge"
    address: str = Field(default="", description="the serial device; for a camera pipe:PATH or folder:PATH")
    baud: int = Field(default=115_200, description="USB CDC has no line speed; one must be given all the same")
    framing: Literal["line", "gap"] = Field(
        default="line", description="a code ends with CR, LF or ETX; or, where the scanner sends none, with a pause"
    )
    again_s: float = Field(default=3, ge=0, le=60, description="a camera tells the same code again only after this")


class KeypadTable(Table):
    kind: Literal["input", "none"] = "none"
    device: str = Field(default="", description="a node such as /dev/input/by-id/usb-...-event-kbd")
    name: str = Field(default="", description="part of the name in /proc/bus/input/devices, where no device is named")


class AudioTable(Table):
    kind: Literal["jack", "usb", "none"] = "none"
    name: str = Field(default="Headphone", description="part of the jack's or of the USB sound card's name")


class PowerTable(Table):
    kind: Literal["nut", "apcupsd", "none"] = "none"
    address: str = Field(default="", description="host:port; empty is this machine and the usual port")
    ups: str = Field(default="ups", pattern="^[A-Za-z0-9_.-]{1,64}$", description="the UPS's name in NUT")
    grace_s: float = Field(default=30, ge=0, le=3600, description="on battery for longer: no new visits")
    settle_s: float = Field(default=90, ge=0, le=900, description="battery low: a running print has so long to end")
    told_s: float = Field(default=8, ge=0, le=60, description="battery low: so long the visit's end is announced")
    shutdown: list[str] = Field(default=[], description="command that switches the machine off; empty: none")


class BoxTable(Table):
    kind: Literal["probes", "none"] = "none"
    door: str = Field(default="", description="a file that holds 0 or 1, such as a GPIO's value")
    open_value: Literal["0", "1"] = "1"
    temperatures: list[str] = Field(default=[], description="files in thousandths of a degree, such as temp1_input")
    warm_c: float = Field(default=60, ge=20, le=120)
    hot_c: float = Field(default=75, ge=20, le=120)
    calm_c: float = Field(default=5, ge=0, le=30, description="so much cooler before a state is left again")


class FaceTable(Table):
    """Comparing faces 1:1 with consent; needs the extra ``biometrics`` and the office's leave. docs/biometrics.md"""

    kind: Literal["camera", "socket", "none"] = "none"
    address: str = Field(default="", description="pipe:PATH or folder:PATH of a camera; host:port of the double")
    accept: float = Field(default=0.45, gt=0, le=0.5, description="distances up to it are the same person")
    reject: float = Field(default=0.60, ge=0.55, le=1, description="distances from it on are somebody else")


class FingerTable(Table):
    """Comparing fingers 1:1. No sensor's SDK is part of the kiosk; the double stands behind ``socket``."""

    kind: Literal["socket", "none"] = "none"
    address: str = ""


class DevicesTable(Table):
    card_reader: CardReaderTable = CardReaderTable()
    document_printer: PrinterTable = PrinterTable()
    card_printer: CardPrinterTable = CardPrinterTable()
    slip_printer: SlipPrinterTable = SlipPrinterTable()
    scanner: ScannerTable = ScannerTable()
    keypad: KeypadTable = KeypadTable()
    audio: AudioTable = AudioTable()
    power: PowerTable = PowerTable()
    box: BoxTable = BoxTable()
    face: FaceTable = FaceTable()
    finger: FingerTable = FingerTable()


class StoreTable(Table):
    path: Path = Path("kiosk.db")
    keep_prints_days: float = Field(
        default=30, ge=1, le=3650, description="prints that the office knows of are erased after so many days"
    )
    key_file: Path | None = Field(default=None, description="64 hex digits; default $CREDENTIALS_DIRECTORY/store.key")


QueueName = Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")]


class TicketsTable(Table):
    """Queue numbers, leased from the office ahead so that they are there without it too. docs/offline.md"""

    queues: list[QueueName] = Field(default=[], max_length=8, description="the office's queues; empty: no numbers")
    low: int = Field(default=10, ge=1, le=200, description="so many left, or fewer, and more are asked for")
    count: int = Field(default=20, ge=1, le=200, description="so many are asked for at once")


class Settings(Table):
    """The whole file."""

    kiosk: KioskTable = KioskTable()
    screen: ScreenTable = ScreenTable()
    visit: VisitTable = VisitTable()
    office: OfficeTable = OfficeTable()
    documents: DocumentsTable = DocumentsTable()
    devices: DevicesTable = DevicesTable()
    store: StoreTable = StoreTable()
    tickets: TicketsTable = TicketsTable()
    run_dir: Annotated[Path, Field(description="sockets and nothing else; on tmpfs, mode 0700")] = Path("run")


def load_settings(path: Path) -> Settings:
    """Read ``kiosk.toml``; relative paths in it count from its folder. Raises SettingsError naming every wrong key."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(ErrorCode.SETTINGS_BROKEN, f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(ErrorCode.SETTINGS_BROKEN, f"{path}: {error}") from error
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
        raise SettingsError(ErrorCode.SETTINGS_BROKEN, "\n".join(lines)) from error
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    anchored = _anchored(settings, path.resolve().parent)
    return with_credentials(anchored, Path(folder)) if folder else anchored


CREDENTIALS = {
    "ca": "office-ca.pem",
    "certificate": "kiosk.crt",
    "key": "kiosk.key",
    "token_file": "kiosk.token",
    "audit_key": "audit.key",
}
"""What ``kiosk enroll`` writes, by the key of ``[office]`` that names it."""
_LEAST_CREDENTIAL = 16
"""Bytes: the unit hands the word ``none`` over for a file that is not there."""


def with_credentials(settings: Settings, folder: Path) -> Settings:
    """What the file does not name, from ``folder``: what systemd handed over, or where ``kiosk enroll`` put it."""
    found: dict[str, Path] = {}
    for key, name in CREDENTIALS.items():
        path = folder / name
        with contextlib.suppress(OSError):
            if getattr(settings.office, key) is None and path.stat().st_size >= _LEAST_CREDENTIAL:
                found[key] = path
    return settings.model_copy(update={"office": settings.office.model_copy(update=found)}) if found else settings


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The same settings with every relative path below ``folder``."""

    def anchor(value: object) -> object:
        if isinstance(value, Path):
            return folder / value
        if isinstance(value, list):
            return [anchor(item) for item in value]
        if isinstance(value, Table):
            return value.model_copy(update={name: anchor(getattr(value, name)) for name in type(value).model_fields})
        return value

    anchored = anchor(settings)
    assert isinstance(anchored, Settings)
    return anchored
