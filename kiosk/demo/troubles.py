"""The robot among mistakes and faults: each scene leaves a picture and ends at the attract page."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from kiosk.demo.people import person_of, person_with
from kiosk.demo.robot import Robot, RobotError
from kiosk.demo.stage import STAFF_CODE, Stage
from kiosk.demo.walk import Act, Shots, Visitor
from kiosk.devices.simulated.control import DoublesControl
from kiosk.texts import Texts

_IDLE_S = 75.0
"""The kiosk asks after a minute whether somebody is there."""
_OFFICE_S = 90.0


@dataclass
class Troubles:
    """``play`` them in order: later scenes use what earlier ones left at the machine."""

    stage: Stage
    robot: Robot
    doubles: DoublesControl
    shots: Shots

    @property
    def t(self) -> Texts:
        return Texts("id")

    def play(self) -> None:
        """All scenes. Raises RobotError at the first that goes another way."""
        for scene in (
            self.help_and_language,
            self.wrong_pins,
            self.unknown_card,
            self.code,
            self.office_away,
            self.printer_off,
            self.no_paper,
            self.power_cut,
            self.technician,
            self.nobody_there,
        ):
            self.robot.wait_page("attract", timeout_s=_OFFICE_S)
            scene()
        self.robot.wait_page("attract")

    def help_and_language(self) -> None:
        self.robot.press(self.t("attract.call"))
        for button, name in (("look:language", "language"), ("help", "help")):
            self.robot.wait_page("services")
            self.robot.press(button)
            self.shots.take(self.robot, self.robot.wait_page(name))
            self.robot.press("close")
        self.robot.wait_page("services")
        self._home()

    def wrong_pins(self) -> None:
        """Three wrong PINs close the account for a while; the demo's office opens it again."""
        visitor = self._visitor(proof="nik")

        def pin() -> None:
            if _has(self.robot, self.t("notice.attempts", count=2)):
                self.shots.take(self.robot, self.robot.see(), "pin-wrong")
            visitor.type_pin("000000" if visitor.person["pin"] != "000000" else "111111")

        self._walk(visitor, "cetak-kk", "locked", {"pin": pin})
        self._post("unlock")

    def unknown_card(self) -> None:
        """NIK and PIN go on where the card leads nowhere; then the office offers to remember it."""
        person = person_of(self.stage.people, "unknown-card")
        if person is None:
            return
        visitor = Visitor(self.robot, self.doubles, person, self.shots)

        def nik() -> None:
            self.shots.take(self.robot, self.robot.see(), "nik-card-unknown")
            visitor.type_nik()

        self._walk(visitor, "cek-data", "bind", {"nik": nik, "review": self._home})

    def code(self) -> None:
        self._walk(self._visitor(proof="qr"), "cetak-kk", "scan-code", {"scan-code": self._home})

    def office_away(self) -> None:
        """The office goes while the PIN is typed: first that page, then grey tiles; then it comes back."""
        visitor = self._visitor()

        def pin() -> None:
            self._office("gone")
            visitor.type_pin(visitor.person["pin"])

        try:
            self._walk(visitor, "cetak-kk", "offline", {"pin": pin})
            _until(lambda: _has(self.robot, self.t("strip.offline")), "the strip saying that it is away", _OFFICE_S)
            self.shots.take(self.robot, self.robot.wait_page("attract"), "attract-office-away")
            self.robot.press(self.t("attract.call"))
            self.shots.take(self.robot, self.robot.wait_page("services"), "services-office-away")
            self._home()
        finally:
            self._office("none")
        self.robot.wait_page("attract")
        _until(lambda: _has(self.robot, self.t("strip.online")), "the office back", _OFFICE_S)

    def printer_off(self) -> None:
        """Between the preview and the press somebody switches the printer off."""

        def preview() -> None:
            self.doubles.act("document-printer", "off")
            self.robot.press(self.t("preview.print"))

        try:
            self._walk(self._visitor(), "cetak-kk", "device-fault", {"preview": preview})
        finally:
            self.doubles.act("document-printer", "clear")
        self._wait_printer()

    def no_paper(self) -> None:
        """Out of paper in the middle: the page waits, and goes on when there is paper."""
        self.doubles.act("document-printer", "fault", reason="media-empty", at_sheet=1)

        def printing() -> None:
            def is_waiting() -> bool:
                return _has(self.robot, self.t("printing.wait"))

            _until(lambda: is_waiting() or self.robot.see().name != "printing", "the printer asking for paper")
            if self.robot.see().name == "printing":
                self.shots.take(self.robot, self.robot.see(), "printing-no-paper")
            self.doubles.act("document-printer", "clear")

        self._walk(self._visitor(), "cetak-kk", "printing-no-paper", {"printing": printing})

    def power_cut(self) -> None:
        """The printer loses power under the sheet: nobody can say what came out, and the kiosk does not either."""
        self._post("renew")
        visitor = self._visitor()

        def preview() -> None:
            self.doubles.act("document-printer", "cut-power", at_sheet=1)
            self.robot.press(self.t("preview.print"))

        def outcome() -> None:
            self.shots.take(self.robot, self.robot.see(), "outcome-unknown")
            visitor.pull()
            self.robot.press(self.t("finish.done"))

        try:
            self._walk(visitor, "cetak-kk", "outcome-unknown", {"preview": preview, "outcome": outcome})
        finally:
            self.doubles.act("document-printer", "clear")
        self._wait_printer()

    def technician(self) -> None:
        """The door, with what the power cut left to do, and a test slip."""
        self.robot.drive("hold", name="emblem")
        self.shots.take(self.robot, self.robot.wait_page("staff-code"))
        self.robot.type(STAFF_CODE)
        self.robot.press(self.t("staff.enter"))
        self.shots.take(self.robot, self.robot.wait_page("technician"))
        self.robot.press("test:slip")
        _until(lambda: _has(self.robot, self.t("staff.slip-ok")), "the test slip")
        self.shots.take(self.robot, self.robot.see(), "technician-tested")
        self.robot.press("staff:leave")

    def nobody_there(self) -> None:
        """Nobody touches the screen for a minute."""
        self.robot.press(self.t("attract.call"))
        self.robot.wait_page("services")
        self.robot.press("service:cek-data")
        self.shots.take(self.robot, self.robot.wait_page("still-here", timeout_s=_IDLE_S))
        # The touch alone says that somebody is there.
        self.robot.press_main()
        self.robot.wait_page("standard")
        self._home()

    # --- inside ----------------------------------------------------------------------------------------------------

    def _visitor(self, proof: str = "card") -> Visitor:
        """Somebody who was not served before."""
        return Visitor(self.robot, self.doubles, person_with(self.stage.people, "kk", skip=1), self.shots, proof=proof)

    def _wait_printer(self) -> None:
        """Until the tile is open again: a page that stands does not change its tiles, so it is asked for anew."""

        def is_open() -> bool:
            self.robot.wait_page("attract")
            self.robot.press(self.t("attract.call"))
            self.robot.wait_page("services")
            is_away = _has(self.robot, self.t("tile.document-printer.away"))
            self._home()
            self.robot.wait_page("attract")
            return not is_away

        _until(is_open, "the printer back")

    def _walk(self, visitor: Visitor, service: str, shot: str, acts: dict[str, Act]) -> None:
        visitor.walk(f"service:{service}", acts)
        if shot not in self.shots.names:
            raise RobotError(f"{shot} was never seen")

    def _home(self) -> None:
        self.robot.press("home")

    def _office(self, mode: str) -> None:
        self._post("fault", {"mode": mode})

    def _post(self, switch: str, body: dict[str, Any] | None = None) -> None:
        requests.post(f"{self.stage.office_url}/demo/{switch}", json=body, timeout=5).raise_for_status()


def _has(robot: Robot, text: str) -> bool:
    return any(text in f"{node['name']} {node['description']}" for node in robot.tree())


def _until(is_so: Callable[[], bool], what: str, timeout_s: float = 30.0) -> None:
    end = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end:
            raise RobotError(f"waited for {what}")
        time.sleep(0.05)
