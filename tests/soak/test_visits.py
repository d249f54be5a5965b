"""Thousands of visits on doubles, with faults by a seed: nothing wrong or doubled, and processes that do not grow.

docs/proof.md says what is scaled here and what is not.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.conftest import Kiosk, start_kiosk  # noqa: F401 (fixture)
from tests.soak.held import LEAST_VISITS, troubles
from tests.soak.lane import lane, seed_office
from tests.soak.run import Run, Say, began_at


def run_visits(kiosk: Kiosk, visits: int, seed: int, say: Say, minutes: float = 0.0) -> None:
    """Visits at one kiosk that stands already; nothing wrong or doubled."""
    say(f"seed {seed}, {visits} visits")
    run = Run(kiosk, random.Random(seed))
    run.go(visits, say, time.monotonic() + 60 * minutes if minutes else float("inf"))
    say(json.dumps(run.ledger.summary() | {"faults": dict(run.faults), "services": dict(run.services)}))
    assert not run.ledger.violations, run.ledger.violations
    assert run.done == visits or (minutes and run.done), run.done


def run_lanes(
    folder: Path, lanes: int, visits: int, seed: int, say: Say, minutes: float = 0.0, leak: int = 0, every: int = 100
) -> str:
    """Visits in several lanes side by side, each with a seed of its own from ``seed``; then the judgement.

    ``leak``: see ``tests.soak.inside``; ``every``: visits from one look at the processes to the next. The figures.
    """
    say(f"{began_at()}: seed {seed}, {visits} visits in {lanes} lanes" + (f", {minutes:g} minutes" if minutes else ""))
    with ExitStack() as stack:
        seeded = seed_office(folder / "seeded")
        stands = [stack.enter_context(lane(folder / f"lane{n}", seeded, f"lane {n}", leak)) for n in range(lanes)]
        runs = [
            Run(stand.kiosk, random.Random(f"{seed}/{n}"), stand.gauge, stand.name, every)
            for n, stand in enumerate(stands)
        ]
        began, had = time.monotonic(), _cpu_s(runs)
        until = began + 60 * minutes if minutes else float("inf")
        shares = [visits // lanes + (n < visits % lanes) for n in range(lanes)]

        def work(run: Run, share: int) -> None:
            try:
                run.go(share, say, until)
            except BaseException as error:  # noqa: BLE001 (told below, with what the others found)
                run.failure = error
                say(f"{run.name}: {type(error).__name__}: {error}")

        threads = [threading.Thread(target=work, args=pair, daemon=True) for pair in zip(runs, shares, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cpu_s = _cpu_s(runs) - had
        return judge(runs, time.monotonic() - began, cpu_s, visits, say, is_timed=bool(minutes))


def _cpu_s(runs: list[Run]) -> float:
    """Of all lanes' processes and of this one, which walks and judges."""
    return time.process_time() + sum(run.gauge.cpu_s() for run in runs if run.gauge is not None)


def judge(runs: list[Run], seconds: float, cpu_s: float, visits: int, say: Say, *, is_timed: bool) -> str:
    """Say the figures, then raise for what is wrong; the figures."""
    total = Counter[str]()
    for run in runs:
        total.update(run.ledger.told)
    done = sum(run.done for run in runs)
    faults = sum((run.faults for run in runs), Counter[str]())
    services = sum((run.services for run in runs), Counter[str]())
    violations = [(run.name, *one) for run in runs for one in run.ledger.violations]
    grown: list[str] = []
    alive: dict[str, float] = {}
    for run in runs:
        growth = run.gauge.growth() if run.gauge is not None else {}
        say(
            f"{run.name}, a visit: "
            + json.dumps({p: {k: round(v, 4) for k, v in f.items()} for p, f in growth.items()})
        )
        if "core" in growth:
            alive[run.name] = round(growth["core"]["live KiB"], 3)
        grown += [f"{run.name}: {trouble}" for trouble in troubles(growth)]
    figures = {
        "visits": done,
        "of": visits,
        "services": dict(services),
        "said": dict(total),
        "numbers": sum(len(run.ledger.numbers) for run in runs),
        "visits with a fault": faults.total(),
        "faults": dict(sorted(faults.items())),
        "wrong or doubled": len(violations),
        "minutes": round(seconds / 60, 1),
        "visits/s": round(done / seconds, 2),
        "CPU ms a visit": round(1000 * cpu_s / max(1, done)),
        "KiB alive more a visit": alive,
    }
    told = json.dumps(figures)
    say(f"{began_at()}: {told}")
    for one in violations:
        say(f"WRONG {one}")
    assert not violations, violations
    for run in runs:
        if run.failure is not None:
            raise run.failure
    assert not grown, grown
    assert done == visits or (is_timed and done), done
    return told


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_visits(
    soak_option: Callable[[str], float],
    tell_at_the_end: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int(soak_option("--soak-seed")) or random.SystemRandom().randrange(1, 10**9)
    lanes, visits = int(soak_option("--soak-lanes")), int(soak_option("--soak-visits"))
    with capsys.disabled():
        told = run_lanes(tmp_path, lanes, visits, seed, _print, soak_option("--soak-minutes"))
    tell_at_the_end(f"robot's visits on doubles, seed {seed}: {told}")


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_kib_left_behind_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The core is made to lose as much each visit; nothing else is wrong with it."""
    with capsys.disabled(), pytest.raises(AssertionError, match=r"core keeps .* KiB alive a visit"):
        run_lanes(tmp_path, 2, 2 * LEAST_VISITS, 1, _print, leak=1024, every=20)


def _print(line: str) -> None:
    print(line, flush=True)


@pytest.mark.e2e
def test_some_visits(start_kiosk: Callable[..., Kiosk]) -> None:  # noqa: F811 (the fixture)
    run_visits(start_kiosk(), 6, 20261122, print)
