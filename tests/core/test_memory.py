"""What the start made is not walked after each visit; what a visit made is, also where it goes in a circle."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from kiosk.core.memory import give_back, keep_for_good


class Ring:
    """Holds itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_stands_is_left_out_and_what_comes_is_collected() -> None:
    standing = len(gc.get_objects())
    keep_for_good()
    assert gc.get_freeze_count() > 0.9 * standing
    assert len(gc.get_objects()) < 0.1 * standing
    gone = weakref.ref(Ring())
    give_back()
    assert gone() is None
