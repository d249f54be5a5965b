"""The journal as a state machine: hypothesis tries every order of steps against a model of ten lines."""

import json
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from kiosk import api
from kiosk.store import audit
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import (
    FOLLOWERS,
    OPEN_STATES,
    Evidence,
    JournalOrderError,
    PrinterName,
    PrintState,
    Verdict,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PRINTED = Verdict(api.PrintEnd.PRINTED, None, Evidence.IMPRESSIONS, 2)
UNKNOWN = Verdict(api.PrintEnd.UNKNOWN, "media-jam", Evidence.NONE, 1)


def advance(journal: Journal, print_id: str, state: PrintState) -> None:
    """Bring a new print to ``state`` by the ordinary way."""
    journal.intend(print_id, PrinterName.A4, NOW)
    if state is PrintState.INTENDED:
        return
    journal.granted(print_id, f"grant-{print_id}", NOW)
    if state is PrintState.GRANTED:
        return
    journal.verified(print_id, pages=2, sha256="ab" * 32, at=NOW)
    if state is PrintState.VERIFIED:
        return
    journal.created(print_id, job_id=7, job_uri="ipp://p/7", counter_before=40, at=NOW)
    if state is PrintState.CREATED:
        return
    journal.sent(print_id, NOW)
    if state is PrintState.SENT:
        return
    journal.settle(print_id, PRINTED, NOW)


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)


@pytest.fixture
def rows(store: Store) -> OutboxStore:
    return OutboxStore(store)


def test_a_whole_print(journal: Journal, rows: OutboxStore, store: Store) -> None:
    advance(journal, "p-00000001", PrintState.SETTLED)
    record = journal.record("p-00000001")
    assert record.state is PrintState.SETTLED
    assert (record.pages, record.sha256, record.job_id, record.counter_before) == (2, "ab" * 32, 7, 40)
    assert record.verdict == PRINTED
    (row,) = rows.heads()
    assert row.key == "p-00000001.settled", "the same in whatever life of this print it is told"
    settlement = api.Settlement.model_validate_json(row.body)
    assert settlement == api.Settlement(
        grant_id="grant-p-00000001",
        print_id="p-00000001",
        end=api.PrintEnd.PRINTED,
        reason=None,
        evidence="impressions",
        pages_out=2,
        at=NOW,
        sha256="ab" * 32,
    )
    rows.delivered(row)
    assert journal.record("p-00000001").state is PrintState.REPORTED
    assert rows.size() == 0
    assert audit.verify(store) is None
    told = [json.loads(entry)[2].removeprefix("print.") for entry in audit.entries(store)]
    assert told == ["intended", "granted", "verified", "created", "sent", "settled"], "each step stands in the chain"


@pytest.mark.parametrize("state", [PrintState.GRANTED, PrintState.VERIFIED])
def test_what_never_went_out_is_settled_without_a_hash(journal: Journal, rows: OutboxStore, state: PrintState) -> None:
    advance(journal, "p-00000001", state)
    journal.settle("p-00000001", Verdict(api.PrintEnd.FAILED, "cancelled", pages_out=0), NOW)
    settlement = api.Settlement.model_validate_json(rows.heads()[0].body)
    assert settlement.sha256 is None
    assert settlement.reason == "cancelled"


def test_a_receipt_is_for_one_print_alone(journal: Journal, rows: OutboxStore) -> None:
    for name in ("p-00000001", "p-00000002"):
        advance(journal, name, PrintState.SETTLED)
    rows.delivered(rows.heads()[0])
    assert [journal.record(f"p-0000000{n}").state for n in (1, 2)] == [PrintState.REPORTED, PrintState.SETTLED]
    assert [one.print_id for one in journal.unreported_prints()] == ["p-00000002"]


def test_the_dots_that_went_and_the_step_are_one(journal: Journal, store: Store) -> None:
    advance(journal, "p-00000001", PrintState.CREATED)
    before = audit.head(store).number
    with pytest.raises(TypeError):
        journal.sent("p-00000001", NOW, raster_sha256=b"no text")  # type: ignore[arg-type]
    assert journal.record("p-00000001").state is PrintState.CREATED
    assert audit.head(store).number == before
    journal.sent("p-00000001", NOW, raster_sha256="cd" * 32)
    assert [json.loads(entry)[2] for entry in audit.entries(store)][before:] == ["print.sent", "print.rasterised"]


@pytest.mark.parametrize("state", [PrintState.CREATED, PrintState.SENT])
def test_from_the_job_on_paper_may_have_moved(journal: Journal, rows: OutboxStore, state: PrintState) -> None:
    advance(journal, "p-00000001", state)
    assert journal.record("p-00000001").may_have_moved_paper
    journal.settle("p-00000001", Verdict(api.PrintEnd.UNKNOWN, "core-restarted"), NOW)
    assert api.Settlement.model_validate_json(rows.heads()[0].body).sha256 == "ab" * 32


def test_a_print_without_a_grant_is_settled_in_silence(journal: Journal, rows: OutboxStore) -> None:
    journal.intend("p-00000001", PrinterName.A4, NOW)
    journal.verified("p-00000001", pages=1, sha256="cd" * 32, at=NOW)
    journal.created("p-00000001", job_id=1, job_uri="", counter_before=None, at=NOW)
    journal.settle("p-00000001", PRINTED, NOW)
    assert rows.size() == 0
    assert journal.unreported_prints() == []


def test_a_settlement_and_its_message_are_one(journal: Journal, rows: OutboxStore, store: Store) -> None:
    """Whatever breaks the message takes the settlement back with it."""
    advance(journal, "p-00000001", PrintState.SENT)
    with pytest.raises(ValueError):
        journal.settle("p-00000001", Verdict(api.PrintEnd.UNKNOWN, "Not A Slug"), NOW)
    assert journal.record("p-00000001").state is PrintState.SENT
    assert rows.size() == 0
    assert audit.verify(store) is None


def test_open_prints_come_in_the_order_of_their_begin(journal: Journal) -> None:
    for number, state in enumerate(sorted(OPEN_STATES)):
        advance(journal, f"p-0000000{number}", state)
    advance(journal, "p-00000009", PrintState.SETTLED)
    assert [record.print_id for record in journal.open_prints()] == [f"p-0000000{number}" for number in range(5)]


def test_an_unknown_is_reconciled_once(journal: Journal, rows: OutboxStore) -> None:
    advance(journal, "p-00000001", PrintState.SENT)
    journal.settle("p-00000001", UNKNOWN, NOW)
    assert [record.print_id for record in journal.unknown_prints()] == ["p-00000001"]
    journal.reconcile("p-00000001", api.PrintEnd.PRINTED, 2, NOW)
    assert journal.unknown_prints() == []
    first, second = rows.heads()[0], None
    rows.delivered(first)
    assert journal.record("p-00000001").state is PrintState.SETTLED, "the second message still waits"
    (second,) = rows.heads()
    settlement = api.Settlement.model_validate_json(second.body)
    assert (settlement.end, settlement.evidence) == (api.PrintEnd.PRINTED, "attendant")
    assert first.key != second.key
    rows.delivered(second)
    assert journal.record("p-00000001").state is PrintState.REPORTED
    with pytest.raises(JournalOrderError):
        journal.reconcile("p-00000001", api.PrintEnd.FAILED, 0, NOW)


@pytest.mark.parametrize("state", list(PrintState)[:6])
def test_only_an_unknown_can_be_reconciled(journal: Journal, state: PrintState) -> None:
    advance(journal, "p-00000001", state)
    with pytest.raises(JournalOrderError):
        journal.reconcile("p-00000001", api.PrintEnd.PRINTED, 2, NOW)


def test_an_attendant_cannot_say_unknown(journal: Journal) -> None:
    advance(journal, "p-00000001", PrintState.SENT)
    journal.settle("p-00000001", UNKNOWN, NOW)
    with pytest.raises(ValueError):
        journal.reconcile("p-00000001", api.PrintEnd.UNKNOWN, None, NOW)


def test_a_print_that_never_was(journal: Journal) -> None:
    with pytest.raises(KeyError):
        journal.record("p-00000001")
    with pytest.raises(KeyError):
        journal.sent("p-00000001", NOW)


@pytest.mark.parametrize("state", list(PrintState)[:5])
def test_only_what_has_no_grant_of_ours_is_closed_unreported(
    journal: Journal, rows: OutboxStore, state: PrintState
) -> None:
    advance(journal, "p-00000001", state)
    if state in (PrintState.INTENDED, PrintState.GRANTED):
        journal.close_unreported("p-00000001", "off-01", NOW)
        assert journal.record("p-00000001").state is PrintState.SETTLED
    else:
        with pytest.raises(JournalOrderError):
            journal.close_unreported("p-00000001", "off-01", NOW)
    assert rows.size() == 0


class JournalMachine(RuleBasedStateMachine):
    """Any step at any time, and a restart at any time: the journal does what the table says, and no more."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        # In memory, so that some hundred steps take no disk; its durability has tests of its own.
        self._folder = tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        self._key = secrets.token_hex(32)
        self._open()
        self._model: dict[str, PrintState] = {}
        self._granted: set[str] = set()
        self._settlements: dict[str, int] = {}

    def _open(self) -> None:
        self._store = open_store(Path(self._folder.name) / "kiosk.db", self._key).store
        self._journal, self._rows = Journal(self._store), OutboxStore(self._store)

    @rule(target=ids)
    def intend(self) -> str:
        print_id = f"p-{secrets.token_hex(8)}"
        self._journal.intend(print_id, PrinterName.A4, NOW)
        self._model[print_id] = PrintState.INTENDED
        return print_id

    @rule(print_id=ids, state=st.sampled_from([s for s in PrintState if s not in ("intended", "reported")]))
    def step(self, print_id: str, state: PrintState) -> None:
        allowed = state in FOLLOWERS[self._model[print_id]]
        try:
            match state:
                case PrintState.GRANTED:
                    self._journal.granted(print_id, f"grant-{print_id}", NOW)
                case PrintState.VERIFIED:
                    self._journal.verified(print_id, pages=2, sha256="ab" * 32, at=NOW)
                case PrintState.CREATED:
                    self._journal.created(print_id, job_id=1, job_uri="", counter_before=None, at=NOW)
                case PrintState.SENT:
                    self._journal.sent(print_id, NOW)
                case _:
                    self._journal.settle(print_id, PRINTED, NOW)
        except JournalOrderError:
            assert not allowed
            return
        assert allowed
        self._model[print_id] = state
        if state is PrintState.GRANTED:
            self._granted.add(print_id)
        if state is PrintState.SETTLED:
            self._settlements[print_id] = self._settlements.get(print_id, 0) + 1

    @rule()
    def deliver(self) -> None:
        for row in self._rows.heads():
            assert row.print_id is not None
            self._rows.delivered(row)
            self._model[row.print_id] = PrintState.REPORTED

    @rule()
    def restart(self) -> None:
        self._store.close()
        self._open()

    @invariant()
    def it_agrees_with_the_model(self) -> None:
        for print_id, state in self._model.items():
            assert self._journal.record(print_id).state is state
        waiting = {p for p, s in self._model.items() if s is PrintState.SETTLED and p in self._granted}
        assert {row.print_id for row in self._rows.heads()} == waiting
        assert all(count == 1 for count in self._settlements.values())
        assert {r.print_id for r in self._journal.open_prints()} == {
            p for p, s in self._model.items() if s in OPEN_STATES
        }

    def teardown(self) -> None:
        assert audit.verify(self._store) is None
        self._store.close()
        self._folder.cleanup()


JournalMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestJournalMachine = JournalMachine.TestCase
