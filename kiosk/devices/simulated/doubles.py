"""All doubles of a machine with their fronts, and what can be done to them by name, for the dock and the robot."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.devices.card.link import LinkState
from kiosk.devices.contract import DeviceKind
from kiosk.devices.simulated.card_fronts import CardReaderServer, VpcdPlug
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.ipp_front import IppServer
from kiosk.devices.simulated.matcher_double import MatcherDouble, MatcherServer, report_of
from kiosk.devices.simulated.office_switch import DEVICE as OFFICE
from kiosk.devices.simulated.office_switch import OfficeSwitch, OfficeTrouble
from kiosk.devices.simulated.printer_double import PrinterDouble, Trouble
from kiosk.devices.simulated.slip_double import SlipDouble, SlipServer, SlipTrouble
from kiosk.devices.simulated.virtual_card import CardType, VirtualCard

ID1_MEDIA = "iso_id-1_54x85.6mm"
SHEET_S = 1.2
"""Of a usual office printer, at speed 1."""
CARD_S = 2.0
"""A real one takes half a minute; nobody wants to watch that in a demo."""
SLIP_DOTS_PER_S = 1600.0


class UnknownActError(ValueError):
    """No such device, act or argument."""


class Doubles:
    """The four doubles behind sockets. ``speed`` 1 is like the machines, 10 ten times as fast, 0 at once."""

    def __init__(self, speed: float = 1.0, vpcd_port: int | None = None, office_url: str = "") -> None:
        self.office = OfficeSwitch(office_url) if office_url else None
        self.card_reader = CardReaderDouble()
        self.document_printer = PrinterDouble(sheet_s=_duration(SHEET_S, speed))
        self.card_printer = PrinterDouble(DeviceKind.CARD_PRINTER, ID1_MEDIA, _duration(CARD_S, speed))
        self.slip_printer = SlipDouble(dots_per_s=SLIP_DOTS_PER_S * speed)
        self.matchers = {kind: MatcherDouble(kind) for kind in (DeviceKind.FACE, DeviceKind.FINGER)}
        self._matcher_fronts = {kind: MatcherServer(double) for kind, double in self.matchers.items()}
        self._card_front = CardReaderServer(self.card_reader)
        self._document_front = IppServer(self.document_printer)
        self._cards_front = IppServer(self.card_printer)
        self._slip_front = SlipServer(self.slip_printer)
        self._plug = VpcdPlug(self.card_reader, vpcd_port) if vpcd_port is not None else None

    def addresses(self) -> dict[str, str]:
        """Where each one is, by the names of ``kiosk.toml``'s tables."""
        return {
            "card_reader": self._card_front.address,
            "document_printer": self._document_front.uri,
            "card_printer": self._cards_front.uri,
            "slip_printer": self._slip_front.address,
            **{kind.value: front.address for kind, front in self._matcher_fronts.items()},
        }

    def close(self) -> None:
        """Give all ports back."""
        if self._plug is not None:
            self._plug.close()
        self.card_reader.pull()
        for matcher_front in self._matcher_fronts.values():
            matcher_front.close()
        for front in (self._card_front, self._document_front, self._cards_front, self._slip_front):
            front.close()
        self.document_printer.close()
        self.card_printer.close()

    # --- acts -------------------------------------------------------------------------------------------------------

    def act(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carry out one request of the control socket. Raises UnknownActError, saying what was wrong."""
        do = request.get("do")
        if do == "describe":
            return {"devices": self.describe()}
        device = request.get("device")
        acts = self._acts().get(str(device))
        if acts is None:
            raise UnknownActError(f"no device {device!r}")
        act = acts.get(str(do))
        if act is None:
            raise UnknownActError(f"{device} can't do {do!r}")
        try:
            return act(request) or {}
        except (KeyError, TypeError, ValueError) as error:
            raise UnknownActError(f"{device} {do}: {error}") from error

    def describe(self) -> list[dict[str, Any]]:
        """Every device with its acts, the faults that it knows, and its state."""
        view = self.card_reader.view()
        devices: list[dict[str, Any]] = [
            {
                "device": DeviceKind.CARD_READER.value,
                "faults": [],
                "state": {
                    "is_on": self.card_reader.is_on,
                    "is_present": view.is_present,
                    "is_several": view.is_several,
                    "insertion": view.insertion,
                    "uids": [card.uid.hex() for card in list(self.card_reader.cards)],
                },
            }
        ]
        for printer in (self.document_printer, self.card_printer):
            running = printer.running()
            devices.append(
                {
                    "device": printer.kind.value,
                    "faults": [trouble.value for trouble in Trouble],
                    "state": {
                        "is_on": printer.is_on,
                        "is_silent": printer.is_silent,
                        "reasons": printer.reasons(),
                        "sheet_s": printer.sheet_s,
                        "sheets": printer.counter,
                        "printed": len(printer.printed()),
                        "running": None if running is None else {"done": running.done, "sheets": running.sheets},
                    },
                }
            )
        slip = self.slip_printer
        devices.append(
            {
                "device": DeviceKind.SLIP_PRINTER.value,
                "faults": [trouble.value for trouble in SlipTrouble],
                "state": {
                    "is_on": slip.is_on,
                    "is_silent": slip.is_silent,
                    "reasons": slip.troubles(),
                    "slips": len(slip.slips),
                },
            }
        )
        for matcher in self.matchers.values():
            state = {"is_on": matcher.is_on, "is_silent": matcher.is_silent, "asked": len(matcher.asked)}
            devices.append({"device": matcher.kind.value, "faults": [], "state": state})
        acts = self._acts()
        if self.office is not None:
            devices.append(self.office.describe())
        return [device | {"acts": sorted(acts[device["device"]])} for device in devices]

    def _acts(self) -> dict[str, dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]]]:
        acts = {
            DeviceKind.CARD_READER.value: self._card_acts(),
            DeviceKind.DOCUMENT_PRINTER.value: self._printer_acts(self.document_printer),
            DeviceKind.CARD_PRINTER.value: self._printer_acts(self.card_printer),
            DeviceKind.SLIP_PRINTER.value: self._slip_acts(self.slip_printer),
        }
        for kind, matcher in self.matchers.items():
            acts[kind.value] = _matcher_acts(matcher)
        office = self.office
        if office is not None:
            acts[OFFICE] = {
                "fault": lambda r: office.fault(OfficeTrouble(r["reason"])),
                "clear": lambda _: office.clear(),
            }
        return acts

    def _card_acts(self) -> dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]]:
        reader = self.card_reader
        return {
            "tap": lambda r: reader.tap(card_of(r)),
            "pull": lambda _: reader.pull(),
            "swap": lambda r: reader.swap(card_of(r), bool(r.get("is_seen", True))),
            "lay-beside": lambda r: reader.lay_beside(card_of(r)),
            "pull-after": lambda r: reader.pull_after(int(r["exchanges"])),
            "seem": lambda r: reader.set_state(LinkState(r["state"])),
            "off": lambda _: reader.switch(False),
            "on": lambda _: reader.switch(True),
            "clear": lambda _: reader.clear(),
        }

    def _printer_acts(self, printer: PrinterDouble) -> dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]]:
        def speed(request: dict[str, Any]) -> None:
            printer.sheet_s = max(0.0, float(request["sheet_s"]))

        def silent(request: dict[str, Any]) -> None:
            printer.is_silent = bool(request.get("is_silent", True))

        def printed(request: dict[str, Any]) -> dict[str, Any]:
            return {"documents": _documents(printer, request.get("folder"))}

        def clear(_: dict[str, Any]) -> None:
            printer.clear()
            printer.switch(True)

        return {
            "fault": lambda r: printer.fault(Trouble(r["reason"]), int(r.get("at_sheet", 0))),
            "abort": lambda r: printer.abort(int(r.get("at_sheet", 1))),
            "cut-power": lambda r: printer.cut_power(int(r.get("at_sheet", 1))),
            "silent": silent,
            "forget": lambda _: printer.forget_jobs(),
            "takes": lambda r: printer.takes(r.get("formats"), r.get("trays")),
            "clear": clear,
            "off": lambda _: printer.switch(False),
            "on": lambda _: printer.switch(True),
            "speed": speed,
            "printed": printed,
            "take-paper": lambda _: {"base64": [base64.b64encode(one).decode() for one in printer.take_paper()]},
        }

    def _slip_acts(self, printer: SlipDouble) -> dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]]:
        def silent(request: dict[str, Any]) -> None:
            printer.is_silent = bool(request.get("is_silent", True))

        def slips(request: dict[str, Any]) -> dict[str, Any]:
            folder = request.get("folder")
            paths = printer.save(Path(folder)) if folder else []
            return {"count": len(printer.slips), "paths": [str(path) for path in paths]}

        def speed(request: dict[str, Any]) -> None:
            printer.dots_per_s = max(0.0, float(request["dots_per_s"]))

        def clear(_: dict[str, Any]) -> None:
            printer.clear()
            printer.switch(True)

        return {
            "fault": lambda r: printer.fault(SlipTrouble(r["reason"]), int(r.get("at_slip", 0))),
            "silent": silent,
            "clear": clear,
            "off": lambda _: printer.switch(False),
            "on": lambda _: printer.switch(True),
            "speed": speed,
            "slips": slips,
            "take-paper": lambda _: {"count": printer.take_paper()},
        }


def _matcher_acts(matcher: MatcherDouble) -> dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]]:
    def silent(request: dict[str, Any]) -> None:
        matcher.is_silent = bool(request.get("is_silent", True))

    def stand(request: dict[str, Any]) -> None:
        matcher.seconds = max(0.0, float(request["seconds"]))

    return {
        "say": lambda r: matcher.say(*(report_of(one) for one in r["answers"])),
        "stand": stand,
        "silent": silent,
        "clear": lambda _: matcher.clear(),
        "off": lambda _: matcher.switch(False),
        "on": lambda _: matcher.switch(True),
    }


def _duration(seconds: float, speed: float) -> float:
    return seconds / speed if speed > 0 else 0.0


def card_of(request: dict[str, Any]) -> VirtualCard:
    """The card that a request describes; without ``uid`` one with a random stable identifier."""
    uid = bytes.fromhex(str(request["uid"])) if request.get("uid") else b"\x04" + secrets.token_bytes(6)
    return VirtualCard(
        uid,
        CardType(str(request.get("type", CardType.A))),
        is_ktp=bool(request.get("is_ktp", True)),
        is_mute=bool(request.get("is_mute", False)),
        is_random=bool(request.get("is_random", False)),
        delay_s=float(request.get("delay_s", 0.0)),
    )


def _documents(printer: PrinterDouble, folder: str | None) -> list[dict[str, Any]]:
    """What came out: as base64, or as files when a folder is named."""
    documents: list[dict[str, Any]] = []
    for job in printer.printed():
        entry: dict[str, Any] = {"name": job.name, "sheets": job.done, "format": job.format, "media": job.media}
        if folder:
            suffix = ".pdf" if job.document.startswith(b"%PDF-") else ".bin"
            path = Path(folder) / f"{printer.kind.value}-{job.id:02d}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(job.document)
            entry["path"] = str(path)
        else:
            entry["base64"] = base64.b64encode(job.document).decode()
        documents.append(entry)
    return documents
