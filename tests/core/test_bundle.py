"""The flows in force: in the order of the settings, and a broken change never takes the place of what works."""

import os
import shutil
from pathlib import Path

import pytest

from kiosk.core.bundle import FlowBundle, configured_devices
from kiosk.errors import ErrorCode, KioskError
from kiosk.settings import Settings
from tests.flows.journey import FLOWS

DEVICES = {
    "card_reader": {"kind": "socket", "address": "127.0.0.1:1"},
    "document_printer": {"kind": "ipp", "uri": "ipp://127.0.0.1:1/ipp/print"},
    "card_printer": {"kind": "ipp", "uri": "ipp://127.0.0.1:1/ipp/print"},
    "slip_printer": {"kind": "tcp", "address": "127.0.0.1:1"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FLOWS, tmp_path / "flows"))


def settings(folder: Path, *services: str) -> Settings:
    kiosk: dict[str, object] = {"flows": folder}
    if services:
        kiosk["services"] = list(services)
    return Settings.model_validate({"kiosk": kiosk, "devices": DEVICES})


def change(path: Path, text: str) -> None:
    """Write, and make sure that the time of the file differs."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_services_stand_in_the_order_of_the_settings(folder: Path) -> None:
    bundle = FlowBundle(settings(folder, "cetak-ktp", "cek-data"))
    assert [flow.id for flow in bundle.flows] == ["cetak-ktp", "cek-data"]
    assert bundle.name.startswith("2 · ")
    assert not bundle.poll(), "nothing has changed"


@pytest.mark.expects_warnings
def test_a_broken_change_is_refused_whole_and_the_old_goes_on(folder: Path) -> None:
    bundle = FlowBundle(settings(folder))
    old, name = bundle.flows, bundle.name
    path = folder / "cetak-kk.yaml"
    text = path.read_text(encoding="utf-8")
    other = folder / "cek-data.yaml"
    change(other, other.read_text(encoding="utf-8").replace("icon:", "icon: list  #", 1))
    change(path, text.replace("steps:", "stepz:", 1))
    assert not bundle.poll()
    assert bundle.flows is old
    assert bundle.name == name
    assert any("cetak-kk.yaml" in problem for problem in bundle.problems)
    change(path, text)
    assert bundle.poll()
    assert bundle.problems == ()
    assert bundle.name != name
    assert [flow.id for flow in bundle.flows] == [flow.id for flow in old]


@pytest.mark.expects_warnings
def test_a_folder_that_was_emptied_does_not_empty_the_screen(folder: Path) -> None:
    bundle = FlowBundle(settings(folder))
    for path in folder.glob("*.yaml"):
        path.unlink()
    assert not bundle.poll()
    assert len(bundle.flows) == 6
    assert bundle.problems


@pytest.mark.expects_warnings
def test_a_first_set_that_is_broken_stops_the_start(folder: Path) -> None:
    change(folder / "cetak-kk.yaml", "format: 1\n")
    with pytest.raises(KioskError) as error:
        FlowBundle(settings(folder))
    assert error.value.code is ErrorCode.FLOW_BROKEN
    assert "cetak-kk.yaml" in error.value.detail


@pytest.mark.expects_warnings
def test_a_service_that_has_no_flow_stops_the_start(folder: Path) -> None:
    with pytest.raises(KioskError) as error:
        FlowBundle(settings(folder, "cetak-nothing"))
    assert error.value.code is ErrorCode.FLOW_BROKEN


def test_the_linter_learns_what_the_machine_has(folder: Path) -> None:
    every = {"card-reader", "document-printer", "card-printer", "slip-printer", "scanner"}
    assert configured_devices(settings(folder)) == every
    assert configured_devices(Settings()) == {"scanner"}, "a wedge is there by default"
