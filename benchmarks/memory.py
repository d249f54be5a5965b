"""Memory: of both programs after start and after their walks, and of the face over 2,000 visits."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, cast

from benchmarks.figures import Metric
from benchmarks.pages import ROUND, VISIT
from benchmarks.processes import ROOT, Weight, descendants, sharers, start, stop, weigh, weigh_tree
from benchmarks.rivals import Chromium, Ours
from benchmarks.screen import HEIGHT, WIDTH, NeverChangedError
from benchmarks.staging import Staging

REST_S = 3.0
REAL_VISITS = 8
PEER_VISITS = 100
GROWTH_AFTER = 200
GROWTH_VISITS = 2000
SUPERVISED = """
import sys
from pathlib import Path
from kiosk.supervisor import Supervisor, core_child, face_child
run, config = Path(sys.argv[1]), Path(sys.argv[2])
Supervisor([face_child(run, config, ["--double-tap-ms", "0"]), core_child(run, config, ["--allow-robot"])]).run()
"""
"""``kiosk run`` with a robot: the same supervisor, face and core. It is too quick for the double-tap guard."""


class _NoShots:
    """A visitor without a camera."""

    def take(self, *_: object) -> None:
        """Nothing is kept."""


def measure(ours: Ours, peer: Chromium, staging: Staging, names: set[str]) -> list[Metric]:
    """What is asked for of ``pss_face``, ``pss_total`` and ``face_growth_2000_visits``."""
    found: list[Metric] = []
    face: dict[str, Weight] = {}
    if names & {"pss_face", "face_growth_2000_visits"}:
        growth, face = _grow(ours)
        if "face_growth_2000_visits" in names:
            found.append(growth)
    if not names & {"pss_face", "pss_total"}:
        return found
    other_start, other = _weigh_peer(peer)
    if "pss_face" in names:
        found.append(
            _compare(
                "pss_face", face["end"], other, 0.22, face["start"], other_start, after=f"{GROWTH_VISITS} visits fed"
            )
        )
    if "pss_total" in names:
        first, last, more = _weigh_kiosk(ours, staging)
        found.append(_compare("pss_total", last, other, 0.5, first, other_start, **more))
    return found


def _compare(
    name: str, ours: Weight, peer: Weight, target: float, ours_start: Weight, peer_start: Weight, **more: Any
) -> Metric:
    return Metric(
        name,
        "MiB",
        ours.pss,
        1,
        peer.pss,
        ours.pss / peer.pss,
        target,
        more={
            "after_start_ours": ours_start.pss,
            "after_start_peer": peer_start.pss,
            "after_start_ratio": ours_start.pss / peer_start.pss,
            "private_ours": ours.own,
            "private_peer": peer.own,
            "processes_ours": ours.processes,
            "processes_peer": peer.processes,
            **more,
        },
    )


def _alone(name: str, pids: list[int]) -> bool:
    """Whether nobody else maps these libraries; waits a while for it, since PSS is shared with whoever does."""
    end = time.monotonic() + 20
    while sharers(name, pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def _grow(ours: Ours) -> tuple[Metric, dict[str, Weight]]:
    """2,000 visits, each page fed as soon as the last one was painted."""
    ours.open("attract")
    try:
        ours.screen.point((WIDTH - 1, HEIGHT - 1))
        time.sleep(REST_S)
        first = weigh([ours.pid])
        ours.tell(do="visits", count=GROWTH_AFTER, names=VISIT)
        time.sleep(0.5)
        early = weigh([ours.pid])
        began = time.perf_counter()
        fed = ours.tell(do="visits", count=GROWTH_VISITS - GROWTH_AFTER, names=VISIT)
        seconds = time.perf_counter() - began
        time.sleep(0.5)
        _alone("libQt6Core", [ours.pid])
        late = weigh([ours.pid])
    finally:
        ours.close()
    metric = Metric(
        "face_growth_2000_visits",
        "MiB",
        late.rss - early.rss,
        GROWTH_VISITS,
        target=1.0,
        more={
            "rss_after_start": first.rss,
            "rss_after_200": early.rss,
            "rss_after_2000": late.rss,
            "private_growth": late.own - early.own,
            "pages_per_second": fed["pages"] / seconds,
        },
    )
    return metric, {"start": first, "end": late}


def _weigh_peer(peer: Chromium) -> tuple[Weight, Weight]:
    """After start, and after walks in the page with some documents opened."""
    if not peer.places:
        peer.learn()
    peer.open("attract")
    try:
        peer.wait_page("attract")
        time.sleep(REST_S)
        first = peer.weigh()
    finally:
        peer.close()
    peer.open(f"visits={PEER_VISITS}")
    try:
        screen = peer.screen
        attract = peer.places["attract"]
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                if screen.settle(attract.title, 1.0, 3.0) == (attract.ink.settled if attract.ink else b""):
                    break
            except NeverChangedError:
                continue
        for name in ("attract", "services", "standard", "tap-card", "nik", "pin", "busy"):
            screen.tap(peer.places[name].controls[ROUND[name]].middle)
            time.sleep(0.4)
        for _ in range(3):
            screen.tap(peer.places["documents"].controls["doc:2"].middle)
            time.sleep(1.5)
            screen.tap(peer.places["preview"].controls["back"].middle)
            time.sleep(0.5)
        time.sleep(REST_S)
        return first, peer.weigh()
    finally:
        peer.close()


def _weigh_kiosk(ours: Ours, staging: Staging) -> tuple[Weight, Weight, dict[str, Any]]:
    """Supervisor, face and core: when the first page waits, and after visits through all four services."""
    from kiosk.demo.robot import Robot
    from kiosk.demo.walk import Shots, Visitor
    from kiosk.devices.simulated.control import DoublesControl

    run = Path(tempfile.mkdtemp(prefix="anjungan-bench-"))
    config = staging.config(run)
    began = time.perf_counter()
    process: subprocess.Popen[bytes] = start(
        [sys.executable, "-c", SUPERVISED, str(run), str(config)],
        ours.workshop.log,
        {"DISPLAY": ours.screen.name, "PYTHONPATH": str(ROOT)},
    )
    try:
        robot = Robot(run / "core.sock")
        robot.wait_page("attract", timeout_s=60)
        ready = time.perf_counter() - began
        time.sleep(REST_S)
        first = weigh_tree(process.pid)
        doubles = DoublesControl(staging.folder / "doubles.sock")
        shots = cast(Shots, _NoShots())
        people = [person for person in _people(staging) if person["uid"] and person["pin"]]
        visits = 0
        for person in people:
            for service, kinds in (("cetak-kk", {"kk"}), ("cek-data", set())):
                if kinds <= set(person["documents"]) and visits < REAL_VISITS:
                    Visitor(robot, doubles, person, shots).walk(f"service:{service}")
                    visits += 1
        doubles.close()
        robot.close()
        time.sleep(REST_S)
        pids = [process.pid, *descendants(process.pid)]
        is_alone = _alone("libQt6Core", pids)
        last = weigh(pids)
        parts = {_name_of(pid): round(weigh([pid]).pss, 1) for pid in pids}
    finally:
        stop(process)
        shutil.rmtree(run, ignore_errors=True)
    return (
        first,
        last,
        {"parts": parts, "real_visits": visits, "is_alone": is_alone, "start_to_service_ms": ready * 1000},
    )


def _people(staging: Staging) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = json.loads((staging._workshop.office / "people.json").read_text(encoding="utf-8"))
    return people


def _name_of(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return next((word for word in words if word.startswith("kiosk.")), "supervisor")
