"""How a visitor walks through each service: what to do on which page."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.demo.robot import Robot, RobotError, Seen
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.devices.simulated.control import DoublesControl

Act = Callable[[], None]

SETTLED_S = 0.25
"""A picture is taken when the page has moved in; a page that is gone by then is taken another time."""


@dataclass
class Visitor:
    """One person at the machine. ``shots`` keeps one picture of every page name seen."""

    robot: Robot
    doubles: "DoublesControl"
    person: Mapping[str, Any]
    shots: "Shots"
    language: str = "id"
    rating: int = 4
    proof: str = "card"

    @property
    def t(self) -> Texts:
        return Texts(self.language)

    def tap(self) -> None:
        """Lay the card on the reader, unless it lies there."""
        self.doubles.act("card-reader", "tap", uid=self.person["uid"], type="A", is_ktp=True)

    def pull(self) -> None:
        self.doubles.act("card-reader", "pull")

    def walk(self, service_title: str, acts: Mapping[str, Act] | None = None, timeout_s: float = 120.0) -> list[str]:
        """From the attract page through a service and back to it; the names of the pages seen, in order."""
        t = self.t
        own = dict(acts or {})
        table: dict[str, Act] = {
            "attract": lambda: self.robot.press(t("attract.call")),
            "services": lambda: self.robot.press(service_title),
            "standard": lambda: self.robot.press(t("standard.agree")),
            "proof": lambda: self.robot.press(t(f"proof.{self.proof}")),
            "tap-card": self.tap,
            "nik": self.type_nik,
            "pin": lambda: self.type_pin(self.person["pin"]),
            "review": self._main,
            "menu": self._choose_first,
            "notice": self._main,
            "documents": self._choose_first,
            "form": self._choose_first,
            "form-confirm": lambda: self.robot.press("main"),
            "preview": lambda: self.robot.press(t("preview.print")),
            "hand-over": lambda: self.robot.press(t("phone.done")),
            "survey": lambda: self.robot.press(t(f"survey.{self.rating}")),
            "take": self._leave,
            "number": self._leave,
            "outcome": lambda: self.robot.press(t("finish.done")),
            "locked": lambda: self.robot.press(t("button.understood")),
            "bind": lambda: self.robot.press(t("bind.no")),
            "device-fault": lambda: self.robot.press(t("button.give-up")),
            "offline": lambda: self.robot.press(t("button.give-up")),
        } | own
        end = time.monotonic() + timeout_s
        names: list[str] = []
        acted = -1
        has_begun = False
        while True:
            seen = self.robot.wait(lambda now: True, "any page")
            if seen.name == "attract" and has_begun:
                return names
            if not names or names[-1] != seen.name:
                names.append(seen.name)
                self.shots.take(self.robot, seen)
            if seen.name in table and seen.serial != acted:
                acted = seen.serial
                has_begun = has_begun or seen.name != "attract"
                try:
                    table[seen.name]()
                except RobotError:
                    # The page moved on between the look and the press: look again.
                    if self.robot.see().serial == seen.serial:
                        raise
                has_begun = True
            if time.monotonic() > end:
                raise RobotError(f"still at {seen.name!r} ({seen.title}) after {timeout_s:.0f} s; saw {names}")
            time.sleep(0.01)

    def _main(self) -> None:
        self.robot.press_main()

    def type_nik(self) -> None:
        self.robot.type(self.person["nik"])
        self.robot.press(self.t("button.next"))

    def type_pin(self, pin: str) -> None:
        self.robot.type(pin)
        self.robot.press(self.t("pin.open"))

    def _choose_first(self) -> None:
        for node in self.robot.tree():
            name = str(node.get("object", ""))
            if name.startswith("choose:") and node.get("is_enabled", True):
                self.robot.press(name)
                return
        raise RobotError("no document can be chosen")

    def _leave(self) -> None:
        self.pull()
        if self.robot.see().name in ("take", "number"):
            self.robot.press_main()


class Shots:
    """One picture of each page name, numbered in the order of first sight."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Path] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, robot: Robot, seen: Seen, name: str = "") -> None:
        """Keep a picture of the page under ``name`` (default: its own), the first time."""
        label = name or seen.name
        if label in self.names:
            return
        path = self.folder / f"{len(self.names) + 1:02d}-{label}.png"
        time.sleep(SETTLED_S)
        robot.grab(path)
        if robot.see().key == seen.key:
            self.names[label] = path
        else:
            path.unlink()
