"""The arithmetic of the runner: percentiles, pairs, targets, table. Nothing is timed here."""

import json

import pytest

from benchmarks.__main__ import NAMES, main, table
from benchmarks.figures import Metric, compare, paired_ratio, percentile, rounded


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.01, 1.0), (0.5, 50.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0)]
)
def test_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_percentile_of_few_samples_is_one_of_them() -> None:
    assert percentile([3.0, 1.0], 0.99) == 3.0


def test_percentile_refuses_nothing_and_nonsense() -> None:
    with pytest.raises(ValueError):
        percentile([], 0.5)
    with pytest.raises(ValueError):
        percentile([1.0], 1.5)


def test_paired_ratio_is_the_median_of_the_pairs_not_the_ratio_of_the_medians() -> None:
    # A slow moment of the machine hits both of a pair.
    assert paired_ratio([1.0, 10.0, 3.0], [2.0, 20.0, 4.0]) == 0.5


def test_paired_ratio_refuses_samples_that_are_no_pairs() -> None:
    with pytest.raises(ValueError):
        paired_ratio([1.0], [1.0, 2.0])
    with pytest.raises(ValueError):
        paired_ratio([], [])


def test_a_ratio_is_held_against_its_target() -> None:
    assert compare("a", "ms", [4.0], [10.0], 0.5, 0.4).is_reached is True
    assert compare("a", "ms", [4.1], [10.0], 0.5, 0.4).is_reached is False
    assert compare("a", "ms", [4.1], [10.0], 0.5, None).is_reached is None


def test_compare_takes_the_asked_percentile_of_both_and_keeps_the_range() -> None:
    metric = compare("a", "ms", [1.0, 2.0, 9.0], [10.0, 20.0, 30.0], 0.99, 0.35, extra=1.23456)
    assert (metric.ours, metric.peer, metric.runs) == (9.0, 30.0, 3)
    entry = metric.as_json()
    assert entry["ratio"] == 0.3
    assert (entry["ours_min"], entry["ours_max"], entry["peer_min"], entry["peer_max"]) == (1.0, 9.0, 10.0, 30.0)
    assert entry["extra"] == 1.235


def test_without_a_peer_the_figure_itself_is_held_against_the_target() -> None:
    assert Metric("steps", "steps/s", 60_000.0, 1, target=50_000.0, is_higher_better=True).is_reached is True
    assert Metric("steps", "steps/s", 40_000.0, 1, target=50_000.0, is_higher_better=True).is_reached is False
    assert Metric("growth", "MiB", 1.5, 1, target=1.0).is_reached is False
    assert Metric("growth", "MiB", -0.5, 1, target=1.0).is_reached is True


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0123456, 0.01235), (12.3456, 12.35), (123456.7, 123457.0), (0.0, 0.0), (None, None)]
)
def test_figures_keep_four_digits(value: float | None, expected: float | None) -> None:
    assert rounded(value) == expected


def test_the_table_shows_ratio_target_and_verdict() -> None:
    lines = table([compare("cold_start", "ms", [300.0], [500.0], 0.5, 0.5)]).splitlines()
    assert lines[0].split()[:3] == ["metric", "ours", "peer"]
    assert lines[2].split() == ["cold_start", "300.0", "500.0", "ms", "0.600", "<=", "0.5", "NO", "1"]


def test_an_unknown_metric_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["cold_strat"])
    assert end.value.code == 2
    assert "cold_strat" in capsys.readouterr().err


def test_every_metric_has_one_name() -> None:
    assert len(NAMES) == len(set(NAMES))


def test_an_entry_is_json() -> None:
    assert json.loads(json.dumps(Metric("a", "ms", 1.0, 1).as_json()))["peer"] is None
