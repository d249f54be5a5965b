"""What the audit chain is told, in which words, and when the office is shown its end."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.access_api import Checkpoint
from kiosk.backend.contract import ProofEnd, ProofOutcome
from kiosk.core.handlers import HANDLERS
from kiosk.core.witness import MANY_ENTRIES, Witness, build_witness
from kiosk.errors import ErrorCode, StoreError
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.settings import OfficeTable, Settings
from kiosk.store import audit
from kiosk.store.checkpoints import Signer, last_checkpoint
from kiosk.store.database import Store, open_store
from kiosk.store.outbox import OutboxStore
from tests.core.hands import bench as bench_of_hands
from tests.core.stand import PERSON, SOMEBODY

NIK, UID, NAME = "9901014101900077", "04a1b2c3d4e5f6", "KENARI UJI"
KEY = "5a" * 32


@dataclass
class Bench:
    path: Path
    wall: float = 1_800_000_000.0
    steady: float = 100.0
    woken: int = 0
    store: Store = field(init=False)
    witness: Witness = field(init=False)

    def open(self) -> None:
        self.store = open_store(self.path, KEY).store
        signer = Signer("anjungan-07", Ed25519PrivateKey.generate())
        settings = Settings(office=OfficeTable(checkpoint_s=900))

        def wake() -> None:
            self.woken += 1

        self.witness = Witness(
            self.store, signer, settings, wake=wake, now=lambda: self.wall, clock=lambda: self.steady
        )

    def pass_time(self, seconds: float, *, jump: float = 0) -> None:
        self.wall += seconds + jump
        self.steady += seconds

    def entries(self) -> list[tuple[str, dict[str, object]]]:
        rows = [json.loads(entry) for entry in audit.entries(self.store)]
        return [(row[2], json.loads(row[3])) for row in rows]

    def events(self) -> list[str]:
        return [event for event, _ in self.entries()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "kiosk.db")
    made.open()
    yield made
    made.store.close()


def wrong() -> ProofOutcome:
    return ProofOutcome(ProofEnd.WRONG, attempts_left=2)


def test_a_visit_leaves_a_random_word_and_a_keyed_hash_and_nobody(bench: Bench) -> None:
    witness = bench.witness
    witness.visit_opened()
    witness.proof_ended("nik-pin", f"nik:{NIK}", wrong())
    witness.proof_ended("card-pin", f"card:{UID}", ProofOutcome(ProofEnd.PROVED, "token-abc", display_name=NAME))
    witness.visit_ended("done")
    witness.staff(is_entered=False, count=1)
    witness.staff(is_entered=True)
    assert bench.events() == [
        "visit.opened", "proof.ended", "proof.ended", "visit.ended", "staff.refused", "staff.entered",
    ]  # fmt: skip
    fields = [fields for _, fields in bench.entries()]
    assert len({one["visit"] for one in fields[:4]}) == 1
    assert fields[1]["subject"] != fields[2]["subject"]
    text = "\n".join(audit.entries(bench.store))
    for secret in (NIK, UID, NAME, "token-abc"):
        assert secret not in text
    assert audit.verify(bench.store) is None


def test_changes_are_noted_once_and_a_lost_store_by_its_name(bench: Bench, tmp_path: Path) -> None:
    settings = Settings()
    for _ in range(2):
        bench.witness.started(settings, version="1", flows="4 · abc", set_aside="")
    assert bench.events() == ["settings.changed", "flows.changed", "version.changed", "enrolment.changed"]
    bench.witness.flows_changed("5 · def")
    bench.witness.started(settings, version="2", flows="5 · def", set_aside="kiosk.db.set-aside-1")
    assert bench.events()[4:] == ["flows.changed", "store.set-aside", "version.changed"]


def test_a_jump_of_the_clock_is_noted_and_time_that_passes_is_not(bench: Bench) -> None:
    bench.pass_time(5000)
    bench.witness.look()
    bench.pass_time(30, jump=59)
    bench.witness.look()
    assert bench.events() == []
    bench.pass_time(10, jump=-86_400)
    bench.witness.look()
    assert bench.entries() == [("time.jumped", {"seconds": -86_400})]


def test_the_office_is_shown_the_chain_when_it_is_long_or_old(bench: Bench) -> None:
    def waiting() -> list[Checkpoint]:
        return [Checkpoint.model_validate_json(row.body) for row in OutboxStore(bench.store).heads()]

    bench.witness.visit_opened()
    bench.pass_time(10)
    bench.witness.look()
    assert waiting() == []
    bench.pass_time(900)
    bench.witness.look()
    assert [shown.number for shown in waiting()] == [1]
    assert bench.woken == 1
    for _ in range(MANY_ENTRIES):
        bench.witness.staff(is_entered=True)
    bench.pass_time(6)
    bench.witness.look()
    assert last_checkpoint(bench.store).number == 1 + MANY_ENTRIES
    bench.pass_time(5000)
    bench.witness.look()
    assert last_checkpoint(bench.store).number == 1 + MANY_ENTRIES, "no news, no checkpoint"


def test_the_offices_lock_holds_over_a_restart_and_five_wrong_answers_lock_here(bench: Bench) -> None:
    locked = ProofOutcome(ProofEnd.LOCKED, attempts_left=0, retry_after_s=900)
    bench.witness.proof_ended("nik-pin", f"nik:{NIK}", locked)
    bench.store.close()
    bench.open()
    assert bench.witness.locked_for(f"nik:{NIK}") == 900
    assert bench.witness.locked_for(f"card:{UID}") == bench.witness.locked_for("") == 0
    ends = [bench.witness.proof_ended("card-pin", f"card:{UID}", wrong()).end for _ in range(5)]
    assert ends == [ProofEnd.WRONG] * 4 + [ProofEnd.LOCKED]
    bench.pass_time(901)
    assert bench.witness.locked_for(f"nik:{NIK}") == bench.witness.locked_for(f"card:{UID}") == 0


def test_a_throttled_machine_locks_nobody(bench: Bench) -> None:
    throttled = ProofOutcome(ProofEnd.LOCKED, retry_after_s=400, is_machine=True)
    assert bench.witness.proof_ended("nik-pin", f"nik:{NIK}", throttled) is throttled
    assert bench.witness.locked_for(f"nik:{NIK}") == 0


def test_wrong_staff_codes_count_over_a_power_cycle(bench: Bench) -> None:
    for number in range(1, 6):
        bench.witness.staff(is_entered=False, count=number)
        bench.store.close()
        bench.open()
    assert bench.witness.locked_for("staff") == 900
    bench.witness.staff(is_entered=True)
    assert bench.witness.locked_for("staff") == 0


@pytest.mark.expects_warnings
def test_a_store_that_refuses_costs_an_entry_and_no_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StoreError(ErrorCode.STORE_FULL)

    monkeypatch.setattr("kiosk.core.witness.audit.append", refuse)
    assert bench.witness.proof_ended("nik-pin", f"nik:{NIK}", wrong()).end is ProofEnd.WRONG
    bench.witness.visit_ended("done")
    with pytest.raises(StoreError):
        bench.witness.visit_opened()


@pytest.mark.expects_warnings
@pytest.mark.parametrize("spoil", [lambda f: f.write_text("zz"), lambda f: f.chmod(0o644), lambda f: f.unlink()])
def test_a_spoiled_audit_key_costs_no_service(
    bench: Bench, tmp_path: Path, spoil: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    key = tmp_path / "audit.key"
    key.touch(mode=0o600)
    key.write_text("17" * 32)
    settings = Settings(office=OfficeTable(audit_key=key))
    spoil(key)
    with caplog.at_level("WARNING", "kiosk"):
        build_witness(bench.store, settings, "4 · abc", None, lambda: None)
    assert [record.getMessage() for record in caplog.records] == ["MACHINE_LACKS"]
    caplog.clear()
    assert last_checkpoint(bench.store).number == 0
    assert "settings.changed" in bench.events()


def test_whom_the_kiosk_locked_it_does_not_ask_the_office_about(bench: Bench) -> None:
    """The handler counts what the office said, and from the lock on says so by itself, also to the right PIN."""
    at = bench_of_hands()
    hands = replace(at.hands, guard=bench.witness)

    def prove(pin: str) -> out.Outcome:
        effect = fx.Prove(1, fx.ProofKind.NIK, nik=PERSON["nik"], pin=pin)
        return HANDLERS[fx.Prove](hands, at.session, effect, at.cancel, lambda *_: None)

    assert [prove("000000") for _ in range(3)] == [out.Wrong(2), out.Wrong(1), out.Locked(900)]
    assert prove(SOMEBODY.pin) == out.Locked(900)
    assert at.office.calls["prove"] == 3
    assert bench.events().count("proof.ended") == 3
