"""The journal in memory says of every print what the real one says; only so its visits prove anything."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import api
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import Evidence, JournalOrderError, PrinterName, Verdict
from tests.soak.engine.model_journal import ModelJournal

KEY = "ab" * 32
BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
VERDICTS = (
    Verdict(api.PrintEnd.PRINTED, None, Evidence.IMPRESSIONS, 2),
    Verdict(api.PrintEnd.FAILED, "paper-out", Evidence.IMPRESSIONS, 0),
    Verdict(api.PrintEnd.UNKNOWN, "core-restarted"),
)
STEPS = ("intend", "granted", "verified", "created", "sent", "settle", "close_unreported", "deliver")
FORWARD = ("intend", "granted", "verified", "created", "sent", "settle", "deliver")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("journal") / "kiosk.db", KEY).store
    yield store
    store.close()


def _take(step: str, journal: Journal | ModelJournal, name: str, verdict: Verdict, at: datetime) -> str:
    """Do one step; the name of what it raised."""
    try:
        match step:
            case "intend":
                journal.intend(name, PrinterName.A4, at)
            case "granted":
                journal.granted(name, f"grant-{name}", at)
            case "verified":
                journal.verified(name, pages=2, sha256="a" * 64, at=at)
            case "created":
                journal.created(name, job_id=7, job_uri="ipp://x/7", counter_before=None, at=at)
            case "sent":
                journal.sent(name, at)
            case "settle":
                journal.settle(name, verdict, at)
            case _:
                journal.close_unreported(name, "no-grant", at)
    except (KeyError, JournalOrderError) as error:
        return type(error).__name__
    return ""


def _deliver(real: OutboxStore, model: ModelJournal) -> None:
    """The first message, at both."""
    heads = real.heads()
    assert bool(heads) == bool(model.messages)
    if heads:
        key = heads[0].key
        assert next(iter(model.messages)) == key
        assert api.Settlement.model_validate_json(heads[0].body) == model.messages[key]
        real.delivered(heads[0])
        model.delivered(key)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tape=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from(STEPS) | st.just("forward") | st.just("forward"),
            st.sampled_from(VERDICTS),
        ),
        max_size=40,
    )
)
def test_the_model_says_what_the_journal_says(store: Store, tape: list[tuple[int, str, Verdict]]) -> None:
    real, rows, model = Journal(store), OutboxStore(store), ModelJournal()
    while rows.heads():
        rows.delivered(rows.heads()[0])
    names = [f"p-{next(_NUMBERS):032x}" for _ in range(3)]
    next_step = [0, 0, 0]
    for moment, (which, wish, verdict) in enumerate(tape):
        name, at = names[which], BEGAN + timedelta(seconds=next(_NUMBERS))
        step = FORWARD[next_step[which] % len(FORWARD)] if wish == "forward" else wish
        next_step[which] += wish == "forward"
        if step == "deliver":
            _deliver(rows, model)
        elif step != "intend" or name not in model.rows:
            assert _take(step, real, name, verdict, at) == _take(step, model, name, verdict, at), (moment, step)
        for one in model.rows:
            assert real.record(one) == model.record(one), (moment, step)
            grant_id = model.record(one).grant_id
            assert grant_id is None or (real.has_grant(grant_id) and model.has_grant(grant_id))
        assert [r for r in real.open_prints() if r.print_id in names] == model.open_prints()
        assert [r for r in real.unreported_prints() if r.print_id in names] == model.unreported_prints()
        assert [r for r in real.unknown_prints() if r.print_id in names] == model.unknown_prints()
        assert [head.key for head in rows.heads()] == list(model.messages)


def test_the_tape_above_gets_to_the_end(store: Store) -> None:
    """Forward alone comes from the intent to the report."""
    journal, rows, name = Journal(store), OutboxStore(store), f"p-{next(_NUMBERS):032x}"
    for step in FORWARD[:-1]:
        assert _take(step, journal, name, VERDICTS[0], BEGAN) == ""
    while rows.heads():
        rows.delivered(rows.heads()[0])
    assert journal.record(name).state == "reported"


_NUMBERS = iter(range(1, 10**9))
