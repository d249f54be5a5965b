"""``kiosk audit``: what it says of a whole and of a bent chain, and that others can check what it exports."""

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import delete, update

from kiosk.store import audit
from kiosk.store.audit_command import main
from kiosk.store.checkpoints import Signer, make_checkpoint
from kiosk.store.database import open_store
from kiosk.store.schema import audit as table

KEY = "5a" * 32
AUDIT_KEY = "17" * 32


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for name, text in (("store.key", KEY), ("audit.key", AUDIT_KEY)):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(text)
    file = tmp_path / "kiosk.toml"
    file.write_text(
        '[kiosk]\nid = "anjungan-07"\n[office]\naudit_key = "audit.key"\n'
        '[store]\npath = "kiosk.db"\nkey_file = "store.key"\n'
    )
    store = open_store(tmp_path / "kiosk.db", KEY).store
    for number in range(9):
        with store.transaction() as connection:
            audit.append(connection, 1000.0 + number / 3, "visit.opened", {"visit": f"v-{number}"})
    make_checkpoint(store, Signer("anjungan-07", Ed25519PrivateKey.from_private_bytes(bytes.fromhex(AUDIT_KEY))), 5.0)
    store.close()
    return file


def bend(config: Path, statement: object) -> None:
    store = open_store(config.parent / "kiosk.db", KEY).store
    with store.transaction() as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    store.close()


def independent_verifier(text: str, public_key: str) -> int:
    """Twenty lines that share nothing with the kiosk: the number of entries, or an exception."""
    *lines, last = text.splitlines()
    head = json.loads(last)
    digest = bytes(32)
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)["entry"]
        assert json.loads(entry)[0] == number
        digest = hashlib.sha256(digest + entry.encode("ascii")).digest()
    assert (head["number"], head["hash"]) == (len(lines), digest.hex())
    signed = ["anjungan-checkpoint-1", head["kiosk"], head["chain"], 0, "00" * 32]
    signed += [head["number"], head["hash"], head["at"]]
    message = json.dumps(signed, separators=(",", ":")).encode("ascii")
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(head["signature"]), message)
    return len(lines)


def test_a_whole_chain_holds_and_its_export_convinces_others(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--config", str(config), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["is_whole"], told["entries"], told["checkpoint"], told["broken_at"]) == (True, 9, 9, None)
    assert main(["verify", "--config", str(config)]) == 0
    assert told["head"] in capsys.readouterr().out
    assert main(["export", "--config", str(config)]) == 0
    text = capsys.readouterr().out
    public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(AUDIT_KEY)).public_key().public_bytes_raw().hex()
    assert independent_verifier(text, public) == 9
    out = config.parent / "chain.jsonl"
    assert main(["export", "--config", str(config), "--out", str(out)]) == 0
    assert independent_verifier(out.read_text(), public) == 9
    for bent in (text.replace("v-3", "v-4"), "\n".join([*text.splitlines()[1:]]), text.replace("anjungan-07", "a-08")):
        with pytest.raises(Exception):  # noqa: B017 - whatever it is, it does not pass
            independent_verifier(bent, public)


@pytest.mark.parametrize("number", [1, 5, 9])
def test_an_edited_and_a_missing_entry_are_found(config: Path, number: int, capsys: pytest.CaptureFixture[str]) -> None:
    bend(config, update(table).where(table.c.number == number).values(fields='{"visit":"other"}'))
    assert main(["verify", "--config", str(config), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["broken_at"] == number
    assert main(["export", "--config", str(config), "--out", str(config.parent / "x")]) == 1


def test_a_cut_end_is_found_by_what_the_office_was_shown(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bend(config, delete(table).where(table.c.number > 6))
    assert main(["verify", "--config", str(config), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["broken_at"], told["is_as_shown"]) == (None, False)
    assert main(["verify", "--config", str(config)]) == 1
    assert "shown at entry 9" in capsys.readouterr().out


def test_usage_and_a_wrong_key_touch_nothing(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as usage:
        main(["look"])
    assert usage.value.code == 2
    empty = tmp_path / "empty.toml"
    empty.write_text('[store]\npath = "nothing.db"\n')
    assert main(["verify", "--config", str(empty)]) == 2
    wrong = tmp_path / "wrong.key"
    wrong.touch(mode=0o600)
    wrong.write_text("00" * 32)
    before = sorted(path.name for path in tmp_path.iterdir())
    assert main(["verify", "--config", str(config), "--key-file", str(wrong)]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert main(["verify", "--config", str(config)]) == 0
    assert "STO" in capsys.readouterr().err
