"""``kiosk audit verify`` asks a real office: a chain that fits in itself is not believed against what was witnessed."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete

from kiosk.access_api import AlarmKind, Checkpoint
from kiosk.cli import main
from kiosk.office import access_tables as at
from kiosk.office.guards import FaultMode
from kiosk.office.rules import Refusal
from kiosk.store import audit
from kiosk.store.checkpoints import Signer, make_checkpoint
from kiosk.store.database import Store, open_store
from kiosk.store.outbox import OutboxStore
from tests.office.desk import Desk

KIOSK = "anjungan-test"
KEY = "5a" * 32


@dataclass
class Machine:
    """A kiosk's folder, whoever holds its disk and its keys."""

    desk: Desk
    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir()
        key = self.folder / "store.key"
        key.touch(mode=0o600)
        key.write_text(KEY)
        raw = bytes.fromhex((self.desk.folder / "audit.key").read_text())
        self.signer = Signer(KIOSK, Ed25519PrivateKey.from_private_bytes(raw))
        self.config = self.folder / "kiosk.toml"
        self.config.write_text(
            f'[kiosk]\nid = "{KIOSK}"\n[office]\nurl = "{self.desk.url}"\ntoken_file = "{self.desk.token_file}"\n'
            f'deadline_s = 3\n[store]\npath = "kiosk.db"\nkey_file = "store.key"\n'
        )

    def lives(self, entries: int, *, word: str = "v", tells: bool = True) -> "Machine":
        """Writes so many entries and a checkpoint over them; ``tells``: the outbox delivers it."""

        def live(store: Store) -> None:
            for number in range(entries):
                with store.transaction() as connection:
                    audit.append(connection, 1000.0 + number, "visit.opened", {"visit": f"{word}-{number}"})
            make_checkpoint(store, self.signer, 5.0)
            rows = OutboxStore(store)
            while tells and (heads := rows.heads()):
                try:
                    self.desk.services.witness.take(KIOSK, Checkpoint.model_validate_json(heads[0].body))
                except Refusal:
                    rows.set_aside(heads[0], 6.0)
                    break
                rows.delivered(heads[0])

        return self.with_store(live)

    def with_store(self, act: Callable[[Store], None]) -> "Machine":
        store = open_store(self.folder / "kiosk.db", KEY).store
        act(store)
        store.close()
        return self

    def backup(self) -> Path:
        copy = self.folder / "backup.db"
        shutil.copy(self.folder / "kiosk.db", copy)
        return copy

    def verify(self, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = main(["audit", "verify", "--config", str(self.config), "--json", *options])
        return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def machine(desk: Desk, tmp_path: Path) -> Iterator[Machine]:
    return Machine(desk, tmp_path / "machine")


def test_what_was_witnessed_stands_here(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = machine.lives(5, tells=False).verify(capsys)
    assert (code, told["office"], told["office_number"]) == (0, "nothing-witnessed", 0)
    code, told = machine.lives(4).lives(3, tells=False).verify(capsys)
    assert (code, told["office"], told["entries"], told["office_number"]) == (0, "agrees", 12, 9)
    assert main(["audit", "verify", "--config", str(machine.config)]) == 0
    assert "the office agrees up to entry 9" in capsys.readouterr().out


def test_a_backup_that_was_put_back_is_shorter(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    backup = machine.lives(5).backup()
    machine.lives(4)
    shutil.copy(backup, machine.folder / "kiosk.db")
    code, told = machine.verify(capsys)
    assert (code, told["office"], told["is_whole"], told["is_as_shown"]) == (1, "shorter", True, True)
    assert machine.verify(capsys, "--offline")[0] == 0, "in itself it holds: the office alone knows better"
    assert main(["audit", "verify", "--config", str(machine.config)]) == 1
    assert "the office witnessed entry 9; this chain ends with 5" in capsys.readouterr().out


def test_a_chain_that_went_on_otherwise_is_forked(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    backup = machine.lives(5).backup()
    machine.lives(4)
    shutil.copy(backup, machine.folder / "kiosk.db")
    code, told = machine.lives(6, word="other", tells=False).verify(capsys)
    assert (code, told["office"], told["entries"], told["office_number"]) == (1, "forked", 11, 9)


def test_another_store_is_another_chain(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.lives(5)
    (machine.folder / "kiosk.db").unlink()
    code, told = machine.lives(9, tells=False).verify(capsys)
    assert (code, told["office"]) == (1, "other-chain")


def test_an_open_alarm_is_told_though_the_chains_agree(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    backup = machine.lives(5).backup()
    whole = machine.lives(4).folder / "whole.db"
    shutil.copy(machine.folder / "kiosk.db", whole)
    shutil.copy(backup, machine.folder / "kiosk.db")
    machine.lives(7, word="other")
    assert [alarm.kind for alarm in machine.desk.services.witness.alarms(is_open=True)] == [AlarmKind.FORKED]
    shutil.copy(whole, machine.folder / "kiosk.db")
    code, told = machine.verify(capsys)
    assert (code, told["office"]) == (1, "alarm")


def test_an_office_that_forgot_is_told(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.lives(5)
    with machine.desk.services.database.writing() as connection:
        connection.execute(delete(at.checkpoint))
    code, told = machine.verify(capsys)
    assert (code, told["office"], told["checkpoint"], told["office_number"]) == (1, "office-behind", 5, 0)


@pytest.mark.parametrize("mode", [FaultMode.GONE, FaultMode.HTTP_500, FaultMode.REFUSE, FaultMode.HTML])
def test_an_office_that_does_not_answer_decides_nothing(
    machine: Machine, mode: FaultMode, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.lives(5)
    machine.desk.faults.mode = mode
    code, told = machine.verify(capsys)
    assert (code, told["office"], told["is_whole"]) == (0, None, True)
    assert str(told["office_away"]).startswith("OFF-")
    assert main(["audit", "verify", "--config", str(machine.config)]) == 0
    assert "not compared with the office (OFF-" in capsys.readouterr().out


def test_a_broken_chain_is_broken_whatever_the_office_says(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    def bend(store: Store) -> None:
        with store.transaction() as connection:
            connection.exec_driver_sql("UPDATE audit SET fields = '{}' WHERE number = 3")

    code, told = machine.lives(5).with_store(bend).verify(capsys)
    assert (code, told["broken_at"], told["office"]) == (1, 3, "agrees")


def test_offline_asks_nobody(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.lives(5)
    machine.config.write_text(machine.config.read_text().replace(machine.desk.url, "http://office.example.invalid"))
    code, told = machine.verify(capsys, "--offline")
    assert (code, told["office_away"]) == (0, "not asked")
