"""From a consent to a proof: reference, matcher, office; and every other end leads to the PIN."""

import threading
from dataclasses import dataclass, field

import pytest

from kiosk.core.comparing import COMPARE_S, HINTS, note_consent
from kiosk.core.effects import LIMIT_S
from kiosk.core.session import Match, Session
from kiosk.devices.contract import Band, DeviceKind, Doubt, MatchEnd, MatchReport, Presence, ScoreBand, Status
from kiosk.errors import BackendError, DeviceError, ErrorCode, StoreError
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.flows.moves import WORK_LIMIT_S
from kiosk.texts import has_text

from .hands import Bench, bench
from .stand import PERSON, UID

FACE = fx.BiometricKind.FACE
NIK = PERSON["nik"]
MATCHED = MatchReport(MatchEnd.MATCH, band=ScoreBand.STRONG)
REFERENCE = b"only bytes"


@dataclass
class HandMatcher:
    """Answers what it was told to, and keeps what it was given."""

    report: MatchReport = MATCHED
    band: Band = Band.OK
    given: list[bytes | None] = field(default_factory=list)

    def match(self, reference: bytes | None, deadline_s: float, cancel: threading.Event) -> MatchReport:
        assert deadline_s == COMPARE_S
        self.given.append(reference)
        return self.report

    def status(self) -> Status:
        return Status(DeviceKind.FACE, self.band, (), 0.0)


class Stage(Bench):
    """A bench with a camera, an office that takes it, and consents that are remembered."""

    matcher: HandMatcher
    consents: list[str]

    @property
    def hands(self):  # type: ignore[no-untyped-def]
        made = super().hands
        made.matchers = {FACE: self.matcher}
        made.note_consent = self.consents.append
        return made


@pytest.fixture
def at() -> Stage:
    base = bench()
    stage = Stage(base.office)
    stage.matcher, stage.consents = HandMatcher(), []
    stage.office.takes_biometrics = True
    stage.office.references[("face", NIK)] = REFERENCE
    return stage


def by_nik() -> fx.CompareBiometric:
    return fx.CompareBiometric(1, FACE, fx.ProofKind.NIK, nik=NIK)


def test_a_match_and_its_ticket_open_the_account_once(at: Stage) -> None:
    assert at.do(by_nik()) == out.Compared()
    assert at.matcher.given == [REFERENCE]
    assert at.consents == ["face"]
    assert isinstance(at.do(fx.Prove(2, fx.ProofKind.NIK, nik=NIK, biometric=FACE)), out.Proved)
    assert at.session.match is None
    with pytest.raises(DeviceError, match="without its comparison"):
        at.do(fx.Prove(3, fx.ProofKind.NIK, nik=NIK, biometric=FACE))


def test_no_proof_without_a_comparison_or_of_another_claim(at: Stage) -> None:
    for match in (None, Match("nik:9901010101909999", "ticket", "strong"), Match("card:04", "ticket", "strong")):
        at.session.match = match
        with pytest.raises(DeviceError):
            at.do(fx.Prove(2, fx.ProofKind.NIK, nik=NIK, biometric=FACE))
        assert at.office.calls["prove"] == 0


@pytest.mark.parametrize(
    "effect",
    [
        fx.CompareBiometric(1, FACE, fx.ProofKind.NIK),
        fx.CompareBiometric(1, FACE, fx.ProofKind.QR),
        fx.CompareBiometric(1, FACE, fx.ProofKind.QR, nik=NIK, uid=UID),
    ],
)
def test_a_face_alone_is_compared_with_nobody(at: Stage, effect: fx.CompareBiometric) -> None:
    with pytest.raises(DeviceError, match="without a card or a NIK"):
        at.do(effect)
    assert at.office.calls["biometric"] == 0
    assert at.matcher.given == []


@pytest.mark.parametrize(
    ("report", "outcome"),
    [
        (MatchReport(MatchEnd.NO_MATCH), out.NotCompared()),
        (MatchReport(MatchEnd.CANCELLED), out.NotCompared()),
        (MatchReport(MatchEnd.TIMED_OUT), out.NotCompared("plain")),
        (MatchReport(MatchEnd.NO_DEVICE), out.Failed(ErrorCode.BIOMETRIC_AWAY)),
        (MatchReport(MatchEnd.NOT_SURE, Doubt.TOO_DARK), out.NotCompared("dark")),
        (MatchReport(MatchEnd.NOT_SURE, Doubt.REFERENCE_UNUSABLE), out.NotCompared()),
    ],
)
def test_every_other_end_opens_nothing(at: Stage, report: MatchReport, outcome: out.Outcome) -> None:
    at.matcher.report = report
    assert at.do(by_nik()) == outcome
    assert at.session.match is None


def test_who_has_no_reference_is_told_what_no_match_is_told(at: Stage) -> None:
    """Even a matcher that says yes to nothing opens nothing."""
    at.office.references.clear()
    assert at.do(by_nik()) == out.NotCompared()
    assert at.matcher.given == [None], "the camera looked all the same"


def test_an_office_that_does_not_want_it_is_asked_before_the_camera(at: Stage) -> None:
    at.office.takes_biometrics = False
    assert at.do(by_nik()) == out.Failed(ErrorCode.BIOMETRIC_AWAY)
    assert at.matcher.given == []


@pytest.mark.parametrize("band", [Band.ERROR, Band.UNKNOWN])
def test_a_camera_that_is_away_asks_the_office_nothing(at: Stage, band: Band) -> None:
    at.matcher.band = band
    assert at.do(by_nik()) == out.Failed(ErrorCode.BIOMETRIC_AWAY)
    assert at.office.calls["biometric"] == 0


def test_a_machine_without_a_matcher_has_none(at: Stage) -> None:
    effect = fx.CompareBiometric(1, fx.BiometricKind.FINGER, fx.ProofKind.NIK, nik=NIK)
    assert at.do(effect) == out.Failed(ErrorCode.BIOMETRIC_AWAY)


def test_an_office_out_of_reach_is_no_comparison(at: Stage) -> None:
    at.office.faults["biometric"] = ErrorCode.OFFICE_OFFLINE
    with pytest.raises(BackendError):
        at.do(by_nik())
    assert at.matcher.given == []


def test_a_card_that_is_gone_is_compared_with_nobody(at: Stage) -> None:
    at.reader.here = Presence(is_present=False, insertion=4)
    assert at.do(fx.CompareBiometric(1, FACE, fx.ProofKind.CARD, uid=UID)) == out.Failed(ErrorCode.CARD_PULLED)
    assert at.matcher.given == []


def test_without_a_trace_of_the_consent_nothing_is_compared(at: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(list[str]):
        def append(self, kind: str) -> None:
            raise StoreError(ErrorCode.STORE_FULL)

    at.consents = Refusing()
    with pytest.raises(StoreError):
        at.do(by_nik())
    assert at.matcher.given == []


def test_a_visit_that_ended_keeps_no_match(at: Stage) -> None:
    at.session.is_over = True
    assert at.do(by_nik()) == out.NotCompared()
    session = Session()
    session.match = Match("nik:1", "ticket", "strong")
    assert "ticket" not in repr(session)
    assert "ticket" not in repr(session.match)
    session.wipe()
    assert session.match is None


def test_every_hint_has_its_words_and_the_page_outlasts_the_camera() -> None:
    for language in ("id", "en"):
        assert all(has_text(language, f"again.{hint}") for hint in HINTS.values())
    assert COMPARE_S < WORK_LIMIT_S["compare"] < LIMIT_S[fx.CompareBiometric]


def test_consent_stands_in_the_audit_chain_without_anybody() -> None:
    from contextlib import contextmanager

    written: list[object] = []

    class Chain:
        @contextmanager
        def transaction(self):  # type: ignore[no-untyped-def]
            yield self

    def append(connection: object, at: float, event: str, fields: dict[str, str]) -> None:
        written.append((event, fields))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kiosk.core.comparing.audit.append", append)
        note_consent(Chain(), "face")  # type: ignore[arg-type]
    assert written == [("biometric.consented", {"kind": "face"})]
