"""An hour of visits of canary people with faults, then a search of everything: live objects, disk, store, log, wire."""

import random
import threading
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Kiosk, start_kiosk  # noqa: F401 (fixture)
from tests.privacy import search
from tests.privacy.canary import Person, canary, in_bytes
from tests.privacy.conftest import Ear, over_tls, watched  # noqa: F401 (fixtures)
from tests.privacy.wire import Passage, Sniffer
from tests.soak.chaos import families
from tests.soak.test_visits import run_visits

EVERY_S = 5.0
OVERLAP = 4096


class Watch:
    """Searches what goes by while it goes by: an hour of it does not fit into memory."""

    def __init__(self, recorder: Passage, people: list[Person]) -> None:
        self.found: set[str] = set()
        self.count = 0
        self._recorder = recorder
        self._people = people
        self._rest = b""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wire-watch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._done.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        new = self._recorder.take()
        self.count += len(new)
        data = self._rest + new
        self._rest = data[-OVERLAP:]
        for person in self._people:
            self.found.update(in_bytes(person, data))

    def close(self) -> None:
        self._done.set()
        self._thread.join(60)
        self._look()


def all_people(kiosk: Kiosk) -> list[Person]:
    return [canary(kiosk.office.data, person) for person in families(kiosk.office)]


def one_of(people: list[Person]) -> Person:
    """All of them in one, for the walk through the live objects."""
    whole = Person(people[0].card)
    for person in people:
        whole.words |= person.words
        whole.raw |= person.raw
        whole.whole |= person.whole
    return whole


def run_canaries(
    start: Callable[..., Kiosk],
    ear_of: Callable[..., Ear],
    wire: tuple[str, Passage, Sniffer],
    visits: int,
    minutes: float,
    seed: int,
    say: Callable[[str], None],
) -> None:
    url, recorder, _ = wire
    kiosk = start(url=url)
    people = all_people(kiosk)
    watch = Watch(recorder, people)
    run_visits(kiosk, visits, seed, say, minutes)
    ear_of(kiosk.run).wait_clean(one_of(people), "the core after the last visit", timeout_s=120)
    watch.close()
    assert watch.count > 10_000
    assert not watch.found
    key = (kiosk.run / "store.key").read_text().strip()
    files = cells = told = 0
    for person in people:
        found, files = search.files(kiosk.run, person)
        in_store, cells = search.opened_store(kiosk.run / "kiosk.db", key, person)
        at_office, told = search.told_to_office(kiosk.office.data, person)
        found += in_store + at_office + search.process(kiosk.core.pid, person)
        assert not found, found
    assert search.log_lines(kiosk.log) == []
    copies = ear_of(kiosk.run).ask(one_of(people[:1]).few())
    say(f"{len(people)} people searched in {files} files, {cells}+{told} cells, {watch.count} bytes of wire: nothing")
    say(f"freed copies of one family's numbers: {copies['copies']} in {copies['bytes'] >> 20} MiB")


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_canaries_after_an_hour(
    start_kiosk: Callable[..., Kiosk],  # noqa: F811 (the fixture)
    watched: Callable[..., Ear],  # noqa: F811 (the fixture)
    over_tls: tuple[str, Passage, Sniffer],  # noqa: F811 (the fixture)
    soak_option: Callable[[str], float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int(soak_option("--soak-seed")) or random.SystemRandom().randrange(1, 10**9)
    minutes = soak_option("--soak-minutes") or 60.0
    with capsys.disabled():
        run_canaries(start_kiosk, watched, over_tls, 1_000_000, minutes, seed, lambda line: print(line, flush=True))
