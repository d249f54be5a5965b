"""A kiosk that enrolled itself prints a family card over mutual TLS; what it did stands in the chain, witnessed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlcipher3.dbapi2

from kiosk import protocol as p
from kiosk.backend.enrolment import enrol
from kiosk.demo.stage import ROOT, end_process, wait_for_json
from kiosk.office import tls
from kiosk.office.database import Database
from kiosk.office.enrolment import Enrolments
from kiosk.office.rules import Rules
from kiosk.office.witness import Witness
from kiosk.settings import CREDENTIALS
from tests.backend.certificates import Certificates
from tests.e2e.conftest import Kiosk, Office, start_core
from tests.e2e.test_services import begin, rate_and_leave, sign_in

pytestmark = pytest.mark.e2e

NAME = "anjungan-demo-01"


def test_a_family_card_over_mutual_tls_and_its_trace(
    office: Office, start_kiosk: Callable[..., Kiosk], tmp_path: Path
) -> None:
    data = _copy(office.data, tmp_path / "office")
    serve = [sys.executable, "-m", "kiosk.office", "serve", "--data", str(data), "--port", "0", "--tls"]
    ready = tmp_path / "tls.json"
    process = subprocess.Popen([*serve, "--demo", "--ready-file", str(ready)], cwd=ROOT)
    try:
        told = wait_for_json(ready, process)
        database = Database(data / "office.db")
        code = Enrolments(database, Rules(), data).make_code(NAME)
        pin = tls.fingerprint(tls.ca_pem(data))
        done = enrol(told["public_url"], code, NAME, tmp_path / "credentials", pin)
        kiosk = start_kiosk(url=done.url)
        kiosk.core.terminate()
        kiosk.core.wait(20)
        lines = "".join(f'{key} = "{tmp_path / "credentials" / name}"\n' for key, name in CREDENTIALS.items())
        plain = [
            line for line in kiosk.config.read_text().splitlines() if not line.startswith(("token_file", "audit_"))
        ]
        kiosk.config.write_text("\n".join(plain).replace("[office]\n", f"[office]\n{lines}"))
        kiosk.core = start_core(kiosk.run, kiosk.config, kiosk.log)
        kiosk.new_face()
        person = office.person("kk")
        begin(kiosk.face, "cetak-kk")
        sign_in(kiosk, person)
        kiosk.face.wait_page("documents", "preview")
        body = kiosk.face.page.body
        if isinstance(body, p.DocumentsBody):
            kiosk.face.press(f"#{body.tiles[0].action}")
        kiosk.face.wait_page("preview")
        kiosk.face.press("Cetak sekarang")
        rate_and_leave(kiosk)
        witness = Witness(database)
        before = witness.head(NAME)
        kiosk.wait_until(lambda: "visit.ended" in " ".join(_witnessed(witness)), "the visit in the office's witness")
        entries = _witnessed(witness)
        for event in ("visit.opened", "proof.ended", "print.settled", "visit.ended", "enrolment.changed"):
            assert any(event in entry for entry in entries), event
        text = "\n".join(entries)
        for secret in (person["nik"], person["uid"], person["name"], person["pin"]):
            assert json.dumps(secret)[1:-1] not in text
        assert witness.head(NAME).number >= before.number
        assert witness.alarms(is_open=True) == []

        # Another authority in the place of the pinned one: the page says that the line is not safe.
        foreign = Certificates(tmp_path / "foreign")
        (tmp_path / "credentials" / CREDENTIALS["ca"]).write_bytes(foreign.root.read_bytes())
        kiosk.restart_core(kills=False)
        kiosk.wait_until(
            lambda: any(e["event"] == "HEARTBEAT_FAILED" and e["code"] == "OFF-05" for e in kiosk.events()), "OFF-05"
        )
        database.close()
    finally:
        end_process(process)


def _witnessed(witness: Witness) -> list[str]:
    head = witness.head(NAME)
    return witness.entries(NAME, head.chain) if head.chain else []


def _copy(data: Path, folder: Path) -> Path:
    """The office of all these tests, once more: enrolment voids the token that the others speak with."""
    folder.mkdir()
    shutil.copytree(data / "ca", folder / "ca")
    connection = sqlcipher3.dbapi2.connect(str(data / "office.db"))
    connection.execute("VACUUM INTO ?", (str(folder / "office.db"),))
    connection.close()
    return folder
