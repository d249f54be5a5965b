"""A card laid on the reader, until the screen says so: real pcscd with vpcd, the real core, the real face, real pixels.

From the return of SCardGetStatusChange that shows the card to the first changed pixel in the title of the page. What is
read of the card meanwhile has its own figures beside it.
"""

import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Metric, percentile
from benchmarks.processes import start, stop
from benchmarks.rivals import FACE, title_slice
from benchmarks.screen import HEIGHT, WIDTH, Zone
from benchmarks.staging import Staging
from benchmarks.workshop import Workshop
from kiosk.demo.robot import Robot
from kiosk.demo.stage import ROOT, demo_config, load_blanks
from kiosk.devices.simulated.card_fronts import VpcdPlug
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.stacks import Pcscd
from kiosk.devices.simulated.virtual_card import VirtualCard

INSERTIONS = 80
WARM = 3
TARGET_MS = 100.0
WAIT_S = 15.0
NICENESS = "5"
VISIT = {"idle_s": 3600.0, "overall_s": 7200.0}
"""One visit for all cards: a card that is taken at the PIN leads back to where it is asked for."""
CHANGED_SHARE = 0.02


@dataclass
class Stamps:
    """The lines that the core leaves."""

    path: Path
    _read: int = 0
    lines: list[tuple[str, float]] = field(default_factory=list)

    def forget(self) -> None:
        """Whatever came until now belongs to the last card."""
        self._take()
        self.lines.clear()

    def first(self, what: str) -> float:
        """CLOCK_MONOTONIC of the first stamp of this kind since ``forget``. Raises TimeoutError."""
        end = time.monotonic() + WAIT_S
        while True:
            self._take()
            found = [at for kind, at in self.lines if kind == what]
            if found:
                return found[0]
            if time.monotonic() > end:
                raise TimeoutError(f"no {what}")
            time.sleep(0.002)

    def _take(self) -> None:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data.rpartition(b"\n")[0]
        self._read += len(whole) + 1 if whole else 0
        for line in whole.decode().splitlines():
            what, _, at = line.partition(" ")
            self.lines.append((what, float(at)))


def card_on_screen(workshop: Workshop, staging: Staging) -> Metric:
    """How soon whoever lays a card on sees that it was noticed."""
    run = Path(tempfile.mkdtemp(prefix="anjungan-bench-"))
    ends: list[Callable[[], object]] = [lambda: shutil.rmtree(run, ignore_errors=True)]
    try:
        service = Pcscd(run / "pcscd")
        service.start()
        ends.append(service.stop)
        staging.ensure()
        config = run / "kiosk.toml"
        devices = staging.doubles | service.environment()
        flows = ROOT / "config" / "flows"
        text = demo_config(workshop.office, staging.url, devices, is_landscape=False, visit=VISIT, run=run, flows=flows)
        config.write_text(text, encoding="utf-8")
        load_blanks(config)
        stamps = Stamps(run / "stamps")
        core = [sys.executable, "-m", "benchmarks.card_core", str(stamps.path), "--allow-robot"]
        core += ["--nice", NICENESS, "--run-dir", str(run), "--config", str(config)]
        face = start([*FACE, "--socket", str(run / "core.sock")], workshop.log, {"DISPLAY": workshop.screen.name})
        ends.append(lambda: stop(face))
        environment = service.environment() | {"MALLOC_ARENA_MAX": "1"}
        heart = start(core, workshop.log, environment)
        ends.append(lambda: stop(heart))
        robot = Robot(run / "core.sock")
        ends.append(robot.close)
        double = CardReaderDouble()
        plug = VpcdPlug(double, service.port)
        ends.append(plug.close)
        person = json.loads((workshop.office / "people.json").read_text(encoding="utf-8"))[0]
        _to_the_reader(robot)
        seen, read = _insertions(workshop, robot, double, stamps, bytes.fromhex(person["uid"]))
    finally:
        for end in reversed(ends):
            end()
    return Metric(
        "card_on_screen",
        "ms",
        percentile(seen, 0.99),
        len(seen),
        target=TARGET_MS,
        ours_range=(min(seen), max(seen)),
        more={"p50": percentile(seen, 0.5), "read_p50": percentile(read, 0.5), "read_p99": percentile(read, 0.99)},
    )


def _to_the_reader(robot: Robot) -> None:
    """From the attract page to where the card is asked for."""
    robot.wait_page("attract", timeout_s=60)
    for control, page in (
        ("start", "services"),
        ("service:cetak-kk", "standard"),
        ("main", "proof"),
        ("choose:card", "tap-card"),
    ):
        robot.press(control)
        robot.wait_page(page)


def _insertions(
    workshop: Workshop, robot: Robot, double: CardReaderDouble, stamps: Stamps, uid: bytes
) -> tuple[list[float], list[float]]:
    """Milliseconds from pcscd's word to the changed page, and to the finished read."""
    screen = workshop.screen
    screen.point((WIDTH - 1, HEIGHT - 1))
    seen: list[float] = []
    read: list[float] = []
    for number in range(WARM + INSERTIONS):
        robot.wait_page("tap-card", timeout_s=WAIT_S)
        zone = _title(robot)
        before = screen.settle(zone)
        time.sleep(random.uniform(0.0, 0.4))
        stamps.forget()
        double.tap(VirtualCard(uid))

        def is_another(look: bytes, before: bytes = before) -> bool:
            return sum(map(int.__ne__, look, before)) > CHANGED_SHARE * len(before)

        shown = screen.wait(zone, is_another, WAIT_S)
        noticed = stamps.first("card")
        ended = stamps.first("read")
        if number >= WARM:
            seen.append((shown - noticed) * 1000)
            read.append((ended - noticed) * 1000)
        robot.wait_page("pin", timeout_s=WAIT_S)
        double.pull()
    return seen, read


def _title(robot: Robot) -> Zone:
    """A slice through the title of the page that stands there."""
    title = robot.see().title
    for node in robot.tree():
        if node["name"] == title:
            x, y, width, height = (round(float(str(node[key]))) for key in ("x", "y", "width", "height"))
            return title_slice(Zone(x, y, width, height))
    raise RuntimeError(f"no title {title!r} on the screen")
