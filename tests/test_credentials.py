"""Secrets that systemd hands over: taken where kiosk.toml names no file, and never where nothing was handed over."""

from pathlib import Path

import pytest

from kiosk.settings import CREDENTIALS, load_settings


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def test_what_was_handed_over_is_used_and_a_named_file_wins(handed: Path, tmp_path: Path) -> None:
    for name in CREDENTIALS.values():
        (handed / name).write_text("x" * 40)
    file = tmp_path / "kiosk.toml"
    file.write_text('[office]\nurl = "https://office.example.invalid"\nkey = "own.key"\n')
    office = load_settings(file).office
    assert office.key == tmp_path / "own.key"
    for key in CREDENTIALS.keys() - {"key"}:
        assert getattr(office, key) == handed / CREDENTIALS[key]


def test_the_word_for_nothing_and_a_missing_file_count_as_nothing(handed: Path, tmp_path: Path) -> None:
    (handed / CREDENTIALS["token_file"]).write_text("none")
    (handed / CREDENTIALS["ca"]).write_text("")
    file = tmp_path / "kiosk.toml"
    file.write_text("")
    office = load_settings(file).office
    assert [getattr(office, key) for key in CREDENTIALS] == [None] * 5
