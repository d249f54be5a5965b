"""A printer that lost power in the middle: unknown, until a technician says that it came out."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from kiosk import protocol as p
from kiosk.demo.stage import ROOT
from tests.e2e.conftest import Kiosk
from tests.e2e.test_faults import to_preview

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def ends_unknown(kiosk: Kiosk) -> None:
    """A visitor's print dies with its printer."""
    assert to_preview(kiosk).name == "preview"
    kiosk.doubles.act("document-printer", "cut-power", at_sheet=1)
    kiosk.face.press("Cetak sekarang")
    kiosk.face.wait_page("outcome", timeout_s=60)
    kiosk.pull()
    kiosk.face.press("Selesai")
    kiosk.face.wait_page("attract")
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("with-staff", 0) == 1, "the settlement")
    kiosk.doubles.act("document-printer", "on")


def test_a_technician_says_that_it_came_out(start_kiosk: Callable[..., Kiosk]) -> None:
    kiosk = start_kiosk(speed=4.0)
    ends_unknown(kiosk)
    printed = kiosk.office.state()["documents"].get("printed", 0)
    face = kiosk.face
    face.press("#staff")
    face.wait_page("staff-code")
    face.submit("staff:enter", code="246810")
    face.wait_page("technician")
    face.press("Cetakan belum pasti: 1")
    page = face.wait_page("prints")
    assert isinstance(page.body, p.MenuBody)
    (tile,) = page.body.tiles
    face.press(tile.title)
    face.wait_page("print-found")
    face.press("Keluar utuh")
    assert face.wait_page("print-sure").title == "Anda menyatakan: keluar utuh"
    face.press("Ya, catat")
    page = face.wait_page("prints")
    assert page.title == "Semua cetakan sudah jelas"
    assert isinstance(page.body, p.MenuBody)
    assert page.body.note == "Dicatat: keluar utuh."
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("with-staff", 0) == 0, "the answer at the office")
    assert kiosk.office.state()["documents"]["printed"] == printed + 1
    face.press("Kembali")
    body = face.wait_page("technician").body
    assert isinstance(body, p.TechnicianBody)
    assert not any(test.id == "staff:prints" for row in body.devices for test in row.tests)
    face.press("Tutup")
    face.wait_page("attract")


def test_the_command_answers_beside_the_running_core(start_kiosk: Callable[..., Kiosk]) -> None:
    """Damaged: the sheet is destroyed, and the citizen may print again."""
    kiosk = start_kiosk(speed=4.0)
    ends_unknown(kiosk)
    ready = kiosk.office.state()["documents"]["ready"]
    command = [sys.executable, "-m", "kiosk.cli", "reconcile"]
    options = ["--json", "--config", str(kiosk.config)]
    listed = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert listed.returncode == 1, listed.stderr
    (one,) = json.loads(listed.stdout)["unknown"]
    answer = [*command, one["code"], "damaged", "--yes", *options]
    answered = subprocess.run(answer, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr
    assert json.loads(answered.stdout) == {"noted": one["print_id"], "unknown": []}
    kiosk.wait_until(lambda: kiosk.office.state()["documents"]["ready"] == ready + 1, "the freed document", 60)
