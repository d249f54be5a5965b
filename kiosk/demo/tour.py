"""The robot's tour: all four services to their end, then the pages that people meet when something is wrong."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from kiosk.demo.robot import Robot, RobotError
from kiosk.demo.stage import STAFF_CODE, Stage
from kiosk.demo.walk import Act, Shots, Visitor
from kiosk.devices.simulated.control import DoublesControl
from kiosk.texts import Texts

Say = Callable[[str], None]

_PLAIN = ("everything", "family-of-ten", "family-of-twelve", "widowed", "divorced", "long-name")
"""People of the demo who have nothing to stumble over."""


def tour(stage: Stage, say: Say) -> int:
    """Walk, tell the progress, leave pictures, papers and ``demo.json``. Returns the exit code."""
    robot = Robot(stage.socket)
    doubles = DoublesControl(stage.run / "doubles.sock")
    shots = Shots(stage.out / "pages")
    try:
        robot.wait_page("attract", timeout_s=60)
        results = [_service(stage, robot, doubles, shots, say, service) for service in _SERVICES]
        _troubles(stage, robot, doubles, shots, say)
        papers = collect(stage, doubles)
    finally:
        doubles.close()
        robot.close()
    report = {"services": results, "pages": sorted(path.name for path in shots.names.values()), "papers": papers}
    (stage.out / "demo.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    say("")
    for result in results:
        say(f"  {result['service']:<12} {result['outcome']:<8} {result['seconds']:6.1f} s")
    counts = f"{papers['printed']} dokumen / documents, {papers['slips']} struk / slips"
    say(f"  {len(shots.names)} halaman / pages, {counts}")
    say(f"  {stage.out}/")
    return 0 if all(result["outcome"] == "done" for result in results) else 1


def _title(stage: Stage, service: str) -> str:
    """The tile's object name: stable, whatever the flow's title."""
    return f"service:{service}"


def person_with(stage: Stage, *kinds: str, skip: int = 0) -> Mapping[str, Any]:
    """An invented person who has all these documents ready and a card that the office knows; the first, or a later."""
    found = [
        person
        for person in stage.people
        if person["uid"] and person["pin"] and person["slug"] in _PLAIN and set(kinds) <= set(person["documents"])
    ]
    if len(found) <= skip:
        raise RobotError(f"nobody has {kinds}")
    return found[skip]


def _service(
    stage: Stage, robot: Robot, doubles: DoublesControl, shots: Shots, say: Say, service: str
) -> dict[str, Any]:
    kinds, proof, acts = _SERVICES[service]
    visitor = Visitor(robot, doubles, person_with(stage, *kinds), shots, proof=proof)
    say(f"Robot: {service}")
    started = time.monotonic()
    names = visitor.walk(_title(stage, service), acts(visitor) if acts is not None else None)
    seconds = round(time.monotonic() - started, 1)
    is_done = "take" in names and not {"outcome", "device-fault", "offline"} & set(names)
    say("   " + " > ".join(names))
    return {"service": service, "outcome": "done" if is_done else "failed", "seconds": seconds, "pages": names}


def _unduh(visitor: Visitor) -> dict[str, Act]:
    """Hand the certificate over to the phone."""
    return {"menu": lambda: visitor.robot.press("choose:phone")}


_SERVICES: dict[str, tuple[tuple[str, ...], str, Callable[[Visitor], dict[str, Act]] | None]] = {
    "cetak-kk": (("kk",), "card", None),
    "cek-data": ((), "nik", None),
    "unduh-akta": (("akta-kelahiran",), "card", _unduh),
    "cetak-ktp": (("ktp-el",), "card", None),
}


def _troubles(stage: Stage, robot: Robot, doubles: DoublesControl, shots: Shots, say: Say) -> None:
    """The pages of help, of mistakes and of faults; each ends at the attract page again."""
    t = Texts("id")
    say("Robot: bantuan, kesalahan, gangguan / help, mistakes, faults")
    person = person_with(stage, "kk", skip=1)
    visitor = Visitor(robot, doubles, person, shots)

    robot.wait_page("attract")
    robot.press(t("attract.call"))
    robot.wait_page("services")
    robot.press("look:language")
    shots.take(robot, robot.wait_page("language"))
    robot.press("close")
    robot.wait_page("services")
    robot.press("help")
    shots.take(robot, robot.wait_page("help"))
    robot.press("close")
    robot.wait_page("services")
    robot.press("home")

    def home() -> None:
        robot.press("home")

    # A wrong PIN says what is left; then the right one, and home from the documents.
    robot.wait_page("attract")
    visitor.wrong_pins = 1
    visitor.walk(_title(stage, "cetak-kk"), {"documents": home, "preview": home, "take": visitor.pull})
    _wrong_pin_shot(robot, visitor, shots)

    # The office is away: tiles go grey, and the strip says so.
    _office(stage, "gone")
    try:
        _until(lambda: _has(robot, t("strip.offline")), "the strip saying that the office is away", 90)
        shots.take(robot, robot.wait_page("attract"), "attract-office-away")
        robot.press(t("attract.call"))
        shots.take(robot, robot.wait_page("services"), "services-office-away")
        robot.press("home")
    finally:
        _office(stage, "none")
    robot.wait_page("attract")
    _until(lambda: _has(robot, t("strip.online")), "the office back", 90)

    # No paper before printing: the tile says why; out of paper in the middle: the page waits, then goes on.
    doubles.act("document-printer", "fault", reason="media-empty", at_sheet=1)
    visitor.walk(
        _title(stage, "cetak-kk"),
        {"printing": lambda: _refill(robot, doubles, shots)},
    )
    # The technician's door.
    robot.wait_page("attract")
    robot.drive("hold", name="emblem")
    shots.take(robot, robot.wait_page("staff-code"))
    robot.type(STAFF_CODE)
    robot.press(t("staff.enter"))
    shots.take(robot, robot.wait_page("technician"))
    robot.press("test:slip")
    _until(lambda: _has(robot, t("staff.slip-ok")), "the test slip")
    shots.take(robot, robot.see(), "technician-tested")
    robot.press("staff:leave")
    robot.wait_page("attract")


def _wrong_pin_shot(robot: Robot, visitor: Visitor, shots: Shots) -> None:
    t = visitor.t
    robot.wait_page("attract")

    def pin() -> None:
        if "pin-wrong" in shots.names:
            robot.press("home")
            return
        if _has(robot, t("notice.attempts", count=4)) or _has(robot, t("notice.attempts", count=2)):
            shots.take(robot, robot.see(), "pin-wrong")
            robot.press("home")
            return
        robot.type("000000")
        robot.press(t("pin.open"))

    visitor.proof = "card"
    visitor.walk("service:cetak-kk", {"pin": pin, "take": visitor.pull})


def _refill(robot: Robot, doubles: DoublesControl, shots: Shots) -> None:
    """Stand before the machine that is out of paper, then fill it."""
    t = Texts("id")
    _until(lambda: _has(robot, t("printing.wait")) or robot.see().name != "printing", "the printer asking for paper")
    if robot.see().name == "printing":
        shots.take(robot, robot.see(), "printing-no-paper")
    doubles.act("document-printer", "clear")


def _office(stage: Stage, mode: str) -> None:
    requests.post(f"{stage.office_url}/demo/fault", json={"mode": mode}, timeout=5).raise_for_status()


def _has(robot: Robot, text: str) -> bool:
    return any(text in f"{node['name']} {node['description']}" for node in robot.tree())


def _until(is_so: Callable[[], bool], what: str, timeout_s: float = 30.0) -> None:
    end = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end:
            raise RobotError(f"waited for {what}")
        time.sleep(0.05)


def collect(stage: Stage, doubles: DoublesControl) -> dict[str, int]:
    """Put what was printed beside what the office signed: ``printed``, ``drawn``, ``office``, ``slips``."""
    folders = {name: stage.out / name for name in ("printed", "drawn", "slips")}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    counts = {"printed": 0, "drawn": 0, "slips": 0}
    received = stage.stacks.documents() if stage.stacks is not None else []
    for device in ("document-printer", "card-printer"):
        answer = doubles.act(device, "printed")
        received += [base64.b64decode(document["base64"]) for document in answer["documents"]]
    for data in received:
        kind = "printed" if b"/ByteRange" in data else "drawn"
        counts[kind] += 1
        (folders[kind] / f"{counts[kind]:02d}.pdf").write_bytes(data)
    doubles.act("slip-printer", "slips", folder=str(folders["slips"].resolve()))
    counts["slips"] = len(list(folders["slips"].glob("*.png")))
    return counts | {"office": len(list((stage.out / "office").glob("*.pdf")))}
