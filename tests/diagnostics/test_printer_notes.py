"""What ``kiosk diagnose`` says of printers besides their state: where they print, and a card printer's parts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.devices.contract import DeviceKind
from kiosk.devices.contract.card_printer import CardPart, Fitted, Level, PartState, Source
from kiosk.devices.simulated.doubles import ID1_MEDIA
from kiosk.devices.simulated.ipp_front import IppServer
from kiosk.devices.simulated.printer_double import PrinterDouble, Trouble
from kiosk.diagnostics.printer_notes import _part, stored_shifts
from kiosk.settings import Settings, load_settings
from kiosk.store.database import load_key, open_store
from kiosk.store.prints import PrinterName
from kiosk.store.shifts import Shifts
from kiosk.store.stored_state import StoredState
from kiosk.texts import Texts


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """A machine with a card printer of which the ribbon is low, and a shift for each printer in its store."""
    double = PrinterDouble(DeviceKind.CARD_PRINTER, ID1_MEDIA)
    double.fault(Trouble.RIBBON_LOW)
    server = IppServer(double)
    path = tmp_path / "kiosk.toml"
    path.write_text(
        f"""
        [kiosk]
        services = ["cetak-ktp"]
        [office]
        url = "http://127.0.0.1:9"
        deadline_s = 1
        [devices.card_printer]
        kind = "ipp"
        uri = "{server.uri}"
        [store]
        path = "kiosk.db"
        key_file = "store.key"
        """
    )
    yield path
    server.close()
    double.close()


def shifted(config: Path) -> None:
    settings = load_settings(config)
    store = open_store(settings.store.path, load_key(settings.store.key_file)).store
    Shifts(StoredState(store)).set(PrinterName.CARD, 1.5, -0.5)
    store.close()


@pytest.mark.expects_warnings
@pytest.mark.parametrize("language", ["id", "en"])
def test_diagnose_tells_shift_and_parts(config: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    shifted(config)
    arguments = ["diagnose", "--config", str(config), "--language", language]
    assert main([*arguments, "--json"]) == 1, "there is no office"
    t = Texts(language)
    found = json.loads(capsys.readouterr().out)
    notes = next(line["notes"] for line in found["devices"] if line["device"] == "card-printer")
    assert notes[0].startswith(f"{t('test-page.shift')}: x +1.5 mm, y -0.5 mm, ")
    assert any(t("part.ribbon") in note and t("part.level.low") in note and " 5 " in note for note in notes)
    assert any(t("part.reject-tray") in note and " 20 " in note for note in notes)
    assert all("{" not in note for note in notes)
    assert next(issue["slug"] for issue in found["issues"]) == "card-printer-ribbon-low"
    main(arguments)
    assert notes[0] in capsys.readouterr().out


def test_no_store_has_no_shifts_and_none_is_made(config: Path) -> None:
    settings = load_settings(config)
    assert stored_shifts(settings) == {}
    assert not settings.store.path.exists()
    assert settings.store.key_file is not None
    assert not settings.store.key_file.exists()


def test_a_store_that_is_none_is_left_as_it_is(config: Path) -> None:
    settings = load_settings(config)
    settings.store.path.write_bytes(b"no store at all" * 300)
    assert stored_shifts(settings) == {}, "no key"
    assert settings.store.key_file is not None
    settings.store.key_file.write_text("ab" * 32)
    settings.store.key_file.chmod(0o600)
    assert stored_shifts(settings) == {}
    assert settings.store.path.read_bytes().startswith(b"no store at all")
    assert list(settings.store.path.parent.glob("*set-aside*")) == []
    assert stored_shifts(Settings()) == {} or Settings().store.path.exists()


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_word_of_a_part_has_its_text(language: str) -> None:
    texts = Texts(language)
    for part in CardPart:
        for fitted in Fitted:
            for source in Source:
                for level in Level:
                    said = _part(PartState(part, fitted, source, level, percent=7), texts)
                    assert "part." not in said
                    assert "7 %" in said
