"""Locks that grow, pauses of a kiosk, and codes under attack: with a moved clock, several kiosks and a new process."""

import concurrent.futures
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import event, func, select

from kiosk import access_api, api
from kiosk.backend.enrolment import _request
from kiosk.office import access_tables as at
from kiosk.office import database as db
from kiosk.office import tls
from kiosk.office.reception import open_services
from kiosk.office.retention import erase_old
from kiosk.office.rules import Refusal, Rules
from tests.office.desk import Desk
from tests.office.test_proofs import NOBODY, wrong_pin

KIOSK, OTHER = "anjungan-test", "anjungan-02"
DAY_S = 86_400
LADDER = [900, 3_600, DAY_S, DAY_S]


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Moves the office's clock on by so many seconds."""
    at_s = [db.now_s()]
    monkeypatch.setattr(db, "now_s", lambda: at_s[0])

    def on(seconds: int) -> None:
        at_s[0] += seconds

    return on


def tried(desk: Desk, nik: str, pin: str, kiosk: str = KIOSK) -> api.ProofAnswer:
    return desk.services.proofs.prove(kiosk, api.ProofRequest(method="nik-pin", nik=nik, pin=pin))


def until_locked(desk: Desk, nik: str, pin: str) -> int:
    """Seconds of the lock that three wrong tries lead to."""
    ends = [tried(desk, nik, pin) for _ in range(3)]
    assert [one.end for one in ends] == ["wrong", "wrong", "locked"]
    return ends[-1].retry_after_s


def test_each_lock_in_a_row_is_longer_and_quiet_days_make_it_short_again(
    desk: Desk, go_on: Callable[[int], None]
) -> None:
    nik, bad = desk.people["everything"]["nik"], wrong_pin(desk)
    locks = []
    for _ in LADDER:
        locks.append(until_locked(desk, nik, bad))
        go_on(locks[-1] - 1)
        assert tried(desk, nik, bad).retry_after_s == 1, "and the last second of it counts"
        go_on(1)
    assert locks == LADDER
    go_on(Rules().quiet_s - 1)
    assert until_locked(desk, nik, bad) == DAY_S
    go_on(DAY_S + Rules().quiet_s)
    assert until_locked(desk, nik, bad) == 900


def test_a_right_pin_gives_the_tries_back_and_not_the_earlier_locks(desk: Desk, go_on: Callable[[int], None]) -> None:
    who, bad = desk.people["everything"], wrong_pin(desk)
    for _ in range(4):  # twice wrong and then right is no lock, however often
        assert [tried(desk, who["nik"], pin).end for pin in (bad, bad, who["pin"])] == ["wrong", "wrong", "proved"]
    with desk.services.database.reading() as connection:
        for table in (db.attempt, at.attempt_history):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0, (
                "nothing is kept of it"
            )
    go_on(until_locked(desk, who["nik"], bad))
    assert [tried(desk, who["nik"], pin).end for pin in (bad, bad, who["pin"])] == ["wrong", "wrong", "proved"]
    assert until_locked(desk, who["nik"], bad) == 3_600


def test_nobody_is_locked_as_somebody_is_with_the_same_work(desk: Desk, go_on: Callable[[int], None]) -> None:
    """Answers, hashes and statements over three locks and a quiet week: the same for a NIK that nobody has."""
    said: list[str] = []
    engine = desk.services.database._engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, *_rest: said.append(text))
    bad, seen = wrong_pin(desk), {}
    for nik in (desk.people["everything"]["nik"], NOBODY):
        work = []
        for pause in (0, 0, 0, 1, 899, 0, 0, 3_600, 0, 0, DAY_S - 5, 5, Rules().quiet_s, 0, 0, 2):
            go_on(pause)
            said.clear()
            before = desk.services.hasher.verifications
            answer = tried(desk, nik, bad)
            work.append((answer, desk.services.hasher.verifications - before, list(said)))
        seen[nik] = work
        go_on(30 * DAY_S)
    known, unknown = seen.values()
    assert known == unknown
    assert [answer.retry_after_s for answer, _, _ in known] == [
        0, 0, 900, 899, 0, 0, 3_600, 0, 0, DAY_S, 5, 0, 0, 0, 900, 898,
    ]  # fmt: skip
    assert sum(hashes for _, hashes, _ in known) == 13


def test_locks_in_a_row_outlive_the_office_and_its_erasure(desk: Desk, go_on: Callable[[int], None]) -> None:
    nik, bad = desk.people["everything"]["nik"], wrong_pin(desk)
    go_on(until_locked(desk, nik, bad))
    with desk.services.database.writing() as connection:
        erase_old(connection, Rules(), db.now_s())
    again = open_services(desk.folder)
    ask = api.ProofRequest(method="nik-pin", nik=nik, pin=bad)
    assert [again.proofs.prove(OTHER, ask).retry_after_s for _ in range(3)] == [0, 0, 3_600]
    again.database.close()


def test_no_count_of_anybody_stays_for_ever(desk: Desk, go_on: Callable[[int], None]) -> None:
    """A single wrong PIN, never followed by another, goes after the quiet days; so does one of an older program."""
    tried(desk, NOBODY, "000000")
    with desk.services.database.writing() as connection:
        connection.execute(db.attempt.insert(), [{"subject": "0" * 64, "failures": 1, "locked_until": 0}])

    def kept() -> tuple[int, int]:
        with desk.services.database.writing() as connection:
            erase_old(connection, Rules(), db.now_s())
            counts = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (db.attempt, at.attempt_history)
            ]
        return counts[0], counts[1]

    go_on(Rules().quiet_s - 1)
    assert kept() == (1, 1)
    go_on(1)
    assert kept() == (0, 0)


# --- one kiosk asks for many


@pytest.mark.parametrize("rules", [replace(Rules(), kiosk_failures=6)], ids=["six failures"])
def test_many_niks_from_one_kiosk_are_throttled_over_restarts_and_new_enrolments(
    desk: Desk, rules: Rules, go_on: Callable[[int], None]
) -> None:
    known = [one["nik"] for slug, one in desk.people.items() if slug in ("everything", "spouse", "nik-only")]
    unknown = [f"99010101019001{number:02d}" for number in range(3)]
    for nik in [*known, *unknown]:
        assert tried(desk, nik, "000000" if nik not in known else wrong_pin(desk)).end == "wrong"
    again = open_services(desk.folder, rules)  # the office starts again
    right = desk.people["everything"]
    ask = api.ProofRequest(method="nik-pin", nik=right["nik"], pin=right["pin"])
    before = again.hasher.verifications
    for nik in (right["nik"], NOBODY):
        with pytest.raises(Refusal) as refused:
            again.proofs.prove(KIOSK, ask.model_copy(update={"nik": nik}))
        assert (refused.value.status, refused.value.retry_after_s) == (429, rules.kiosk_window_s)
    assert again.hasher.verifications == before, "no guess is looked at, not even a right one"
    again.enrolments.make_code(KIOSK)  # neither does a new enrolment of the same machine wash it clean
    with pytest.raises(Refusal):
        again.proofs.find_card(KIOSK, "04112233445566")
    assert again.proofs.prove(OTHER, ask).end == "proved", "another kiosk serves"
    go_on(rules.kiosk_window_s)
    assert again.proofs.prove(KIOSK, ask).end == "proved"
    again.database.close()


@pytest.mark.parametrize(
    "rules", [replace(Rules(), kiosk_failures=4, kiosk_day_failures=10)], ids=["four in ten minutes, ten a day"]
)
def test_a_patient_kiosk_is_stopped_for_the_day(desk: Desk, rules: Rules, go_on: Callable[[int], None]) -> None:
    """One PIN on many NIK, as slowly as the ten minutes allow."""
    looked_at, waits = 0, []
    for number in range(20):
        try:
            tried(desk, f"99010101019002{number:02d}", "123456")
            looked_at += 1
        except Refusal as refused:
            waits.append(refused.retry_after_s)
        with desk.services.database.writing() as connection:
            erase_old(connection, rules, db.now_s())
        go_on(200)
    assert looked_at == 10
    assert waits[0] == DAY_S - 10 * 200
    go_on(waits[-1] - 200)
    assert tried(desk, NOBODY, "123456").end == "wrong"


def test_wrong_enrolment_codes_do_not_forget_a_kiosks_day(desk: Desk, go_on: Callable[[int], None]) -> None:
    """Both doors count in one table."""
    tls.prepare_ca(desk.folder)
    tried(desk, NOBODY, "000000")
    go_on(Rules().kiosk_window_s + 1)
    csr = _request(ec.generate_private_key(ec.SECP256R1()), OTHER)
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    asked = access_api.EnrolRequest(kiosk=OTHER, code="A" * 16, csr=csr, audit_key=key)
    with pytest.raises(Refusal):
        desk.services.enrolments.enrol(asked, "https://office.example.invalid")
    with desk.services.database.reading() as connection:
        kept = connection.execute(select(db.kiosk_failure.c.kiosk).order_by(db.kiosk_failure.c.id)).scalars().all()
    assert kept == [KIOSK, "#enrol"]


# --- a log-in code, attacked


def test_two_kiosks_and_two_offices_at_once_open_one_visit_with_one_code(desk: Desk) -> None:
    ask = api.ProofRequest(method="qr-token", token=desk.people["everything"]["token"])
    second = open_services(desk.folder)  # another process of the same office would do just this
    places = [(services, kiosk) for services in (desk.services, second) for kiosk in (KIOSK, OTHER)] * 2
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(lambda place: place[0].proofs.prove(place[1], ask).end, places))
    assert sorted(ends) == ["proved"] + ["wrong"] * 7
    with desk.services.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(db.visit)).scalar_one() == 1
    second.database.close()


def test_a_spent_code_stays_spent_over_a_restart_an_erasure_and_the_end_of_its_visit(
    desk: Desk, go_on: Callable[[int], None]
) -> None:
    ask = api.ProofRequest(method="qr-token", token=desk.people["everything"]["token"])
    visit = desk.services.proofs.prove(KIOSK, ask)
    desk.services.proofs.end_visit(KIOSK, visit.token)
    for days in (0, 2, 40):
        go_on(days * DAY_S)
        with desk.services.database.writing() as connection:
            erase_old(connection, Rules(), db.now_s())
        again = open_services(desk.folder)
        assert [again.proofs.prove(kiosk, ask).end for kiosk in (KIOSK, OTHER)] == ["wrong", "wrong"]
        again.database.close()


def test_a_code_is_good_for_logging_in_and_for_nothing_else(desk: Desk) -> None:
    """In the place of a PIN, a ticket, a visit, a kiosk's token and a document's address."""
    who = desk.people["everything"]
    token = who["token"]
    ticket = {"method": "nik-biometric", "nik": who["nik"], "ticket": token, "band": "clear"}
    assert desk.post("/v1/proofs", json=ticket).status_code == 422
    assert desk.post("/v1/proofs", json={"method": "nik-pin", "nik": who["nik"], "pin": token}).status_code == 422
    assert desk.get("/v1/documents", headers={api.VISIT_HEADER: token}).status_code == 410
    assert desk.get("/v1/person", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert desk.get(f"/h/{token}").status_code == 404
    assert desk.prove(method="qr-token", token=token.swapcase(), nik=None, pin=None)["end"] == "wrong"
    assert desk.prove(method="qr-token", token=token, nik=None, pin=None)["end"] == "proved"
