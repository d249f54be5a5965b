"""The dock's switch for the office: an office of the test takes the mode, and a dead one is named."""

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from kiosk.devices.simulated.control import ControlServer, DoublesControl
from kiosk.devices.simulated.doubles import Doubles, UnknownActError


def test_the_office_stands_beside_the_devices_and_is_hurt_by_name(httpserver: HTTPServer, tmp_path: Path) -> None:
    asked: list[dict[str, object]] = []

    def take(request: object) -> object:
        from werkzeug import Request, Response

        assert isinstance(request, Request)
        asked.append(json.loads(request.data))
        return Response("{}", content_type="application/json")

    httpserver.expect_request("/demo/fault", method="POST").respond_with_handler(take)  # type: ignore[arg-type]
    doubles = Doubles(0.0, office_url=httpserver.url_for("/"))
    server = ControlServer(doubles, tmp_path / "c.sock")
    try:
        with DoublesControl(tmp_path / "c.sock") as control:
            control.act("office", "fault", reason="gone")
            office = control.describe()[-1]
            assert office["device"] == "office"
            assert office["state"]["reasons"] == ["gone"]
            assert office["acts"] == ["clear", "fault"]
            control.act("office", "clear")
            assert control.describe()[-1]["state"]["reasons"] == []
            with pytest.raises(UnknownActError):
                control.act("office", "fault", reason="on fire")
    finally:
        server.close()
        doubles.close()
    assert [entry["mode"] for entry in asked] == ["gone", "none"]


def test_an_office_that_is_away_is_named(tmp_path: Path) -> None:
    doubles = Doubles(0.0, office_url="http://127.0.0.1:9")
    try:
        with pytest.raises(UnknownActError, match="does not answer"):
            doubles.act({"device": "office", "do": "clear"})
    finally:
        doubles.close()
