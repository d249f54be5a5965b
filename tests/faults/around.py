"""What stands around one kiosk: a UPS, a cabinet's probes, a keypad's node, a scanner's line, a queue's rules.

Each is the real thing's front, moved by hand: ``upsd``'s protocol, files as the kernel keeps them, a pseudo terminal.
"""

import os
import pty
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kiosk.devices.contract import Reason
from kiosk.devices.simulated.ups_double import NAME, UpsDouble, UpsServer
from tests.e2e.conftest import Kiosk
from tests.faults.table import Fault

SAFE = "PreserveJobFiles No\nErrorPolicy abort-job\n"
UNSAFE = "PreserveJobFiles Yes\nErrorPolicy abort-job\n"
COOL, HOT = "31000\n", "82000\n"
GRACE_S = 0.5

_HOUSES: dict[Path, "House"] = {}
"""By run folder: a fault is given the kiosk, not what stands around it."""


class House:
    """The hands on it."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.ups = UpsDouble()
        self._server: UpsServer | None = UpsServer(self.ups, is_nut=True)
        self._port = self._server.port
        self._master = -1
        self.door, self.heat, self.keypad = run / "door", run / "heat", run / "keypad"
        self.scanner, self.spool_conf = run / "scanner", run / "cupsd.conf"
        self.spool_conf.write_text(SAFE)
        self.door.write_text("0\n")
        self.heat.write_text(COOL)
        self.keypad.touch()
        self.plug_scanner()

    def config(self) -> str:
        """The tables of ``kiosk.toml``."""
        return f"""
[devices.power]
kind = "nut"
address = "127.0.0.1:{self._port}"
ups = "{NAME}"
grace_s = {GRACE_S}
told_s = 2
settle_s = 20

[devices.box]
kind = "probes"
door = "{self.door}"
temperatures = ["{self.heat}"]

[devices.keypad]
kind = "input"
device = "{self.keypad}"

[devices.scanner]
kind = "serial"
address = "{self.scanner}"
"""

    def queue(self) -> str:
        """The document printer's table: its printer behind a queue, and the tray that it shall take."""
        return f'[devices.document_printer]\nkind = "cups"\nspool_conf = "{self.spool_conf}"\ntray = "main"'

    def cut_ups(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def join_ups(self) -> None:
        if self._server is None:
            self._server = UpsServer(self.ups, is_nut=True, port=self._port)

    def plug_scanner(self) -> None:
        self.unplug_scanner()
        self._master, line = pty.openpty()
        tty.setraw(line)
        self.scanner.symlink_to(os.ttyname(line))
        os.close(line)

    def unplug_scanner(self) -> None:
        self.scanner.unlink(missing_ok=True)
        master, self._master = self._master, -1
        if master >= 0:
            with suppress(OSError):
                os.close(master)

    def close(self) -> None:
        self.cut_ups()
        self.unplug_scanner()


@contextmanager
def a_house(run: Path) -> Iterator[House]:
    """What the kiosk of that run folder has around it."""
    house = _HOUSES[run] = House(run)
    try:
        yield house
    finally:
        house.close()
        del _HOUSES[run]


def _hand(act: Callable[[House], object]) -> Callable[[Kiosk], object]:
    return lambda kiosk: act(_HOUSES[kiosk.run])


def _relearnt(change: Callable[[Kiosk], object]) -> Callable[[Kiosk], object]:
    """Change what a printer can while it is off: what it can is asked of it when it comes back."""

    def act(kiosk: Kiosk) -> None:
        told = len(kiosk.events())
        kiosk.doubles.act("document-printer", "off")

        def is_away() -> bool:
            news = [e for e in kiosk.events()[told:] if e.get("device") == "document-printer"]
            return any(Reason.AWAY.value in str(e.get("reason", "")) for e in news)

        kiosk.wait_until(is_away, "the printer to be missed")
        change(kiosk)
        kiosk.doubles.act("document-printer", "on")

    return act


def _printer(reason: Reason, words: str, change: Callable[[Kiosk], object], back: Callable[[Kiosk], object]) -> Fault:
    return Fault(reason.value, "document-printer", words, _relearnt(change), _relearnt(back), reason)


def _takes(**what: list[str]) -> Callable[[Kiosk], object]:
    return lambda kiosk: kiosk.doubles.act("document-printer", "takes", **what)


_PLAIN = _takes(formats=["application/pdf", "image/pwg-raster"], trays=["main"])

NO_FORM = _printer(Reason.NO_PDF, "takes neither PDF nor raster", _takes(formats=["image/jpeg"]), _PLAIN)
NO_TRAY = _printer(Reason.NO_TRAY, "has not the tray that is configured", _takes(trays=["envelope"]), _PLAIN)
UNSAFE_QUEUE = _printer(
    Reason.QUEUE_UNSAFE,
    "its CUPS queue would keep or repeat documents",
    _hand(lambda house: house.spool_conf.write_text(UNSAFE)),
    _hand(lambda house: house.spool_conf.write_text(SAFE)),
)
STOPPED = Fault(
    Reason.STOPPED.value,
    "document-printer",
    "stopped, and does not say why",
    lambda kiosk: kiosk.doubles.act("document-printer", "fault", reason="none"),
    lambda kiosk: kiosk.doubles.act("document-printer", "clear"),
    Reason.STOPPED,
)
SENT_ONLY = Fault(
    "sent-only",
    "document-printer",
    "stands behind a CUPS queue: “completed” only means sent",
    lambda kiosk: None,
    lambda kiosk: None,
)
KEYPAD = Fault(
    Reason.AWAY.value,
    "keypad",
    "unplugged",
    _hand(lambda house: house.keypad.unlink()),
    _hand(lambda house: house.keypad.touch()),
    Reason.AWAY,
)
DOOR = Fault(
    Reason.DOOR_OPEN.value,
    "box",
    "its door stands open",
    _hand(lambda house: house.door.write_text("1\n")),
    _hand(lambda house: house.door.write_text("0\n")),
    Reason.DOOR_OPEN,
)
HEAT = Fault(
    Reason.TOO_HOT.value,
    "box",
    "too hot inside",
    _hand(lambda house: house.heat.write_text(HOT)),
    _hand(lambda house: house.heat.write_text(COOL)),
    Reason.TOO_HOT,
)
UPS_GONE = Fault(
    Reason.AWAY.value,
    "power",
    "the UPS is not heard of",
    _hand(House.cut_ups),
    _hand(House.join_ups),
    Reason.AWAY,
)
ON_BATTERY = Fault(
    Reason.ON_BATTERY.value,
    "power",
    "mains gone, on battery",
    _hand(lambda house: house.ups.mains(are_there=False)),
    _hand(lambda house: house.ups.mains(are_there=True)),
    Reason.ON_BATTERY,
)
BATTERY_LOW = Fault(
    Reason.BATTERY_LOW.value,
    "power",
    "mains gone, battery nearly empty",
    _hand(lambda house: house.ups.mains(are_there=False, is_low=True)),
    _hand(lambda house: house.ups.mains(are_there=True)),
    Reason.BATTERY_LOW,
)
SCANNER = Fault(
    Reason.AWAY.value,
    "scanner",
    "unplugged",
    _hand(House.unplug_scanner),
    _hand(House.plug_scanner),
    Reason.AWAY,
)
