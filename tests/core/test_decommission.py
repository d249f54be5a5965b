"""The last command of a machine: what it refuses, in which order it erases, and that nothing is left."""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk import api
from kiosk.core import decommission
from kiosk.core.decommission import CoreRunsError, UndeliveredError, erase, wipe
from kiosk.settings import OfficeTable, Settings, StoreTable
from kiosk.store.database import open_store
from kiosk.store.hold import StoreHold
from kiosk.store.journal import Journal
from kiosk.store.prints import PrinterName, Verdict

KEY = "cd" * 32
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A machine with a store, its key, a token, and an office that is not there."""
    key, token = tmp_path / "etc" / "store.key", tmp_path / "etc" / "kiosk.token"
    key.parent.mkdir()
    for path, text in ((key, KEY), (token, "token-of-this-kiosk")):
        path.write_text(text)
        path.chmod(0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    office = OfficeTable(url=url, token_file=token, deadline_s=0.5)
    store = StoreTable(path=tmp_path / "kiosk.db", key_file=key)
    return Settings(office=office, store=store, run_dir=tmp_path)


def _use(settings: Settings, *, is_settled: bool) -> None:
    store = open_store(settings.store.path, KEY).store
    journal = Journal(store)
    journal.intend("p-" + "0" * 32, PrinterName.A4, AT)
    journal.granted("p-" + "0" * 32, "grant-000001", AT)
    if is_settled:
        journal.settle("p-" + "0" * 32, Verdict(api.PrintEnd.FAILED, "paper-out", pages_out=0), AT)
    store.close()


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decommission, "DELIVER_S", 1.0)


@pytest.mark.parametrize("is_settled", [True, False])
def test_nothing_goes_before_the_office_has_heard_it(settings: Settings, is_settled: bool) -> None:
    _use(settings, is_settled=is_settled)
    with pytest.raises(UndeliveredError) as refused:
        wipe(settings)
    assert refused.value.waiting >= 1
    assert settings.store.path.exists()
    assert settings.store.key_file is not None
    assert settings.store.key_file.read_text() == KEY


def test_who_gives_the_messages_up_says_so_and_then_nothing_is_left(settings: Settings, tmp_path: Path) -> None:
    _use(settings, is_settled=True)
    aside = tmp_path / "kiosk.db.set-aside-20261101T000000Z"
    aside.write_bytes(b"an older life")
    wiped = wipe(settings, is_forced=True)
    assert wiped.undelivered >= 1
    assert wiped.left == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert str(aside) in wiped.erased
    assert wiped.erased[0].endswith("store.key"), "the key goes first"


def test_a_store_that_cannot_be_read_is_no_reason_to_keep_it_for_ever(settings: Settings) -> None:
    settings.store.path.write_bytes(b"no store of ours" * 600)
    with pytest.raises(UndeliveredError):
        wipe(settings)
    assert settings.store.path.exists()
    wipe(settings, is_forced=True)
    assert not settings.store.path.exists()


def test_a_kiosk_that_runs_is_stopped_first(settings: Settings, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as core:
        core.bind(str(tmp_path / "core.sock"))
        core.listen()
        with pytest.raises(CoreRunsError):
            wipe(settings)
    assert settings.store.key_file is not None
    assert settings.store.key_file.exists()


def test_a_kiosk_with_another_run_directory_is_stopped_first(settings: Settings) -> None:
    _use(settings, is_settled=True)
    hold = StoreHold(settings.store.path)
    with pytest.raises(CoreRunsError):
        wipe(settings)
    hold.release()
    assert settings.store.path.exists()


def test_the_content_is_overwritten_before_the_name_goes(tmp_path: Path) -> None:
    path, other = tmp_path / "secret", tmp_path / "other-name"
    path.write_bytes(b"secret" * 1000)
    os.link(path, other)
    erase(path)
    assert not path.exists()
    assert other.read_bytes() == bytes(6000)


def test_a_folder_of_credentials_is_emptied_of_what_enrolment_wrote_and_of_nothing_else(tmp_path: Path) -> None:
    for name in ("store.key", "audit.key", "kiosk.crt", "kiosk.token.cred", "note.txt"):
        (tmp_path / name).write_text("x")
    settings = Settings(store=StoreTable(path=tmp_path / "none" / "kiosk.db"), run_dir=tmp_path)
    wipe(settings, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["note.txt"]


def test_without_the_settings_of_a_machine_no_key_is_erased(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the keys of a store that nobody named would go, with all that it has not delivered."""
    folder = tmp_path / "etc"
    assert decommission.main(["--yes", "--config", str(folder / "kiosk.toml"), "--credentials", str(folder)]) == 2
    assert "no such file" in capsys.readouterr().err
    assert settings.store.key_file is not None
    assert settings.store.key_file.exists()


def test_without_yes_it_is_a_question_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert decommission.main([]) == 2
    assert "--yes" in capsys.readouterr().err
