"""The office as witness: every way in which a kiosk's chain can go wrong is refused, told and written down."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from kiosk import access_api
from kiosk.access_api import AlarmKind
from kiosk.office.access_command import COMMANDS
from kiosk.office.rules import Refusal
from kiosk.store import audit
from kiosk.store.audit import GENESIS, Head
from kiosk.store.checkpoints import Signer, make_checkpoint, signed_checkpoint
from kiosk.store.database import open_store
from kiosk.store.outbox import OutboxStore
from tests.office.desk import Desk

KIOSK = "anjungan-test"
CHAIN = "abcdef0123456789"


@dataclass
class Chain:
    """A kiosk's chain in memory, that a test may bend."""

    signer: Signer
    chain: str = CHAIN

    def __post_init__(self) -> None:
        self.entries: list[str] = []

    def add(self, count: int, word: str = "ok") -> "Chain":
        for _ in range(count):
            number = len(self.entries) + 1
            self.entries.append(audit.entry_text(number, 1000.0 + number, "test.entry", f'{{"word":"{word}"}}'))
        return self

    def head(self, number: int) -> Head:
        digest = GENESIS
        for entry in self.entries[:number]:
            digest = audit.follow(digest, entry)
        return Head(number, digest)

    def shown(self, start: int, end: int) -> access_api.Checkpoint:
        return signed_checkpoint(
            self.signer, self.chain, self.head(start), self.head(end), self.entries[start:end], 2000.0
        )

    def copy(self, count: int) -> "Chain":
        other = Chain(self.signer, self.chain)
        other.entries = self.entries[:count]
        return other


@pytest.fixture
def signer(desk: Desk) -> Signer:
    raw = bytes.fromhex((desk.folder / "audit.key").read_text())
    return Signer(KIOSK, Ed25519PrivateKey.from_private_bytes(raw))


@pytest.fixture
def chain(signer: Signer) -> Chain:
    return Chain(signer).add(30)


def kinds(desk: Desk, *, is_open: bool = True) -> list[AlarmKind]:
    return [alarm.kind for alarm in desk.services.witness.alarms(is_open=is_open)]


def refused(desk: Desk, shown: access_api.Checkpoint) -> AlarmKind:
    with pytest.raises(Refusal) as refusal:
        desk.services.witness.take(KIOSK, shown)
    assert (refusal.value.status, refusal.value.code) == (409, "audit-refused")
    return kinds(desk)[0]


def test_a_chain_that_goes_on_is_witnessed_and_a_repeat_changes_nothing(desk: Desk, chain: Chain) -> None:
    witness = desk.services.witness
    for start, end in ((0, 10), (10, 11), (10, 11), (11, 30), (0, 10)):
        witness.take(KIOSK, chain.shown(start, end))
    assert witness.head(KIOSK) == access_api.AuditHead(chain=CHAIN, number=30, hash=chain.head(30).hash.hex())
    assert witness.entries(KIOSK, CHAIN) == chain.entries
    assert kinds(desk) == []


def gone_on(chain: Chain) -> access_api.Checkpoint:
    """A backup of entry 10 was put back, and the kiosk went on from there."""
    return chain.copy(10).add(25, "after").shown(10, 35)


def short(chain: Chain) -> access_api.Checkpoint:
    return chain.shown(0, 15)


def edited(chain: Chain) -> access_api.Checkpoint:
    other = chain.copy(30)
    other.entries[4] = other.entries[4].replace("ok", "no")
    return other.add(5).shown(30, 35)


def signed_anew(chain: Chain) -> access_api.Checkpoint:
    """Somebody with the key writes another past."""
    return Chain(chain.signer).add(40, "other").shown(0, 40)


def same_length(chain: Chain) -> access_api.Checkpoint:
    return chain.copy(10).add(20, "other").shown(10, 30)


def with_a_gap(chain: Chain) -> access_api.Checkpoint:
    return chain.copy(30).add(10).shown(35, 40)


@pytest.mark.parametrize(
    ("bend", "kind"),
    [
        (gone_on, AlarmKind.FORKED),
        (short, AlarmKind.SHORTER),
        (edited, AlarmKind.FORKED),
        (signed_anew, AlarmKind.FORKED),
        (same_length, AlarmKind.FORKED),
        (with_a_gap, AlarmKind.FORKED),
    ],
)
def test_what_does_not_go_on_is_refused_with_an_alarm(
    desk: Desk, chain: Chain, bend: Callable[[Chain], access_api.Checkpoint], kind: AlarmKind
) -> None:
    desk.services.witness.take(KIOSK, chain.shown(0, 20))
    desk.services.witness.take(KIOSK, chain.shown(20, 30))
    assert refused(desk, bend(chain)) is kind
    assert desk.services.witness.head(KIOSK).number == 30
    assert desk.services.witness.head(KIOSK).is_refused
    assert refused(desk, bend(chain)) is kind
    assert kinds(desk) == [kind], "one trouble is one alarm"


def test_entries_that_do_not_lead_to_the_hash_and_foreign_signatures_are_refused(desk: Desk, chain: Chain) -> None:
    good = chain.shown(0, 5)
    bent = good.model_copy(update={"entries": [*good.entries[:4], good.entries[4].replace("ok", "no")]})
    assert refused(desk, bent) is AlarmKind.BROKEN
    ahead = Head(9, chain.head(5).hash)
    promised = signed_checkpoint(chain.signer, chain.chain, chain.head(0), ahead, chain.entries[:5], 2000.0)
    assert refused(desk, promised) is AlarmKind.BROKEN, "nine are signed and five are shown"
    assert refused(desk, good.model_copy(update={"hash": "00" * 32})) is AlarmKind.BAD_SIGNATURE
    stranger = Chain(Signer(KIOSK, Ed25519PrivateKey.generate())).add(5)
    assert refused(desk, stranger.shown(0, 5)) is AlarmKind.BAD_SIGNATURE
    other_kiosk = Chain(Signer("anjungan-02", chain.signer.key)).add(5)
    assert refused(desk, other_kiosk.shown(0, 5)) is AlarmKind.BAD_SIGNATURE
    assert desk.services.witness.head(KIOSK).number == 0


def test_a_lost_store_begins_anew_with_an_alarm_and_the_old_one_never_comes_back(desk: Desk, chain: Chain) -> None:
    desk.services.witness.take(KIOSK, chain.shown(0, 20))
    new = Chain(chain.signer, "fedcba9876543210").add(5)
    desk.services.witness.take(KIOSK, new.shown(0, 5))
    assert kinds(desk) == [AlarmKind.BEGUN_ANEW]
    desk.services.witness.take(KIOSK, new.add(3).shown(5, 8))
    assert refused(desk, chain.shown(20, 30)) is AlarmKind.FORKED


def test_an_administrator_settles_and_the_chain_goes_on_from_where_it_is(desk: Desk, chain: Chain) -> None:
    desk.services.witness.take(KIOSK, chain.shown(0, 30))
    back = chain.copy(10).add(25, "after")
    refused(desk, back.shown(10, 35))
    alarm = desk.services.witness.alarms(is_open=True)[0]
    assert desk.services.witness.settle(alarm.id)
    assert not desk.services.witness.settle(alarm.id)
    assert not desk.services.witness.is_refused(KIOSK)
    back.add(5, "later")
    desk.services.witness.take(KIOSK, back.shown(35, 40))
    desk.services.witness.take(KIOSK, back.add(2).shown(40, 42))
    assert kinds(desk) == []
    assert refused(desk, chain.add(20).shown(30, 50)) is AlarmKind.FORKED


def test_over_http_the_kiosk_is_told_and_the_administrator_reads_it(
    desk: Desk, chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    def post(shown: access_api.Checkpoint) -> int:
        headers = {"Idempotency-Key": f"checkpoint-{shown.number:04}"}
        return desk.post("/v1/checkpoints", json=shown.model_dump(mode="json"), headers=headers).status_code

    assert [post(chain.shown(0, 20)), post(chain.shown(20, 30)), post(gone_on(chain))] == [200, 200, 409]
    beat = {"kiosk": KIOSK, "version": "1", "at": "2026-11-22T08:00:00+07:00"}
    assert desk.post("/v1/heartbeats", json=beat).json()["is_audit_refused"] is True
    assert desk.get("/v1/audit/head").json()["number"] == 30
    import argparse

    options = argparse.Namespace(data=desk.folder, json=True)
    assert COMMANDS["admin-token"](options) == 0
    import json

    token = json.loads(capsys.readouterr().out)["token"]
    assert desk.get("/v1/admin/alarms").status_code == 401, "a kiosk's token is no administrator's"
    headers = {"Authorization": f"Bearer {token}"}
    alarms = desk.get("/v1/admin/alarms", headers=headers).json()
    assert [(one["kiosk"], one["kind"]) for one in alarms] == [(KIOSK, "audit-forked")]
    assert desk.post(f"/v1/admin/alarms/{alarms[0]['id']}/settle", headers=headers).json() == {"is_done": True}
    assert desk.get("/v1/admin/alarms", headers=headers).json() == []
    listing = argparse.Namespace(data=desk.folder, json=False, all=True, settle=None)
    assert COMMANDS["alarms"](listing) == 0
    assert "audit-forked" in capsys.readouterr().out


def test_a_real_stores_checkpoints_are_witnessed_and_its_backup_is_found_out(
    desk: Desk, signer: Signer, tmp_path: Path
) -> None:
    """The kiosk's own code, from the entry to the outbox; then the disk of yesterday is put back."""
    path, key = tmp_path / "kiosk.db", "5a" * 32

    def use(count: int) -> list[access_api.Checkpoint]:
        store = open_store(path, key).store
        try:
            for number in range(count):
                with store.transaction() as connection:
                    audit.append(connection, 1000.0 + number, "visit.opened", {"visit": f"v-{number}"})
            assert (make_checkpoint(store, signer, 3000.0) > 0) is (count > 0)
            rows = OutboxStore(store)
            found = []
            for row in rows.heads():
                found.append(access_api.Checkpoint.model_validate_json(row.body))
                rows.delivered(row)
            while rows.heads():
                row = rows.heads()[0]
                found.append(access_api.Checkpoint.model_validate_json(row.body))
                rows.delivered(row)
            return found
        finally:
            store.close()

    for shown in use(450):
        desk.services.witness.take(KIOSK, shown)
    backup = path.read_bytes()
    assert desk.services.witness.head(KIOSK).number == 450
    for shown in use(7):
        desk.services.witness.take(KIOSK, shown)
    assert desk.services.witness.head(KIOSK).number == 457
    path.write_bytes(backup)
    assert use(0) == []
    (set_back,) = use(3)
    assert refused(desk, set_back) is AlarmKind.SHORTER


def test_an_entry_cut_off_at_the_kiosk_is_found_by_its_own_checkpoint(signer: Signer, tmp_path: Path) -> None:
    from kiosk.store.schema import audit as table

    store = open_store(tmp_path / "kiosk.db", "5a" * 32).store
    try:
        with store.transaction() as connection:
            audit.append(connection, 1.0, "a.b", {"x": 1})
        make_checkpoint(store, signer, 2.0)
        with store.transaction() as connection:
            connection.execute(update(table).values(fields='{"x":2}'))
        assert audit.verify(store) == 1
    finally:
        store.close()
