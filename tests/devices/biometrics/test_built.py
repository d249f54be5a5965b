"""Off unless the settings say otherwise, and then nowhere to be seen."""

import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from kiosk.devices.biometrics.camera import PipedCamera
from kiosk.devices.biometrics.matcher import Matcher
from kiosk.devices.biometrics.socket_matcher import SocketMatcher
from kiosk.devices.build import build_devices
from kiosk.devices.contract import DeviceKind, MatchEnd
from kiosk.errors import SettingsError
from kiosk.settings import DevicesTable, FaceTable, FingerTable

MATCHERS = {DeviceKind.FACE, DeviceKind.FINGER}


def test_off_by_default() -> None:
    devices = build_devices(DevicesTable())
    assert not MATCHERS & {device.kind for device in devices}
    for matcher in (devices.face, devices.finger):
        assert matcher.match(b"x", 30, threading.Event()).end is MatchEnd.NO_DEVICE


def test_what_is_named_is_built(tmp_path: Path) -> None:
    table = DevicesTable(
        face=FaceTable(kind="camera", address=f"pipe:{tmp_path / 'face'}", accept=0.4),
        finger=FingerTable(kind="socket", address="127.0.0.1:1"),
    )
    devices = build_devices(table)
    assert isinstance(devices.face, Matcher)
    assert devices.face._thresholds.accept == 0.4
    assert isinstance(devices.finger, SocketMatcher)
    assert {device.kind for device in devices} >= MATCHERS
    assert devices.finger.match(b"x", 2, threading.Event()).end is MatchEnd.NO_DEVICE
    assert devices.face.match(b"x", 2, threading.Event()).end is MatchEnd.NO_DEVICE


@pytest.mark.parametrize(("accept", "reject"), [(0.51, 0.6), (0.45, 0.5), (0.0, 0.6)])
def test_thresholds_can_not_be_made_to_guess(accept: float, reject: float) -> None:
    with pytest.raises(ValidationError):
        FaceTable(kind="camera", accept=accept, reject=reject)


def test_a_wrong_address_is_told() -> None:
    with pytest.raises(SettingsError, match="devices"):
        build_devices(DevicesTable(face=FaceTable(kind="camera", address="/dev/video0")))


def test_a_camera_is_a_folder_of_pictures_too(tmp_path: Path) -> None:
    camera = PipedCamera(f"folder:{tmp_path}")
    assert camera.is_there()
    assert camera.frame(0.2, threading.Event()) is None
    camera.close()
    assert not PipedCamera(f"pipe:{tmp_path / 'none'}").is_there()
