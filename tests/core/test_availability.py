"""Which services may start, and the reason in words on the tile when one may not."""

import pytest

from kiosk.backend.contract import Reachability
from kiosk.core.availability import device_reason, why_not
from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.devices.reasons import entry
from kiosk.texts import Texts

from .stand import all_well, shipped, situation, status

PRINTER = DeviceKind.DOCUMENT_PRINTER


def test_where_all_is_well_everything_may_start() -> None:
    assert {why_not(situation(), flow) for flow in shipped().values()} == {""}
    warned = all_well() | {PRINTER: status(PRINTER, Band.WARNING, Reason.MEDIA_LOW)}
    assert why_not(situation(devices=warned), shipped()["cetak-kk"]) == ""


@pytest.mark.parametrize("language", ["id", "en"])
def test_an_office_that_is_away_stops_what_needs_it_and_one_that_is_not_known_yet_none(language: str) -> None:
    t = Texts(language)
    for flow in shipped().values():
        stopped = "" if flow.id in ("antrean", "keluhan") else t("tile.office-away")
        assert why_not(situation(language, office=Reachability.OFFLINE), flow) == stopped
        assert why_not(situation(language, office=Reachability.UNKNOWN), flow) == ""


@pytest.mark.parametrize("office", list(Reachability))
def test_a_queue_is_grey_when_no_number_of_any_is_left(office: Reachability) -> None:
    out = Texts("id")("tile.no-numbers")
    assert "loket" in out
    queue, complaint = shipped()["antrean"], shipped()["keluhan"]
    for left, reason in (
        ({"layanan": 1, "pengaduan": 0}, ""),
        ({"pengaduan": 1}, ""),
        ({"layanan": 0, "pengaduan": 0}, out),
        ({"somewhere else": 9}, out),
        ({}, out),
    ):
        here = situation(office=office, numbers_left=left)
        assert why_not(here, queue) == reason, left
        assert why_not(here, complaint) == ""
        if office is not Reachability.OFFLINE:
            assert why_not(here, shipped()["cetak-kk"]) == ""


@pytest.mark.parametrize("band", [Band.ERROR, Band.UNKNOWN])
def test_a_device_greys_the_tiles_that_need_it_and_no_other(band: Band) -> None:
    for kind in DeviceKind:
        devices = all_well() | {kind: status(kind, band, Reason.COVER_OPEN)}
        for flow in shipped().values():
            reason = why_not(situation(devices=devices), flow)
            assert bool(reason) == (kind.value in flow.devices), (kind, flow.id)


def test_a_device_that_has_said_nothing_yet_is_away() -> None:
    assert why_not(situation(devices={}), shipped()["cetak-kk"]) == Texts("id")("tile.document-printer.away")


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NONE])
def test_every_reason_is_a_sentence_on_the_tile(language: str, reason: Reason) -> None:
    here = situation(language)
    is_away = reason in (Reason.STARTING, Reason.AWAY, Reason.SILENT, Reason.NOT_CONFIGURED, Reason.OFFLINE)
    for kind in DeviceKind:
        text = device_reason(here, status(kind, Band.ERROR, reason))
        own = here.texts(f"tile.{kind}.away") if is_away else here.texts(entry(reason).citizen_key_for(kind))
        assert text == own
        assert text.strip()


def test_no_reason_at_all_is_away() -> None:
    assert device_reason(situation(), status(PRINTER, Band.UNKNOWN)) == Texts("id")("tile.document-printer.away")
