"""``kiosk diagnose``: what works, what does not, and that a machine where nothing works still gets its report."""

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.devices.build import build_devices
from kiosk.devices.contract import Band, DeviceKind, Reason, Status
from kiosk.diagnostics import report as report_module
from kiosk.diagnostics.command import lines
from kiosk.diagnostics.report import DeviceLine, Finding, Report, device_line, probe
from kiosk.errors import ErrorCode
from kiosk.settings import DevicesTable, Settings
from kiosk.texts import Texts
from tests.flows.journey import FLOWS

BUILT = [device.kind.value for device in build_devices(DevicesTable())]


@pytest.fixture
def dead_url() -> Iterator[str]:
    """An address at which nobody listens, held so that nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def dead(dead_url: str, tmp_path: Path) -> Path:
    """The settings of a machine on which nothing works: no office, no printer, no store, no roots."""
    config = tmp_path / "kiosk.toml"
    shutil.copytree(FLOWS, tmp_path / "flows")
    config.write_text(
        f"""
        [kiosk]
        id = "mesin-mati"
        flows = "flows"
        services = ["cek-data", "unduh-akta"]
        [office]
        url = "{dead_url}"
        deadline_s = 2
        [devices.card_reader]
        kind = "socket"
        address = "{dead_url.removeprefix("http://")}"
        [devices.slip_printer]
        kind = "tcp"
        address = "{dead_url.removeprefix("http://")}"
        [documents]
        trust = ["root.pem"]
        [store]
        path = "gone/deep/kiosk.db"
        """
    )
    return config


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_dead_machine_gets_valid_json_and_exit_1(
    dead: Path, language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_module, "SETTLE_S", 1.0)
    assert main(["diagnose", "--json", "--language", language, "--config", str(dead)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["kiosk"], found["is_good"]) == ("mesin-mati", False)
    assert [line["device"] for line in found["devices"]] == BUILT
    bands = {line["device"]: line["band"] for line in found["devices"]}
    assert bands["card-reader"] in ("error", "unknown")
    assert bands["slip-printer"] in ("error", "unknown")
    reasons = {line["device"]: line["reason"] for line in found["devices"]}
    assert reasons["document-printer"] == "not-configured"
    findings = {finding["name"]: finding for finding in found["findings"]}
    assert {name: one["code"] for name, one in findings.items()} == {
        "office": "OFF-01",
        "flows": "",
        "store": "STO-01",
        "trust": "DOC-03",
        "machine": "",
    }
    assert findings["office"]["words"] == Texts(language)("error.OFF-01.staff")
    assert findings["flows"]["is_good"]
    assert str(dead.parent / "gone" / "deep") in findings["store"]["words"]
    assert "root.pem" in findings["trust"]["words"]
    slugs = [issue["slug"] for issue in found["issues"]]
    assert slugs[-1] == "office-away"
    assert [slug.rpartition("-")[0] for slug in slugs[:-1]] == ["card-reader", "slip-printer"]


@pytest.mark.expects_warnings  # the defaults name no devices, and flows that need some are refused
def test_wrong_settings_are_named_and_the_rest_is_probed_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, dead_url: str
) -> None:
    monkeypatch.setattr(report_module, "_probe_office", lambda settings, texts: Finding("office", True, "fine"))
    config = tmp_path / "kiosk.toml"
    config.write_text("[kioks]\nid = 'x'\n")
    assert main(["diagnose", "--config", str(config)]) == 1
    out = capsys.readouterr().out
    assert "kioks: " in out
    assert "CFG-01" in out
    assert main(["diagnose", "--json", "--config", str(tmp_path / "gone.toml")]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["findings"][0]["code"] == "CFG-01"
    assert main(["diagnose", "--json", "--config", str(config)]) == 1
    assert "kioks" in json.loads(capsys.readouterr().out)["findings"][0]["detail"], "the wrong key, for machines too"
    assert len(found["devices"]) == len(BUILT)


@pytest.mark.expects_warnings
def test_flows_that_are_broken_are_a_finding(tmp_path: Path) -> None:
    (tmp_path / "cek-data.yaml").write_text("format: 1\n")
    settings = Settings.model_validate({"kiosk": {"flows": tmp_path, "services": ["cek-data"]}})
    finding = report_module._probe_flows(settings, Texts("en"))
    assert (finding.is_good, finding.code) == (False, "FLW-01")


def test_a_full_disk_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    settings = Settings.model_validate({"store": {"path": tmp_path / "kiosk.db"}})
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=50 * 1024 * 1024 - 1))
    finding = report_module._probe_store(settings, Texts("en"))
    assert (finding.is_good, finding.code) == (False, "STO-02")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=50 * 1024 * 1024))
    assert report_module._probe_store(settings, Texts("en")) == Finding("store", True, "50 MiB")


def test_roots_are_counted_and_missed(tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    settings = Settings.model_validate({"documents": {"trust": [root, tmp_path / "other.pem"]}})
    root.write_text("x")
    assert not report_module._probe_trust(settings, Texts("en")).is_good
    (tmp_path / "other.pem").write_text("x")
    assert report_module._probe_trust(settings, Texts("en")) == Finding("trust", True, "2")
    assert not report_module._probe_trust(Settings(), Texts("en")).is_good, "no root at all prints nothing"


def line(band: Band, reason: Reason) -> DeviceLine:
    return device_line(Status(DeviceKind.SLIP_PRINTER, band, (reason,), 0.0, "detail"), Texts("en"))


def test_good_is_when_nothing_needs_doing() -> None:
    def is_good(*devices: DeviceLine, finding: bool = True) -> bool:
        return Report("1", "k", list(devices), [Finding("x", finding, "")]).is_good

    well = line(Band.OK, Reason.NONE)
    assert is_good(well, line(Band.WARNING, Reason.MEDIA_LOW), line(Band.UNKNOWN, Reason.NOT_CONFIGURED))
    assert not is_good(well, line(Band.ERROR, Reason.COVER_OPEN))
    assert not is_good(well, line(Band.UNKNOWN, Reason.SILENT))
    assert not is_good(well, finding=False)


def test_a_device_is_told_in_words() -> None:
    t = Texts("en")
    assert line(Band.OK, Reason.NONE).words == t("staff.works")
    open_cover = line(Band.ERROR, Reason.COVER_OPEN)
    assert open_cover == DeviceLine(
        "slip-printer",
        t("device.slip-printer"),
        "error",
        "cover-open",
        t("reason.cover-open.staff", detail="detail"),
        "detail",
    )


def test_people_get_one_line_each_with_mark_and_code() -> None:
    report = Report(
        "1.2", "anjungan", [line(Band.ERROR, Reason.COVER_OPEN)], [Finding("store", False, "full", "STO-02")]
    )
    t = Texts("en")
    head, device, finding = lines(report, t)
    assert "1.2" in head
    assert "anjungan" in head
    assert device.startswith(" x ")
    assert finding.startswith(f" x {t('diagnose.store')}")
    assert finding.endswith("full (STO-02)")
    report.findings = [Finding("store", True, "90 MiB")]
    assert lines(report, t)[-1].startswith(f" + {t('diagnose.store')}")


def test_a_fault_stands_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_module, "_probe_devices", lambda settings, texts: [])
    for name in ("office", "flows", "store", "trust"):
        good = Finding(name, True, "")
        monkeypatch.setattr(report_module, f"_probe_{name}", lambda settings, texts, good=good: good)
    monkeypatch.setattr(report_module, "_probe_machine", lambda settings, texts: [Finding("machine", True, "")])
    report = probe(Settings(), ErrorCode.SETTINGS_BROKEN, Texts("en"))
    assert [finding.name for finding in report.findings] == ["settings", "office", "flows", "store", "trust", "machine"]
    assert not report.is_good
    assert probe(Settings(), None, Texts("en")).is_good


def test_a_running_core_keeps_its_serial_lines_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.model_validate(
        {"run_dir": tmp_path, "devices": {"slip_printer": {"kind": "serial", "address": str(tmp_path / "line")}}}
    )
    assert not report_module.is_core_running(tmp_path / "core.sock")
    with socket.socket(socket.AF_UNIX) as core:
        core.bind(str(tmp_path / "core.sock"))
        core.listen()
        found = {line.device: line.reason for line in report_module._probe_devices(settings, Texts("en"))}
    assert found["slip-printer"] == report_module.IN_USE


def test_the_office_hears_nothing_that_it_would_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.backend.client import OfficeClient

    asked: list[str] = []
    monkeypatch.setattr(OfficeClient, "probe", lambda self: asked.append("probe"))
    monkeypatch.setattr(OfficeClient, "heartbeat", lambda self, beat: asked.append("heartbeat"))
    assert report_module._probe_office(Settings(), Texts("en")).is_good
    assert asked == ["probe"]


@pytest.mark.parametrize(("spoil", "code"), [("plain", "STO-01"), ("newer", "STO-04"), ("", "")])
def test_a_store_that_would_not_open_is_a_finding_and_stays_as_it_is(tmp_path: Path, spoil: str, code: str) -> None:
    from kiosk.store.database import open_store

    path, key = tmp_path / "kiosk.db", "ab" * 32
    (tmp_path / "store.key").write_text(key)
    (tmp_path / "store.key").chmod(0o600)
    opened = open_store(path, key)
    if spoil == "newer":
        with opened.store.transaction() as connection:
            connection.exec_driver_sql("PRAGMA user_version = 999")
    opened.store.close()
    if spoil == "plain":
        path.write_bytes(b"SQLite format 3\0" + bytes(9000))
    before = path.read_bytes()
    settings = Settings.model_validate(
        {"store": {"path": path, "key_file": tmp_path / "store.key"}, "run_dir": tmp_path}
    )
    finding = report_module._probe_store(settings, Texts("en"))
    assert (finding.is_good, finding.code) == (not spoil, code)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*set-aside*"))
    if spoil == "plain":
        assert finding.words == Texts("en")("diagnose.store-damaged")
