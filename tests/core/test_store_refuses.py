"""A store that takes no write: no visit opens, the screen says so, and service comes back with the store."""

from datetime import UTC, datetime

from kiosk import protocol as p
from kiosk.core.effects import EffectRunner
from kiosk.core.loop import Loop
from kiosk.core.shell import Shell
from kiosk.errors import ErrorCode
from kiosk.settings import Settings
from tests.core.hands import bench


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
