"""``kiosk.toml``: every mistake is named with its key, and paths count from the file."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import ErrorCode, SettingsError
from kiosk.settings import Settings, Table, load_settings

SHIPPED = Path(__file__).resolve().parent.parent / "config" / "kiosk.toml"


def load(folder: Path, text: str) -> Settings:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as error:
        load(folder, text)
    assert error.value.code is ErrorCode.SETTINGS_BROKEN
    return error.value.detail


def paths_of(value: Any) -> list[Path]:
    """Every path in the settings."""
    if isinstance(value, Path):
        return [value]
    if isinstance(value, list):
        return [path for item in value for path in paths_of(item)]
    if isinstance(value, Table):
        return [path for name in type(value).model_fields for path in paths_of(getattr(value, name))]
    return []


def test_an_empty_file_is_the_demo(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    assert settings.model_dump(exclude={"kiosk", "store", "run_dir"}) == Settings().model_dump(
        exclude={"kiosk", "store", "run_dir"}
    )
    assert settings.kiosk.flows == tmp_path / "config" / "flows"


def test_the_shipped_file_loads_and_is_a_production_machine() -> None:
    settings = load_settings(SHIPPED)
    assert settings.kiosk.is_production
    assert settings.kiosk.regions == [], "no invented region in production"
    assert settings.kiosk.flows == SHIPPED.parent / "flows"
    assert settings.kiosk.flows.is_dir()
    assert settings.documents.trust == [SHIPPED.parent / "root.pem"]
    assert settings.devices.card_printer.media == "iso_id-1_54x85.6mm"
    assert settings.store.path == Path("/var/lib/anjungan/kiosk.db"), "an absolute path stays"


def test_every_relative_path_counts_from_the_files_folder(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    text = """
        run_dir = "r"
        [kiosk]
        flows = "f"
        [office]
        ca = "ca.pem"
        certificate = "../c.pem"
        key = "k.pem"
        token_file = "t"
        [documents]
        trust = ["a.pem", "/abs/b.pem"]
        [store]
        path = "s.db"
        key_file = "s.key"
        """
    found = paths_of(load(folder, text))
    names = ["f", "ca.pem", "../c.pem", "k.pem", "t", "a.pem", "s.db", "s.key", "r"]
    assert set(found) == {folder / name for name in names} | {Path("/abs/b.pem"), Path("/etc/cups/cupsd.conf")}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[kioks]\nid = 'x'", "kioks"),
        ("[kiosk]\noffise = 'x'", "kiosk.offise"),
        ("[screen]\nwidth = 'wide'", "screen.width"),
        ("[screen]\nwidth = 100", "screen.width"),
        ("[screen]\ncard_side = 'above'", "screen.card_side"),
        ("[visit]\nidle_s = 1", "visit.idle_s"),
        ("[visit]\nidle_s = inf", "visit.idle_s"),
        ("[visit]\noverall_s = nan", "visit.overall_s"),
        ("[visit]\npainted_s = 0", "visit.painted_s"),
        ("[visit]\nstaff_code_sha256 = '123456'", "visit.staff_code_sha256"),
        ("[kiosk]\nlanguages = []", "kiosk.languages"),
        ("[kiosk]\nservices = ['a','b','c','d','e','f','g']", "kiosk.services"),
        ("[office]\ndeadline_s = 0", "office.deadline_s"),
        ("[office]\nmax_answer_bytes = 1", "office.max_answer_bytes"),
        ("[devices.card_reader]\nkind = 'usb'", "devices.card_reader.kind"),
        ("[devices.document_printer]\nevidence = 'hope'", "devices.document_printer.evidence"),
        ("[devices.slip_printer]\nwidth_dots = 500", "devices.slip_printer.width_dots"),
        ("[devices.scaner]\nkind = 'serial'", "devices.scaner"),
    ],
)
def test_a_wrong_key_is_named_with_its_place(tmp_path: Path, text: str, key: str) -> None:
    detail = refused(tmp_path, text)
    assert f"{tmp_path / 'kiosk.toml'}: {key}: " in detail
    assert len(detail.splitlines()) == 1


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    lines = refused(tmp_path, "[screen]\nwidth = 1\nheight = 1\n[visit]\nidel_s = 3").splitlines()
    assert [line.split(": ")[1] for line in lines] == ["screen.width", "screen.height", "visit.idel_s"]


def test_a_staff_code_is_its_hash_in_either_case(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"246810").hexdigest()
    for text in (digest, digest.upper(), ""):
        assert load(tmp_path, f"[visit]\nstaff_code_sha256 = '{text}'").visit.staff_code_sha256 == text


def test_a_value_is_never_repeated(tmp_path: Path) -> None:
    """A secret in the wrong place must not stand in the log."""
    assert "geheim-4711" not in refused(tmp_path, "[visit]\nstaff_code_sha256 = 'geheim-4711'")


def test_what_is_no_toml_says_where(tmp_path: Path) -> None:
    assert "line 2" in refused(tmp_path, "[kiosk]\nid = \n")


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone.toml"
    with pytest.raises(SettingsError, match=r"gone\.toml"):
        load_settings(gone)
    gone.write_bytes(b"\xff\xfe[kiosk]")
    with pytest.raises(SettingsError, match=r"gone\.toml"):
        load_settings(gone)


def test_settings_cannot_be_changed_while_the_machine_runs() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().visit.idle_s = 5  # type: ignore[misc]
