"""The robot's tour: all six services to their end, then the pages that people meet when something is wrong."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.demo.people import person_with
from kiosk.demo.phone import NoEyesError, download, issued, read_code
from kiosk.demo.robot import Robot
from kiosk.demo.stage import Stage
from kiosk.demo.troubles import Troubles
from kiosk.demo.walk import Act, Shots, Visitor
from kiosk.devices.simulated.control import DoublesControl

Say = Callable[[str], None]

SERVICES: dict[str, tuple[tuple[str, ...], str]] = {
    "cetak-kk": (("kk",), "card"),
    "cek-data": ((), "nik"),
    "unduh-akta": (("akta-kelahiran",), "card"),
    "cetak-ktp": (("ktp-el",), "card"),
    "antrean": ((), "card"),
    "keluhan": ((), "card"),
}
"""What the visitor of a service must have ready, and how they show who they are where they are asked."""


def tour(stage: Stage, say: Say) -> int:
    """Walk, tell the progress, leave pictures, papers and ``demo.json``. Returns the exit code."""
    robot = Robot(stage.socket)
    doubles = DoublesControl(stage.run / "doubles.sock")
    shots = Shots(stage.out / "pages")
    phone = Phone(robot, stage)
    started = time.monotonic()
    try:
        robot.wait_page("attract", timeout_s=60)
        ways: dict[str, dict[str, Act]] = {
            "unduh-akta": {"menu": lambda: robot.press("choose:phone"), "hand-over": phone.use}
        }
        services = [_visit(stage, robot, doubles, shots, say, name, ways.get(name, {})) for name in SERVICES]
        on_paper: dict[str, Act] = {"menu": lambda: robot.press("choose:print")}
        more = [_visit(stage, robot, doubles, shots, say, "unduh-akta", on_paper)]
        # Before the troubles: a printer that loses its power there forgets what it had printed.
        papers = collect(stage, doubles)
        say("Robot: bantuan, kesalahan, gangguan / help, mistakes, faults")
        Troubles(stage, robot, doubles, shots).play()
    finally:
        doubles.close()
        robot.close()
    report = {
        "services": services,
        "more": more,
        "phone": phone.report,
        "pages": sorted(path.name for path in shots.names.values()),
        "papers": papers,
        "seconds": round(time.monotonic() - started, 1),
    }
    (stage.out / "demo.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _tell(report, stage, say)
    is_good = all(visit["outcome"] == "done" for visit in [*services, *more])
    return 0 if is_good and phone.report["outcome"] != "failed" and papers["as_signed"] == papers["printed"] else 1


def _tell(report: dict[str, Any], stage: Stage, say: Say) -> None:
    say("")
    for visit in report["services"] + report["more"]:
        say(f"  {visit['service']:<12} {visit['outcome']:<8} {visit['seconds']:6.1f} s")
    if report["phone"]["outcome"] == "not-tried":
        say("  ponsel tidak dicoba: zxing-cpp tidak terpasang / phone not tried: zxing-cpp is not installed")
    else:
        say(f"  ponsel / phone: {report['phone']['outcome']}")
    papers = report["papers"]
    say(f"  {papers['printed']} dokumen / documents, {papers['as_signed']} seperti ditandatangani kantor / as signed")
    say(f"  {papers['slips']} struk / slips, {len(report['pages'])} halaman / pages, {report['seconds']:.0f} s")
    say(f"  {stage.out}/")


class Phone:
    """The visitor's phone at the hand-over page. ``report``: how it went, and where the document lies."""

    def __init__(self, robot: Robot, stage: Stage) -> None:
        self._robot = robot
        self._stage = stage
        self.report: dict[str, Any] = {"outcome": "failed"}

    def use(self) -> None:
        """Read the code off the screen, fetch the document as a phone would, and say so at the kiosk."""
        folder = self._stage.out / "phone"
        folder.mkdir(exist_ok=True)
        picture = folder / "screen.png"
        self._robot.grab(picture)
        try:
            document = download(read_code(picture))
        except NoEyesError:
            self.report = {"outcome": "not-tried"}
        else:
            (folder / "01.pdf").write_bytes(document)
            is_signed = document in [data for _, data in issued(self._stage.office_url)]
            self.report = {"outcome": "done" if is_signed else "failed", "document": "phone/01.pdf"}
        self._robot.press_main()


def _visit(
    stage: Stage, robot: Robot, doubles: DoublesControl, shots: Shots, say: Say, service: str, acts: dict[str, Act]
) -> dict[str, Any]:
    kinds, proof = SERVICES[service]
    visitor = Visitor(robot, doubles, person_with(stage.people, *kinds), shots, proof=proof)
    say(f"Robot: {service}")
    started = time.monotonic()
    names = visitor.walk(f"service:{service}", acts)
    seconds = round(time.monotonic() - started, 1)
    say("   " + " > ".join(names))
    return {"service": service, "outcome": outcome_of(names), "seconds": seconds, "pages": names}


def outcome_of(names: list[str]) -> str:
    """``done`` for a visit that ended with things to take or a number and met no trouble, else ``failed``."""
    is_done = {"take", "number"} & set(names) and not {"outcome", "device-fault", "offline", "counter-trouble"} & set(
        names
    )
    return "done" if is_done else "failed"


def collect(stage: Stage, doubles: DoublesControl) -> dict[str, int]:
    """Save what came out, and count it against what the office signed and keeps in its own folder.

    ``printed`` are signed documents and ``drawn`` the kiosk's own sheets; ``as_signed`` are those of ``printed`` that
    the office holds byte for byte.
    """
    signed = issued(stage.office_url)
    received = stage.stacks.documents() if stage.stacks is not None else []
    for device in ("document-printer", "card-printer"):
        answer = doubles.act(device, "printed")
        received += [base64.b64decode(document["base64"]) for document in answer["documents"]]
    by_folder: dict[str, list[bytes]] = {"printed": [], "drawn": []}
    for data in received:
        by_folder["printed" if b"/ByteRange" in data else "drawn"].append(data)
    for name, documents in by_folder.items():
        for number, data in enumerate(documents, 1):
            (_folder(stage, name) / f"{number:02d}.pdf").write_bytes(data)
    slips = _folder(stage, "slips")
    doubles.act("slip-printer", "slips", folder=str(slips.resolve()))
    originals = [data for _, data in signed]
    return {name: len(documents) for name, documents in by_folder.items()} | {
        "signed": len(signed),
        "as_signed": sum(data in originals for data in by_folder["printed"]),
        "slips": len(list(slips.glob("*.png"))),
    }


def _folder(stage: Stage, name: str) -> Path:
    folder = stage.out / name
    folder.mkdir(exist_ok=True)
    return folder
