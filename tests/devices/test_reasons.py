"""The table of reasons, its texts, and the state that is told."""

from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.devices.printing.ipp_reasons import printer_state, reason_of, reasons_of
from kiosk.devices.printing.media import is_same_media, media_size_mm
from kiosk.devices.reasons import TABLE, band_of, entry, severity, worst_first
from kiosk.devices.status import CALM_S, FLAP_CHANGES, StatusBoard
from kiosk.devices.watching import keep_watching
from kiosk.errors import ErrorCode
from kiosk.texts import Texts, has_text

DOCUMENTS, CARDS = DeviceKind.DOCUMENT_PRINTER, DeviceKind.CARD_PRINTER


def test_every_reason_has_its_row() -> None:
    assert set(TABLE) == set(Reason)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_texts(language: str, reason: Reason) -> None:
    texts = Texts(language)
    row = entry(reason)
    assert has_text(language, row.citizen_key)
    assert has_text(language, row.staff_key)
    assert "{" not in texts(row.citizen_key), "a citizen reads no raw words"
    assert "IPP" not in texts(row.citizen_key)
    assert len(texts(row.citizen_key)) <= 90
    assert "{" not in texts(row.staff_key, detail="x")


@pytest.mark.parametrize("kind", list(DeviceKind))
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_device_has_a_name(language: str, kind: DeviceKind) -> None:
    assert has_text(language, f"device.{kind.value}.name")


def test_a_reason_that_stops_service_has_a_code_for_every_device_that_can_have_it() -> None:
    for reason, row in TABLE.items():
        if severity(row.band) > severity(Band.WARNING):
            assert any(row.code_for(kind) for kind in DeviceKind), reason
    assert entry(Reason.MEDIA_EMPTY).code_for(DeviceKind.SLIP_PRINTER) is ErrorCode.SLIP_PAPER_OUT
    assert entry(Reason.MEDIA_EMPTY).code_for(DOCUMENTS) is ErrorCode.PAPER_OUT
    assert entry(Reason.SILENT).code_for(DeviceKind.SLIP_PRINTER) is ErrorCode.SLIP_PRINTER_SILENT
    reader = (Reason.NO_READER, Reason.SERVICE_AWAY, Reason.NO_PERMISSION, Reason.HELD_BY_ANOTHER, Reason.SILENT)
    assert len({entry(reason).code_for(DeviceKind.CARD_READER) for reason in reader}) == len(reader)


def test_the_worst_comes_first() -> None:
    assert worst_first([Reason.MEDIA_LOW, Reason.NONE, Reason.MEDIA_JAM, Reason.MEDIA_LOW]) == (
        Reason.MEDIA_JAM,
        Reason.MEDIA_LOW,
    )
    assert band_of([]) is Band.OK
    assert band_of([Reason.MEDIA_LOW, Reason.SILENT]) is Band.UNKNOWN
    assert severity(Band.UNKNOWN) > severity(Band.WARNING)


@pytest.mark.parametrize(
    ("word", "reason", "on_cards"),
    [
        ("media-empty", Reason.MEDIA_EMPTY, Reason.CARDS_EMPTY),
        ("media-empty-error", Reason.MEDIA_EMPTY, Reason.CARDS_EMPTY),
        ("media-empty-warning", Reason.MEDIA_EMPTY, Reason.CARDS_EMPTY),
        ("media-needed", Reason.MEDIA_EMPTY, Reason.CARDS_EMPTY),
        ("media-low-report", Reason.MEDIA_LOW, Reason.CARDS_LOW),
        ("media-jam-error", Reason.MEDIA_JAM, Reason.MEDIA_JAM),
        ("cover-open", Reason.COVER_OPEN, Reason.COVER_OPEN),
        ("door-open-error", Reason.COVER_OPEN, Reason.COVER_OPEN),
        ("interlock-open", Reason.COVER_OPEN, Reason.COVER_OPEN),
        ("marker-supply-low-warning", Reason.MARKER_LOW, Reason.RIBBON_LOW),
        ("marker-supply-empty-error", Reason.MARKER_EMPTY, Reason.RIBBON_EMPTY),
        ("toner-low", Reason.MARKER_LOW, Reason.RIBBON_LOW),
        ("toner-empty", Reason.MARKER_EMPTY, Reason.RIBBON_EMPTY),
        ("output-area-full", Reason.OUTPUT_FULL, Reason.OUTPUT_FULL),
        ("spool-area-full", Reason.SPOOL_FULL, Reason.SPOOL_FULL),
        ("paused", Reason.PAUSED, Reason.PAUSED),
        ("stopped-partly", Reason.STOPPED, Reason.STOPPED),
        ("shutdown", Reason.OFFLINE, Reason.OFFLINE),
        ("none", Reason.NONE, Reason.NONE),
        ("com.example.thing-sad", Reason.UNNAMED, Reason.UNNAMED),
    ],
)
def test_what_a_printer_word_means(word: str, reason: Reason, on_cards: Reason) -> None:
    assert reason_of(word, DOCUMENTS) is reason
    assert reason_of(word, CARDS) is on_cards


def test_an_unknown_word_keeps_its_name_unless_it_is_only_news() -> None:
    assert reasons_of(["x-sad-error", "x-news-report"], DOCUMENTS) == ([Reason.UNNAMED], ["x-sad-error"])


@pytest.mark.parametrize(
    ("answer", "band", "reasons"),
    [
        ({"printer-state": 3, "printer-state-reasons": "none"}, Band.OK, []),
        ({"printer-state": 4, "printer-state-reasons": ["none"]}, Band.OK, []),
        ({"printer-state": 5, "printer-state-reasons": "none"}, Band.ERROR, [Reason.STOPPED]),
        ({"printer-state": 5, "printer-state-reasons": "toner-low"}, Band.ERROR, [Reason.MARKER_LOW, Reason.STOPPED]),
        ({"printer-state": 5, "printer-state-reasons": "x-sad"}, Band.ERROR, [Reason.UNNAMED]),
        ({"printer-state": 3, "printer-state-reasons": "x-sad"}, Band.WARNING, [Reason.UNNAMED]),
        (
            {"printer-state": 3, "printer-state-reasons": "none", "printer-is-accepting-jobs": False},
            Band.ERROR,
            [Reason.PAUSED],
        ),
        ({"printer-state": 3}, Band.UNKNOWN, [Reason.SILENT]),
        ({"printer-state": 3, "printer-state-reasons": []}, Band.UNKNOWN, [Reason.SILENT]),
        ({"printer-state": 3, "printer-state-reasons": ""}, Band.UNKNOWN, [Reason.SILENT]),
        ({"printer-state": 3, "printer-state-reasons": [7, 20]}, Band.UNKNOWN, [Reason.SILENT]),
        ({"printer-state": 4, "printer-state-reasons": {"none": 1}}, Band.UNKNOWN, [Reason.SILENT]),
        ({"printer-state": 7}, Band.UNKNOWN, [Reason.SILENT]),
        ({}, Band.UNKNOWN, [Reason.SILENT]),
        ({"printer-state": True}, Band.UNKNOWN, [Reason.SILENT]),
        ({"printer-state": "3"}, Band.UNKNOWN, [Reason.SILENT]),
    ],
)
def test_what_an_answer_means(answer: dict[str, object], band: Band, reasons: list[Reason]) -> None:
    assert printer_state(answer, DOCUMENTS)[:2] == (band, reasons)


def test_media_are_the_same_by_size() -> None:
    assert media_size_mm("na_letter_8.5x11in") == pytest.approx((215.9, 279.4))
    assert is_same_media("iso_a4_210x297mm", "custom_fit_209.9x297mm")
    assert is_same_media("iso_id-1_54x85.6mm", "iso_id-1_53.98x85.6mm")
    assert not is_same_media("iso_a4_210x297mm", "na_letter_8.5x11in")
    assert not is_same_media("iso_a4_210x297mm", "main")


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_since_tells_the_last_change_alone() -> None:
    clock = _Clock()
    board = StatusBoard(DOCUMENTS, clock)
    board.report([], "a")
    clock.now += 5
    board.report([], "b")
    assert (board.status().since, board.status().detail) == (100.0, "b")
    clock.now += 5
    board.report([Reason.MEDIA_LOW])
    assert board.status().since == 110.0


def test_a_flapping_device_stays_down_until_it_is_calm() -> None:
    clock = _Clock()
    board = StatusBoard(DOCUMENTS, clock)
    told: list[Band] = []
    board.listen(lambda status: told.append(status.band))
    for number in range(20):
        clock.now += 0.3
        board.report([] if number % 2 == 0 else [Reason.AWAY])
    assert len(told) <= FLAP_CHANGES + 2
    assert board.status().band is Band.UNKNOWN
    board.report([])
    clock.now += CALM_S - 0.1
    board.report([])
    assert board.status().band is Band.UNKNOWN
    clock.now += 0.2
    board.report([])
    assert board.status().band is Band.OK


def test_getting_worse_is_told_at_once_even_while_flapping() -> None:
    clock = _Clock()
    board = StatusBoard(DOCUMENTS, clock)
    for number in range(9):
        board.report([] if number % 2 == 0 else [Reason.MEDIA_LOW])
    board.report([Reason.MEDIA_JAM])
    assert board.status().reasons == (Reason.MEDIA_JAM,)


@given(st.lists(st.sampled_from(list(Reason)), max_size=6))
def test_no_mix_of_reasons_is_better_than_its_worst(reasons: list[Reason]) -> None:
    status = StatusBoard(DOCUMENTS).report(reasons)
    worst = max((severity(TABLE[reason].band) for reason in reasons), default=0)
    assert severity(status.band) == worst


@pytest.mark.expects_warnings
def test_a_watch_that_raises_goes_on_and_says_so() -> None:
    """A dead watch thread would show its last OK for ever."""
    board = StatusBoard(DOCUMENTS)
    stopping = Event()
    turns: list[int] = []

    def turn() -> None:
        turns.append(1)
        board.report([])
        if len(turns) == 1:
            raise KeyError("a name that must not be logged")
        stopping.set()

    told: list[tuple[Band, str]] = []
    board.listen(lambda status: told.append((status.band, status.detail)))
    keep_watching(board, stopping, turn)
    assert len(turns) == 2
    assert (Band.UNKNOWN, "the adapter failed (KeyError)") in told
    assert told[-1][0] is Band.OK
