"""One life for all chapters: each begins where the one before ended."""

from collections.abc import Iterator

import pytest

from tests.life.machine import Life


@pytest.fixture(scope="module")
def the_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    life = Life(tmp_path_factory.mktemp("life"))
    yield life
    life.close()


@pytest.fixture
def life(request: pytest.FixtureRequest, the_machine: Life) -> Iterator[Life]:
    """The machine as the chapter before left it. After a chapter that failed there is no next one."""
    names = [name for name in vars(request.module) if name.startswith("test_")]
    name: str = request.node.name
    expected = names[len(the_machine.chapters)]
    assert name == expected, f"a life is told in order: {expected} comes before {name}; run the whole file"
    yield the_machine
    report = getattr(request.node, "was_called", None)
    if report is None or report.passed:
        the_machine.chapters.append(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    report = yield
    if report.when == "call":
        item.was_called = report  # type: ignore[attr-defined]
    return report
