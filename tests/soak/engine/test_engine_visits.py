"""Hundreds of thousands of struck visits of the real engine with printing: no document wrong or doubled.

``./dev test`` lets 20,000 visits be struck, ``./dev soak`` 300,000 (``--soak-engine-visits``), by seeds.
"""

import json
import logging
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kiosk import api
from kiosk.core import printing
from kiosk.core.print_watch import Watch
from kiosk.store.prints import Evidence, Verdict
from tests.soak.engine import visits
from tests.soak.engine.faults import AT, Strike
from tests.soak.engine.model_journal import ModelJournal
from tests.soak.engine.tally import Tally, WrongError
from tests.soak.engine.visits import VISITS_A_LIFE, lives

PROCESSES = 2
LOT = 2_500
"""Visits a piece of work."""
SEED = 20261122


@pytest.fixture(autouse=True)
def _no_logs() -> Iterator[None]:
    """Every fault is logged; a hundred thousand of them would only cost time."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)


def _lot(task: tuple[int, int, int]) -> Tally:
    logging.disable(logging.CRITICAL)
    return lives(*task)


def many(seed: int, number: int, until: float = float("inf")) -> Tally:
    """So many visits on all cores, or what can be begun ``until`` then (monotonic). Raises WrongError."""
    lots = [(seed, first // VISITS_A_LIFE, min(LOT, number - first)) for first in range(0, number, LOT)]
    total = Tally()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        while lots and time.monotonic() < until:
            some, lots = (lots, []) if until == float("inf") else (lots[:PROCESSES], lots[PROCESSES:])
            for tally in pool.imap_unordered(_lot, some):
                total.add(tally)
    return total


def _told(tally: Tally, seed: int, seconds: float) -> str:
    figures: dict[str, Any] = {
        "seed": seed,
        "visits": tally.visits,
        "seconds": round(seconds, 1),
        "visits/s": round(tally.visits / seconds),
        "ends": {str(end): count for end, count in sorted(tally.ends.items())},
        "strikes": tally.struck.total(),
        "deaths": tally.deaths,
        "documents with paper": tally.papers,
        "wrong or doubled": 0,
    }
    return json.dumps(figures)


def _strikes_everywhere(tally: Tally) -> None:
    missing = {strike for strike in Strike if tally.struck[strike] < tally.visits / 1000}
    assert not missing, f"hardly ever struck: {missing}"
    assert {"printed", "failed", "unknown"} <= set(map(str, tally.ends))
    assert tally.ends[api.PrintEnd.PRINTED] > tally.visits / 4, "too few documents come out for this to prove much"


@pytest.mark.timeout(600)
def test_faulted_visits(capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    tally = many(SEED, 20_000)
    with capsys.disabled():
        print("\n" + _told(tally, SEED, time.monotonic() - began))
    assert tally.visits == 20_000
    _strikes_everywhere(tally)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_very_many_faulted_visits(
    soak_option: Callable[[str], float], tell_at_the_end: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(soak_option("--soak-seed")) or random.SystemRandom().randrange(1, 10**9)
    number = int(soak_option("--soak-engine-visits"))
    minutes = soak_option("--soak-minutes")
    began = time.monotonic()
    with capsys.disabled():
        print(f"\nseed {seed}, {number} visits", flush=True)
        tally = many(seed, number, began + 60 * minutes if minutes else float("inf"))
        told = _told(tally, seed, time.monotonic() - began)
        print(told)
        print(json.dumps({str(strike): count for strike, count in sorted(tally.struck.items())}))
    tell_at_the_end(f"struck visits of the engine: {told}")
    assert tally.visits == number or (minutes and tally.visits)
    _strikes_everywhere(tally)


# --- these visits notice a kiosk that breaks its promises -------------------------------------------------------


def _nothing(*_: Any, **__: Any) -> None:
    """Stands for a step that somebody took out."""


def _forgets(step: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(ModelJournal, step, _nothing)


def _believes_completed(patch: pytest.MonkeyPatch) -> None:
    """Whatever the link, the count and the kind of printer say."""

    def judge(bay: object, watch: Watch, pages: int, counter_before: int | None) -> Verdict:
        return Verdict(api.PrintEnd.PRINTED, None, Evidence.IMPRESSIONS, pages)

    patch.setattr(printing, "judge", judge)


def _gives_back_what_is_unknown(patch: pytest.MonkeyPatch) -> None:
    def judge(bay: object, watch: Watch, pages: int, counter_before: int | None) -> Verdict:
        verdict = _judge(bay, watch, pages, counter_before)  # type: ignore[arg-type]
        if verdict.end is api.PrintEnd.UNKNOWN:
            return Verdict(api.PrintEnd.FAILED, "gone", Evidence.NONE, 0)
        return verdict

    patch.setattr(printing, "judge", judge)


def _verifies_nothing(patch: pytest.MonkeyPatch) -> None:
    verify = visits.ModelVerifier.verify

    def trusting(self: Any, pdf: bytes, *, expected_sha256: str | None, size: Any) -> Any:
        from hashlib import sha256

        return verify(self, pdf, expected_sha256=sha256(pdf).hexdigest(), size=size)

    patch.setattr(visits.ModelVerifier, "verify", trusting)


def _sends_before_the_job_id_is_written(patch: pytest.MonkeyPatch) -> None:
    """The order of two lines swapped: bytes first, then the journal."""
    created, sent = ModelJournal.created, ModelJournal.sent
    kept: dict[str, dict[str, Any]] = {}

    def late(self: ModelJournal, print_id: str, **values: Any) -> None:
        kept[print_id] = values

    def both(self: ModelJournal, print_id: str, at: Any, raster_sha256: str | None = None) -> None:
        created(self, print_id, **kept.pop(print_id))
        sent(self, print_id, at)

    patch.setattr(ModelJournal, "created", late)
    patch.setattr(ModelJournal, "sent", both)


def _sends_again(patch: pytest.MonkeyPatch) -> None:
    """A document whose sending failed is simply sent as a new job."""
    send = printing.PrintService._send

    def twice(self: Any, bay: Any, job: Any, data: bytes) -> str | None:
        try:
            return send(self, bay, job, data)
        except Exception:  # noqa: BLE001 (the fault that is shown)
            return send(self, bay, bay.device.create(job.name, 1, 1.0), data)

    patch.setattr(printing.PrintService, "_send", twice)


def _keeps_no_hold(patch: pytest.MonkeyPatch) -> None:
    """What a printer still has after a visit is forgotten."""
    patch.setattr(printing.PrintService, "_end_and_hold", _nothing)


_judge = printing.judge
SPOILERS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    **{f"without the step {step}": _forgets(step) for step in ("intend", "granted", "verified", "created", "settle")},
    "job id written after the bytes": _sends_before_the_job_id_is_written,
    "completed is believed": _believes_completed,
    "unknown is given back": _gives_back_what_is_unknown,
    "nothing is verified": _verifies_nothing,
    "sent again when in doubt": _sends_again,
    "what a printer holds is forgotten": _keeps_no_hold,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("spoiler", SPOILERS)
def test_a_spoiled_kiosk_is_noticed(spoiler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    SPOILERS[spoiler](monkeypatch)
    with pytest.raises(WrongError):
        lives(SEED, 0, 4_000)


def test_the_same_seed_is_the_same_life() -> None:
    one, two = lives(5, 0, 300), lives(5, 0, 300)
    assert (one.ends, one.struck, one.deaths) == (two.ends, two.struck, two.deaths)
    assert one.struck != lives(6, 0, 300).struck


def test_every_strike_has_its_place() -> None:
    assert set(AT) < set(Strike)
    assert Counter(AT.values()).total() == len(AT)
