"""The command line: 0 fine, 1 found problems, 2 usage; help everywhere."""

import argparse
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import __version__, cli
from kiosk.cli import main
from kiosk.core.__main__ import main as core_main
from tests.flows.journey import FLOWS


def code_of(*arguments: str) -> int:
    """The exit code, whether it is returned or raised by argparse."""
    try:
        return main(list(arguments))
    except SystemExit as leaving:
        return int(leaving.code or 0)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("version") == 0
    assert capsys.readouterr().out == f"Anjungan {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("run", "--fast"),
        ("diagnose", "--language", "xx"),
        ("demo", "--people", "many"),
        ("version", "now"),
        ("flows",),
        ("flows", "fly"),
        ("flows", "check"),
    ],
)
def test_what_it_does_not_understand_is_exit_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "usage: kiosk" in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("run", "--help"),
        ("demo", "--help"),
        ("diagnose", "--help"),
        ("version", "--help"),
        ("flows", "--help"),
        ("flows", "check", "--help"),
        ("office", "--help"),
        ("office", "serve", "--help"),
        ("office", "seed", "--help"),
    ],
)
def test_every_command_explains_itself(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(*arguments) == 0
    assert capsys.readouterr().out.startswith("usage: kiosk")


def test_run_names_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = tmp_path / "gone.toml"
    assert code_of("run", "--config", str(gone)) == 2
    assert str(gone) in capsys.readouterr().err


@pytest.mark.parametrize("is_windowed", [True, False])
def test_run_starts_both_programs_in_a_folder_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_windowed: bool
) -> None:
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr("kiosk.supervisor.run", lambda *arguments: calls.append(arguments))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "runtime"))
    extra = ["--windowed"] if is_windowed else []
    assert code_of("run", *extra) == 0
    assert code_of("run", "--run-dir", str(tmp_path), *extra) == 0
    face = extra or None
    assert calls == [(tmp_path / "runtime", None, face), (tmp_path, None, face)]
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    assert code_of("run") == 0
    made = calls[-1][0]
    assert isinstance(made, Path)
    assert made.stat().st_mode & 0o777 == 0o700
    made.rmdir()


def test_a_kiosk_that_runs_keeps_its_socket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second one in the same folder would take the face from the first in the middle of a visit."""
    with socket.socket(socket.AF_UNIX) as core:
        core.bind(str(tmp_path / "core.sock"))
        core.listen()
        assert main(["run", "--run-dir", str(tmp_path)]) == 1
        assert "runs already" in capsys.readouterr().err
        assert core_main(["--run-dir", str(tmp_path)]) == 1
        assert "another core listens" in capsys.readouterr().err
        with socket.socket(socket.AF_UNIX) as face:
            face.connect(str(tmp_path / "core.sock"))


def test_flows_that_are_right_are_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("flows", "check", str(FLOWS)) == 0
    assert capsys.readouterr().err == ""


def test_flows_with_a_mistake_are_exit_1_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cetak-kk.yaml"
    path.write_text((FLOWS / "cetak-kk.yaml").read_text(encoding="utf-8").replace("steps:", "stepz:", 1))
    assert code_of("flows", "check", str(path)) == 1
    assert f"{path}:" in "".join(capsys.readouterr())
    assert code_of("flows", "check", "--json", str(path)) == 1
    assert json.loads(capsys.readouterr().out)


def test_flows_that_are_not_there_are_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = tmp_path / "gone.yaml"
    assert code_of("flows", "check", str(gone)) == 2
    assert str(gone) in capsys.readouterr().err


def test_the_office_is_an_extra_and_says_so_where_it_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "kiosk.office.__main__", None)
    assert code_of("office", "serve") == 2
    assert "anjungan[office]" in capsys.readouterr().err


def test_demo_hands_its_options_over(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[argparse.Namespace] = []
    monkeypatch.setattr("kiosk.demo.command.main", lambda options: seen.append(options) or 1)
    assert code_of("demo", "--robot", "--landscape", "--people", "7", "--out", "x") == 1
    options = seen[0]
    assert (options.robot, options.landscape, options.real_stacks) == (True, True, False)
    assert (options.people, options.out) == (7, Path("x"))


def test_the_command_loads_nothing_heavy_before_it_is_chosen() -> None:
    """``kiosk run`` must have the face under way before anything heavy is imported."""
    program = "import sys, kiosk.cli, kiosk.supervisor; cli = kiosk.cli._parser(); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(told.stdout.split()) & {"pydantic", "msgspec", "requests", "yaml", "babel", "sqlalchemy", "PySide6"}


def test_python_m_is_the_same_command() -> None:
    told = subprocess.run([sys.executable, "-m", cli.__name__, "version"], capture_output=True, text=True, check=True)
    assert told.stdout == f"Anjungan {__version__}\n"


@pytest.mark.parametrize("act", [("show",), ("set", "AB001", "5")])
def test_the_stock_of_no_machine_is_a_question_of_usage(
    act: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever forgets --config must not be told that the feeder is empty."""
    monkeypatch.chdir(tmp_path)
    assert main(["stock", *act]) == 2
    assert "--config" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
