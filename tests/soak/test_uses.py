"""A thousand insertions, jobs, slips and codes on every adapter and every double: each ends well, nothing is left."""

from pathlib import Path
from typing import Any

import pytest

from tests.devices.benches import BENCHES, Bench
from tests.devices.conformance_operations import uses_leave_nothing
from tests.devices.conftest import _bench, eager  # noqa: F401 (fixture)
from tests.devices.operations import OPERATIONS, Operation, operations_of

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]

USES = 1000
ASKED = [
    pytest.param(name, operation, id=f"{name}-{operation.name}")
    for name in BENCHES
    for operation in operations_of(name)
]

any_bench = pytest.fixture(params=list(BENCHES))(_bench)


@pytest.mark.parametrize(("any_bench", "operation"), ASKED, indirect=["any_bench"])
def test_a_thousand_uses_leave_nothing(any_bench: Bench[Any, Any], operation: Operation, tmp_path: Path) -> None:
    uses_leave_nothing(any_bench, operation, USES)


def test_each_kind_with_operations_is_there() -> None:
    kinds = {kind for kind in OPERATIONS if any(name.startswith(kind.value) for name in BENCHES)}
    assert kinds == set(OPERATIONS)
