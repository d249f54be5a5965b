"""A lane of the long run: office, doubles and core as processes of their own, nothing shared with other lanes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.demo.stage import ROOT, demo_config, end_process, load_blanks, wait_for_json
from kiosk.devices.simulated.control import DoublesControl
from tests.e2e.conftest import Kiosk, Office
from tests.soak.held import Gauge

SERVICES = ["cetak-kk", "cek-data", "unduh-akta", "antrean", "keluhan"]


@dataclass
class Lane:
    name: str
    kiosk: Kiosk
    gauge: Gauge


@contextmanager
def lane(folder: Path, seeded: Path, name: str, leak: int = 0) -> Iterator[Lane]:
    """Set the stage in ``folder`` with a copy of a seeded office; every process is ended at the end, by its id.

    ``leak``: bytes that the core is made to lose each visit, for the test of the judge.
    """
    folder.mkdir(parents=True)
    data, run = folder / "office", folder / "run"
    shutil.copytree(seeded, data)
    run.mkdir(mode=0o700)
    environment = os.environ | {"MALLOC_ARENA_MAX": "1"}
    with ExitStack() as stack:

        def start(*words: str, **more: object) -> subprocess.Popen[bytes]:
            process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=environment, **more)  # type: ignore[call-overload]
            stack.callback(end_process, process)
            return process  # type: ignore[no-any-return]

        ready = folder / "office.json"
        serve = ["serve", "--data", str(data), "--port", "0", "--demo", "--ready-file", str(ready)]
        # Its standard output must not be the test's: whoever reads that would wait for the office, too.
        bureau = start("kiosk.office", *serve, stdout=subprocess.DEVNULL)
        doubles = start("kiosk.devices.simulated", "--run-dir", str(run), "--speed", "0", stdout=subprocess.DEVNULL)
        office = Office(data, wait_for_json(ready, bureau)["url"], json.loads((data / "people.json").read_text()))
        addresses = wait_for_json(run / "doubles.json", doubles)
        config, log, ear = run / "kiosk.toml", run / "core.log", folder / "core.ear"
        text = demo_config(
            data, office.url, addresses, is_landscape=False, visit={}, run=run, flows=ROOT / "config" / "flows"
        )
        assert "\n[screen]\n" in text
        config.write_text(text.replace("\n[screen]\n", f"services = {json.dumps(SERVICES)}\n\n[screen]\n", 1))
        load_blanks(config)
        # The log goes through a pipe: a disk that refuses the core a byte must not swallow what it says of that.
        with log.open("ab") as file:
            writer = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file)
        stack.callback(end_process, writer)
        core_words = ["kiosk.core", "--run-dir", str(run), "--config", str(config), "--allow-robot"]
        core = start("tests.soak.inside", str(ear), str(leak), *core_words, stderr=writer.stdin)
        assert writer.stdin is not None
        writer.stdin.close()
        control = DoublesControl(run / "doubles.sock")
        stack.callback(control.close)
        kiosk = Kiosk(run, office, control, config, core, log)
        stack.callback(lambda: kiosk.face.close())
        kiosk.face.wait_page("attract", timeout_s=400)
        gauge = Gauge({"core": core.pid, "office": bureau.pid, "doubles": doubles.pid}, {"core": ear})
        yield Lane(name, kiosk, gauge)


def seed_office(folder: Path, people: int = 300, seed: int = 4711) -> Path:
    """An office's folder with invented people."""
    words = ["-m", "kiosk.office", "seed", "--data", str(folder), "--people", str(people), "--seed", str(seed)]
    subprocess.run([sys.executable, *words], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return folder
