"""Seeding: reproducible people, everything the demo needs, nothing readable by others."""

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kiosk.api import DocumentKind
from kiosk.office import database as db
from kiosk.office.__main__ import main
from kiosk.office.pins import PinCost, PinHasher
from kiosk.office.seed import AlreadySeededError, seed


def people_of(folder: Path) -> list[dict[str, object]]:
    return list(json.loads((folder / "people.json").read_text(encoding="utf-8")))


def test_same_seed_gives_the_same_office_but_other_secrets(tmp_path: Path) -> None:
    first, again, other = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    for folder, number in ((first, 5), (again, 5), (other, 6)):
        seed(folder, 120, number, kiosk="k")
    assert people_of(first) == people_of(again) != people_of(other)
    assert (first / "kiosk.token").read_text() != (again / "kiosk.token").read_text()
    assert (first / "ca/root.pem").read_bytes() != (again / "ca/root.pem").read_bytes()


def test_demo_people_tell_every_story(seeded: Path) -> None:
    people = {str(one["slug"]): one for one in people_of(seeded)}
    assert next(iter(people)) == "everything"
    wanted = {"kk", "ktp-el", "akta-kelahiran", "akta-perkawinan"}
    assert wanted <= set(people["everything"]["documents"])  # type: ignore[call-overload]
    assert set(people) >= {
        "everything", "spouse", "family-of-ten", "family-of-twelve", "widowed", "divorced", "long-name", "locked",
        "unknown-card", "nik-only", "no-documents",
    }  # fmt: skip
    assert people["nik-only"]["uid"] == ""
    assert people["no-documents"]["documents"] == []
    uids = [str(one["uid"]) for one in people.values() if one["uid"]]
    assert len(set(uids)) == len(uids)
    assert all(len(bytes.fromhex(uid)) == 7 for uid in uids)
    assert all(str(one["nik"]).startswith("99") for one in people.values())


@pytest.mark.parametrize("number", [0, 1, 25, 99])
def test_a_small_office_tells_every_story_too(tmp_path: Path, number: int) -> None:
    seed(tmp_path, 100, number, kiosk="k")
    people = {str(one["slug"]): one for one in people_of(tmp_path)}
    documents = {slug: set(one["documents"]) for slug, one in people.items()}  # type: ignore[call-overload]
    assert {"kk", "ktp-el", "akta-kelahiran", "akta-perkawinan"} <= documents["everything"]
    assert "akta-perceraian" in documents["divorced"]
    assert "akta-kematian" in documents["widowed"]
    assert {"family-of-ten", "family-of-twelve", "locked", "unknown-card", "nik-only", "no-documents"} <= set(people)


def test_secrets_are_the_owners_alone(seeded: Path) -> None:
    for name in ("people.json", "kiosk.token", "ca/signer.key"):
        assert stat.S_IMODE((seeded / name).stat().st_mode) == 0o600
    assert not (seeded / "ca/root.key").exists()


def test_five_thousand_people_come_with_every_kind_of_document(tmp_path: Path) -> None:
    assert main(["seed", "--data", str(tmp_path), "--people", "5000", "--seed", "7"]) == 0
    database = db.Database(tmp_path / "office.db")
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(db.person)).scalar_one() == 5000
        counted = select(db.document.c.kind, func.count()).group_by(db.document.c.kind)
        kinds = {kind: count for kind, count in connection.execute(counted)}
        owners = connection.execute(
            select(func.count())
            .select_from(db.document_owner)
            .where(~db.document_owner.c.nik.in_(select(db.account.c.nik)))
        ).scalar_one()
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        version = tuple(map(int, connection.exec_driver_sql("SELECT sqlite_version()").scalar_one().split(".")))
    database.close()
    assert {DocumentKind(kind) for kind in kinds} == set(DocumentKind)
    assert min(kinds.values()) >= 10
    assert owners == 0, "whoever owns a document can open a visit"
    assert journal == "wal"
    assert version >= (3, 51, 3), "earlier ones can corrupt a WAL"


def test_a_seeded_folder_is_not_overwritten_by_accident(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed(tmp_path, 30, 1, kiosk="k")
    before = (tmp_path / "people.json").read_bytes()
    with pytest.raises(AlreadySeededError):
        seed(tmp_path, 30, 2, kiosk="k")
    arguments = ["seed", "--data", str(tmp_path), "--people", "30", "--seed", "2"]
    assert main(arguments) == 1
    assert "--replace" in capsys.readouterr().err
    assert (tmp_path / "people.json").read_bytes() == before
    assert main([*arguments, "--replace"]) == 0
    assert (tmp_path / "people.json").read_bytes() != before


def test_nonsense_is_a_usage_error(tmp_path: Path) -> None:
    assert main(["seed", "--data", str(tmp_path), "--people", "0"]) == 2
    with pytest.raises(SystemExit) as left:
        main(["seed"])
    assert left.value.code == 2


@pytest.mark.parametrize("people", [1, 2, 7, 40])
def test_tiny_offices_can_be_seeded(tmp_path: Path, people: int) -> None:
    seed(tmp_path, people, 3, kiosk="k")
    assert people_of(tmp_path)


@pytest.mark.parametrize("cost", list(PinCost))
def test_pin_hashes_are_argon2id_and_verify(cost: PinCost) -> None:
    hasher = PinHasher(cost)
    stored = hasher.hash("123456")
    assert stored.startswith("$argon2id$")
    assert hasher.is_right(stored, "123456")
    assert not hasher.is_right(stored, "123457")
    assert not hasher.is_right(None, "no PIN of anybody")
    assert hasher.verifications == 3
