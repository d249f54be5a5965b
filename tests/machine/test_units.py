"""The units as they are shipped: judged by systemd's own tools, and run by a real systemd as PID 1."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.machine.nspawn import OPT, ROOT, Boot, alone_on_the_host, machine, why_impossible

UNITS = ROOT / "systemd"
GROUND = (0xFB, 0xF7, 0xEF)
"""The colour of the paper that every page lies on."""
PYTHON = "[Service]\nEnvironment=LD_LIBRARY_PATH=/opt/anjungan/python/lib PYTHONPATH=/opt/anjungan\n"
"""The interpreter of the tests may be one that looks for its library where only its owner may look."""

HEADLESS = """[Unit]
Wants=
Wants=kiosk-core.service
[Service]
TTYPath=
Environment=WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1
ExecStartPre=/opt/anjungan/.venv/bin/python /opt/anjungan/tests/machine/probe.py face
ExecStart=
ExecStart=/usr/bin/cage -- /opt/anjungan/.venv/bin/python /opt/anjungan/tests/machine/hanging_face.py \
  --socket /run/anjungan/core.sock
WatchdogSec=6
"""
"""No panel here, and a face whose main loop can be made to hang; a shorter patience, so that the test is short."""

ON_X = """[Service]
Environment=WLR_BACKENDS=x11 DISPLAY=:{display}
BindPaths=/run/x11:/tmp/.X11-unix
"""
"""The panel is a window on a screen of the host's: a photograph of a headless one holds stale parts, since wlroots
shows a client's buffer there directly."""

PROBED = """[Service]
ExecStartPre=/opt/anjungan/.venv/bin/python /opt/anjungan/tests/machine/probe.py core
WatchdogSec=6
"""

SETTINGS = """[kiosk]
is_production = true
flows = "flows"
services = ["cetak-kk"]
[office]
url = "https://127.0.0.1:9"
[devices.card_reader]
kind = "pcsc"
[devices.document_printer]
kind = "ipp"
uri = "ipp://127.0.0.1:9/ipp/print"
[devices.scanner]
kind = "none"
[store]
path = "/var/lib/anjungan/kiosk.db"
"""


def pcscd_with_drop_in(folder: Path) -> Path:
    """Debian's unit with ours over it, as one file: the judge reads one file."""
    theirs = Path("/lib/systemd/system/pcscd.service").read_text()
    ours = (UNITS / "pcscd.service.d/anjungan.conf").read_text()
    unit = folder / "pcscd.service"
    unit.write_text(re.sub(r"(?ms)^\[Install\].*", "", theirs) + ours)
    return unit


@pytest.mark.parametrize("name", ["kiosk.service", "kiosk-core.service", "pcscd.service"])
def test_no_unit_is_exposed(name: str, tmp_path: Path) -> None:
    unit = pcscd_with_drop_in(tmp_path) if name.startswith("pcscd") else UNITS / name
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=16", str(unit)],
        capture_output=True,
        text=True,
    )
    last = judged.stdout.strip().splitlines()[-1]
    assert judged.returncode == 0, last
    exposure = re.search(r"level for .*: (\d\.\d)", last)
    assert exposure is not None
    assert float(exposure[1]) <= 1.6


def test_the_units_have_no_word_that_systemd_does_not_know(tmp_path: Path) -> None:
    """It says so on the error stream alone; paths that exist only on an installed machine are put in place."""
    for name in ("kiosk.service", "kiosk-core.service"):
        text = (UNITS / name).read_text()
        (tmp_path / name).write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text))
    told = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.glob("*.service")))], capture_output=True, text=True
    )
    own = [line for line in told.stderr.splitlines() if "kiosk" in line and "seatd" not in line]
    assert not own


@pytest.fixture(scope="module")
def display() -> Iterator[int]:
    """A screen of the host, which the machine's compositor draws into."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1024x768x24", "-ac", "-nolisten", "tcp"],
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as told:
        number = int(told.readline())
    yield number
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def boot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boot]:
    """One machine for all of this file."""
    with alone_on_the_host():
        reason = why_impossible(tmp_path_factory.mktemp("try"))
        if reason:
            pytest.skip(f"this host may not boot a machine: {reason}")
        with machine(tmp_path_factory.mktemp("machine")) as made:
            subprocess.run([UNITS / "install"], env={**os.environ, "DESTDIR": str(made.root)}, check=True)
            settings = made.root / "etc/anjungan/kiosk.toml"
            settings.write_text(SETTINGS)
            probes = made.root / str(OPT).lstrip("/") / "tests/machine"
            probes.mkdir(parents=True)
            for name in ("probe.py", "hanging_face.py"):
                shutil.copy(ROOT / "tests/machine" / name, probes / name)
            made.write("/etc/systemd/system/kiosk.service.d/test.conf", HEADLESS)
            made.write("/etc/systemd/system/kiosk-core.service.d/test.conf", PROBED)
            for unit in ("kiosk", "kiosk-core"):
                made.write(f"/etc/systemd/system/{unit}.service.d/python.conf", PYTHON)
                wants = made.root / "etc/systemd/system/multi-user.target.wants"
                wants.mkdir(exist_ok=True)
                (wants / f"{unit}.service").symlink_to(f"/etc/systemd/system/{unit}.service")
            with made.booted(["/tmp/.X11-unix:/run/x11"], 120) as running:
                for unit in ("kiosk", "kiosk-core"):
                    running.wait(lambda unit=unit: running.show(unit, "ActiveState") == "active", f"{unit} active")
                try:
                    running.wait(lambda: re.search("CORE_READY|BUG", running.journal("kiosk-core")), "the core ready")
                    assert "BUG" not in running.journal("kiosk-core")
                except AssertionError as error:
                    raise AssertionError(f"{error}\n{running.journal('kiosk-core')[-4000:]}") from error
                yield running


pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]


def probe(boot: Boot, unit: str, who: str) -> set[str]:
    lines = [line for line in boot.journal(unit).splitlines() if line.startswith("PROBE ")]
    answers = [json.loads(line.removeprefix("PROBE ")) for line in lines]
    return next(set(answer["can"]) for answer in answers if answer["unit"] == who)


def test_the_face_can_reach_no_network_no_device_no_store_and_no_key(boot: Boot) -> None:
    assert probe(boot, "kiosk", "face") == set()


def test_the_core_can_reach_the_network_and_its_store_and_nothing_else(boot: Boot) -> None:
    assert probe(boot, "kiosk-core", "core") == {"internet", "the-store"}


def test_the_self_check_names_what_this_machine_lacks_and_nothing_else(boot: Boot) -> None:
    """It is not enrolled and has neither roots nor a staff code; all else is as it must be."""
    said = [json.loads(line) for line in boot.journal("kiosk-core").splitlines() if '"MACHINE_LACKS"' in line]
    assert {line["name"] for line in said} <= {"trust", "staff-code", "office-token", "audit-key", "swap"}
    assert {"trust", "staff-code", "office-token"} <= {line["name"] for line in said}


@pytest.mark.parametrize("unit", ["kiosk", "kiosk-core", "pcscd"])
def test_no_process_has_a_right_that_it_does_not_need(unit: str, boot: Boot) -> None:
    boot.wait(lambda: boot.show(unit, "MainPID") not in ("", "0"), unit)
    status = boot.run("cat", f"/proc/{boot.show(unit, 'MainPID')}/status")
    assert re.search(r"CapEff:\s*0+\n", status)
    assert re.search(r"CapBnd:\s*0+\n", status)
    assert re.search(r"NoNewPrivs:\s*1", status)
    assert re.search(r"Seccomp:\s*2", status)


def test_pcscd_starts_when_the_core_asks_and_no_other_user_may_ask(boot: Boot) -> None:
    boot.wait(lambda: boot.show("pcscd", "ActiveState") == "active", "pcscd")
    boot.wait(lambda: '"reason": "no-reader"' in boot.journal("kiosk-core"), "the reader's state")
    mode = boot.run("stat", "-c", "%a %G", "/run/pcscd/pcscd.comm").strip()
    assert mode == "660 anjungan"


def test_a_face_whose_main_loop_hangs_is_killed_by_its_watchdog_alone(boot: Boot) -> None:
    face, core = boot.show("kiosk", "MainPID"), boot.show("kiosk-core", "MainPID")
    boot.run("touch", "/run/anjungan-face/hang")
    boot.wait(lambda: "Watchdog timeout" in boot.journal("kiosk"), "the watchdog")
    boot.wait(
        lambda: boot.show("kiosk", "MainPID") not in (face, "0") and boot.show("kiosk", "ActiveState") == "active",
        "the face again",
    )
    assert boot.show("kiosk-core", "MainPID") == core
    boot.wait(lambda: boot.journal("kiosk-core").count("FACE_CONNECTED") >= 2, "face and core together again")


def test_a_core_that_hangs_is_killed_by_its_watchdog_alone(boot: Boot) -> None:
    face, core = boot.show("kiosk", "MainPID"), boot.show("kiosk-core", "MainPID")
    ready = boot.journal("kiosk-core").count("CORE_READY")
    boot.run("kill", "-STOP", core)
    boot.wait(lambda: "Watchdog timeout" in boot.journal("kiosk-core"), "the watchdog")
    boot.wait(lambda: boot.journal("kiosk-core").count("CORE_READY") > ready, "the core again")
    assert boot.show("kiosk", "MainPID") == face, boot.journal("kiosk")[-3000:]


def test_any_number_of_crashes_is_followed_by_a_start(boot: Boot) -> None:
    """systemd gives up after five by default."""
    for _ in range(7):
        core = boot.wait(lambda: boot.show("kiosk-core", "MainPID").strip("0"), "a core")
        boot.run("kill", "-KILL", core, check=False)
        boot.wait(lambda core=core: boot.show("kiosk-core", "MainPID") not in (core, "0"), "the next")
    boot.wait(lambda: boot.show("kiosk-core", "ActiveState") == "active", "the core")


def test_the_page_is_on_the_screen(boot: Boot, display: int) -> None:
    """Drawn by QML inside the sandbox, composed by cage, photographed from outside."""
    boot.run("mkdir", "-p", "/run/systemd/system/kiosk.service.d")
    drop_in = Path(f"/proc/{boot.leader()}/root/run/systemd/system/kiosk.service.d/zz-x.conf")
    drop_in.write_text(ON_X.format(display=display))
    boot.run("systemctl", "daemon-reload")
    boot.run("systemctl", "restart", "kiosk")
    shot = boot.machine.folder / "shot.png"

    def colours() -> dict[tuple[int, int, int], int]:
        subprocess.run(["/usr/bin/import", "-display", f":{display}", "-window", "root", str(shot)], check=True)
        with Image.open(shot) as picture:
            return {colour: count for count, colour in picture.convert("RGB").getcolors(1 << 24) or ()}

    seen = boot.wait(lambda: (found := colours()).get(GROUND, 0) > 300_000 and found, "the page")
    assert len(seen) > 50, "a page has letters and pictures on it"


def test_a_stop_is_orderly_and_leaves_nothing(boot: Boot) -> None:
    """The last test of this machine."""
    ready = boot.journal("kiosk-core").count("CORE_READY")
    boot.run("systemctl", "restart", "kiosk-core")
    boot.wait(lambda: boot.journal("kiosk-core").count("CORE_READY") > ready, "the core")
    boot.run("systemctl", "stop", "kiosk", "kiosk-core")
    assert boot.show("kiosk-core", "Result") == "success"
    assert '"event": "CORE_STOPPED"' in boot.journal("kiosk-core")
    assert boot.show("kiosk", "Result") == "success", (
        boot.show("kiosk", "ExecMainStatus") + boot.journal("kiosk")[-1500:]
    )
    assert "STORE_SET_ASIDE" not in boot.journal("kiosk-core")
