"""pcscd, and cupsd or the printer, are killed at random while a visitor works: the stage, the killers, the walk."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.demo.stage import ROOT, demo_config, end_process, wait_for_json
from kiosk.devices.simulated.control import DoublesControl
from kiosk.devices.simulated.stacks import Cupsd, EvePrinter, Pcscd
from tests.e2e.conftest import Kiosk, Office, start_core
from tests.soak.ledger import Ledger, Violation, VisitRecord
from tests.soak.robot import HangsError, Visitor

SHEET_S = 0.3
SETTLE_S = 90.0
REST_S = 40.0
CALM_S = (0.3, 6.0)
"""Between two blows."""
DOWN_S = (0.0, 2.5)
"""How long a killed daemon stays away."""


class Mains:
    """The printer's power: it goes in one way only, and the job history with it."""

    def __init__(self, printer: EvePrinter) -> None:
        self._printer = printer

    def kill(self) -> None:
        self._printer.cut_power()

    stop = kill

    def start(self) -> None:
        self._printer.start()


Stack = Pcscd | Cupsd | Mains


@dataclass
class Blows:
    """A thread that kills and restarts until it is told to end; everything runs again afterwards."""

    stacks: dict[str, Stack]
    rng: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[BaseException] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Blows":
        self._thread = threading.Thread(target=self._strike, name="blows", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        if self.failures:
            raise self.failures[0]

    def _strike(self) -> None:
        try:
            while not self._over.wait(self.rng.uniform(*CALM_S)):
                name = self.rng.choice(sorted(self.stacks))
                number = self.rng.choice((signal.SIGKILL, signal.SIGTERM))
                stack = self.stacks[name]
                (stack.kill if number is signal.SIGKILL else stack.stop)()
                self.counts[f"{name} {signal.Signals(number).name}"] += 1
                self._over.wait(self.rng.uniform(*DOWN_S))
                stack.start()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            self.failures.append(error)


@dataclass
class Chaos:
    """A kiosk on real stacks. ``cupsd`` is None in the lane that speaks to the printer directly."""

    kiosk: Kiosk
    office: Office
    pcscd: Pcscd
    printer: EvePrinter
    cupsd: Cupsd | None

    def stacks(self) -> dict[str, Stack]:
        if self.cupsd is not None:
            return {"pcscd": self.pcscd, "cupsd": self.cupsd}
        return {"pcscd": self.pcscd, "printer": Mains(self.printer)}


@contextmanager
def chaos(folder: Path, office: Office, *, through_cups: bool) -> Iterator[Chaos]:
    """Set the stage; every process is ended at the end, by its id."""
    with ExitStack() as stack:
        run = folder / "run"
        run.mkdir(mode=0o755)
        pcscd = Pcscd(_folder(run / "pcscd"))
        pcscd.start()
        stack.callback(pcscd.stop)
        printer = EvePrinter(_folder(run / "paper"))
        printer.start()
        stack.callback(printer.stop)
        printer.plan(sheet_s=SHEET_S)
        cupsd = None
        uri = printer.uri
        if through_cups:
            cupsd = Cupsd(_folder(run / "cups"))
            cupsd.empties_spool = True
            cupsd.start()
            stack.callback(lambda: cupsd.stop())
            uri = cupsd.add_queue("a4", printer.uri)
        command = [sys.executable, "-m", "kiosk.devices.simulated", "--run-dir", str(run), "--speed", "0"]
        doubles = subprocess.Popen([*command, "--vpcd-port", str(pcscd.port)], cwd=ROOT, stdout=subprocess.DEVNULL)
        stack.callback(end_process, doubles)
        addresses = wait_for_json(run / "doubles.json", doubles) | pcscd.environment() | {"document_printer": uri}
        config, log = run / "kiosk.toml", run / "core.log"
        text = demo_config(
            office.data,
            office.url,
            addresses,
            is_landscape=False,
            visit={},
            run=run,
            flows=ROOT / "config" / "flows",
        )
        config.write_text(_with_queue(text, uri, cupsd) if cupsd is not None else text)
        core = start_core(run, config, log)
        control = DoublesControl(run / "doubles.sock")
        kiosk = Kiosk(run, office, control, config, core, log)
        stack.callback(control.close)
        stack.callback(end_process, core)
        stack.callback(lambda: kiosk.face.close())
        yield Chaos(kiosk, office, pcscd, printer, cupsd)


def _with_queue(config: str, uri: str, cupsd: Cupsd) -> str:
    table = f'[devices.document_printer]\nkind = "ipp"\nuri = {json.dumps(uri)}\n'
    assert table in config
    conf = json.dumps(str(cupsd.folder / "etc" / "cupsd.conf"))
    queue = f'[devices.document_printer]\nkind = "cups"\nuri = {json.dumps(uri)}\nspool_conf = {conf}\n'
    return config.replace(table, queue + 'evidence = "none"\n')


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for parent in [path, *path.parents]:
        # cupsd's filters run as another user.
        if parent.owner() == path.owner() and parent not in (Path("/"), Path("/tmp")):
            parent.chmod(parent.stat().st_mode | 0o011)
    return path


def families(office: Office) -> list[dict[str, Any]]:
    """One person of each family who can print its card, by card or NIK; ``no_kk`` is its number."""
    odd = ("locked", "unknown-card")
    with sqlite3.connect(f"file:{office.data / 'office.db'}?mode=ro", uri=True) as database:
        numbers = dict(database.execute("SELECT nik, no_kk FROM person"))
    able = [p for p in office.people if p["uid"] and p["pin"] and "kk" in p["documents"] and p["slug"] not in odd]
    return list({numbers[p["nik"]]: p | {"no_kk": numbers[p["nik"]]} for p in able}.values())


def work(stage: Chaos, seconds: float, rng: random.Random, say: Callable[[str], None]) -> tuple[Ledger, Counter[str]]:
    """Visits for so long, under blows; then the last paper comes to rest, and all is compared."""
    ledger = Ledger()
    people = families(stage.office)
    rng.shuffle(people)
    stage.kiosk.face.wait_page("attract", timeout_s=60)
    end = time.monotonic() + seconds
    with Blows(stage.stacks(), rng) as blows:
        while time.monotonic() < end:
            number = len(ledger.visits)
            if number and number % len(people) == 0:
                stage.office.renew()
            visit_one(stage, ledger, number, people[number % len(people)], random.Random(rng.random()), say)
    rest(stage)
    ledger.close(stage.printer.finished())
    return ledger, blows.counts


def visit_one(
    stage: Chaos, ledger: Ledger, number: int, person: dict[str, Any], rng: random.Random, say: Callable[[str], None]
) -> None:
    """One visit from the first touch until the office knows its end."""
    before = _documents(stage.office)
    began = time.monotonic()
    visitor = Visitor(stage.kiosk, person, rng)
    try:
        walk = visitor.walk()
    except HangsError as error:
        ledger.note(number, Violation.HANGS, str(error))
        raise
    took = time.monotonic() - began
    stage.kiosk.pull()
    settled = _settled(stage, ledger, number, before)
    words = walk.words[-1] if walk.words else ""
    record = VisitRecord(number, walk.said(), walk.pages, words, person["no_kk"], settled, took)
    ledger.visits.append(record)
    say(f"{number:3d} {record.said:8} {took:5.1f} s  {dict(settled)}  {'>'.join(walk.pages)}  {words}")


def _documents(office: Office) -> Counter[str]:
    return Counter(office.state()["documents"])


def _settled(stage: Chaos, ledger: Ledger, number: int, before: Counter[str]) -> Counter[str]:
    """What became of the visit's grants, as soon as none is open any more."""
    end = time.monotonic() + SETTLE_S
    pause = threading.Event()
    while (now := _documents(stage.office))["taken"] > 0:
        if time.monotonic() > end:
            ledger.note(number, Violation.LOST_GRANT, f"open after {SETTLE_S:.0f} s: {dict(now)}")
            break
        pause.wait(0.1)
    return Counter({key: now[key] - before[key] for key in now if now[key] != before[key]})


def rest(stage: Chaos) -> None:
    """Until no job is anywhere and no sheet has moved for a while: what was going to be printed again has been."""
    pause = threading.Event()
    end = time.monotonic() + REST_S
    still_since, count = time.monotonic(), stage.printer.sheets()
    while time.monotonic() < end and time.monotonic() - still_since < 8.0:
        pause.wait(0.2)
        if (now := stage.printer.sheets()) != count:
            still_since, count = time.monotonic(), now
