"""``--minutes`` is shared out among the long runs that were chosen."""

from typing import cast

import pytest

from tests.soak.conftest import WEIGHTS, minutes_of


class Named:
    def __init__(self, name: str) -> None:
        self.originalname = self.name = name


def items(*names: str) -> list[pytest.Item]:
    return cast("list[pytest.Item]", [Named(name) for name in names])


def test_all_together_last_as_long_as_was_said() -> None:
    chosen = items(*WEIGHTS, "test_chaos", "test_that_counts")
    shares = [minutes_of(one, chosen, 60) for one in chosen]
    assert sum(shares) == pytest.approx(60)
    assert shares[-1] == 0
    assert shares[0] > shares[1]


def test_one_alone_has_all_of_them() -> None:
    alone = items("test_visits")
    assert minutes_of(alone[0], alone, 30) == 30
