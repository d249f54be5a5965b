"""What needs doing at the machine, and the heartbeat that tells the office of it."""

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk import __version__, api
from kiosk.backend.contract import Reachability
from kiosk.backend.simulated import SimulatedOffice
from kiosk.core.heartbeat import KEEP_AFTER, Heart, StoreLoss
from kiosk.core.issues import Issues
from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.diagnostics.machine_check import Lack
from kiosk.errors import ErrorCode
from kiosk.issues import Facts, issues_of
from kiosk.settings import Settings
from kiosk.texts import Texts
from tests.devices.waiting import until

from .hands import Still


class Machine:
    """The sources of issues, each as a test wants it."""

    def __init__(self) -> None:
        self.devices: list[Still] = [Still(kind) for kind in DeviceKind]
        self.office = SimulatedOffice([], lambda _: b"")
        self.unknown: list[int] = []
        self.waiting = 0
        self.refused: list[int] = []
        self.problems: tuple[str, ...] = ()
        self.queues: tuple[str, ...] = ()
        self.numbers: Any = None
        self.kept: list[dict[str, Any]] = []

    @property
    def outbox(self) -> Any:
        return SimpleNamespace(
            size=lambda: self.waiting,
            set_aside_rows=lambda: self.refused,
            reason=lambda row: "OFF-03: 422 invalid",
            add=lambda **row: self.kept.append(row),
            oldest_at=lambda: None,
            untold_folds=lambda: 0,
        )

    @property
    def issues(self) -> Issues:
        journal: Any = SimpleNamespace(unknown_prints=lambda: self.unknown)
        bundle: Any = SimpleNamespace(problems=self.problems, flows=[SimpleNamespace(queues=self.queues)])
        devices: Any = self.devices
        return Issues(devices, self.office, journal, self.outbox, bundle, numbers=self.numbers)

    def slugs(self) -> list[str]:
        return [issue.slug for issue in self.issues.open()]

    def heart(self, settings: Settings | None = None, *, loss: StoreLoss | None = None) -> Heart:
        devices: Any = self.devices
        return Heart(settings or Settings(), self.office, devices, self.outbox, self.issues, loss=loss)


def test_a_machine_that_is_well_has_no_issues() -> None:
    machine = Machine()
    machine.waiting = 20
    assert machine.slugs() == []
    machine.devices[4] = Still(DeviceKind.SCANNER, band=Band.UNKNOWN, reasons=(Reason.NOT_CONFIGURED,))
    assert machine.slugs() == [], "what a machine does not have is no issue"


def test_a_service_whose_queue_the_settings_do_not_name_is_an_issue() -> None:
    machine = Machine()
    machine.queues = ("layanan",)
    machine.numbers = SimpleNamespace(left=lambda: {"layanan": 3, "pengaduan": 1}, troubles={})
    assert machine.slugs() == []
    machine.numbers.left = lambda: {"pengaduan": 1}
    assert [(issue.slug, issue.detail) for issue in machine.issues.open()] == [("numbers-out", "layanan")]


@pytest.mark.parametrize("language", ["id", "en"])
def test_all_issues_come_at_once_the_gravest_first_and_in_words(language: str) -> None:
    machine = Machine()
    machine.unknown = [1, 2]
    machine.devices[0].band, machine.devices[0].reasons = Band.ERROR, (Reason.NO_READER,)
    machine.devices[1].band, machine.devices[1].reasons = Band.WARNING, (Reason.MEDIA_LOW, Reason.MARKER_LOW)
    machine.devices[3].band = Band.UNKNOWN
    machine.office.go(Reachability.OFFLINE)
    machine.problems = ("cetak-kk.yaml:1:1: wrong\n  more",)
    machine.waiting, machine.refused = 21, [1]
    assert machine.slugs() == [
        "prints-unknown",
        "card-reader-no-reader",
        "document-printer-media-low",
        "slip-printer-unknown",
        "office-away",
        "flows-refused",
        "outbox-waiting",
        "outbox-refused",
    ]
    t = Texts(language)
    said = [(issue.what(t), issue.do(t)) for issue in machine.issues.open()]
    assert len({what for what, _ in said}) == len(said)
    assert said[0] == (t("staff.issue-unknown", count=2), t("staff.issue-unknown-do"))
    assert said[1][1] == t("reason.no-reader.staff", detail="")
    assert said[2][0] == t("staff.issue-device", device=t("device.document-printer"), state=t("band.warning"))
    assert said[3][1] == ""
    assert said[5][1] == "cetak-kk.yaml:1:1: wrong"
    assert all("{" not in what + do for what, do in said)


@pytest.mark.parametrize(("off_s", "words"), [(5400.0, "+1:30"), (-365 * 86_400.0, "-8760:00"), (119.0, "")])
def test_a_clock_that_is_not_the_offices_is_an_issue(off_s: float, words: str) -> None:
    issues = Machine().issues
    issues.clock_off_s = off_s
    said = [(issue.slug, issue.do(Texts("id"))) for issue in issues.open()]
    assert [slug for slug, _ in said] == (["clock-off"] if words else [])
    assert all(words in do for _, do in said)


def test_a_clock_that_was_wrong_at_the_start_is_right_when_the_office_says_so() -> None:
    facts = Facts(lacks=((Lack.CLOCK.value, "1970-01-01"), (Lack.SWAP.value, "x")))
    assert [issue.slug for issue in issues_of(facts)] == ["machine-clock", "machine-swap"]
    assert [issue.slug for issue in issues_of(replace(facts, clock_off_s=1.0))] == ["machine-swap"]
    assert [issue.slug for issue in issues_of(replace(facts, clock_off_s=-900.0))] == [
        "clock-off",
        "machine-clock",
        "machine-swap",
    ]


def test_the_offices_word_of_the_time_comes_with_each_beat() -> None:
    machine = Machine()
    heart = machine.heart()
    heart._issues.clock_off_s = 9_999.0
    heart.start()
    try:
        until(lambda: abs(heart._issues.clock_off_s or 0.0) < 5, "the office's time")
    finally:
        heart.stop()


def test_a_beat_tells_devices_issues_and_what_waits() -> None:
    machine = Machine()
    machine.devices[1].band, machine.devices[1].reasons = Band.ERROR, (Reason.MEDIA_EMPTY, Reason.MARKER_LOW)
    machine.waiting = 3
    beat = machine.heart(loss=StoreLoss(time.time() - 100)).beat()
    assert beat.store_age_s in range(100, 110)
    assert (beat.kiosk, beat.version, beat.outbox_size, beat.is_store_lost) == (
        "anjungan-demo-01",
        __version__,
        3,
        True,
    )
    assert [report.device for report in beat.devices] == [kind.value for kind in DeviceKind]
    assert (beat.devices[1].band, beat.devices[1].reason) == ("error", "media-empty")
    assert beat.devices[0].reason is None
    assert beat.open_issues == ["document-printer-media-empty"]


def test_a_lost_store_is_told_until_the_office_has_heard_it() -> None:
    machine = Machine()
    machine.office.fault = ErrorCode.OFFICE_OFFLINE
    settings = Settings.model_construct(
        kiosk=Settings().kiosk, office=Settings().office.model_copy(update={"heartbeat_s": 0.01})
    )
    noted: list[int] = []
    heart = machine.heart(settings, loss=StoreLoss(time.time(), lambda: noted.append(len(machine.office.heartbeats))))
    heart.start()
    try:
        until(lambda: machine.office.calls["heartbeat"] >= 3, "beats that fail")
        assert heart.beat().is_store_lost
        machine.office.fault = None
        until(lambda: len(machine.office.heartbeats) >= 2, "beats that arrive")
    finally:
        heart.stop()
    assert [beat.is_store_lost for beat in machine.office.heartbeats][:2] == [True, False]
    assert noted == [1], "noted once, when the office had heard it"
    until(lambda: not heart._thread.is_alive(), "the end of the beating")


def test_beats_that_nobody_heard_are_counted_and_the_newest_is_kept_now_and_then() -> None:
    machine = Machine()
    heart = machine.heart()
    for _ in range(KEEP_AFTER + 30):
        heart._miss()
    (kept,) = machine.kept
    assert kept["kind"] == "heartbeat"
    assert api.Heartbeat.model_validate_json(kept["body"]).missed == KEEP_AFTER
    assert heart.beat().missed == KEEP_AFTER + 30
