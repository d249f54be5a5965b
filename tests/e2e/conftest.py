"""A whole kiosk without a screen: office, doubles and core as processes of their own, and a paper face."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
import requests

from kiosk.demo.real import RealStacks, start_real_stacks
from kiosk.demo.stage import ROOT, demo_config, end_process, load_blanks, wait_for_json
from kiosk.devices.simulated.control import DoublesControl
from tests.e2e.core_zygote import core_zygote
from tests.e2e.paper_face import PaperFace

OFFICE_SEED = 4711
"""Not the demo's: no test's people are the demo's people."""


@dataclass
class Office:
    """A seeded office process with its demo switches."""

    data: Path
    url: str
    people: list[dict[str, Any]]

    def fault(self, mode: str, seconds: float = 0.2) -> None:
        requests.post(f"{self.url}/demo/fault", json={"mode": mode, "seconds": seconds}, timeout=5).raise_for_status()

    def renew(self) -> None:
        requests.post(f"{self.url}/demo/renew", timeout=5).raise_for_status()
        requests.post(f"{self.url}/demo/unlock", timeout=5).raise_for_status()

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.url}/demo/state", timeout=5).json()
        return found

    def person(self, *kinds: str, slug: str = "") -> dict[str, Any]:
        for person in self.people:
            if slug and person["slug"] != slug:
                continue
            if slug or (person["uid"] and person["pin"] and set(kinds) <= set(person["documents"])):
                return person
        raise AssertionError(f"nobody with {kinds} {slug}")


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    data = tmp_path_factory.mktemp("office")
    seed = [sys.executable, "-m", "kiosk.office", "seed", "--data", str(data), "--people", "300"]
    subprocess.run([*seed, "--seed", str(OFFICE_SEED)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    serve = [sys.executable, "-m", "kiosk.office", "serve", "--data", str(data), "--port", "0"]
    serve += ["--demo", "--biometrics"]
    process = subprocess.Popen([*serve, "--ready-file", str(data / "ready.json")], cwd=ROOT)
    try:
        url = wait_for_json(data / "ready.json", process)["url"]
        yield Office(data, url, json.loads((data / "people.json").read_text()))
    finally:
        end_process(process)


@dataclass
class Kiosk:
    """A core process with its doubles. ``face`` connects on first use."""

    run: Path
    office: Office
    doubles: DoublesControl
    config: Path
    core: subprocess.Popen[bytes]
    log: Path
    stacks: RealStacks | None = None
    _faces: list[PaperFace] = field(default_factory=list)

    @property
    def face(self) -> PaperFace:
        if not self._faces:
            self._faces.append(PaperFace(self.run / "core.sock"))
        return self._faces[-1]

    def new_face(self, *, paints: bool = True) -> PaperFace:
        """Another face takes the place of the first."""
        self._faces.append(PaperFace(self.run / "core.sock", paints=paints))
        return self._faces[-1]

    def restart_core(self, *, kills: bool) -> None:
        if kills:
            self.core.kill()
        else:
            self.core.terminate()
        self.core.wait(20)
        self.core = start_core(self.run, self.config, self.log)
        self.new_face()

    def tap(self, person: dict[str, Any]) -> None:
        self.doubles.act("card-reader", "tap", uid=person["uid"], type="A", is_ktp=True)

    def pull(self) -> None:
        self.doubles.act("card-reader", "pull")

    def events(self) -> list[dict[str, Any]]:
        """What the core logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def printed(self, device: str = "document-printer") -> list[dict[str, Any]]:
        documents: list[dict[str, Any]] = self.doubles.act(device, "printed")["documents"]
        return documents

    def wait_until(self, is_so: Callable[[], bool], what: str, timeout_s: float = 20) -> None:
        end = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < end, f"waited for {what}"
            time.sleep(0.02)


def start_core(run: Path, config: Path, log: Path) -> subprocess.Popen[bytes]:
    """A core of its own process; its imports were made before (core_zygote)."""
    own = {"PCSCLITE_CSOCK_NAME": str(run / "pcscd" / "pcscd.comm")} if (run / "pcscd").exists() else {}
    forked = core_zygote().start(["--run-dir", str(run), "--config", str(config), "--allow-robot"], log, own)
    return cast("subprocess.Popen[bytes]", forked)


@pytest.fixture
def start_kiosk(tmp_path: Path, office: Office) -> Iterator[Callable[..., Kiosk]]:
    """Start a kiosk with changed settings: ``start_kiosk(visit={"idle_s": 5})``."""
    office.renew()
    office.fault("none")
    started: list[Kiosk] = []
    processes: list[subprocess.Popen[bytes]] = []

    def start(
        visit: dict[str, float] | None = None,
        speed: float = 0.0,
        flows: Path | None = None,
        url: str = "",
        *,
        is_real: bool = False,
        matchers: tuple[str, ...] = (),
    ) -> Kiosk:
        run = tmp_path / f"run{len(started)}"
        run.mkdir(mode=0o700)
        command = [sys.executable, "-m", "kiosk.devices.simulated", "--run-dir", str(run), "--speed", str(speed)]
        stacks = start_real_stacks(run, 0.05) if is_real else None
        real = stacks.addresses if stacks is not None else {}
        if stacks is not None:
            command += ["--vpcd-port", str(stacks.pcscd.port)]
        doubles = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        processes.append(doubles)
        addresses = wait_for_json(run / "doubles.json", doubles)
        config = run / "kiosk.toml"
        text = demo_config(
            office.data,
            url or office.url,
            addresses | real,
            is_landscape=False,
            visit=visit or {},
            run=run,
            flows=flows or ROOT / "config" / "flows",
        )
        for kind in matchers:
            text += f'\n[devices.{kind}]\nkind = "socket"\naddress = "{addresses[kind]}"\n'
        config.write_text(text)
        load_blanks(config)
        log = run / "core.log"
        control = DoublesControl(run / "doubles.sock")
        kiosk = Kiosk(run, office, control, config, start_core(run, config, log), log, stacks)
        started.append(kiosk)
        return kiosk

    yield start
    for kiosk in started:
        for face in kiosk._faces:
            face.close()
        end_process(kiosk.core)
        kiosk.doubles.close()
        if kiosk.stacks is not None:
            kiosk.stacks.stop()
    for process in processes:
        end_process(process)


@pytest.fixture
def kiosk(start_kiosk: Callable[..., Kiosk]) -> Kiosk:
    return start_kiosk()
