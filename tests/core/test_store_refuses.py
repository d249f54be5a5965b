"""A store that takes no write: no visit opens, the screen says so, and service comes back with the store."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kiosk import protocol as p
from kiosk.core.effects import EffectRunner
from kiosk.core.loop import Loop
from kiosk.core.open_mark import OpenMark
from kiosk.core.shell import Shell
from kiosk.core.store_watch import ASK_S, StoreWatch
from kiosk.errors import ErrorCode, StoreError
from kiosk.settings import Settings
from tests.core.hands import bench
from tests.core.stand import Stand


def test_no_visit_opens_that_could_not_be_noted() -> None:
    sent: list[p.ToFace] = []
    loop = Loop()
    shell = Shell(loop, Settings(), lambda message: sent.append(message) is None, lambda: datetime.now(UTC))
    shell.runner = EffectRunner(loop, bench().hands, shell.deliver)
    shell.change(is_starting=False)
    shell.visit_opened = lambda: False
    assert shell.page is not None
    shell.handle(p.Pressed("1", shell.page.serial, "start"))
    assert not shell.has_visit
    shell.change(out_of_order=ErrorCode.STORE_FULL)
    assert shell.page is not None
    assert shell.page.name == "out-of-order"
    shell.change(out_of_order=None)
    shell.visit_opened = lambda: True
    assert shell.page is not None
    shell.handle(p.Pressed("2", shell.page.serial, "start"))
    assert shell.has_visit


class FullState(dict[str, Any]):
    """A store on a disk that may be full: then it takes no write, and erases what is not there all the same."""

    is_full = True

    def set(self, key: str, value: Any) -> None:
        if self.is_full:
            raise StoreError(ErrorCode.STORE_FULL, "the disk is full")
        self[key] = value

    def remove(self, key: str) -> None:
        self.pop(key, None)


@pytest.mark.expects_warnings
def test_the_machine_opens_again_when_a_write_goes_through_and_not_before() -> None:
    stand, state = Stand(), FullState()
    written: list[str] = []
    watch = StoreWatch(stand.loop, stand.shell, OpenMark(state), lambda: written.append("visit"))  # type: ignore[arg-type]
    stand.shell.visit_opened, stand.shell.between_visits = watch.opens, watch.look
    stand.press("start")
    assert stand.name == "out-of-order"
    stand.wait(10 * ASK_S)
    assert stand.name == "out-of-order", "erasing nothing is no write"
    state.is_full = False
    stand.wait(ASK_S)
    assert stand.name == "attract"
    assert state == {}
    stand.press("start")
    assert (stand.name, written) == ("services", ["visit"])
    assert watch.closes()
    assert state == {}


@pytest.mark.expects_warnings
def test_a_store_that_takes_no_end_of_a_visit_is_asked_until_it_does() -> None:
    stand, state = Stand(), FullState()
    watch = StoreWatch(stand.loop, stand.shell, OpenMark(state), lambda: None)  # type: ignore[arg-type]
    state.remove = lambda key: state.set(key, None)  # type: ignore[method-assign]
    assert not watch.closes()
    stand.shell.between_visits = watch.look
    assert stand.name == "out-of-order"
    del state.remove  # type: ignore[attr-defined]
    state.is_full = False
    stand.wait(ASK_S)
    assert stand.name == "attract"
