"""The judge of memory, threads and descriptors sees a KiB a visit, and takes no noise for growth."""

import random

import pytest

from tests.soak.held import LEAST_VISITS, Gauge, Held, slope, troubles


def test_growth_is_seen_by_the_slope() -> None:
    assert slope([(0, 5), (10, 5), (20, 5)]) == 0
    assert slope([(0, 0), (10, 20), (20, 40)]) == 2


def gauge(visits: int, live: float = 0.0, pages: float = 0.0, threads: float = 0.0, seed: int = 1) -> Gauge:
    """What a core of 85 MiB shows that keeps so many KiB a visit; the noise is that of measured runs."""
    rng = random.Random(seed)
    found = Gauge({}, {"core": __file__})  # type: ignore[dict-item]
    for at in range(0, visits + 1, 100):
        warm = 3_000 * (1 - 0.99 ** min(at, 1_000))
        found.held.setdefault("core", []).append(
            Held(
                at,
                85_000 + warm + pages * at + rng.uniform(-1_500, 1_500),
                round(18 + threads * at + rng.choice((-1, 0, 0, 1, 3))),
                18 + rng.choice((-1, 0, 0, 1, 3)),
                81_000 + warm + live * at + rng.uniform(-60, 60),
            )
        )
    return found


@pytest.mark.parametrize("seed", range(20))
def test_a_kib_a_visit_is_growth_and_noise_is_none(seed: int) -> None:
    assert troubles(gauge(5_000, seed=seed).growth()) == []
    assert "KiB alive" in troubles(gauge(5_000, live=1.0, seed=seed).growth())[0]
    assert "grows by" in troubles(gauge(5_000, pages=2.0, seed=seed).growth())[0]


def test_threads_that_stay_are_growth() -> None:
    assert "more threads" in troubles(gauge(5_000, threads=0.003).growth())[0]


def test_a_short_lane_is_not_judged() -> None:
    assert gauge(LEAST_VISITS - 100, live=10.0).growth() == {}
