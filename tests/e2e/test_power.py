"""The mains go under a whole kiosk: a real core asks a UPS over its protocol, and a command really runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.devices.simulated.ups_double import UpsDouble, UpsServer
from tests.e2e.conftest import Kiosk

pytestmark = pytest.mark.e2e


@pytest.fixture
def ups() -> Iterator[UpsServer]:
    server = UpsServer(UpsDouble(), is_nut=True)
    yield server
    server.close()


def test_the_machine_closes_opens_again_and_ends_in_order(kiosk: Kiosk, ups: UpsServer, tmp_path: Path) -> None:
    gone = tmp_path / "switched-off"
    table = f"""
[devices.power]
kind = "nut"
address = "{ups.address}"
grace_s = 0.2
told_s = 0.5
settle_s = 5
shutdown = ["touch", "{gone}"]
"""
    kiosk.config.write_text(kiosk.config.read_text() + table)
    kiosk.restart_core(kills=False)
    face = kiosk.face
    face.wait_page("attract")
    kiosk.wait_until(lambda: any(event.get("device") == "power" for event in kiosk.events()), "the UPS")
    ups.double.mains(are_there=False)
    face.wait_page("power-closed")
    face.press("#start")
    ups.double.mains(are_there=True)
    face.wait_page("attract")
    face.press("#start")
    face.wait_page("services")
    ups.double.mains(are_there=False, is_low=True)
    face.wait_page("power-ending")
    assert not gone.exists(), "somebody is there"
    face.wait_page("power-down")
    kiosk.wait_until(gone.exists, "the command")
    ups.double.mains(are_there=True)
    face.wait_page("attract")
    stages = [event["stage"] for event in kiosk.events() if event["event"] == "POWER_CHANGED"]
    assert stages[:3] == ["battery", "closed", "mains"]
    assert stages[-3:] == ["ending", "down", "mains"]
