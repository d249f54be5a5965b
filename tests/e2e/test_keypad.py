"""A whole visit by a numpad alone, NumLock off, in the real face: no touch, no mouse, no letters."""

import os
import sys
from collections.abc import Callable, Iterator

import pytest

from kiosk.demo.robot import Robot
from kiosk.supervisor import Child, Supervisor
from kiosk.texts import Texts
from tests.e2e.conftest import Kiosk

pytestmark = pytest.mark.e2e
T = Texts("id")
PADS = ("nik", "pin")


@pytest.fixture
def hand(start_kiosk: Callable[..., Kiosk]) -> Iterator[tuple[Kiosk, Robot]]:
    kiosk = start_kiosk(speed=8.0)
    command = [sys.executable, "-m", "kiosk.ui", "--socket", str(kiosk.run / "core.sock")]
    child = Child(
        "face", [*command, "--width", "1080", "--height", "1920"], {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    )
    supervisor = Supervisor([child])
    supervisor.start()
    robot = Robot(kiosk.run / "core.sock")
    yield kiosk, robot
    robot.close()
    supervisor.stop()


def go_to(robot: Robot, name: str, key: str = "+") -> None:
    """Move the focus until it stands on the control of this name; the ring is seen all the way."""
    found = robot.keys(key)
    walked = []
    while found["name"] != name:
        assert found["has_ring"], walked
        walked.append(found["name"])
        assert len(walked) < 40, f"no way to {name}: {walked}"
        found = robot.keys(key)


def choose(robot: Robot, name: str) -> None:
    go_to(robot, name)
    robot.keys("=")


def test_a_visit_by_keys_alone(hand: tuple[Kiosk, Robot]) -> None:
    kiosk, robot = hand
    person = kiosk.office.person("kk")
    seen = robot.wait_page("attract")
    assert robot.keys("=")["has_ring"], "the first key shows where one is"
    assert robot.see().name == "attract"
    choose(robot, T("attract.call"))
    robot.wait_page("services")
    robot.keys("*")
    robot.wait_page("help")
    choose(robot, T("button.back"))
    robot.wait_page("services")
    service = next(flow for flow in kiosk_titles() if flow)
    choose(robot, service)
    names = ["attract", "services"]
    acts: dict[str, Callable[[], object]] = {
        "standard": lambda: choose(robot, T("standard.agree")),
        "proof": lambda: choose(robot, T("proof.nik")),
        "nik": lambda: robot.keys("5." + person["nik"] + "="),
        "pin": lambda: robot.keys("1." + person["pin"] + "="),
        "bind": lambda: choose(robot, T("bind.no")),
        "review": lambda: choose(robot, robot.see().main),
        "menu": lambda: robot.keys("+="),
        "notice": lambda: choose(robot, robot.see().main),
        "survey": lambda: choose(robot, T("survey.4")),
        "outcome": lambda: choose(robot, T("finish.done")),
        "take": lambda: robot.keys("=="),
    }
    while names[-1] != "attract" or len(names) == 1:
        seen = robot.wait(lambda now: now.name in acts or now.name == "attract", f"a page after {names}", 15)
        names.append(seen.name)
        if seen.name in acts:
            acts[seen.name]()
            robot.wait(lambda now, was=seen: now.serial > was.serial, f"the effect of keys on {names}", 15)  # type: ignore[misc]
    assert {"standard", "proof", "nik", "pin", "review"} <= set(names), names
    assert not [event for event in kiosk.events() if event["event"] == "FACE_TROUBLE"]


def kiosk_titles() -> list[str]:
    from tests.flows.journey import shipped

    return [flow.title["id"] for flow in shipped().values() if flow.id == "cek-data"]


def test_every_control_of_a_page_is_reached_forward_and_back(hand: tuple[Kiosk, Robot]) -> None:
    _, robot = hand
    robot.wait_page("attract")
    choose(robot, T("attract.call"))
    robot.wait_page("services")
    named = {str(node["name"]) for node in robot.tree() if node["role"] == "Button" and node["is_enabled"]}
    for key in ("+", "-"):
        reached = {str(robot.keys(key)["name"]) for _ in range(2 * len(named))}
        assert named <= reached, named - reached


def test_a_touch_takes_the_ring_away_and_a_key_brings_it_back(hand: tuple[Kiosk, Robot]) -> None:
    _, robot = hand
    robot.wait_page("attract")
    assert robot.keys("+")["has_ring"]
    robot.press(T("attract.call"))
    robot.wait_page("services")
    assert not robot.keys("")["has_ring"]
    assert robot.keys("+")["has_ring"]
