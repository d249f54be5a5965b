"""One machine from its first start to its last command, by the pages that it shows; and SIGTERM at every step."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from kiosk import protocol as p
from kiosk.demo.stage import ROOT
from tests.e2e.conftest import Kiosk
from tests.e2e.test_services import begin, rate_and_leave
from tests.e2e.test_visit import to_preview

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def own_credentials(kiosk: Kiosk) -> list[Path]:
    """Give this machine token and keys of its own: the office's copies serve other tests, and are not to be wiped."""
    text, copies = kiosk.config.read_text(), []
    for name, path in re.findall(r'^(token_file|audit_key|certificate|key|ca) = "([^"]+)"$', text, re.MULTILINE):
        copy = kiosk.run / "credentials" / Path(path).name
        copy.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(path, copy)
        copy.chmod(0o600)
        text = text.replace(f'{name} = "{path}"', f'{name} = "{copy}"')
        copies.append(copy)
    assert copies
    kiosk.config.write_text(text)
    return copies


def out_of_order(kiosk: Kiosk, code: str) -> None:
    page = kiosk.face.wait_page("out-of-order")
    assert code in str(page), page


def to_attract(kiosk: Kiosk) -> None:
    """A core that begins after a visit was cut tells how it ended; whoever reads it says so."""
    page = kiosk.face.wait_page("attract", "interrupted", timeout_s=40)
    if page.name == "interrupted":
        kiosk.pull()
        kiosk.face.press("Saya mengerti")
        kiosk.face.wait_page("attract")


def serves(kiosk: Kiosk, person: dict[str, Any]) -> None:
    """A whole visit that ends with paper, told to the office."""
    to_attract(kiosk)
    before = len(kiosk.printed())
    to_preview(kiosk, person)
    kiosk.face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    assert len(kiosk.printed()) == before + 1


def is_tile_enabled(kiosk: Kiosk, service: str) -> bool | None:
    body = kiosk.face.page.body
    if not isinstance(body, p.MenuBody):
        return None
    return next(tile.is_enabled for tile in body.tiles if tile.action == f"service:{service}")


def wipe(kiosk: Kiosk, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk.cli", "wipe", "--config", str(kiosk.config), *options]
    command += ["--credentials", str(kiosk.run / "credentials")]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90)


def test_a_machines_life(start_kiosk: Callable[..., Kiosk], tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(ROOT / "config" / "flows", flows)
    kiosk = start_kiosk(flows=flows)
    people = [one for one in kiosk.office.people if one["uid"] and one["pin"] and "kk" in one["documents"]]
    people = [one for one in people if one["slug"] not in ("locked", "unknown-card")]

    # Unconfigured: the page names the code, the log the key.
    good = kiosk.config.read_text()
    kiosk.config.write_text(good + "\n[nonsense]\nx = 1\n")
    kiosk.restart_core(kills=False)
    out_of_order(kiosk, "CFG-01")
    assert any("nonsense" in event.get("detail", "") for event in kiosk.events())

    # Configured, with credentials of its own: it serves.
    kiosk.config.write_text(good)
    copies = own_credentials(kiosk)
    kiosk.restart_core(kills=False)
    serves(kiosk, people[0])

    # Each device faulted once: greyed or done without, and back by itself.
    face = kiosk.face
    for device, is_grey in (("document-printer", True), ("slip-printer", False), ("card-reader", False)):
        face.wait_page("attract")
        face.press("#start")
        face.wait_page("services")
        kiosk.doubles.act(device, "off")
        if is_grey:
            face.wait(lambda page: is_tile_enabled(kiosk, "cetak-kk") is False, f"the tile to grey without {device}")
        assert is_tile_enabled(kiosk, "cek-data") or device == "document-printer"
        kiosk.doubles.act(device, "on")
        kiosk.doubles.act(device, "clear") if device != "card-reader" else None
        face.wait(lambda page: is_tile_enabled(kiosk, "cetak-kk") is True, f"the tile to come back with {device}")
        face.press("#home")
    serves(kiosk, people[1])

    # Out of order: others can read the store's key. Repaired by one chmod and a start.
    key_file = kiosk.run / "store.key"
    key_file.chmod(0o644)
    kiosk.restart_core(kills=False)
    out_of_order(kiosk, "STO-")
    key_file.chmod(0o600)
    kiosk.restart_core(kills=False)
    to_attract(kiosk)

    # Updated: changed flows come into force between two visits, without a start.
    flow = flows / "cetak-kk.yaml"
    flow.write_text(flow.read_text().replace("id: Cetak Kartu Keluarga,", "id: Cetak KK baru,"))
    serves(kiosk, people[2])
    kiosk.face.press("#start")
    kiosk.face.wait(lambda page: "Cetak KK baru" in str(page), "the new flow")
    kiosk.face.press("#home")
    kiosk.face.wait_page("attract")

    # Rolled back: an older program meets a newer store, refuses it by its name, and leaves it as it is.
    kiosk.core.terminate()
    assert kiosk.core.wait(20) == 0
    backup = {path.name: path.read_bytes() for path in kiosk.run.glob("kiosk.db*")}
    key = key_file.read_text().strip()
    raw = sqlcipher.connect(str(kiosk.run / "kiosk.db"), isolation_level=None)
    raw.execute(f"PRAGMA key = \"x'{key}'\"")
    raw.execute("PRAGMA user_version = 9999")
    raw.close()
    newer = (kiosk.run / "kiosk.db").read_bytes()
    kiosk.restart_core(kills=True)
    out_of_order(kiosk, "STO-04")
    kiosk.core.terminate()
    kiosk.core.wait(20)
    assert (kiosk.run / "kiosk.db").read_bytes() == newer
    assert not list(kiosk.run.glob("*set-aside*"))
    for name, content in backup.items():
        (kiosk.run / name).write_bytes(content)
    kiosk.restart_core(kills=True)
    serves(kiosk, people[3])

    _decommission(kiosk, people[4], copies, key)


def _decommission(kiosk: Kiosk, person: dict[str, Any], copies: list[Path], key: str) -> None:
    """Refused while it runs and while the office has not heard all; then nothing of its life is left."""
    kiosk.face.wait_page("attract")
    assert wipe(kiosk).returncode == 2
    running = wipe(kiosk, "--yes")
    assert running.returncode == 1
    assert "stop" in running.stderr
    to_preview(kiosk, person)
    kiosk.face.press("Cetak sekarang")
    kiosk.face.wait_page("printing", "slip", "survey", "take")
    kiosk.office.fault("gone")
    kiosk.face.wait_page("survey", "take")
    kiosk.core.terminate()
    assert kiosk.core.wait(20) == 0
    secrets = [key, *(copy.read_text() for copy in copies)]
    refused = wipe(kiosk, "--yes")
    kiosk.office.fault("none")
    if refused.returncode != 0:
        assert "Nothing was erased" in refused.stderr
        assert (kiosk.run / "kiosk.db").exists()
        done = wipe(kiosk, "--yes", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["undelivered"] == 0
    else:
        pytest.fail("erased what the office never heard of")
    assert kiosk.office.state()["documents"].get("taken", 0) == 0
    left = [path for path in kiosk.run.rglob("*") if path.is_file()]
    assert not [path for path in left if path.name.startswith("kiosk.db") or path.name == "store.key" or path in copies]
    for path in left:
        content = path.read_bytes()
        for secret in (*secrets, person["nik"], person["uid"], person["name"], person["token"]):
            assert secret.strip().encode() not in content, f"something of its life stands in {path.name}"
    # The same machine can begin a new life: enrolled anew, it starts with an empty store.
    for copy, text in zip(copies, secrets[1:], strict=True):
        copy.write_text(text)
        copy.chmod(0o600)
    kiosk.restart_core(kills=True)
    kiosk.face.wait_page("attract")


STEPS = ("attract", "services", "standard", "proof", "tap-card", "pin", "preview", "printing", "survey")


def _go(kiosk: Kiosk, person: dict[str, Any], step: str) -> None:
    """To that page of a visit."""
    face = kiosk.face
    face.wait_page("attract")
    if step == "attract":
        return
    if step in ("services", "standard"):
        face.press("#start")
        face.wait_page("services")
        if step == "standard":
            face.press("#service:cetak-kk")
            face.wait_page("standard")
        return
    if step in ("preview", "printing", "survey"):
        to_preview(kiosk, person)
        if step != "preview":
            face.press("Cetak sekarang")
            face.wait_page(step)
        return
    begin(face, "cetak-kk")
    face.wait_page("proof")
    if step == "pin":
        face.press("Ketik NIK")
        face.wait_page("nik")
        face.submit("submit", nik=person["nik"])
        face.wait_page("pin")
    elif step == "tap-card":
        face.press("Tempelkan KTP-el")
        face.wait_page("tap-card")


def test_sigterm_is_orderly_at_every_step_of_a_visit(start_kiosk: Callable[..., Kiosk]) -> None:
    kiosk = start_kiosk(speed=0.3)
    people = [one for one in kiosk.office.people if one["uid"] and one["pin"] and "kk" in one["documents"]]
    people = [one for one in people if one["slug"] not in ("locked", "unknown-card")]
    for number, step in enumerate(STEPS):
        if number % len(people) == 0:
            kiosk.office.renew()
        _go(kiosk, people[number % len(people)], step)
        kiosk.core.terminate()
        assert kiosk.core.wait(20) == 0, f"SIGTERM at {step}"
        kiosk.restart_core(kills=True)
        to_attract(kiosk)
        kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("taken", 0) == 0, f"the grant after {step}")
    events = kiosk.events()
    assert not [event for event in events if event["event"] in ("BUG", "EFFECT_CRASHED")]
    assert sum(event["event"] == "CORE_STOPPED" for event in events) >= len(STEPS)
