"""An hour of visits of canary people with faults, then a search of everything: live objects, disk, store, log, wire.

    ./dev soak -k canaries --soak-minutes 60

The kiosk is an enrolled one: it speaks mutual TLS with the office, and what passes between them is captured.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.demo.stage import ROOT
from tests.e2e import conftest as e2e
from tests.e2e.conftest import Kiosk, start_kiosk  # noqa: F401 (fixture)
from tests.privacy import search
from tests.privacy.canary import Person, canary
from tests.privacy.conftest import Ear, as_enrolled, watched, wire  # noqa: F401 (fixtures)
from tests.privacy.enrolled import EnrolledOffice, enrolled_office
from tests.privacy.visits import VISITS, WANTS, Visit, by_print_code, killed_at_the_preview
from tests.privacy.wire import Peers, Wire
from tests.soak.canary_search import OUTSIDE, Disk, Tape, control, grep, needles
from tests.soak.chaos import families
from tests.soak.lane import SERVICES
from tests.soak.robot import COMPLAINS, TAKES_NUMBER, Visitor
from tests.soak.test_visits import run_visits

Say = Callable[[str], None]

CARDS = "cetak-ktp"
STRUCK = 20
"""Visits with random faults in each round; one of every other kind follows them."""


def at_the_counter(service: str) -> Visit:
    """Services that ask nobody's name, while somebody's card lies on the reader and a code is held up."""

    def visit(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
        shown: list[str] = []

        def look(page: str) -> None:
            if page in ("menu", "form") and not shown:
                shown.append(page)
                kiosk.tap(person.card)
                kiosk.face.scan(person.card["token"])
                at_height()

        Visitor(kiosk, person.card, random.Random(person.nik), look, service).walk()
        assert shown
        kiosk.pull()
        kiosk.face.wait_page("attract")

    return visit


WAYS: dict[str, Visit] = {
    **VISITS,
    "print code": by_print_code,
    "core killed at the preview": killed_at_the_preview,
    "queue number beside a card": at_the_counter(TAKES_NUMBER),
    "complaint beside a card": at_the_counter(COMPLAINS),
}


@pytest.fixture
def soak_seed(soak_option: Callable[[str], float]) -> int:
    return int(soak_option("--soak-seed")) or random.SystemRandom().randrange(1, 10**9)


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory, soak_seed: int) -> Iterator[EnrolledOffice]:
    """People of its own: what other tests leave on the disk are not these."""
    with enrolled_office(tmp_path_factory.mktemp("office") / "data", seed=soak_seed) as made:
        yield made


@pytest.fixture
def all_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kiosk offers what the long run of visits asks for."""
    made: Callable[..., str] = vars(e2e)["demo_config"]
    line = f"\nservices = {json.dumps([*SERVICES, CARDS])}\n\n[screen]\n"
    monkeypatch.setattr(e2e, "demo_config", lambda *given, **named: made(*given, **named).replace("\n[screen]\n", line))


class Hour:
    """The visits, who came, and everything that is looked through between them and at the end."""

    def __init__(self, kiosk: Kiosk, ear: Ear, seed: int, say: Say) -> None:
        self.kiosk = kiosk
        self.ear = ear
        self.seed = seed
        self.say = say
        self.rng = random.Random(seed)
        self.people = {str(one["nik"]): canary(kiosk.office.data, one) for one in families(kiosk.office)}
        self.count: Counter[str] = Counter()
        self.last: list[Person] = []

    def run(self, minutes: float) -> None:
        until = time.monotonic() + 60 * minutes
        rounds = 0
        while rounds == 0 or time.monotonic() < until:
            rounds += 1
            figures: list[str] = []
            for device in ("document-printer", "slip-printer"):
                # The ledger counts what its own visits asked for.
                self.kiosk.doubles.act(device, "take-paper")
            run_visits(self.kiosk, STRUCK, self.seed + rounds, figures.append)
            self.count["struck by faults"] += STRUCK
            self.last = []
            for name, visit in self.rng.sample(sorted(WAYS.items()), len(WAYS)):
                self._one(name, visit)
            self.ear.wait_clean(one_of(self.last), f"the core after round {rounds}", timeout_s=60)
            self._search_run(self.last)
            self.say(f"round {rounds}: {self.count.total()} visits, nothing found; {figures[-1]}")

    def _one(self, name: str, visit: Visit) -> None:
        self.kiosk.office.renew()
        wanted = set(WANTS.get(name, ("kk",)))
        fitting = [one for one in self.people.values() if wanted <= set(one.card["documents"]) and one.card["token"]]
        person = self.rng.choice(fitting)
        visit(self.kiosk, person, lambda: None)
        self.last.append(person)
        self.count[name] += 1

    def _search_run(self, people: list[Person]) -> tuple[int, int, int]:
        """The run folder with the store, its log, the home and temporary folders of the core; the store opened."""
        kiosk = self.kiosk
        key = (kiosk.run / "store.key").read_text().strip()
        files = cells = told = 0
        for person in people:
            found, files = search.files(kiosk.run, person)
            in_store, cells = search.opened_store(kiosk.run / "kiosk.db", key, person)
            at_office, told = search.told_to_office(kiosk.office.data, person)
            found += in_store + at_office + search.process(kiosk.core.pid, person)
            assert not found, found
        return files, cells, told

    def end(self, tape: Tape, disk: Disk, scratch: Path) -> None:
        """All people, in all that is left of the hour."""
        people = list(self.people.values())
        self.ear.wait_clean(one_of(people), "the core after the last visit", timeout_s=300)
        files, cells, told = self._search_run(people)
        assert search.log_lines(self.kiosk.log) == []
        tape.close()
        words = needles(people)
        assert control(words, tape.stream, scratch), "the search does not find what was planted"
        assert tape.bytes_seen > 10_000
        assert grep(words, tape.files(), scratch) == []
        places = [*map(Path, OUTSIDE), self.kiosk.run, ROOT]
        outside = disk.files(places, self.say)
        found = grep(needles(people, with_names=False), outside, scratch)
        assert not found, found[:20]
        self.say(
            f"{len(people)} people searched in {files} files of the run folder, {cells} cells of the store, {told} of "
            f"what the office keeps of the machine, {tape.bytes_seen} bytes of wire, {tape.frames_seen} captured "
            f"frames, {len(outside)} files that were written anywhere meanwhile: nothing"
        )
        copies = self.ear.ask(one_of(people[:1]).few())
        self.say(f"freed copies of one family's numbers: {copies['copies']} in {copies['bytes'] >> 20} MiB")
        self.say(f"visits: {dict(self.count)}")


def one_of(people: list[Person]) -> Person:
    """All of them in one, for the walk through the live objects."""
    whole = Person(people[0].card)
    for person in people:
        whole.words |= person.words
        whole.raw |= person.raw
        whole.whole |= person.whole
    return whole


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_canaries_after_an_hour(
    start_kiosk: Callable[..., Kiosk],  # noqa: F811 (the fixture)
    watched: Callable[..., Ear],  # noqa: F811 (the fixture)
    office: EnrolledOffice,
    wire: Wire,  # noqa: F811 (the fixture)
    all_services: None,
    soak_seed: int,
    soak_option: Callable[[str], float],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def say(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)

    minutes = soak_option("--soak-minutes") or 60.0
    scratch = office.data / "needles"
    disk = Disk({office.data: "the office's own data: it may know its people"}, tmp_path.resolve())
    kiosk = start_kiosk(url=wire.url)
    kiosk.face.wait_page("attract", timeout_s=60)
    say(f"seed {soak_seed}, {minutes:g} minutes; run folder {kiosk.run}; capture {tmp_path / 'wire'}")
    tape = Tape(wire, tmp_path / "wire")
    peers = Peers(lambda: kiosk.core.pid)
    hour = Hour(kiosk, watched(kiosk.run), soak_seed, say)
    hour.run(minutes)
    peers.close()
    config = kiosk.config.read_text()
    strangers = {(host, port) for host, port in peers.ports if host != "127.0.0.1" or f":{port}" not in config}
    assert not strangers, strangers
    hour.end(tape, disk, scratch)
