"""The cabinet's door and temperature, from files as the kernel keeps them."""

from pathlib import Path

import pytest

from kiosk.devices.contract import Band, BoxReading, Reason
from kiosk.devices.surroundings import box as box_module
from kiosk.devices.surroundings.box import BoxWatch, Limits, ProbeError, heat, read_celsius, read_door
from tests.devices.waiting import until


def test_heat_has_hysteresis() -> None:
    limits = Limits(60, 75, 5)
    state: Reason | None = None
    seen = []
    for celsius in (20, 59.9, 60, 56, 55, 54.9, 74.9, 75, 71, 70, 69.9, 56, 54, 80):
        state = heat(celsius, state, limits)
        seen.append(state)
    warm, hot = Reason.TOO_WARM, Reason.TOO_HOT
    assert seen == [None, None, warm, warm, warm, None, warm, hot, hot, hot, warm, warm, None, hot]


def test_limits_that_can_not_be_are_refused() -> None:
    with pytest.raises(ValueError, match="warm_c"):
        Limits(75, 60)
    with pytest.raises(ValueError, match="door or a temperature"):
        BoxWatch("", "1", ())


@pytest.mark.parametrize("text", ["", "warm", "1e9", "200000", "-60000", "\x00\xff", "9" * 60, "45.5"])
def test_a_probe_that_raves_is_none(text: str, tmp_path: Path) -> None:
    probe = tmp_path / "temp1_input"
    probe.write_text(text)
    with pytest.raises(ProbeError, match="temp1_input"):
        read_celsius(probe)
    with pytest.raises(ProbeError):
        read_door(probe, "1")


def test_a_probe_reads_as_the_kernel_writes(tmp_path: Path) -> None:
    probe = tmp_path / "value"
    probe.write_text("-5125\n")
    assert read_celsius(probe) == -5.125
    probe.write_text("1\n")
    assert read_door(probe, "1")
    assert not read_door(probe, "0")


def test_the_watch_tells_door_and_heat_and_a_probe_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box_module, "LOOK_S", 0.02)
    monkeypatch.setattr("kiosk.devices.status.CALM_S", 0.1)
    door, cool, warm = tmp_path / "value", tmp_path / "temp1_input", tmp_path / "temp2_input"
    door.write_text("0\n")
    cool.write_text("31000\n")
    warm.write_text("42000\n")
    watch = BoxWatch(str(door), "1", (str(cool), str(warm)), Limits(60, 75, 5))
    watch.start()
    try:
        until(lambda: watch.status().band is Band.OK, "a closed box")
        assert watch.reading() == BoxReading(False, 42.0)
        door.write_text("1\n")
        until(lambda: watch.status().reasons == (Reason.DOOR_OPEN,), "the open door")
        assert watch.status().band is Band.WARNING
        warm.write_text("61000\n")
        until(lambda: watch.status().reasons == (Reason.DOOR_OPEN, Reason.TOO_WARM), "the heat")
        door.write_text("0\n")
        warm.write_text("76000\n")
        until(lambda: watch.status().reasons == (Reason.TOO_HOT,), "too much heat")
        assert (watch.status().band, watch.status().detail) == (Band.ERROR, "76 °C")
        warm.unlink()
        until(lambda: Reason.SILENT in watch.status().reasons, "the lost probe")
        assert "temp2_input" in watch.status().detail
        warm.write_text("30000\n")
        until(lambda: watch.status().band is Band.OK, "all well", 15)
    finally:
        watch.stop()
    assert watch.reading() == BoxReading()
