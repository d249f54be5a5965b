"""Sets the stage: seeds and starts the office, the doubles or real stacks, and the kiosk. Stops them by pid."""

import contextlib
import hashlib
import io
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kiosk.demo.robot import RobotError
from kiosk.supervisor import Supervisor, core_child, face_child

if TYPE_CHECKING:
    from kiosk.demo.real import RealStacks

STAFF_CODE = "246810"
"""The demo technician's code; a real kiosk's stands as a hash in its own ``kiosk.toml``."""

FIRST_BLANK, BLANKS = "DEMO000001", 400
"""Serials of the demo's invented blank cards."""

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
        _stop(self.supervisor, self.helpers, self.closers, self.run)


@contextmanager
def signals_wait() -> Iterator[None]:
    """Let SIGTERM and SIGINT wait until a process that is being started is also written down: else it is orphaned."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    came: list[int] = []
    for number in handlers:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
    for late in came:
        signal.raise_signal(late)


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
    """Seed the office (once per ``out``), start all, and return when the kiosk's processes run.

    Whatever ends it half way, SIGTERM and Ctrl-C too: what it started until then is stopped, and ``run`` is removed.
    """
    run = Path(tempfile.mkdtemp(prefix="anjungan-"))
    office = out / "office"
    begun = _Begun(run)
    try:
        if log is not None:
            begun.stderr = log.open("ab")
            begun.closers.append(begun.stderr.close)
        if not (office / "people.json").exists():
            say(f"Menyiapkan {people} orang karangan / inventing {people} people")
            _seed(office, people, seed)
        found = json.loads((office / "people.json").read_text(encoding="utf-8"))
        say("Menyalakan kantor / starting the office")
        url = begun.start_office(office)
        say("Menyalakan perangkat / starting the devices")
        addresses = begun.start_devices(url, speed, uses_real_stacks=uses_real_stacks)
        config = run / "kiosk.toml"
        text = demo_config(
            office,
            url,
            addresses,
            is_landscape=is_landscape,
            visit=visit or {},
            run=run,
            flows=flows or ROOT / "config/flows",
        )
        config.write_text(text, encoding="utf-8")
        load_blanks(config)
        say("Menyalakan anjungan / starting the kiosk")
        core = core_child(run, config, ["--allow-robot"])
        if "PCSCLITE_CSOCK_NAME" in addresses:
            core.environment["PCSCLITE_CSOCK_NAME"] = addresses["PCSCLITE_CSOCK_NAME"]
        begun.supervisor = Supervisor([face_child(run, config, face), core])
        with signals_wait():
            begun.supervisor.start()
    except BaseException:
        begun.stop()
        raise
    return Stage(out, run, found, url, addresses, config, begun.supervisor, begun.helpers, begun.closers, begun.stacks)


@dataclass
class _Begun:
    """What runs of a stage that is still being set."""

    run: Path
    stderr: BinaryIO | None = None
    supervisor: Supervisor | None = None
    helpers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    closers: list[Callable[[], None]] = field(default_factory=list)
    stacks: "RealStacks | None" = None

    def start_office(self, office: Path) -> str:
        """Its address."""
        ready = self.run / "office.json"
        command = [sys.executable, "-m", "kiosk.office", "serve", "--data", str(office), "--port", "0", "--demo"]
        self._start([*command, "--ready-file", str(ready)])
        return str(wait_for_json(ready, self.helpers[-1])["url"])

    def start_devices(self, office_url: str, speed: float, *, uses_real_stacks: bool) -> dict[str, Any]:
        """The doubles and, if asked for, the real stacks under them; their addresses."""
        command = [sys.executable, "-m", "kiosk.devices.simulated", "--run-dir", str(self.run)]
        command += ["--speed", str(speed), "--office", office_url]
        real: dict[str, Any] = {}
        if uses_real_stacks:
            from kiosk.demo.real import start_real_stacks

            self.stacks = start_real_stacks(self.run)
            self.closers.append(self.stacks.stop)
            real = self.stacks.addresses
            command += ["--vpcd-port", str(real["vpcd_port"])]
        self._start(command)
        return wait_for_json(self.run / "doubles.json", self.helpers[-1]) | real

    def _start(self, command: list[str]) -> None:
        with signals_wait():
            self.helpers.append(subprocess.Popen(command, cwd=ROOT, stderr=self.stderr))

    def stop(self) -> None:
        _stop(self.supervisor, self.helpers, self.closers, self.run)


def _stop(
    supervisor: Supervisor | None,
    helpers: list[subprocess.Popen[bytes]],
    closers: list[Callable[[], None]],
    run: Path,
) -> None:
    """Kiosk, doubles and office, in this order; then the run folder goes."""
    if supervisor is not None:
        supervisor.stop()
    for process in reversed(helpers):
        end_process(process)
    for close in reversed(closers):
        close()
    shutil.rmtree(run, ignore_errors=True)


def _seed(office: Path, people: int, seed: int) -> None:
    office.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "kiosk.office", "seed", "--data", str(office)]
    command += ["--people", str(people), "--seed", str(seed)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def load_blanks(config: Path) -> None:
    """Blank cards into the books of a kiosk that has not started yet, as a technician does it."""
    from kiosk.store.command import main

    with contextlib.redirect_stdout(io.StringIO()):
        main(["set", FIRST_BLANK, str(BLANKS), "--config", str(config)])


def _toml(value: object) -> str:
    return json.dumps(value) if isinstance(value, str | list) else str(value).lower()


def _audit_key(office: Path) -> str:
    """The line of the kiosk's key for its checkpoints; none for an office that was seeded before there was one."""
    key = office / "audit.key"
    return f"audit_key = {_toml(str(key.resolve()))}\ncheckpoint_s = 5\n" if key.exists() else ""


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
{_audit_key(office)}heartbeat_s = 5

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

[tickets]
queues = ["layanan", "pengaduan"]

[store]
path = {_toml(str(run / "kiosk.db"))}
key_file = {_toml(str(run / "store.key"))}
"""
