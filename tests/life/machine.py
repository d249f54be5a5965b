"""One installed machine and its office, from the first start to the wipe: as on the disk of a real one, below a folder.

``etc`` stands for ``/etc/anjungan``, ``state`` for ``/var/lib/anjungan``, ``run`` for ``/run/anjungan``. ``restart``
hands credentials over as systemd does. Commands run as ``kiosk`` runs them, within this process, so that they cost
little; cores are processes of their own.
"""

import contextlib
import hashlib
import io
import json
import os
import pty
import secrets
import shutil
import subprocess
import sys
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import func, select, update

from kiosk import protocol as p
from kiosk.cli import main as kiosk_command
from kiosk.demo.stage import ROOT, end_process, wait_for_json
from kiosk.devices.simulated.control import DoublesControl
from kiosk.office import database as db
from kiosk.office.witness import Witness
from kiosk.settings import CREDENTIALS
from tests.e2e.conftest import Kiosk
from tests.e2e.core_zygote import CoreZygote
from tests.life.clock import WallClock
from tests.life.line import Line

NAME = "anjungan-07"
STAFF_CODE = "246810"
BLANK = "DEMO000001"


@dataclass
class LifeOffice:
    """An office that demands certificates, with its database open beside it."""

    data: Path
    url: str
    public_url: str
    people: list[dict[str, Any]]
    database: db.Database
    came: int = 0

    def someone(self) -> dict[str, Any]:
        """Whose family card is ready to print: each in turn, and when all had theirs, all again."""
        found = [one for one in self.people if one["uid"] and one["pin"] and "kk" in one["documents"]]
        found = [one for one in found if one["slug"] not in ("locked", "unknown-card")]
        if self.came and self.came % len(found) == 0:
            self.renew()
        self.came += 1
        return found[(self.came - 1) % len(found)]

    def count(self, state: str) -> int:
        """Documents in that state."""
        counted = select(func.count()).select_from(db.document).where(db.document.c.state == state)
        with self.database.reading() as connection:
            return int(connection.execute(counted).scalar_one())

    def renew(self) -> None:
        """Every document is ready again, as on the first day."""
        with self.database.writing() as connection:
            connection.execute(update(db.document).values(state="ready"))
            connection.execute(update(db.grant).values(state="failed"))

    def alarms(self) -> list[str]:
        """Kinds of the open ones."""
        return [alarm.kind.value for alarm in Witness(self.database).alarms(is_open=True)]

    def witnessed(self) -> list[str]:
        """Events of the newest chain of the kiosk, oldest first."""
        witness = Witness(self.database)
        chain = witness.head(NAME).chain
        return [json.loads(entry)[2] for entry in witness.entries(NAME, chain)] if chain else []


@dataclass
class Said:
    """What a command said."""

    code: int
    out: str
    err: str


class Life(Kiosk):
    """The kiosk of these tests; ``office.people`` are the same each time."""

    office: LifeOffice  # type: ignore[assignment]

    def __init__(self, root: Path) -> None:
        self.root, self.etc, self.state = root, root / "etc", root / "state"
        self.handed_over = root / "credentials"
        for folder in (self.etc, self.state, root / "run", self.handed_over):
            folder.mkdir(mode=0o700)
        self.clock = WallClock(root)
        self.zygote = CoreZygote(self.clock.environment)
        self.closers: list[Any] = [self.zygote.close]
        office, doubles = self._start_office(), self._start_doubles()
        self.addresses: dict[str, str] = doubles
        control = DoublesControl(root / "run" / "doubles.sock")
        super().__init__(root / "run", office, control, self.etc / "kiosk.toml", cast(Any, None), root / "run/core.log")  # type: ignore[arg-type]
        self.line = Line(int(office.url.rpartition(":")[2]))
        self.closers.append(self.line.close)
        self.chapters: list[str] = []
        self._scanner = -1
        self._install()

    def _start_office(self) -> LifeOffice:
        data = self.root / "office"
        seed = ["office", "seed", "--data", str(data), "--people", "60", "--seed", "4711", "--kiosk", "another"]
        assert self.command(*seed).code == 0
        command = [sys.executable, "-m", "kiosk.office", "serve", "--data", str(data), "--port", "0", "--tls"]
        process = subprocess.Popen([*command, "--ready-file", str(data / "ready.json")], cwd=ROOT)
        self.closers.append(lambda: end_process(process))
        told = wait_for_json(data / "ready.json", process)
        database = db.Database(data / "office.db")
        self.closers.append(database.close)
        people = json.loads((data / "people.json").read_text())
        return LifeOffice(data, told["url"], told["public_url"], people, database)

    def _start_doubles(self) -> dict[str, str]:
        run = self.root / "run"
        command = [sys.executable, "-m", "kiosk.devices.simulated", "--run-dir", str(run), "--speed", "0"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.closers.append(lambda: end_process(process))
        return wait_for_json(run / "doubles.json", process)

    def close(self) -> None:
        for face in self._faces:
            face.close()
        if self.core is not None:
            end_process(self.core)
        self.doubles.close()
        self.unplug_scanner()
        for close in reversed(self.closers):
            close()

    # --- what a technician does

    def _install(self) -> None:
        """What ``systemd/install`` leaves: the shipped settings and flows, and a new key of the store."""
        shutil.copytree(ROOT / "config" / "flows", self.etc / "flows")
        shutil.copy(ROOT / "config" / "kiosk.toml", self.etc / "kiosk.toml")
        key = self.etc / "store.key"
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32))

    def write_settings(self, *, is_production: bool = True) -> None:
        at = self.addresses
        code = hashlib.sha256(STAFF_CODE.encode()).hexdigest()
        self.config.write_text(f"""run_dir = "{self.run}"
[kiosk]
id = "{NAME}"
is_production = {str(is_production).lower()}
regions = ["99"]
flows = "flows"
services = ["cetak-kk", "cek-data", "unduh-akta", "cetak-ktp"]
[visit]
staff_code_sha256 = "{code}"
[office]
url = "https://127.0.0.1:{self.line.port}"
heartbeat_s = 1
checkpoint_s = 1
deadline_s = 4
[documents]
trust = ["{self.office.data / "ca" / "root.pem"}"]
[devices.card_reader]
kind = "socket"
address = "{at["card_reader"]}"
[devices.document_printer]
kind = "ipp"
uri = "{at["document_printer"]}"
[devices.card_printer]
kind = "ipp"
uri = "{at["card_printer"]}"
[devices.slip_printer]
kind = "tcp"
address = "{at["slip_printer"]}"
[devices.scanner]
kind = "serial"
address = "{self.run / "scanner"}"
[store]
path = "{self.state / "kiosk.db"}"
""")

    def command(self, *words: str) -> Said:
        """``kiosk …`` at a shell of this machine."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = kiosk_command(list(words))
            except SystemExit as ended:
                code = int(ended.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    def with_key(self, *words: str) -> Said:
        """A command that opens the store: ``CREDENTIALS_DIRECTORY=/etc/anjungan kiosk …``."""
        before = os.environ.get("CREDENTIALS_DIRECTORY")
        os.environ["CREDENTIALS_DIRECTORY"] = str(self.etc)
        try:
            return self.command(*words, "--config", str(self.config))
        finally:
            del os.environ["CREDENTIALS_DIRECTORY"]
            if before is not None:
                os.environ["CREDENTIALS_DIRECTORY"] = before

    def enrol(self, code: str, *options: str) -> Said:
        where = ["--office", self.office.public_url, "--folder", str(self.etc)]
        return self.command("enroll", *where, "--kiosk", NAME, "--code", code, *options)

    def enrol_code(self) -> dict[str, str]:
        """What the administrator reads out: code and fingerprint."""
        told: dict[str, str] = json.loads(
            self.command("office", "enrol-code", "--data", str(self.office.data), "--json", NAME).out
        )
        return told

    def wipe(self, *options: str) -> Said:
        return self.command("wipe", "--config", str(self.config), "--credentials", str(self.etc), *options)

    # --- its life

    def stop(self) -> int:
        self.core.terminate()
        return self.core.wait(20)

    def restart(self, *, older: bool = False, kills: bool = False) -> None:
        """``systemctl restart kiosk-core``; ``older``: with the program of the release before."""
        if self.core is not None and self.core.poll() is None:
            if kills:
                self.core.kill()
                self.core.wait(20)
            else:
                assert self.stop() == 0
        for name in (*CREDENTIALS.values(), "store.key"):
            kept, handed = self.etc / name, self.handed_over / name
            handed.unlink(missing_ok=True)
            if kept.exists():
                shutil.copy2(kept, handed)
            elif name != "store.key":
                handed.write_text("none")
        arguments = ["--run-dir", str(self.run), "--config", str(self.config)]
        environment = {"CREDENTIALS_DIRECTORY": str(self.handed_over)}
        first = "tests.life.older:become_older" if older else ""
        self.core = cast(Any, self.zygote.start(arguments, self.log, environment, first))
        self.new_face()

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Events of that name since the core was started last."""
        events = self.events()
        begun = max(at for at, one in enumerate(events) if one["event"] == "CORE_STARTED")
        return [one for one in events[begun:] if one["event"] == event]

    def technician_reads(self) -> str:
        """What the technician's page says needs doing; the door is shut again afterwards."""
        return self._behind_the_door("")

    def technician_presses(self, action: str) -> None:
        self._behind_the_door(action)

    def _behind_the_door(self, action: str) -> str:
        face = self.face
        face.wait_page("attract")
        face.press("#staff")
        face.wait_page("staff-code")
        face.submit("staff:enter", code=STAFF_CODE)
        page = face.wait_page("technician")
        if action:
            face.press(f"#{action}")
            page = face.wait(
                lambda page: isinstance(page.body, p.TechnicianBody) and page.body.result != "", f"the end of {action}"
            )
        assert isinstance(page.body, p.TechnicianBody)
        said = "\n".join(f"{issue.label}: {issue.value}" for issue in page.body.issues)
        face.press("#staff:leave")
        face.wait_page("attract")
        return said

    # --- its scanner: a serial line that can be unplugged

    def plug_scanner(self) -> None:
        self._scanner, far = pty.openpty()
        tty.setraw(far)
        node = self.run / "scanner"
        node.unlink(missing_ok=True)
        node.symlink_to(os.ttyname(far))
        os.close(far)

    def unplug_scanner(self) -> None:
        if self._scanner >= 0:
            os.close(self._scanner)
            (self.run / "scanner").unlink(missing_ok=True)
            self._scanner = -1

    # --- its disk

    @contextlib.contextmanager
    def disk_that_says(self, error: str) -> Iterator[Callable[[], int]]:
        """Every write into the folder of the store fails with it; gives how many did so far."""
        told = self.root / f"refused-{error}"
        calls = "pwrite64,ftruncate,fallocate"
        command = [
            "strace",
            "-f",
            "-qq",
            "-o",
            str(told),
            "-e",
            f"trace={calls}",
            "-e",
            f"inject={calls}:error={error}",
        ]
        for end in ("", "-wal", "-shm", "-journal"):
            command += ["-P", str(self.state / f"kiosk.db{end}")]
        tracer = subprocess.Popen([*command, "-p", str(self.core.pid)], stderr=subprocess.DEVNULL)
        status = Path(f"/proc/{self.core.pid}/status")
        self.wait_until(lambda: f"TracerPid:\t{tracer.pid}\n" in status.read_text(), f"the disk to say {error}")
        yield lambda: told.read_text().count("(INJECTED)")
        tracer.terminate()
        tracer.wait(10)
