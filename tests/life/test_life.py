"""One machine from its first start to the end: unconfigured, enrolled, serving, faulted, out of order, repaired,
updated, rolled back, wiped. Over mutual TLS, in production, with credentials as systemd hands them over.

What a technician types stands in ``docs/machine.md``; these chapters type it.
"""

import json
import shutil
import socket
import ssl
from pathlib import Path

import pytest
import requests

from kiosk.settings import CREDENTIALS
from kiosk.store.migrations.run import newest
from kiosk.store.soundness import set_aside_stores
from kiosk.texts import Texts
from tests.e2e.test_services import begin
from tests.e2e.test_visit import to_preview
from tests.life.looks import OFFICE_AWAY, out_of_order, serves, tiles, wait_tiles
from tests.life.machine import BLANK, NAME, Life
from tests.life.older import OLDER
from tests.life.stores import copy_of, revision, to_the_release_before

T = Texts("id")

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300), pytest.mark.expects_warnings]


def test_unconfigured(life: Life) -> None:
    """The shipped settings with a slip of the pen: the page names the code, the log the key."""
    shipped = life.config.read_text()
    life.config.write_text(shipped + "\n[nonsense]\nx = 1\n")
    life.restart()
    out_of_order(life, "CFG-01")
    said = life.logged("CORE_BLOCKED")[0]
    assert (said["code"], "nonsense" in said["detail"]) == ("CFG-01", True)


def test_not_enrolled(life: Life) -> None:
    """It speaks to no office whose CA it does not know, and says what is missing; the office lets nobody in."""
    life.write_settings()
    life.plug_scanner()
    assert life.with_key("stock", "set", BLANK, "40").code == 0
    life.restart()
    wait_tiles(life, OFFICE_AWAY, "an office that cannot be spoken to")
    lacks = {one["name"] for one in life.logged("MACHINE_LACKS")}
    assert "office-token" in lacks
    assert lacks <= {"office-token", "run-dir-on-disk", "swap", "core-dumps"}
    assert {one["code"] for one in life.logged("HEARTBEAT_FAILED")} <= {"OFF-05", "OFF-01"}
    assert "kiosk enroll" in life.technician_reads()
    host, port = "127.0.0.1", int(life.office.url.rpartition(":")[2])
    nobody = ssl.create_default_context(cafile=str(life.office.data / "tls" / "ca.pem"))
    with socket.create_connection((host, port), 5) as sock, nobody.wrap_socket(sock, server_hostname=host) as line:
        line.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            line.recv(100)


def test_enrolled(life: Life) -> None:
    """With a code that is good once, at an office that was told by its fingerprint."""
    told = life.enrol_code()
    unknown = life.enrol(told["code"])
    assert (unknown.code, told["ca_sha256"] in unknown.err) == (1, True)
    assert "Nothing was sent" in unknown.err
    pinned = ("--ca-sha256", told["ca_sha256"])
    assert life.enrol("AAAA-BBBB-CCCC-DDDD", *pinned).code == 1
    assert not (life.etc / CREDENTIALS["key"]).exists()
    done = life.enrol(told["code"], *pinned)
    assert done.code == 0, done.err
    before = {name: (life.etc / name).read_bytes() for name in CREDENTIALS.values()}
    again = life.enrol(told["code"], *pinned)
    assert (again.code, "code-refused" in again.err) == (1, True)
    assert {name: (life.etc / name).read_bytes() for name in CREDENTIALS.values()} == before
    assert all((life.etc / name).stat().st_mode & 0o777 == 0o600 for name in before)
    life.restart()
    wait_tiles(life, {}, "every service")
    assert "office-token" not in {one["name"] for one in life.logged("MACHINE_LACKS")}
    assert NAME in life.command("office", "kiosks", "--data", str(life.office.data)).out


def test_serving(life: Life) -> None:
    serves(life)
    life.wait_until(lambda: "visit.ended" in life.office.witnessed(), "the visit before the witness")
    assert {"enrolment.changed", "proof.ended", "print.settled"} <= set(life.office.witnessed())
    assert life.office.alarms() == []


FAULTS = {
    "document-printer off": ("document-printer", "off", {}, {"cetak-kk": T("tile.document-printer.away")}),
    "document-printer jam": (
        "document-printer",
        "fault",
        {"reason": "media-jam"},
        {"cetak-kk": T("reason.media-jam.citizen")},
    ),
    "card-printer off": ("card-printer", "off", {}, {"cetak-ktp": T("tile.card-printer.away")}),
    "slip-printer off": ("slip-printer", "off", {}, {}),
}


def test_faulted(life: Life) -> None:
    """Each device once: what needs it is grey with its reason, all else serves, and it comes back by itself."""
    life.face.wait_page("attract")
    for what, (device, do, how, grey) in FAULTS.items():
        life.doubles.act(device, do, **how)
        wait_tiles(life, grey, what)
        if not grey:
            life.wait_until(
                lambda device=device: any(
                    one["device"] == device and one["band"] != "ok" for one in life.logged("DEVICE_CHANGED")
                ),
                what,
            )
            serves(life)  # without its slip
        life.doubles.act(device, "clear")
        wait_tiles(life, {}, f"{device} to serve again")
    # The reader and the scanner take no tile, but a way to say who one is.
    begin(life.face, "cetak-kk")
    for what, way, strike, heal in (
        (
            "card reader",
            "card",
            lambda: life.doubles.act("card-reader", "off"),
            lambda: life.doubles.act("card-reader", "on"),
        ),
        ("scanner", "qr", life.unplug_scanner, life.plug_scanner),
    ):
        life.face.wait(lambda page: page.name == "proof" and all(one.is_enabled for one in tiles(page).values()), what)
        strike()
        page = life.face.wait(
            lambda page, way=way: {name for name, one in tiles(page).items() if not one.is_enabled} == {way}, what
        )
        assert tiles(page)[way].reason
        heal()
    life.face.wait(lambda page: all(one.is_enabled for one in tiles(page).values()), "both again")
    life.face.press("#home")
    serves(life)


STEPS = ("attract", "services", "standard", "proof", "pin", "preview", "printing", "survey", "take")
CUT = ("services", "standard", "proof", "pin", "preview", "printing", "survey")
"""Where somebody stands who is to be told. At the last page they have been, and on the first one is nobody."""


def _go(life: Life, step: str) -> None:
    """To that page of a visit."""
    face, person = life.face, life.office.someone()
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
    if step in ("proof", "pin"):
        begin(face, "cetak-kk")
        face.wait_page("proof")
        if step == "pin":
            face.press("Ketik NIK")
            face.wait_page("nik")
            face.submit("submit", nik=person["nik"])
            face.wait_page("pin")
        return
    to_preview(life, person)
    if step != "preview":
        face.press("Cetak sekarang")
        face.wait_page(step if step != "take" else "survey")
    if step == "take":
        face.press("Lewati")
        page = face.wait_page("take")
        # Its answer to this comes after it has heard that the page was painted.
        face.press("#look:size")
        face.wait(lambda now: now.name == "take" and now.serial > page.serial, "larger letters")


def test_stopped_at_every_step_of_a_visit(life: Life) -> None:
    """SIGTERM ends it in order; the grant is given back or settled; whoever was cut is told, and nobody else."""
    life.doubles.act("document-printer", "speed", sheet_s=0.3)
    for step in STEPS:
        _go(life, step)
        assert life.stop() == 0, f"SIGTERM at {step}"
        life.pull()
        life.restart()
        page = life.face.wait_page("attract", "interrupted", timeout_s=40)
        assert page.name == ("interrupted" if step in CUT else "attract"), step
        if page.name == "interrupted":
            life.face.press("Saya mengerti")
            life.face.wait_page("attract")
        life.wait_until(lambda: life.office.count("taken") == 0, f"the grant after {step}")
    life.doubles.act("document-printer", "speed", sheet_s=0)
    assert not [one for one in life.events() if one["event"] in ("BUG", "EFFECT_CRASHED")]


def repair(life: Life, code: str) -> None:
    """Type what ``docs/machine.md`` says of this code."""
    doc = (Path(__file__).resolve().parents[2] / "docs" / "machine.md").read_text()
    (row,) = [line for line in doc.splitlines() if line.startswith(f"| `{code}`")]
    key = life.etc / "store.key"
    hands = {
        "chmod 600 /etc/anjungan/store.key": lambda: key.chmod(0o600),
        "systemctl restart kiosk-core": life.restart,
        "timedatectl set-ntp true": lambda: life.clock.set(0),
    }
    typed = [command for command in row.split("|")[3].split("`")[1::2] if command in hands]
    assert typed, row
    for command in typed:
        hands[command]()


def test_out_of_order_by_a_key_that_others_can_read(life: Life) -> None:
    (life.etc / "store.key").chmod(0o644)
    life.restart()
    out_of_order(life, "STO-01")
    assert "chmod 600" in life.logged("CORE_BLOCKED")[0]["detail"]
    repair(life, "STO-01")
    serves(life)


def test_out_of_order_by_its_disk(life: Life) -> None:
    """Full, and read-only: nobody begins, nothing is put away, and it comes back by itself as soon as it may write."""
    life.write_settings(is_production=False)  # a production core lets nobody trace it, and so no disk fail
    life.restart()
    for error, code in (("ENOSPC", "STO-02"), ("EROFS", "STO-01")):
        life.face.wait_page("attract")
        with life.disk_that_says(error) as refused:
            life.face.press("#start")
            out_of_order(life, code)
            seen, shown = refused(), len(life.face.pages)
            life.wait_until(lambda refused=refused, seen=seen: refused() > seen, "the store to be tried again")
            assert {page.name for page in life.face.pages[shown:]} <= {"out-of-order"}
        life.face.wait_page("attract", timeout_s=40)
    serves(life)
    assert set_aside_stores(life.state / "kiosk.db") == []
    life.write_settings()
    life.restart()


def test_out_of_order_by_a_store_that_was_spoiled(life: Life) -> None:
    """It is put away and not lost; the grant that it held is with the office's staff; the witness says what is new."""
    to_preview(life, life.office.someone())
    life.core.kill()
    life.core.wait(20)
    life.pull()
    store = life.state / "kiosk.db"
    spoiled = bytearray(store.read_bytes())
    spoiled[5000] ^= 0x40
    store.write_bytes(bytes(spoiled))
    for log in life.state.glob("kiosk.db-*"):
        log.unlink()
    life.restart()
    life.face.wait_page("attract", timeout_s=40)
    (kept,) = set_aside_stores(store)
    assert (life.state / kept).read_bytes() == bytes(spoiled)
    life.wait_until(lambda: life.office.count("with-staff") == 1, "the grant with the office's staff")
    life.wait_until(lambda: life.office.alarms() == ["audit-begun-anew"], "the alarm of a lost chain")
    assert kept in life.technician_reads()
    # The book of card blanks went with it.
    wait_tiles(life, {"cetak-ktp": T("reason.cards-empty.citizen")}, "no blanks")
    assert life.with_key("stock", "set", BLANK, "40").code == 0
    _settle_alarms(life)
    serves(life)
    wait_tiles(life, {}, "the blanks again")


def _settle_alarms(life: Life) -> None:
    """The administrator looked."""
    data = str(life.office.data)
    for alarm in json.loads(life.command("office", "alarms", "--data", data, "--json").out):
        life.command("office", "alarms", "--data", data, "--settle", str(alarm["id"]))
    assert life.office.alarms() == []


def test_out_of_order_by_its_clock(life: Life) -> None:
    """An hour behind no certificate of the office is good yet; a year ahead all are. Staff is told; nothing is lost."""
    life.clock.set(-2 * 3600)
    life.restart()
    wait_tiles(life, OFFICE_AWAY, "an office whose certificate begins later")
    assert "Jam mesin salah" in life.technician_reads()
    repair(life, "OFF-05")
    serves(life)
    life.clock.set(365 * 86_400)
    serves(life)
    life.wait_until(lambda: "Jam mesin salah" in _peek(life), "the word of a clock that is wrong")
    life.clock.set(0)
    serves(life)
    life.wait_until(lambda: "Jam mesin salah" not in _peek(life), "the clock that is right again")
    assert life.stop() == 0
    chain = life.with_key("audit", "export").out
    assert "time.jumped" in chain
    life.restart()
    wait_tiles(life, {}, "every service")
    assert life.office.alarms() == []


def _peek(life: Life) -> str:
    life.face.wait_page("attract")
    return life.technician_reads()


def test_updated(life: Life) -> None:
    """The release before, in the middle of a print and with news that wait; the next one brings its store up."""
    assert life.stop() == 0
    to_the_release_before(life)
    life.restart(older=True)
    serves(life)
    life.doubles.act("document-printer", "speed", sheet_s=5)
    to_preview(life, life.office.someone())
    life.face.press("Cetak sekarang")
    life.face.wait_page("printing")
    life.wait_until(lambda: life.doubles.describe()[1]["state"]["running"] is not None, "a sheet on its way")
    life.line.cut()
    life.core.kill()
    life.core.wait(20)
    assert revision(life) == (OLDER, "0001")
    copy_of(life, "before-the-update")
    life.pull()
    life.doubles.act("document-printer", "speed", sheet_s=0)
    printed = life.office.count("printed")
    life.restart()
    page = life.face.wait_page("interrupted", timeout_s=60)
    assert "sudah selesai dicetak" in str(page.body), page.body
    life.face.press("Saya mengerti")
    life.line.mend()
    life.wait_until(lambda: life.office.count("printed") == printed + 1, "the settlement of the print in between", 40)
    assert life.office.count("taken") == 0
    wait_tiles(life, {}, "every service")
    serves(life)
    assert life.stop() == 0
    assert revision(life) == (int(newest()), newest())
    verified = life.with_key("audit", "verify")
    assert verified.code == 0, verified.out + verified.err
    assert life.office.alarms() == []


def test_rolled_back(life: Life) -> None:
    """The release before refuses the newer store by its name and leaves it; the copy from before the update serves.

    For the office that copy is what it is: a disk set back. It says so, takes no more of that chain until somebody has
    looked, and goes on then.
    """
    store = life.state / "kiosk.db"
    newer = store.read_bytes()
    life.restart(older=True)
    out_of_order(life, "STO-04")
    assert "newer version (2)" in life.logged("CORE_BLOCKED")[0]["detail"]
    assert life.stop() == 0
    assert store.read_bytes() == newer
    for file in life.state.glob("kiosk.db*"):
        if "set-aside" not in file.name:
            file.unlink()
    for file in (life.root / "before-the-update").iterdir():
        shutil.copy(file, store.with_name(file.name))
    life.restart(older=True)
    page = life.face.wait_page("attract", "interrupted", timeout_s=60)
    if page.name == "interrupted":
        life.face.press("Saya mengerti")
    serves(life)
    life.wait_until(lambda: life.office.alarms() != [], "the alarm of a disk set back")
    assert set(life.office.alarms()) <= {"audit-shorter", "audit-forked"}
    life.wait_until(lambda: T("staff.issue-audit") in _peek(life), "the word to the technician")
    _settle_alarms(life)
    life.technician_presses("staff:send-again")
    life.wait_until(lambda: T("staff.issue-audit") not in _peek(life), "the office to take it")
    serves(life)
    # And the way forward again, as at first.
    life.restart()
    serves(life)
    assert life.with_key("audit", "verify").code == 0


def test_decommissioned(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused while it runs and while the office has not heard all; then nothing of its life is left, and the office
    knows nobody of that name. The same machine may begin a new life."""
    monkeypatch.setattr("kiosk.core.decommission.DELIVER_S", 6.0)
    assert life.wipe().code == 2
    running = life.wipe("--yes")
    assert (running.code, "stop" in running.err) == (1, True)
    person = life.office.someone()
    to_preview(life, person)
    life.face.press("Cetak sekarang")
    life.face.wait_page("survey")
    life.line.cut()
    life.face.press("Sangat baik")
    life.face.wait_page("take")
    assert life.stop() == 0
    refused = life.wipe("--yes")
    assert refused.code == 1
    assert "Nothing was erased" in refused.err
    assert (life.state / "kiosk.db").exists()
    life.line.mend()
    stolen = life.root / "stolen"
    shutil.copytree(life.etc, stolen)
    secrets = [
        (life.etc / name).read_text().strip()
        for name in ("store.key", *CREDENTIALS.values())
        if name != "office-ca.pem"
    ]
    done = life.wipe("--yes", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["undelivered"] == 0
    assert life.office.count("taken") == 0
    left = [path for folder in (life.etc, life.state, life.run) for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in left if path.name.startswith("kiosk.db") or path.name in CREDENTIALS.values()]
    assert not (life.etc / "store.key").exists()
    for path in left:
        content = path.read_bytes()
        for secret in (*secrets, person["nik"], person["uid"], person["name"], person["token"]):
            assert secret.encode() not in content, f"something of its life stands in {path.name}"

    def asks() -> requests.Response:
        """With what somebody took from the machine before the wipe."""
        cert = (str(stolen / CREDENTIALS["certificate"]), str(stolen / CREDENTIALS["key"]))
        headers = {"Authorization": f"Bearer {(stolen / CREDENTIALS['token_file']).read_text().strip()}"}
        address = f"{life.office.url}/v1/health"
        return requests.get(address, cert=cert, verify=str(stolen / CREDENTIALS["ca"]), headers=headers, timeout=10)

    assert asks().status_code == 200
    assert life.command("office", "revoke", "--data", str(life.office.data), NAME).code == 0
    answer = asks()
    assert (answer.status_code, answer.json()["code"]) == (403, "kiosk-revoked")
    told = life.enrol_code()
    assert life.enrol(told["code"], "--ca-sha256", told["ca_sha256"]).code == 0
    assert asks().status_code in (401, 403)
    assert life.with_key("stock", "set", "DEMO900001", "40").code == 0
    life.restart()
    wait_tiles(life, {}, "a new life")
