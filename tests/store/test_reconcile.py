"""What staff found of an unknown print: settled once, in the audit chain with how staff was known, and told."""

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk import api
from kiosk.cli import main
from kiosk.store import schema
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import Evidence, Finding, JournalOrderError, PrinterName, Verdict, short_code

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEY = "ab" * 32
ENDS = {
    Finding.CAME_OUT: (api.PrintEnd.PRINTED, 2),
    Finding.NOT_OUT: (api.PrintEnd.FAILED, 0),
    Finding.DAMAGED: (api.PrintEnd.FAILED, 2),
}


def unknown(store: Store, number: int) -> str:
    """A print of two pages that ended unknown, and of which the office has heard."""
    journal, name = Journal(store), f"p-{number:026x}cafe{number:02x}"
    journal.intend(name, PrinterName.A4, NOW)
    journal.granted(name, f"grant-{number:04}", NOW)
    journal.verified(name, pages=2, sha256="0" * 64, at=NOW)
    journal.created(name, job_id=number, job_uri="", counter_before=None, at=NOW)
    journal.settle(name, Verdict(api.PrintEnd.UNKNOWN, "prn-01", Evidence.NONE, 1), NOW)
    rows = OutboxStore(store)
    for row in rows.heads():
        rows.delivered(row)
    return name


@pytest.mark.parametrize("finding", Finding)
def test_a_finding_settles_the_grant_once(store: Store, finding: Finding) -> None:
    name = unknown(store, 1)
    Journal(store).found(name, finding, "staff-code", NOW)
    (row,) = OutboxStore(store).heads()
    told = api.Settlement.model_validate_json(row.body)
    end, pages = ENDS[finding]
    assert (told.end, told.reason, told.evidence, told.pages_out) == (end, finding.value, "attendant", pages)
    assert Journal(store).unknown_prints() == []
    for other in Finding:
        with pytest.raises(JournalOrderError):
            Journal(store).found(name, other, "staff-code", NOW)
    assert OutboxStore(store).size() == 1


def test_the_chain_says_who_and_when_and_names_nobody(store: Store) -> None:
    name = unknown(store, 1)
    Journal(store).found(name, Finding.DAMAGED, "staff-code", NOW)
    with store.transaction() as connection:
        entry = connection.execute(select(schema.audit).order_by(schema.audit.c.number.desc())).first()
    assert entry is not None
    assert (entry.event, entry.at) == ("print.reconciled", NOW.timestamp())
    assert json.loads(entry.fields) == {
        "print": name,
        "end": "failed",
        "evidence": "attendant",
        "reason": "damaged",
        "by": "staff-code",
    }


class TestCommand:
    @pytest.fixture
    def config(self, tmp_path: Path) -> Path:
        (tmp_path / "store.key").write_text(KEY)
        (tmp_path / "store.key").chmod(0o600)
        config = tmp_path / "kiosk.toml"
        config.write_text(
            f'[store]\npath = "{tmp_path}/kiosk.db"\nkey_file = "{tmp_path}/store.key"\n', encoding="utf-8"
        )
        return config

    def fill(self, config: Path, count: int) -> list[str]:
        store = open_store(config.with_name("kiosk.db"), KEY).store
        names = [unknown(store, number) for number in range(count)]
        store.close()
        return names

    def test_nothing_waits(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["reconcile", "--config", str(config)]) == 0, "no store was made yet"
        assert not config.with_name("kiosk.db").exists(), "asking makes none"
        self.fill(config, 0)
        assert main(["reconcile", "--config", str(config), "--language", "en"]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == "No print is unclear."

    def test_the_list_for_people_and_for_programs(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        names = self.fill(config, 2)
        assert main(["reconcile", "--config", str(config)]) == 1
        out = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in out] == [short_code(name) for name in names]
        assert main(["reconcile", "--json", "--config", str(config)]) == 1
        found = json.loads(capsys.readouterr().out)
        assert [one["print_id"] for one in found["unknown"]] == names
        assert found["unknown"][0] | {"began_at": ""} == {
            "print_id": names[0],
            "code": short_code(names[0]),
            "printer": "a4",
            "began_at": "",
            "pages": 2,
            "pages_counted": 1,
            "reason": "prn-01",
            "is_granted": True,
        }

    @pytest.mark.parametrize("finding", Finding)
    def test_an_answer(self, config: Path, finding: Finding, capsys: pytest.CaptureFixture[str]) -> None:
        names = self.fill(config, 2)
        code = short_code(names[1]).lower()
        assert main(["reconcile", code, finding.value, "--yes", "--json", "--config", str(config)]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["noted"] == names[1]
        assert [one["print_id"] for one in found["unknown"]] == names[:1]
        store = open_store(config.with_name("kiosk.db"), KEY).store
        verdict = Journal(store).record(names[1]).verdict
        store.close()
        assert verdict == Verdict(ENDS[finding][0], finding.value, Evidence.ATTENDANT, ENDS[finding][1])
        assert main(["reconcile", code, finding.value, "--config", str(config)]) == 2, "once"

    @pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("YA\n", 0), ("\n", 1), ("n\n", 1), ("", 1), (None, 2)])
    def test_an_answer_is_noted_when_somebody_is_sure(
        self,
        config: Path,
        typed: str | None,
        code: int,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """``None``: nobody sits at a terminal."""
        (name,) = self.fill(config, 1)
        stdin = io.StringIO(typed or "")
        monkeypatch.setattr(stdin, "isatty", lambda: typed is not None)
        monkeypatch.setattr(sys, "stdin", stdin)
        arguments = ["reconcile", short_code(name), "not-out", "--language", "en", "--config", str(config)]
        assert main(arguments) == code
        told = capsys.readouterr()
        if typed is None:
            assert "add --yes" in told.err
        else:
            assert "The grant becomes free again" in told.err
            assert ("Nothing was recorded." in told.err) is (code == 1)
        store = open_store(config.with_name("kiosk.db"), KEY).store
        assert len(Journal(store).unknown_prints()) == (0 if code == 0 else 1)
        store.close()

    @pytest.mark.parametrize(
        "arguments", [["ffffff", "came-out"], ["cafe", "came-out"], ["00", "came-out"], ["cafe01"]]
    )
    def test_a_code_that_fits_none_or_several_changes_nothing(
        self, config: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.fill(config, 2)
        assert main(["reconcile", *arguments, "--config", str(config)]) == 2
        assert capsys.readouterr().err.startswith("kiosk reconcile: ")
        assert main(["reconcile", "--json", "--config", str(config)]) == 1
        assert len(json.loads(capsys.readouterr().out)["unknown"]) == 2

    def test_a_word_that_is_no_finding(self, config: Path) -> None:
        with pytest.raises(SystemExit) as caught:
            main(["reconcile", "cafe01", "perhaps", "--config", str(config)])
        assert caught.value.code == 2

    def test_it_works_beside_a_core(self, config: Path) -> None:
        (name,) = self.fill(config, 1)
        running = open_store(config.with_name("kiosk.db"), KEY).store
        assert main(["reconcile", short_code(name), "came-out", "--yes", "--config", str(config)]) == 0
        assert Journal(running).unknown_prints() == []
        assert len(OutboxStore(running).heads()) == 1
        running.close()

    def test_a_damaged_store_is_left_to_the_core(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = config.with_name("kiosk.db")
        path.write_bytes(b"SQLite format 3\0" + bytes(9000))
        before = path.read_bytes()
        assert main(["reconcile", "--config", str(config)]) == 1
        assert "STO-01" in capsys.readouterr().err
        assert path.read_bytes() == before
        assert not list(path.parent.glob("*set-aside*"))
