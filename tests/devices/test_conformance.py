"""The conformance suite on every adapter in front of every double."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.devices.benches import Bench
from tests.devices.conformance import CHECKS

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_adapter(any_bench: Bench[Any, Any], check: Callable[[Bench[Any, Any]], None]) -> None:
    check(any_bench)
