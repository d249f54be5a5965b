"""Sets the stage: seeds and starts the office, the doubles or real stacks, and the kiosk. Stops them by pid."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.demo.robot import RobotError
from kiosk.supervisor import Supervisor, core_child, face_child

if TYPE_CHECKING:
    from kiosk.demo.real import RealStacks

STAFF_CODE = "246810"
"""The demo technician's code; a real kiosk's stands as a hash in its own ``kiosk.toml``."""

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Stage:
    """Everything that runs for a demo or an end-to-end test. ``out`` holds what stays, ``run`` what goes at the end."""

    out: Path
    run: Path
    people: list[dict[str, Any]]
    office_url: str
    doubles: dict[str, Any]
    config: Path
    supervisor: Supervisor
    helpers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    closers: list[Callable[[], None]] = field(default_factory=list)
    stacks: "RealStacks | None" = None

    @property
    def socket(self) -> Path:
        return self.run / "core.sock"

    def stop(self) -> None:
        """Stop kiosk, doubles and office, in this order, and remove the run folder."""
        self.supervisor.stop()
        for process in reversed(self.helpers):
            end_process(process)
        for close in reversed(self.closers):
            close()
        shutil.rmtree(self.run, ignore_errors=True)


def end_process(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL after five seconds."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_json(path: Path, process: subprocess.Popen[bytes], timeout_s: float = 60.0) -> dict[str, Any]:
    """What a process writes into its ready file. Raises RobotError when it ends or takes too long."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            if process.poll() is not None:
                break
            time.sleep(0.02)
        else:
            return found
    raise RobotError(f"{path.name} was not written; exit {process.poll()}")


def set_stage(
    out: Path,
    *,
    people: int = 400,
    seed: int = 20261122,
    is_landscape: bool = False,
    uses_real_stacks: bool = False,
    speed: float = 1.0,
    visit: dict[str, float] | None = None,
    say: Callable[[str], None] = lambda text: None,
    face: list[str] | None = None,
    flows: Path | None = None,
    log: Path | None = None,
) -> Stage:
    """Seed the office (once per ``out``), start all, and return when the kiosk's processes run."""
    run = Path(tempfile.mkdtemp(prefix="anjungan-"))
    office = out / "office"
    python = sys.executable
    helpers: list[subprocess.Popen[bytes]] = []
    closers: list[Callable[[], None]] = []
    stderr = log.open("ab") if log is not None else None
    if stderr is not None:
        closers.append(stderr.close)
    if not (office / "people.json").exists():
        say(f"Menyiapkan {people} orang karangan / inventing {people} people")
        office.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [python, "-m", "kiosk.office", "seed", "--data", str(office), "--people", str(people), "--seed", str(seed)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
        )
    found = json.loads((office / "people.json").read_text(encoding="utf-8"))
    say("Menyalakan kantor / starting the office")
    ready = run / "office.json"
    serve = [python, "-m", "kiosk.office", "serve", "--data", str(office), "--port", "0", "--demo"]
    helpers.append(subprocess.Popen([*serve, "--ready-file", str(ready)], cwd=ROOT, stderr=stderr))
    url = wait_for_json(ready, helpers[-1])["url"]
    say("Menyalakan perangkat / starting the devices")
    doubles_command = [python, "-m", "kiosk.devices.simulated", "--run-dir", str(run), "--speed", str(speed)]
    doubles_command += ["--office", url]
    environment = dict(os.environ)
    real: dict[str, Any] = {}
    stacks: RealStacks | None = None
    if uses_real_stacks:
        from kiosk.demo.real import start_real_stacks

        stacks = start_real_stacks(run)
        real = stacks.addresses
        closers.append(stacks.stop)
        doubles_command += ["--vpcd-port", str(real["vpcd_port"])]
    helpers.append(subprocess.Popen(doubles_command, cwd=ROOT, stderr=stderr, env=environment))
    doubles = wait_for_json(run / "doubles.json", helpers[-1])
    config = run / "kiosk.toml"
    config.write_text(
        demo_config(
            office,
            url,
            doubles | real,
            is_landscape=is_landscape,
            visit=visit or {},
            run=run,
            flows=flows or ROOT / "config/flows",
        ),
        encoding="utf-8",
    )
    say("Menyalakan anjungan / starting the kiosk")
    core = core_child(run, config, ["--allow-robot"])
    if "PCSCLITE_CSOCK_NAME" in real:
        core.environment["PCSCLITE_CSOCK_NAME"] = real["PCSCLITE_CSOCK_NAME"]
    supervisor = Supervisor([face_child(run, config, face), core])
    supervisor.start()
    return Stage(out, run, found, url, doubles | real, config, supervisor, helpers, closers, stacks)


def _toml(value: object) -> str:
    return json.dumps(value) if isinstance(value, str | list) else str(value).lower()


def demo_config(
    office: Path,
    url: str,
    devices: dict[str, Any],
    *,
    is_landscape: bool,
    visit: dict[str, float],
    run: Path,
    flows: Path,
) -> str:
    """The demo's ``kiosk.toml``."""
    width, height = (1920, 1080) if is_landscape else (1080, 1920)
    reader = (
        '[devices.card_reader]\nkind = "pcsc"\n'
        if "PCSCLITE_CSOCK_NAME" in devices
        else f'[devices.card_reader]\nkind = "socket"\naddress = {_toml(devices["card_reader"])}\n'
    )
    visit_lines = "".join(f"{key} = {value}\n" for key, value in visit.items())
    return f"""# Written by the demo.
run_dir = {_toml(str(run))}

[kiosk]
id = "anjungan-demo-01"
flows = {_toml(str(flows))}

[screen]
width = {width}
height = {height}

[visit]
staff_code_sha256 = "{hashlib.sha256(STAFF_CODE.encode()).hexdigest()}"
{visit_lines}
[office]
url = {_toml(url)}
token_file = {_toml(str((office / "kiosk.token").resolve()))}
heartbeat_s = 5

[documents]
trust = [{_toml(str((office / "ca" / "root.pem").resolve()))}]

{reader}
[devices.document_printer]
kind = "ipp"
uri = {_toml(devices["document_printer"])}

[devices.card_printer]
kind = "ipp"
uri = {_toml(devices["card_printer"])}
media = "iso_id-1_54x85.6mm"

[devices.slip_printer]
kind = "tcp"
address = {_toml(devices["slip_printer"])}

[store]
path = {_toml(str(run / "kiosk.db"))}
key_file = {_toml(str(run / "store.key"))}
"""
