"""Every call to the office under every fault of the network, over TLS: the deadline, the code, and nothing twice."""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from kiosk import api
from kiosk.backend import client as client_module
from kiosk.backend.breaker import Breaker, BreakerRules
from kiosk.backend.client import OfficeClient
from kiosk.backend.contract import Proof, ProofEnd, ProofMethod
from kiosk.errors import BackendError, ErrorCode
from kiosk.office import database as db
from kiosk.office import desk as office_desk
from kiosk.settings import OfficeTable
from tests.office.desk import Desk, Hall, copy_of
from tests.proxy.fault_proxy import TLS_FAULTS, Fault, FaultProxy
from tests.proxy.tls_contexts import contexts

DEADLINE_S = 0.35
SLACK_S = 0.7
END_VISIT_S = 0.4
"""The visit's end has a deadline of its own, and never raises. The product's is longer."""
PAUSE_S = 0.03
"""Before a repeat; the product's is longer."""

NEVER_OPENS = BreakerRules(failures_in_a_row=10_000, least_calls=10_000, window_size=20_000)


@dataclass
class Counter:
    """What one citizen and one kiosk do at the office; ``seed`` makes each case's messages its own."""

    client: OfficeClient
    desk: Desk
    token: str
    seed: str
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def person(self) -> dict[str, Any]:
        return self.desk.people["everything"]

    def document(self) -> str:
        return str(self.desk.document({api.VISIT_HEADER: self.token})["id"])

    def grant(self) -> api.Grant:
        return self.client.grant(self.token, self.document(), f"grant-{self.seed}")

    def settlement(self) -> bytes:
        grant_id = self.memory["grant"].id
        end = api.Settlement(
            grant_id=grant_id, print_id=f"print-{self.seed}", end=api.PrintEnd.PRINTED, evidence="impressions", at=NOW
        )
        return end.model_dump_json().encode()

    def count(self, table: Any) -> int:
        with self.desk.services.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def _nothing(counter: Counter) -> None:
    pass


def _granted(counter: Counter) -> None:
    """A grant that was given before the network broke."""
    visit = {api.VISIT_HEADER: counter.token}
    answer = counter.desk.grant(visit, counter.document(), f"before-{counter.seed}")
    answer.raise_for_status()
    counter.memory["grant"] = api.Grant.model_validate_json(answer.content)


def _leased(counter: Counter) -> None:
    answer = counter.desk.post(
        "/v1/tickets/lease", json={"queue": "layanan", "count": 5}, headers={api.KEY_HEADER: f"lease-{counter.seed}"}
    )
    answer.raise_for_status()
    counter.memory["lease"] = api.Lease.model_validate_json(answer.content)


def _prove(counter: Counter) -> object:
    shown = Proof(ProofMethod.NIK_PIN, nik=counter.person["nik"], pin=counter.person["pin"])
    assert counter.client.prove(shown).end is ProofEnd.PROVED
    return True


def _post(kind: str, body: Callable[[Counter], bytes]) -> Callable[[Counter], object]:
    return lambda counter: counter.client.post(kind, body(counter), f"{kind}-{counter.seed}")


def _survey(counter: Counter) -> bytes:
    return api.Survey(rating=4, service="cetak-kk", visit_ref=f"ref-{counter.seed}", at=NOW).model_dump_json().encode()


def _complaint(counter: Counter) -> bytes:
    told = api.Complaint(topic=api.ComplaintTopic.MACHINE, number=f"k-{counter.seed}", at=NOW)
    return told.model_dump_json().encode()


def _ticket(counter: Counter) -> bytes:
    lease = counter.memory["lease"]
    return api.Ticket(lease=lease.id, number=lease.first, at=NOW).model_dump_json().encode()


def _return(counter: Counter) -> bytes:
    lease = counter.memory["lease"]
    return api.LeaseReturn(lease=lease.id, first_unused=lease.first + 1, at=NOW).model_dump_json().encode()


def _event(counter: Counter) -> bytes:
    return api.Event(name="outbox.folded", at=NOW, fields={"kind": "survey", "total": 3}).model_dump_json().encode()


def _beat() -> api.Heartbeat:
    return api.Heartbeat(kiosk="anjungan-test", version="1", at=NOW)


@dataclass(frozen=True)
class Call:
    """``act`` is the call; ``effects`` counts what it leaves at the office, and must have grown by one, once."""

    act: Callable[[Counter], object]
    before: Callable[[Counter], None] = _nothing
    effects: Callable[[Counter], int] | None = None


CALLS: dict[str, Call] = {
    "probe": Call(lambda c: c.client.probe()),
    "find-card": Call(lambda c: c.client.find_card(bytes.fromhex(c.person["uid"]))),
    "prove": Call(_prove),
    "bind-card": Call(lambda c: c.client.bind_card(c.token, bytes.fromhex(c.person["uid"]))),
    "person": Call(lambda c: c.client.person(c.token).nik == c.person["nik"]),
    "family": Call(lambda c: c.client.family(c.token)),
    "documents": Call(lambda c: c.client.documents(c.token)),
    "grant": Call(lambda c: c.grant(), effects=lambda c: c.count(db.grant)),
    "fetch": Call(lambda c: c.client.fetch(c.token, c.memory["grant"].id), before=_granted),
    "hand-over": Call(
        lambda c: c.client.hand_over(c.token, c.document(), f"phone-{c.seed}"), effects=lambda c: c.count(db.hand_over)
    ),
    "end-visit": Call(lambda c: c.client.end_visit(c.token)),
    "settlement": Call(
        _post("settlement", Counter.settlement),
        before=_granted,
        effects=lambda c: _settled(c),
    ),
    "survey": Call(_post("survey", _survey), effects=lambda c: c.count(db.message)),
    "event": Call(_post("event", _event), effects=lambda c: c.count(db.message)),
    "complaint": Call(_post("complaint", _complaint), effects=lambda c: c.count(office_desk.complaint)),
    "lease": Call(
        lambda c: c.client.lease(api.LeaseRequest(queue="layanan", count=5), f"lease-{c.seed}"),
        effects=lambda c: c.count(office_desk.lease),
    ),
    "ticket": Call(_post("ticket", _ticket), before=_leased, effects=lambda c: c.count(office_desk.ticket)),
    "ticket-return": Call(
        _post("ticket-return", _return), before=_leased, effects=lambda c: c.count(office_desk.never_given)
    ),
    "heartbeat": Call(lambda c: c.client.heartbeat(_beat())),
}


def _settled(counter: Counter) -> int:
    with counter.desk.services.database.reading() as connection:
        ended = select(func.count()).select_from(db.grant).where(db.grant.c.state == "printed")
        return int(connection.execute(ended).scalar_one())


AWAY, SLOW, BAD = ErrorCode.OFFICE_OFFLINE, ErrorCode.OFFICE_SLOW, ErrorCode.OFFICE_BAD_ANSWER
UNTRUSTED = ErrorCode.OFFICE_UNTRUSTED
CODES: dict[Fault, set[ErrorCode]] = {
    Fault.BLACK_HOLE: {SLOW},
    Fault.LOST_ANSWER: {SLOW},
    Fault.DRIP: {SLOW},
    # A repeat that the deadline cuts short is told by its first cause.
    Fault.RESET: {AWAY},
    Fault.RESET_AFTER: {AWAY},
    Fault.REFUSED: {AWAY},
    Fault.HALF_CLOSE: {AWAY},
    Fault.TRUNCATED_HEAD: {AWAY, BAD},
    Fault.TRUNCATED_BODY: {AWAY},
    Fault.GARBAGE: {BAD},
    Fault.HTML: {BAD},
    Fault.GATEWAY: {ErrorCode.OFFICE_FAULT},
    **{fault: {UNTRUSTED} for fault in TLS_FAULTS},
}
HARMLESS = (Fault.LATENCY, Fault.DUPLICATE)
ONCE = (Fault.GARBAGE, Fault.HTML, *TLS_FAULTS, Fault.BLACK_HOLE, Fault.LOST_ANSWER, Fault.DRIP)
"""Trying these again at once is of no use, and is not done."""


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    opened = Hall()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def desk(hall: Hall, seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with hall.desk(copy_of(seeded, tmp_path_factory.mktemp("proxy") / "office")) as opened:
        yield opened


@pytest.fixture(scope="module")
def proxy(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FaultProxy, Path]]:
    root, tls = contexts(tmp_path_factory.mktemp("tls"))
    with FaultProxy(int(desk.url.rpartition(":")[2]), tls) as opened:
        yield opened, root


@pytest.fixture
def counter(
    desk: Desk, proxy: tuple[FaultProxy, Path], fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Counter]:
    network, root = proxy
    monkeypatch.setattr(client_module, "_END_VISIT_S", END_VISIT_S)
    monkeypatch.setattr(client_module, "_FIRST_PAUSE_S", PAUSE_S)
    network.heal()
    with desk.services.database.writing() as connection:
        connection.execute(update(db.document).values(state="ready"))
        connection.execute(update(db.grant).values(state="failed"))
        connection.execute(delete(db.kiosk_failure))
    table = OfficeTable(
        url=network.url, ca=root, token_file=desk.token_file, deadline_s=8 if fault in HARMLESS else DEADLINE_S
    )
    client = OfficeClient(table, Breaker(NEVER_OPENS))
    yield Counter(client, desk, str(desk.prove()["token"]), uuid.uuid4().hex[:12])
    client.close()


def _deadline_s(fault: Fault) -> float:
    """Short where it is waited for to its end; what ends by itself has time on a busy machine too."""
    if fault in HARMLESS:
        return 8
    return DEADLINE_S if fault in (Fault.BLACK_HOLE, Fault.LOST_ANSWER, Fault.DRIP) else 3


def _case(fault: Fault) -> object:
    # The HTTP library complains of half a head; its line in the log is cut to the library's name.
    return pytest.param(fault, marks=pytest.mark.expects_warnings) if fault is Fault.TRUNCATED_HEAD else fault


@pytest.mark.parametrize("fault", [_case(fault) for fault in Fault if fault is not Fault.NONE])
@pytest.mark.parametrize("name", CALLS)
def test_call_under_fault(proxy: tuple[FaultProxy, Path], counter: Counter, name: str, fault: Fault) -> None:
    network, _ = proxy
    call = CALLS[name]
    call.before(counter)
    effects = call.effects(counter) if call.effects else 0
    network.arm(fault)
    begun = time.monotonic()
    error = None
    try:
        call.act(counter)
    except BackendError as raised:
        error = raised
    took = time.monotonic() - begun
    # The one that was granted a duplicate has its twin on the wire now: the next call must not take it for its own.
    if fault is Fault.DUPLICATE:
        assert error is None
        with_twin = None
        try:
            assert counter.client.person(counter.token).nik == counter.person["nik"] or name == "end-visit"
        except BackendError as raised:
            with_twin = raised
        assert with_twin is None or with_twin.code in (BAD, ErrorCode.OFFICE_VISIT_EXPIRED, AWAY), with_twin
    assert network.hits > 0, "the fault met nobody"
    if name == "end-visit":
        assert error is None
        assert took < END_VISIT_S + SLACK_S
    else:
        if fault in HARMLESS:
            assert error is None, error
        else:
            assert took < _deadline_s(fault) + SLACK_S
            assert error is not None
            assert error.code in CODES[fault], error
            assert network.hits == 1 or fault not in ONCE, "repeated what cannot help"
    network.heal()
    if name == "end-visit":
        return
    # The fault is over: the same call, with the same key, does it; and what it does was done once.
    _patiently(lambda: call.act(counter))
    if call.effects:
        assert call.effects(counter) == effects + 1


@pytest.mark.parametrize("fault", [Fault.DUPLICATE])
def test_an_answer_that_came_twice_never_opens_the_next_persons_visit(
    proxy: tuple[FaultProxy, Path], counter: Counter, fault: Fault
) -> None:
    network, _ = proxy
    first, second = counter.person, _somebody_else(counter)
    assert first["nik"] != second["nik"]
    network.arm(fault, only=lambda line: "/proofs" in line)
    _prove(counter)
    shown = Proof(ProofMethod.NIK_PIN, nik=second["nik"], pin=second["pin"])
    with pytest.raises(BackendError) as mixed:
        counter.client.prove(shown)
    assert mixed.value.code is BAD
    network.heal()
    token = counter.client.prove(shown).token
    assert counter.client.person(token).nik == second["nik"]


def _somebody_else(counter: Counter) -> dict[str, Any]:
    mine = counter.person["nik"]
    return next(one for one in counter.desk.people.values() if one["pin"] and one["uid"] and one["nik"] != mine)


def _patiently(act: Callable[[], object]) -> None:
    """A machine that is busy may need longer than the short deadline of these tests."""
    until = time.monotonic() + 10
    while True:
        try:
            act()
        except BackendError as error:
            if error.code is not SLOW or time.monotonic() > until:
                raise
        else:
            return


def test_the_matrix_is_whole() -> None:
    """Every method of the contract that goes to the office has its row, and every message its kind."""
    assert set(CODES) | set(HARMLESS) | {Fault.NONE} == set(Fault)
    posted = {kind.value for kind in api.MessageKind}
    tested_elsewhere = {"checkpoint", "heartbeat"}
    assert posted - tested_elsewhere <= set(CALLS)
