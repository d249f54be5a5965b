"""Every visit ends printed once or with a true sentence, whoever is killed meanwhile: ten minutes, or half of one."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Office
from tests.soak.chaos import chaos, work

LANES = {"direct": False, "cups": True}
FIXED_SEED = 20261122
SHORT_S = 30.0


def run(folder: Path, office: Office, lane: str, seconds: float, seed: int, least: int) -> None:
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    say(f"lane {lane}, seed {seed}, {seconds:.0f} s")
    began = time.monotonic()
    with chaos(folder, office, through_cups=LANES[lane]) as stage:
        ledger, blows = work(stage, seconds, random.Random(seed), say)
        log = stage.kiosk.events()
    longest = round(max((visit.seconds for visit in ledger.visits), default=0.0), 1)
    figures = ledger.summary() | {"longest visit s": longest} | {"lane": lane, "seed": seed, "blows": dict(blows)}
    say(json.dumps(figures | {"seconds": round(time.monotonic() - began)}))
    for violation in ledger.violations:
        say(f"VIOLATION {violation}")
    assert not ledger.violations, "\n".join(lines)
    assert len(ledger.visits) >= least
    assert sum(blows.values()) >= 3
    crashed = [event for event in log if event["event"] in ("DEVICE_CRASHED", "CORE_BUG")]
    assert not crashed, crashed[:3]


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("lane", list(LANES))
def test_chaos(
    tmp_path: Path, office: Office, lane: str, soak_option: Callable[[str], float], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(soak_option("--chaos-seed")) or random.SystemRandom().randrange(1, 10**9)
    with capsys.disabled():
        run(tmp_path, office, lane, soak_option("--chaos-seconds"), seed, least=5)


@pytest.mark.e2e
@pytest.mark.peer
@pytest.mark.timeout(240)
@pytest.mark.parametrize("lane", ["cups"])
def test_half_a_minute_of_chaos(tmp_path: Path, office: Office, lane: str) -> None:
    run(tmp_path, office, lane, SHORT_S, FIXED_SEED, least=1)
