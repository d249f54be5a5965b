"""The two programs that are measured, behind one face: start it, know where its things are, stop it."""

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.pages import ROUND
from benchmarks.processes import Weight, start, stop, weigh_tree
from benchmarks.screen import HEIGHT, WIDTH, Ink, Screen, Zone
from benchmarks.workshop import Workshop

FACE = [sys.executable, "-m", "kiosk.ui", "--width", str(WIDTH), "--height", str(HEIGHT), "--mm-per-px", "0.311"]
CHROMIUM_FLAGS = [
    "--kiosk",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-translate",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    "--disable-session-crashed-bubble",
    "--hide-crash-restore-bubble",
    "--disable-infobars",
    "--password-store=basic",
    "--allow-file-access-from-files",
    "--test-type",
    f"--window-size={WIDTH},{HEIGHT}",
    "--window-position=0,0",
]
"""The peer's best case: no network of its own, no prompts, a warm profile, a page from the disk."""


@dataclass
class Place:
    """Where a page's things are. ``title`` is a slice through the first line of the title."""

    title: Zone
    controls: dict[str, Zone]
    ink: Ink | None = None


def title_slice(zone: Zone) -> Zone:
    """The rows through the small letters of the first line."""
    return zone.band(round(min(zone.height, 60) * 0.42), 12)


class Rival(ABC):
    """One program on the screen. ``places`` are learned once and hold for every session."""

    name: str

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.places: dict[str, Place] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def screen(self) -> Screen:
        return self.workshop.screen

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @abstractmethod
    def open(self, page: str = "attract") -> None:
        """Start the program with this page first; returns at once."""

    @abstractmethod
    def learn(self) -> None:
        """Fill ``places`` in a session of its own, which is not measured."""

    def close(self) -> None:
        if self._process is not None:
            stop(self._process)
            self._process = None

    def weigh(self) -> Weight:
        return weigh_tree(self.pid)

    def wait_page(self, name: str, timeout_s: float = 15.0) -> float:
        """The moment when the title of this page stood on the screen."""
        place = self.places[name]
        assert place.ink is not None
        ink = place.ink
        return self.screen.wait(place.title, lambda seen: _share_equal(seen, ink.settled) > 0.9, timeout_s)

    def remember(self, name: str) -> None:
        """Keep how the title of the page that stands there looks at rest."""
        place = self.places[name]
        place.ink = Ink(self.screen.settle(place.title))
        if place.ink.amount < 40:
            raise RuntimeError(f"{self.name}: no title of {name} at {place.title}")


def _share_equal(seen: bytes, wanted: bytes) -> float:
    return sum(map(int.__eq__, seen, wanted)) / len(wanted)


class Ours(Rival):
    """The face as a process, fed by a stand-in for the core; or, for the start, the whole ``kiosk run``."""

    name = "ours"

    def __init__(self, workshop: Workshop) -> None:
        super().__init__(workshop)
        self._feeder: subprocess.Popen[bytes] | None = None
        self._run: Path | None = None

    def open(self, page: str = "attract", *, is_robot_allowed: bool = False) -> None:
        self._run = Path(tempfile.mkdtemp(prefix="anjungan-bench-"))
        socket = self._run / "core.sock"
        pages, _ = self.workshop.pages, self.workshop.papers
        command = [sys.executable, "-m", "benchmarks.feeder", str(socket), str(pages)]
        command += [str(self.workshop.folder / "sheet.png"), *(["robot"] if is_robot_allowed else [])]
        with self.workshop.log.open("ab") as log:
            self._feeder = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=Path(__file__).parents[1]
            )
        while not socket.exists():
            time.sleep(0.005)
        self._process = start([*FACE, "--socket", str(socket)], self.workshop.log, {"DISPLAY": self.screen.name})

    def tell(self, **command: Any) -> Any:
        """A command to the feeder; its answer."""
        assert self._feeder is not None
        assert self._feeder.stdin is not None
        assert self._feeder.stdout is not None
        self._feeder.stdin.write(json.dumps(command).encode() + b"\n")
        self._feeder.stdin.flush()
        return json.loads(self._feeder.stdout.readline())

    def close(self) -> None:
        super().close()
        if self._feeder is not None and self._feeder.stdin is not None:
            self._feeder.stdin.close()
            self._feeder.wait(10)
            self._feeder = None
        if self._run is not None:
            shutil.rmtree(self._run, ignore_errors=True)

    def learn(self) -> None:
        self.open(is_robot_allowed=True)
        self.screen.point((WIDTH - 1, HEIGHT - 1))
        time.sleep(1.5)
        models = {page["name"]: page for page in json.loads(self.workshop.pages.read_text(encoding="utf-8"))}
        for name, model in models.items():
            self.tell(do="show", name=name)
            time.sleep(0.3)
            nodes = json.loads(self.tell(do="tree")["detail"])
            boxes = [(node, Zone(*(round(node[key]) for key in ("x", "y", "width", "height")))) for node in nodes]
            title = next(zone for node, zone in boxes if node["name"] == model["title"])
            controls = {node["object"]: zone for node, zone in boxes if node["object"]}
            if name == "preview":
                picture = model["body"]["picture_accessible"]
                controls["picture"] = next(zone for node, zone in boxes if node["name"] == picture)
            self.places[name] = Place(title_slice(title), controls)
            self.remember(name)
        self.close()


class Chromium(Rival):
    """Debian's Chromium with ``--kiosk`` and the equivalent web page."""

    name = "chromium"

    def __init__(self, workshop: Workshop) -> None:
        super().__init__(workshop)
        self._profile = workshop.folder / "chromium-profile"

    def _command(self, page: str, *more: str) -> list[str]:
        program = shutil.which("chromium")
        if program is None:
            raise RuntimeError("chromium is not installed; ./dev bench installs it")
        profile = [f"--user-data-dir={self._profile}"]
        return [program, *CHROMIUM_FLAGS, *profile, *more, f"{self.workshop.site}#{page}"]

    def open(self, page: str = "attract") -> None:
        self._process = start(self._command(page), self.workshop.log, {"DISPLAY": self.screen.name})

    def learn(self) -> None:
        command = [flag for flag in self._command("measure", "--headless", "--dump-dom") if flag != "--kiosk"]
        dumped = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
        found = re.search(r"<pre>(.*?)</pre>", dumped, re.DOTALL)
        if found is None:
            raise RuntimeError("chromium did not tell the layout of its page")
        for name, entry in json.loads(html.unescape(found[1])).items():
            controls = {key: Zone(*box) for key, box in entry["controls"].items()}
            self.places[name] = Place(title_slice(Zone(*entry["title"])), controls)
        self.open("starting")
        self.screen.point((WIDTH - 1, HEIGHT - 1))
        time.sleep(3)
        self.remember("starting")
        self.close()
        self.open("attract")
        time.sleep(2)
        for name, control in ROUND.items():
            time.sleep(0.3)
            self.remember(name)
            self.screen.tap(self.places[name].controls[control].middle)
        self.close()
