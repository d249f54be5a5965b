"""The suite for real hardware, run as an integrator runs it: a real pcscd by its reader's name, ippeveprinter by URI.

The person at the bench is a program that moves the doubles behind the real stacks.
"""

import socket
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.devices.simulated.card_fronts import VpcdPlug
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.stacks import EvePrinter, Pcscd
from kiosk.devices.simulated.virtual_card import VirtualCard
from tests.devices.hardware import Act

ROOT = Path(__file__).resolve().parents[2]
PERSON = """
import socket, sys
with socket.socket(socket.AF_UNIX) as hand:
    hand.settimeout(60)
    hand.connect(sys.argv[1])
    hand.sendall(sys.argv[2].encode() + b"\\n")
    sys.exit(0 if hand.recv(16) == b"done\\n" else 1)
"""

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]

INNER_S = 500
"""Room for a machine that has more to do; on a quiet one the inner run takes half a minute."""
READER_CHECKS = (
    "not may_be_asked and not may_be_started and not answers_status and not tells_no_more and not outlives_a_listener"
)
"""All but the checks that only the adapter can fail, whatever stands behind it: ``test_conformance.py`` has them."""


@contextmanager
def person(folder: Path, acts: dict[str, Callable[[], None]]) -> Iterator[tuple[str, list[str]]]:
    """The command of a person who carries out these acts, and what they did so far."""
    script = folder / "person.py"
    script.write_text(PERSON)
    done: list[str] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "hand"))
        server.listen()

        def serve() -> None:
            while True:
                try:
                    hand, _ = server.accept()
                except OSError:
                    return
                with hand:
                    act = hand.recv(64).decode().strip()
                    if act == "":
                        return
                    acts[act]()
                    done.append(act)
                    hand.sendall(b"done\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"{sys.executable} {script} {folder / 'hand'}", done
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(folder / "hand"))
        thread.join(10)


def results(folder: Path, environment: dict[str, str], *options: str) -> tuple[dict[str, int], str]:
    """Run the suite in a process of its own; the counts of its report, and what it printed."""
    import os

    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "tests/devices", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    command += [f"--basetemp={folder / 'inner'}", "-p", "no:xdist", "-p", "no:cov", *options]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=INNER_S,
        check=False,
    )
    suite = next(ElementTree.parse(report).iter("testsuite"))
    counts = {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    return counts, done.stdout[-3000:]


def test_a_real_reader_by_its_name(tmp_path: Path) -> None:
    pcscd = Pcscd(tmp_path / "pcscd")
    pcscd.start()
    double = CardReaderDouble()
    plug = VpcdPlug(double, pcscd.port)
    acts = {
        Act.LAY_CARD.value: lambda: double.tap(VirtualCard(bytes.fromhex("04a1b2c3d4e5f6"))),
        Act.TAKE_CARD.value: double.pull,
        Act.PULL_CABLE.value: pcscd.stop,
        Act.PLUG_CABLE.value: pcscd.start,
    }
    try:
        with person(tmp_path, acts) as (command, done):
            options = ("--reader", "Virtual PCD 00 00", "--person", command, "-k", READER_CHECKS)
            counts, printed = results(tmp_path, pcscd.environment(), *options)
    finally:
        plug.close()
        pcscd.stop()
    assert (counts["failures"], counts["errors"], counts["skipped"]) == (0, 0, 0), printed
    assert counts["tests"] >= 10
    assert set(done) == {act.value for act in Act} - {Act.SHOW_CODE.value}


def test_a_real_printer_by_its_address(tmp_path: Path, eve_printer: EvePrinter) -> None:
    acts = {Act.PULL_CABLE.value: eve_printer.cut_power, Act.PLUG_CABLE.value: eve_printer.start}
    with person(tmp_path, acts) as (command, done):
        counts, printed = results(tmp_path, {}, "--document-printer", eve_printer.uri, "--person", command)
    assert (counts["failures"], counts["errors"], counts["skipped"]) == (0, 0, 0), printed
    assert counts["tests"] >= 25
    assert set(done) == {Act.PULL_CABLE.value, Act.PLUG_CABLE.value}
    assert eve_printer.sheets() >= 2


def test_without_a_name_nothing_of_it_is_there(request: pytest.FixtureRequest) -> None:
    from tests.devices.conftest import pytest_ignore_collect

    assert "test_hardware.py" not in {item.path.name for item in request.session.items}
    assert pytest_ignore_collect(Path("test_hardware.py"), request.config) is True
    assert pytest_ignore_collect(Path("test_conformance.py"), request.config) is None
