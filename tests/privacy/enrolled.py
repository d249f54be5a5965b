"""An office over mutual TLS and a kiosk that enrolled at it, as on a real machine: nothing ends TLS between the two."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from kiosk.backend.enrolment import enrol
from kiosk.demo.stage import ROOT, end_process, wait_for_json
from kiosk.office import tls
from kiosk.office.database import Database
from kiosk.office.enrolment import Enrolments
from kiosk.office.rules import Rules
from kiosk.settings import CREDENTIALS
from tests.e2e.conftest import OFFICE_SEED, Office

KIOSK = "anjungan-demo-01"


@dataclass
class EnrolledOffice(Office):
    """``url`` wants the certificate of an enrolled kiosk for every act, the demo's switches included."""

    credentials: Path

    def fault(self, mode: str, seconds: float = 0.2) -> None:
        self._ask("POST", "fault", {"mode": mode, "seconds": seconds})

    def renew(self) -> None:
        self._ask("POST", "renew")
        self._ask("POST", "unlock")

    def state(self) -> dict[str, Any]:
        return self._ask("GET", "state")

    def tls_options(self) -> dict[str, Any]:
        """For a client of one's own."""
        files = {name: str(self.credentials / CREDENTIALS[name]) for name in ("certificate", "key", "ca")}
        return {"cert": (files["certificate"], files["key"]), "verify": files["ca"]}

    def as_enrolled(self, config: str) -> str:
        """``kiosk.toml`` with what ``kiosk enroll`` left in the place of the demo's token."""
        lines = "".join(f'{key} = "{self.credentials / name}"\n' for key, name in CREDENTIALS.items())
        plain = [line for line in config.splitlines() if not line.startswith(("token_file", "audit_"))]
        return "\n".join(plain).replace("[office]\n", f"[office]\n{lines}", 1) + "\n"

    def _ask(self, method: str, act: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        # A connection of its own: a cut one of before would be taken up again after *gone*.
        with requests.Session() as session:
            session.trust_env = False
            url = f"{self.url}/demo/{act}"
            answer = session.request(method, url, json=body, timeout=20, **self.tls_options())
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def enrolled_office(data: Path, people: int = 300, seed: int = OFFICE_SEED) -> Iterator[EnrolledOffice]:
    """Seeded, served with ``--tls``, and with one kiosk enrolled by its one-time code."""
    data.mkdir(parents=True)
    make = [sys.executable, "-m", "kiosk.office", "seed", "--data", str(data), "--people", str(people)]
    subprocess.run([*make, "--seed", str(seed)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    serve = [sys.executable, "-m", "kiosk.office", "serve", "--data", str(data), "--port", "0", "--tls"]
    ready = data / "ready.json"
    process = subprocess.Popen([*serve, "--demo", "--ready-file", str(ready)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        told = wait_for_json(ready, process)
        database = Database(data / "office.db")
        code = Enrolments(database, Rules(), data).make_code(KIOSK)
        database.close()
        folder = data / "credentials"
        done = enrol(told["public_url"], code, KIOSK, folder, tls.fingerprint(tls.ca_pem(data)))
        people_told = json.loads((data / "people.json").read_text(encoding="utf-8"))
        yield EnrolledOffice(data, done.url, people_told, folder)
    finally:
        end_process(process)
