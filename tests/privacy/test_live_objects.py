"""Whole visits of canary people, and after each a search of everything: live objects, disk, store, log, wire.

Live objects: nothing that the program can still reach in the core or the face holds anything of the person. Freed
memory is not promised: neither Python nor Qt clears what it frees. How many freed copies there are is printed.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from kiosk.demo.robot import Robot
from kiosk.demo.stage import ROOT, end_process
from kiosk.demo.walk import Shots, Visitor
from tests.e2e.conftest import Kiosk
from tests.privacy import search
from tests.privacy.canary import Person, canary, in_bytes
from tests.privacy.conftest import Ear, Say, start_face
from tests.privacy.enrolled import EnrolledOffice
from tests.privacy.visits import VISITS, WANTS
from tests.privacy.wire import Peers, Wire

LOOKED_AT = ("family card by card and PIN", "data sheet by NIK", "certificate by code to the phone")

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_nothing_of_a_person_is_left_anywhere_after_any_visit(
    watched: Callable[..., Ear],
    start_kiosk: Callable[..., Kiosk],
    office: EnrolledOffice,
    wire: Wire,
    say: Say,
) -> None:
    _office_wants_a_certificate(office, wire)
    kiosk = start_kiosk(url=wire.url)
    ear = watched(kiosk.run)
    peers = Peers(lambda: kiosk.core.pid)
    kiosk.face.wait_page("attract")
    seen: list[Person] = []
    for name, visit in VISITS.items():
        kiosk.office.renew()
        person = canary(kiosk.office.data, kiosk.office.person(*WANTS.get(name, ())))
        seen.append(person)
        held: list[int] = []

        def at_height(person: Person = person, held: list[int] = held, name: str = name) -> None:
            # That it finds what is there is shown by some visits; each walk takes seconds.
            held.append(len(ear.hits(person)) if name in LOOKED_AT else -1)

        visit(kiosk, person, at_height)
        assert held, name
        assert held[0] != 0, f"{name}: the search finds nothing even in the middle of the visit"
        ear.wait_clean(person, name)
        files, cells, told = _search_disk(kiosk, person)
        passed = wire.recorder.take()
        assert len(passed) > 1000, name
        assert not in_bytes(person, passed), name
        seen_live = f"{held[0]} live in the visit, " if held[0] > 0 else ""
        say(f"{name}: {seen_live}0 after; {files} files, {cells}+{told} cells, {len(passed)} bytes of wire")
    say(f"freed copies of this person's numbers in the core: {ear.ask(seen[-1].few())}")
    peers.close()
    wire.sniffer.close()
    if wire.sniffer.is_on:
        frames = wire.sniffer.take()
        assert len(frames) > 100_000
        assert not [one for person in seen for one in in_bytes(person, frames)]
    _only_known_peers(kiosk, peers, wire.url)
    assert search.log_lines(kiosk.log) == []
    end_process(kiosk.core)
    for person in seen:
        _search_disk(kiosk, person, is_running=False)


def _office_wants_a_certificate(office: EnrolledOffice, wire: Wire) -> None:
    """Through the recorder too: with the kiosk's certificate the door opens, without one TLS itself refuses."""
    with requests.Session() as session:
        session.trust_env = False
        probe = f"{wire.url}/demo/state"
        assert session.get(probe, timeout=20, **office.tls_options()).ok
    with requests.Session() as stranger:
        stranger.trust_env = False
        with pytest.raises(requests.exceptions.ConnectionError):
            stranger.get(probe, timeout=20, verify=office.tls_options()["verify"])


def _search_disk(kiosk: Kiosk, person: Person, *, is_running: bool = True) -> tuple[int, int, int]:
    found, files = search.files(kiosk.run, person)
    in_store, cells = search.opened_store(kiosk.run / "kiosk.db", _key(kiosk), person)
    at_office, told = search.told_to_office(kiosk.office.data, person)
    found += in_store + at_office
    if is_running:
        found += search.process(kiosk.core.pid, person)
    assert not found, found
    assert files >= 4
    assert cells > 10
    assert told > 3
    return files, cells, told


def _key(kiosk: Kiosk) -> str:
    return (kiosk.run / "store.key").read_text().strip()


def _only_known_peers(kiosk: Kiosk, peers: Peers, url: str) -> None:
    """The office and the devices of the settings: nobody else is spoken to."""
    text = kiosk.config.read_text()
    assert peers.ports
    for host, port in peers.ports:
        assert host == "127.0.0.1"
        assert f":{port}" in text or url.endswith(f":{port}"), f"the core speaks to port {port}"


def test_the_search_finds_what_is_left(tmp_path: Path, office: EnrolledOffice) -> None:
    """Planted canaries are found, in each form: a search that finds nothing proves nothing."""
    person = canary(office.data, office.person("kk"))
    for number, data in enumerate(
        (
            person.nik.encode(),
            person.nik.encode("utf-16-le"),
            bytes.fromhex(person.card["uid"]),
            b'{"pin": "' + person.card["pin"].encode() + b'"}',
            person.card["name"].encode(),
        )
    ):
        (tmp_path / f"planted-{number}").write_bytes(b"x" * 50 + data + b"y" * 50)
    found, files = search.files(tmp_path, person)
    assert {one.partition(":")[0] for one in found} == {f"planted-{number}" for number in range(5)}
    assert files == 5


def test_the_face_holds_nothing_after_a_visit(
    watched: Callable[..., Ear], start_kiosk: Callable[..., Kiosk], tmp_path: Path, say: Say
) -> None:
    kiosk = start_kiosk(speed=0.2)
    face, process = start_face(kiosk.run)
    core = watched(kiosk.run)
    robot = Robot(kiosk.run / "core.sock")
    try:
        robot.wait_page("attract", timeout_s=60)
        for service, proof in (("cetak-kk", "card"), ("cek-data", "nik")):
            person = canary(kiosk.office.data, kiosk.office.person("kk"))
            held: dict[str, int] = {}
            visitor = Visitor(robot, kiosk.doubles, person.card, Shots(tmp_path / service), proof=proof)

            def at_preview(person=person, held=held, visitor=visitor) -> None:  # type: ignore[no-untyped-def]
                for piece in face.ask('{"do": "pictures"}\n')["pieces"]:
                    person.raw.add(bytes.fromhex(piece))
                    held["pictures"] = held.get("pictures", 0) + 1
                robot.press(visitor.t("preview.print"))

            def at_review(person=person, held=held, visitor=visitor) -> None:  # type: ignore[no-untyped-def]
                held["review"] = len(face.hits(person))
                robot.press_main()

            def at_pin(person=person, held=held, visitor=visitor) -> None:  # type: ignore[no-untyped-def]
                robot.type(person.card["pin"][:5])
                person.whole.add(person.card["pin"][:5])
                held["pin"] = len(face.hits(person))
                robot.type(person.card["pin"][5:])
                robot.press(visitor.t("pin.open"))

            acts = {"preview": at_preview, "review": at_review, "pin": at_pin}
            visitor.walk(f"service:{service}", acts)
            assert held["pictures"] >= 1, "the face held no preview"
            assert held["pin"] >= 1, "the search does not find what is typed"
            assert proof == "card" or held["review"] >= 1, "the search does not find what is shown"
            face.wait_clean(person, f"face after {service}")
            core.wait_clean(person, f"core after {service}")
            say(f"face, {service}: {held}; after it 0; freed copies {face.ask(person.few())}")
            kiosk.office.renew()
    finally:
        robot.close()
        end_process(process)


def test_a_core_that_dies_natively_leaves_no_file(kiosk: Kiosk) -> None:
    """SIGSEGV and SIGABRT in the middle of a visit: no core file, wherever the system would put one."""
    from tests.e2e.test_services import begin, sign_in

    person = canary(kiosk.office.data, kiosk.office.person("kk"))
    begin(kiosk.face, "cetak-kk")
    sign_in(kiosk, person.card)
    kiosk.face.wait_page("documents", "preview")
    before = {path for folder in (ROOT, kiosk.run) for path in folder.glob("core*")}
    import signal

    kiosk.core.send_signal(signal.SIGSEGV)
    assert kiosk.core.wait(20) == -signal.SIGSEGV
    after = {path for folder in (ROOT, kiosk.run) for path in folder.glob("core*")}
    assert after - before == set()
    found, _ = search.files(kiosk.run, person)
    assert not found
    assert time.monotonic() > 0
