"""The real face under the real core: the robot's walk, and a face that is killed in the middle of a visit."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.demo.robot import Robot
from kiosk.demo.stage import ROOT, end_process
from kiosk.demo.walk import Shots, Visitor
from kiosk.supervisor import Child, Supervisor
from tests.e2e.conftest import Kiosk

pytestmark = pytest.mark.e2e


@pytest.fixture
def face(start_kiosk: Callable[..., Kiosk]) -> Iterator[tuple[Kiosk, Child]]:
    """A kiosk whose face is the real one, offscreen, kept alive by the real supervisor."""
    kiosk = start_kiosk(speed=8.0)
    command = [sys.executable, "-m", "kiosk.ui", "--socket", str(kiosk.run / "core.sock")]
    child = Child(
        "face",
        [*command, "--width", "1080", "--height", "1920"],
        {**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        watchdog_s=6.0,
    )
    supervisor = Supervisor([child])
    supervisor.start()
    yield kiosk, child
    supervisor.stop()


def test_the_robot_prints_a_family_card_by_pressing_what_people_press(
    face: tuple[Kiosk, Child], tmp_path: Path
) -> None:
    kiosk, _ = face
    robot = Robot(kiosk.run / "core.sock")
    robot.wait_page("attract")
    visitor = Visitor(robot, kiosk.doubles, kiosk.office.person("kk"), Shots(tmp_path / "pages"))
    names = visitor.walk("service:cetak-kk")
    assert names[-1] == "take"
    assert {"proof", "tap-card", "pin", "preview", "printing", "survey"} <= set(names)
    assert len(kiosk.printed()) == 1
    assert not [event for event in kiosk.events() if event["event"] == "FACE_TROUBLE"]
    robot.close()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_a_face_that_ends_or_hangs_at_the_pin_comes_back_with_the_same_page_and_the_visit_goes_on(
    blow: signal.Signals, face: tuple[Kiosk, Child], tmp_path: Path
) -> None:
    kiosk, child = face
    person = kiosk.office.person("kk")
    robot = Robot(kiosk.run / "core.sock")
    robot.wait_page("attract")
    visitor = Visitor(robot, kiosk.doubles, person, Shots(tmp_path / "pages"))
    killed: list[str] = []

    def pin() -> None:
        if not killed:
            before = robot.see()
            starts = child.starts
            os.kill(child.pid, blow)
            kiosk.wait_until(lambda: child.starts > starts, "the supervisor")
            after = robot.wait(lambda seen: seen.serial > before.serial, "the page again")
            killed.append(after.key)
            assert after.key == before.key
        robot.type(person["pin"])
        robot.press(visitor.t("pin.open"))

    names = visitor.walk("service:cetak-kk", {"pin": pin})
    assert killed
    assert child.hangs == (blow is signal.SIGSTOP)
    assert names[-1] == "take"
    assert len(kiosk.printed()) == 1
    robot.close()


def test_no_robot_in_production(tmp_path: Path) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text("[kiosk]\nis_production = true\n")
    command = [sys.executable, "-m", "kiosk.core", "--run-dir", str(tmp_path / "run"), "--config", str(config)]
    process = subprocess.Popen([*command, "--allow-robot"], cwd=ROOT, stderr=subprocess.PIPE)
    with contextlib.closing(process.stderr or sys.stderr):
        assert process.wait(30) == 2
    end_process(process)
