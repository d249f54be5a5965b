"""The devices that ``kiosk.toml`` names, built but not started."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from kiosk.devices.contract import (
    AudioOutput,
    CardReader,
    Device,
    DeviceKind,
    DocumentPrinter,
    Enclosure,
    FaceMatcher,
    FingerMatcher,
    Keypad,
    PowerSupply,
    Scanner,
    SlipPrinter,
)
from kiosk.devices.contract.card_printer import CardPrinter, Fitted
from kiosk.devices.not_configured import (
    MissingAudio,
    MissingBox,
    MissingCardReader,
    MissingKeypad,
    MissingMatcher,
    MissingPower,
    MissingPrinter,
    MissingScanner,
    MissingSlipPrinter,
)
from kiosk.devices.status import Clock
from kiosk.errors import ErrorCode, SettingsError
from kiosk.settings import (
    AudioTable,
    BoxTable,
    CardPrinterTable,
    CardReaderTable,
    DevicesTable,
    FaceTable,
    FingerTable,
    KeypadTable,
    PowerTable,
    PrinterTable,
    ScannerTable,
    SlipPrinterTable,
)


@dataclass(frozen=True, slots=True)
class Devices:
    """All devices of a machine; what it lacks is there too, and says NOT_CONFIGURED."""

    card_reader: CardReader
    document_printer: DocumentPrinter
    card_printer: CardPrinter
    slip_printer: SlipPrinter
    scanner: Scanner
    keypad: Keypad
    audio: AudioOutput
    power: PowerSupply
    box: Enclosure
    face: FaceMatcher = field(default_factory=lambda: MissingMatcher(DeviceKind.FACE))
    finger: FingerMatcher = field(default_factory=lambda: MissingMatcher(DeviceKind.FINGER))

    def __iter__(self) -> Iterator[Device]:
        printers = (self.document_printer, self.card_printer, self.slip_printer)
        # What compares people is off unless configured, and then it is nowhere to be seen.
        matchers = [one for one in (self.face, self.finger) if not isinstance(one, MissingMatcher)]
        rest = (self.scanner, self.keypad, self.audio, self.power, self.box)
        return iter((self.card_reader, *printers, *rest, *matchers))

    def start(self) -> None:
        """Start them all; returns at once."""
        for device in self:
            device.start()

    def stop(self) -> None:
        """Stop them all."""
        for device in self:
            device.stop()


def build_devices(settings: DevicesTable, clock: Clock = time.monotonic) -> Devices:
    """Build what the settings name. Raises SettingsError on a bad address. Imports what is needed, no more."""
    try:
        return Devices(
            _card_reader(settings.card_reader, clock),
            _printer(settings.document_printer, DeviceKind.DOCUMENT_PRINTER, clock),
            _card_printer(settings.card_printer, clock),
            _slip_printer(settings.slip_printer, clock),
            _scanner(settings.scanner, clock),
            _keypad(settings.keypad, clock),
            _audio(settings.audio, clock),
            _power(settings.power, clock),
            _box(settings.box, clock),
            _face(settings.face, clock),
            _finger(settings.finger, clock),
        )
    except (ValueError, ImportError) as error:
        raise SettingsError(ErrorCode.SETTINGS_BROKEN, f"devices: {error}") from error


def _card_reader(table: CardReaderTable, clock: Clock) -> CardReader:
    if table.kind == "none":
        return MissingCardReader(clock)
    if table.kind == "wedge":
        from kiosk.devices.card.wedge import TapFormat, WedgeCardReader

        is_reversed = table.wedge_order == "reversed"
        return WedgeCardReader(TapFormat(table.wedge_digits == "decimal", table.wedge_bytes, is_reversed), clock)
    from kiosk.devices.card.reader import CardReader as ReaderOverLink

    if table.kind == "socket":
        from kiosk.devices.card.socket_link import SocketLink

        return ReaderOverLink(SocketLink(table.address), clock)
    from kiosk.devices.card.pcsc_link import PcscLink

    return ReaderOverLink(PcscLink(table.reader), clock)


def _printer(table: PrinterTable, kind: DeviceKind, clock: Clock) -> DocumentPrinter:
    if table.kind == "none":
        return MissingPrinter(kind, clock)
    if table.kind == "cups":
        from kiosk.devices.printing.cups_queue import CupsQueue

        return CupsQueue(table.uri, table.media, kind, clock, tray=table.tray, spool_conf=table.spool_conf)
    from kiosk.devices.printing.document_printer import IppPrinter

    return IppPrinter(table.uri, table.media, kind, clock, tray=table.tray)


def _card_printer(table: CardPrinterTable, clock: Clock) -> CardPrinter:
    if table.kind == "none":
        from kiosk.devices.printing.no_card_printer import MissingCardPrinter

        return MissingCardPrinter(clock)
    from kiosk.devices.printing.card_parts import PartSettings
    from kiosk.devices.printing.card_printer import IdCardPrinter, ipp_parts

    told = {"yes": Fitted.YES, "no": Fitted.NO, "ask": Fitted.UNKNOWN}
    parts = PartSettings(told[table.has_flipper], told[table.has_reject_tray], table.ribbon_low, table.blanks_low)
    inner = _printer(table, DeviceKind.CARD_PRINTER, clock)
    return IdCardPrinter(inner, ipp_parts(table.uri), parts, clock)


def _slip_printer(table: SlipPrinterTable, clock: Clock) -> SlipPrinter:
    from kiosk.devices.slip.profiles import PROFILES

    profile = PROFILES[table.profile]
    if table.kind == "none":
        return MissingSlipPrinter(table.width_dots or profile.width_dots, clock)
    from kiosk.devices.slip.printer import EscPosPrinter
    from kiosk.devices.slip.transport import serial_opener, tcp_opener, usb_opener

    if table.kind == "tcp":
        opener = tcp_opener(table.address)
    else:
        opener = usb_opener(table.address) if table.kind == "usb" else serial_opener(table.address, table.baud)
    return EscPosPrinter(opener, table.address, table.width_dots, clock, profile)


def _scanner(table: ScannerTable, clock: Clock) -> Scanner:
    if table.kind == "none":
        return MissingScanner(clock)
    if table.kind == "camera":
        from kiosk.devices.scan.camera import CameraScanner
        from kiosk.devices.scan.frames import frame_source

        return CameraScanner(frame_source(table.address), table.again_s, clock)
    from kiosk.devices.scan.scanner import SerialScanner, WedgeScanner
    from kiosk.devices.slip.transport import serial_opener

    if table.kind == "wedge":
        return WedgeScanner(clock)
    opener = serial_opener(table.address, table.baud)
    return SerialScanner(opener, table.address, clock, ends_by_pause=table.framing == "gap")


def _keypad(table: KeypadTable, clock: Clock) -> Keypad:
    if table.kind == "none":
        return MissingKeypad(clock)
    from kiosk.devices.surroundings.keypad import KeypadWatch

    return KeypadWatch(table.device, table.name, clock)


def _audio(table: AudioTable, clock: Clock) -> AudioOutput:
    if table.kind == "none":
        return MissingAudio(clock)
    from kiosk.devices.surroundings.audio import JackWatch, UsbSoundWatch

    return JackWatch(table.name, clock) if table.kind == "jack" else UsbSoundWatch(table.name, clock)


def _power(table: PowerTable, clock: Clock) -> PowerSupply:
    if table.kind == "none":
        return MissingPower(clock)
    from kiosk.devices.surroundings.ups import UpsWatch
    from kiosk.devices.surroundings.ups_links import apcupsd_link, nut_link

    link = nut_link(table.address, table.ups) if table.kind == "nut" else apcupsd_link(table.address)
    return UpsWatch(link, clock)


def _box(table: BoxTable, clock: Clock) -> Enclosure:
    if table.kind == "none":
        return MissingBox(clock)
    from kiosk.devices.surroundings.box import BoxWatch, Limits

    limits = Limits(table.warm_c, table.hot_c, table.calm_c)
    return BoxWatch(table.door, table.open_value, tuple(table.temperatures), limits, clock)


def _face(table: FaceTable, clock: Clock) -> FaceMatcher:
    if table.kind == "none":
        return MissingMatcher(DeviceKind.FACE, clock)
    if table.kind == "socket":
        from kiosk.devices.biometrics.socket_matcher import SocketMatcher

        return SocketMatcher(DeviceKind.FACE, table.address, clock)
    from dataclasses import replace

    from kiosk.devices.biometrics.camera import PipedCamera
    from kiosk.devices.biometrics.matcher import face_matcher
    from kiosk.devices.biometrics.verdict import FACE

    thresholds = replace(FACE, accept=table.accept, reject=table.reject, strong=min(FACE.strong, table.accept))
    return face_matcher(PipedCamera(table.address), table.address, thresholds, clock)


def _finger(table: FingerTable, clock: Clock) -> FingerMatcher:
    if table.kind == "none":
        return MissingMatcher(DeviceKind.FINGER, clock)
    from kiosk.devices.biometrics.socket_matcher import SocketMatcher

    return SocketMatcher(DeviceKind.FINGER, table.address, clock)
