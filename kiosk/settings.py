"""``kiosk.toml``: what differs from one machine to the next.

Every key has a default that suits the demo; an unknown key, a wrong type or a value out of range is refused with its
place. Times are seconds, lengths millimetres, unless the name says otherwise.
"""

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
    services: list[str] = Field(default=["cetak-kk", "cek-data", "unduh-akta", "cetak-ktp"], max_length=6)


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
    deadline_s: float = Field(default=8, gt=0, le=60)
    heartbeat_s: float = Field(default=30, ge=1)
    max_answer_bytes: int = Field(default=8_388_608, ge=65_536)


class DocumentsTable(Table):
    trust: list[Path] = Field(default=[], description="PEM files of the pinned roots")


class CardReaderTable(Table):
    kind: Literal["pcsc", "socket", "none"] = "none"
    reader: str = Field(default="", description="part of the PC/SC name; empty takes the first contactless one")
    address: str = Field(default="", description="host:port of the simulated reader")


class PrinterTable(Table):
    kind: Literal["ipp", "none"] = "none"
    uri: str = ""
    media: str = "iso_a4_210x297mm"
    evidence: Literal["impressions", "page-counter", "attendant", "none"] = "impressions"
    job_s: float = Field(default=180, ge=5, description="longest time for one document")


class SlipPrinterTable(Table):
    kind: Literal["tcp", "serial", "none"] = "none"
    address: str = Field(default="", description="host:port, or the serial device")
    baud: int = 38_400
    width_dots: Literal[384, 576] = 576


class ScannerTable(Table):
    kind: Literal["wedge", "serial", "none"] = "wedge"
    address: str = ""


class DevicesTable(Table):
    card_reader: CardReaderTable = CardReaderTable()
    document_printer: PrinterTable = PrinterTable()
    card_printer: PrinterTable = PrinterTable(media="iso_id-1_54x85.6mm")
    slip_printer: SlipPrinterTable = SlipPrinterTable()
    scanner: ScannerTable = ScannerTable()


class StoreTable(Table):
    path: Path = Path("kiosk.db")
    key_file: Path | None = Field(default=None, description="64 hex digits; default $CREDENTIALS_DIRECTORY/store.key")


class Settings(Table):
    """The whole file."""

    kiosk: KioskTable = KioskTable()
    screen: ScreenTable = ScreenTable()
    visit: VisitTable = VisitTable()
    office: OfficeTable = OfficeTable()
    documents: DocumentsTable = DocumentsTable()
    devices: DevicesTable = DevicesTable()
    store: StoreTable = StoreTable()
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
    return _anchored(settings, path.resolve().parent)


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
