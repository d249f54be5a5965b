"""PIN hashes: argon2id, one cost for a whole office, so that every proof is the same work.

The cost is a fact of the office's data: ``demo`` lets 5,000 people be seeded in seconds, ``full`` is for an office
that keeps real PINs. Either way a proof verifies a true argon2id hash; a NIK that does not exist is verified against
a dummy of the same cost.
"""

from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type


class PinCost(StrEnum):
    DEMO = "demo"
    FULL = "full"


_COSTS = {PinCost.DEMO: (1, 256), PinCost.FULL: (2, 19_456)}
"""Passes and KiB. Measured on one core: 0.2 ms and 29 ms."""


class PinHasher:
    """Hashes and verifies; ``verifications`` counts the work done, for the tests that compare it."""

    def __init__(self, cost: PinCost) -> None:
        passes, kibibytes = _COSTS[cost]
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=1, type=Type.ID)
        self._dummy = self._hasher.hash("no PIN of anybody")
        self.verifications = 0

    def hash(self, pin: str) -> str:
        return self._hasher.hash(pin)

    def is_right(self, stored: str | None, pin: str) -> bool:
        """Verify ``pin``; None stands for a person who does not exist and costs the same."""
        self.verifications += 1
        try:
            self._hasher.verify(stored or self._dummy, pin)
        except VerifyMismatchError:
            return False
        return stored is not None
