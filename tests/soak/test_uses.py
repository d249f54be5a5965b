"""A thousand insertions, jobs, slips and codes on every adapter and every double: each ends well, nothing is left."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.devices.benches import BENCHES, Bench
from tests.devices.conformance_operations import uses_leave_nothing
from tests.devices.conftest import _bench, eager  # noqa: F401 (fixture)
from tests.devices.operations import OPERATIONS, Operation, operations_of

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]

USES = 1000
FEW = 25
"""Where ``--minutes`` says how long: so many tell how many more there is time for."""
ASKED = [
    pytest.param(name, operation, id=f"{name}-{operation.name}")
    for name in BENCHES
    for operation in operations_of(name)
]

any_bench = pytest.fixture(params=list(BENCHES))(_bench)


@pytest.mark.parametrize(("any_bench", "operation"), ASKED, indirect=["any_bench"])
def test_a_thousand_uses_leave_nothing(
    any_bench: Bench[Any, Any], operation: Operation, tmp_path: Path, soak_option: Callable[[str], float]
) -> None:
    minutes = soak_option("--soak-minutes")
    if not minutes:
        uses_leave_nothing(any_bench, operation, USES)
        return
    began = time.monotonic()
    uses_leave_nothing(any_bench, operation, FEW)
    seconds = max(time.monotonic() - began, 0.001)
    uses_leave_nothing(any_bench, operation, min(USES - FEW, max(FEW, round(FEW * 60 * minutes / seconds))))


def test_each_kind_with_operations_is_there() -> None:
    kinds = {kind for kind in OPERATIONS if any(name.startswith(kind.value) for name in BENCHES)}
    assert kinds == set(OPERATIONS)
