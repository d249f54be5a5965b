"""Fixtures of the long runs: how long each may last, and what all of them found, told at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.e2e.conftest import office  # noqa: F401 (fixture)

Tell = Callable[[str], None]

WEIGHTS = {
    "test_visits": 40.0,
    "test_chaos": 15.0,
    "test_canaries_after_an_hour": 20.0,
    "test_very_many_faulted_visits": 15.0,
    "test_a_thousand_uses_leave_nothing": 0.5,
}
"""How ``--minutes`` is shared out among those that were chosen; by the name of the test."""
BY_TIME = {"--soak-minutes": 1.0, "--chaos-seconds": 60.0}
"""Options that ``--minutes`` takes the place of, and how many of them are a minute."""
MUTANT, LEAST_FOR_MUTANT = "test_a_kib_left_behind_is_noticed", 60.0


@dataclass
class Story:
    """What ran, for the end."""

    items: list[pytest.Item] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


STORY = pytest.StashKey[Story]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash.setdefault(STORY, Story())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What proves the judge by breaking the core has a length of its own: a short run leaves it out, and says so."""
    if 0 < float(config.getoption("--minutes")) < LEAST_FOR_MUTANT:
        left = [item for item in items if _name(item) == MUTANT]
        config.stash.setdefault(STORY, Story()).lines += [
            f"left out, for it takes longer: {_name(item)}" for item in left
        ]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Among these ``--minutes`` is shared out."""
    story = session.config.stash.setdefault(STORY, Story())
    story.items = [item for item in session.items if item.get_closest_marker("soak")]


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", None) or item.name)


def minutes_of(item: pytest.Item, items: list[pytest.Item], minutes: float) -> float:
    """What one of the long runs has of all minutes."""
    total = sum(WEIGHTS.get(_name(one), 0.0) for one in items)
    return minutes * WEIGHTS.get(_name(item), 0.0) / total if total else minutes


@pytest.fixture
def soak_option(request: pytest.FixtureRequest) -> Callable[[str], float]:
    """A number from the command line, by its option; of what lasts by time, this test's share of ``--minutes``."""
    config, item = request.config, request.node
    assert isinstance(item, pytest.Item)
    minutes = float(config.getoption("--minutes"))

    def option(name: str) -> float:
        if minutes and name in BY_TIME:
            return BY_TIME[name] * minutes_of(item, config.stash[STORY].items, minutes)
        return float(config.getoption(name))

    return option


@pytest.fixture
def tell_at_the_end(request: pytest.FixtureRequest) -> Tell:
    """Figures for the last lines of the run."""
    return request.config.stash[STORY].lines.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What ran and for how long, then the figures."""
    story = config.stash.get(STORY, Story())
    if not story.items:
        return
    ran: dict[str, list[float]] = {}
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            if report.when == "call" or outcome == "error":
                name = report.nodeid.split("[")[0]
                ran.setdefault(f"{name} {outcome}", []).append(report.duration)
    terminalreporter.section("long runs")
    for name, seconds in ran.items():
        count = f" x {len(seconds)}" if len(seconds) > 1 else ""
        terminalreporter.write_line(f"{sum(seconds) / 60:6.1f} min  {name}{count}")
    for line in story.lines:
        terminalreporter.write_line(line)
