"""A kiosk whose core and face answer the test's questions about what they hold."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk.demo.stage import ROOT
from tests.e2e import conftest as e2e
from tests.e2e.conftest import kiosk, start_kiosk  # noqa: F401 (fixtures)
from tests.privacy.canary import Person
from tests.privacy.enrolled import EnrolledOffice, enrolled_office
from tests.privacy.wire import Passage, Sniffer, Wire


@dataclass
class Ear:
    """Asks the agent in one process."""

    path: Path

    def ask(self, question: str) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(60)
            sock.connect(str(self.path))
            stream = sock.makefile("rwb")
            stream.write(question.encode())
            stream.flush()
            reply: dict[str, Any] = json.loads(stream.readline())
        assert "error" not in reply, reply["error"]
        return reply

    def hits(self, person: Person) -> list[list[str]]:
        found: list[list[str]] = self.ask(person.question("walk"))["hits"]
        return found

    def wait_clean(self, person: Person, what: str, timeout_s: float = 20.0) -> None:
        """The give-back to the office and the last frames still run for a moment after the wipe."""
        end = time.monotonic() + timeout_s
        while hits := self.hits(person):
            assert time.monotonic() < end, f"{what}:\n" + "\n".join(" | ".join(hit) for hit in hits)


Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """A figure for whoever watches the run."""

    def speak(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}", end="", flush=True)

    return speak


def start_face(run: Path) -> tuple[Ear, subprocess.Popen[bytes]]:
    """The real face, offscreen, with an agent in it."""
    ear = run / "face-agent.sock"
    command = [sys.executable, "-m", "tests.privacy.agent", str(ear), "kiosk.ui", "--socket", str(run / "core.sock")]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen([*command, "--width", "1080", "--height", "1920"], cwd=ROOT, env=environment)
    return Ear(ear), process


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Ear]:
    """From here on cores are started with an agent; the ear of the core with this run folder."""

    def start_core(run: Path, config: Path, log: Path) -> subprocess.Popen[bytes]:
        places = {"HOME": run / "home", "TMPDIR": run / "tmp", "XDG_CACHE_HOME": run / "cache"}
        for place in places.values():
            place.mkdir(exist_ok=True)
        environment = dict(os.environ) | {"MALLOC_ARENA_MAX": "1"} | {name: str(path) for name, path in places.items()}
        ear = run / "agent.sock"
        ear.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.privacy.agent", str(ear), "kiosk.core", "--run-dir", str(run)]
        with log.open("ab") as stderr:
            return subprocess.Popen(
                [*command, "--config", str(config), "--allow-robot"], cwd=ROOT, stderr=stderr, env=environment
            )

    monkeypatch.setattr(e2e, "start_core", start_core)
    return lambda run: Ear(run / "agent.sock")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnrolledOffice]:
    """In the place of the plain one: these visits are those of an enrolled machine, over mutual TLS."""
    with enrolled_office(tmp_path_factory.mktemp("office") / "data") as made:
        yield made


@pytest.fixture(autouse=True)
def as_enrolled(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Kiosks that are started have what enrolment left."""
    if "office" not in request.fixturenames:
        return
    enrolled: EnrolledOffice = request.getfixturevalue("office")
    made: Callable[..., str] = vars(e2e)["demo_config"]
    monkeypatch.setattr(e2e, "demo_config", lambda *given, **options: enrolled.as_enrolled(made(*given, **options)))


@pytest.fixture
def wire(office: EnrolledOffice) -> Iterator[Wire]:
    """A recorder and a sniffer before the office."""
    host, _, port = office.url.removeprefix("https://").partition(":")
    recorder = Passage((host, int(port)))
    sniffer = Sniffer(recorder.port)
    yield Wire(f"https://{host}:{recorder.port}", recorder, sniffer)
    sniffer.close()
    recorder.close()
