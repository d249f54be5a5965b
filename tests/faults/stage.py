"""One office, and kiosks beside it that many rows share: doubles behind their sockets, the real core, a paper face."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kiosk.demo.stage import ROOT, demo_config, end_process, load_blanks, wait_for_json
from kiosk.devices.simulated.control import DoublesControl
from tests.e2e.conftest import Kiosk, Office
from tests.faults.around import a_house

SEED = 815
"""Not the demo's and not the end-to-end tests': no test's people are another's."""
VISIT: dict[str, float] = {"idle_s": 600, "overall_s": 3600}
"""Nobody hurries a row; what time does to a visit has tests of its own."""


_ONE_AT_A_TIME = threading.Lock()
"""``load_blanks`` turns the whole process's standard output aside for a moment."""


def leashed(*command: str) -> list[str]:
    """The command of a process that the kernel ends when the thread that started it is gone, whatever ended that."""
    return ["setpriv", "--pdeathsig", "KILL", sys.executable, *command]


def seed_office(folder: Path) -> None:
    """The population that every office of a run is a copy of."""
    folder.mkdir(parents=True)
    seed = [*leashed("-m"), "kiosk.office", "seed", "--data", str(folder), "--people", "30"]
    subprocess.run([*seed, "--seed", str(SEED)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


@contextmanager
def an_office(folder: Path, seeded: Path) -> Iterator[Office]:
    """An office of its own for one kiosk, with its demo switches: a fault of the office is everybody's."""
    shutil.copytree(seeded, folder)
    serve = [*leashed("-m"), "kiosk.office", "serve", "--data", str(folder), "--port", "0", "--demo"]
    process = subprocess.Popen(
        [*serve, "--ready-file", str(folder / "ready.json")], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        url = wait_for_json(folder / "ready.json", process)["url"]
        yield Office(folder, url, json.loads((folder / "people.json").read_text()))
    finally:
        end_process(process)


@contextmanager
def a_kiosk(
    run: Path,
    office: Office,
    *,
    visit: dict[str, float] | None = None,
    speed: float = 0.0,
    url: str = "",
    office_s: float = 8,
    heartbeat_s: float = 60,
    has_house: bool = False,
) -> Iterator[Kiosk]:
    """A core under the watch of ``watched_core`` with its doubles, and with what stands around it (``House``)."""
    with ExitStack() as stack:
        run.mkdir(mode=0o700, parents=True)
        command = [*leashed("-m"), "kiosk.devices.simulated", "--run-dir", str(run), "--speed", str(speed)]
        doubles = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        stack.callback(end_process, doubles)
        addresses = wait_for_json(run / "doubles.json", doubles)
        config = run / "kiosk.toml"
        text = demo_config(
            office.data,
            url or office.url,
            addresses,
            is_landscape=False,
            visit=VISIT if visit is None else visit,
            run=run,
            flows=ROOT / "config" / "flows",
        ).replace("heartbeat_s = 5", f"heartbeat_s = {heartbeat_s}\ndeadline_s = {office_s}")
        if has_house:
            house = stack.enter_context(a_house(run))
            text = text.replace('[devices.document_printer]\nkind = "ipp"', house.queue()) + house.config()
        config.write_text(text)
        with _ONE_AT_A_TIME:
            load_blanks(config)
        log = run / "core.log"
        with log.open("ab") as stderr:
            core = subprocess.Popen(
                [
                    *leashed("-m", "tests.faults.watched_core", "--run-dir", str(run)),
                    *("--config", str(config), "--allow-robot"),
                ],
                cwd=ROOT,
                stderr=stderr,
            )
        control = DoublesControl(run / "doubles.sock")
        kiosk = Kiosk(run, office, control, config, core, log, None)

        def close() -> None:
            for face in kiosk._faces:
                face.close()
            end_process(kiosk.core)
            control.close()

        stack.callback(close)
        yield kiosk
