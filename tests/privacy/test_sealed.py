"""No dump of a process, no other reader of its memory, no clipboard: the machine's side of the promises."""

import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QML = sorted((ROOT / "kiosk" / "ui" / "qml").rglob("*.qml"))


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_a_native_crash_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    """Also where the limit was open before."""
    program = f"""
import os, resource
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
from kiosk.sealed import forbid_core_dumps
forbid_core_dumps()
print(resource.getrlimit(resource.RLIMIT_CORE), flush=True)
os.kill(os.getpid(), {int(number)})
"""
    done = run(program, tmp_path)
    assert done.returncode == -number
    assert done.stdout.strip() in ("(1, 1)", "(0, 0)")
    assert list(tmp_path.iterdir()) == []


def test_without_the_limit_the_same_crash_would_leave_a_dump_where_the_system_writes_one(tmp_path: Path) -> None:
    """What the test above rests on: where this system writes dumps to files, there is one without our limit."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    done = run("import os; os.kill(os.getpid(), 11)", tmp_path)
    assert done.returncode == -signal.SIGSEGV
    writes_here = pattern == "core" and hard in (resource.RLIM_INFINITY,) and _soft_is_open()
    assert bool(list(tmp_path.iterdir())) == writes_here


def _soft_is_open() -> bool:
    return resource.getrlimit(resource.RLIMIT_CORE)[0] != 0


def test_a_sealed_process_may_not_be_dumped_or_read(tmp_path: Path) -> None:
    program = "from kiosk.sealed import is_sealed, seal_memory; print(is_sealed(), seal_memory(), is_sealed())"
    assert run(program, tmp_path).stdout.split() == ["False", "True", "True"]


def test_an_unreadable_limit_is_no_reason_not_to_start(tmp_path: Path) -> None:
    program = """
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from kiosk.sealed import forbid_core_dumps
forbid_core_dumps()
print(resource.getrlimit(resource.RLIMIT_CORE)[0] in (0, 1))
"""
    assert run(program, tmp_path).stdout.strip() == "True"


def test_in_production_the_face_is_told_to_seal_itself(tmp_path: Path) -> None:
    from kiosk.supervisor import face_child

    config = tmp_path / "kiosk.toml"
    config.write_text("[kiosk]\nis_production = true\n")
    assert "--sealed" in face_child(tmp_path, config).command
    config.write_text("[kiosk]\nis_production = false\n")
    assert "--sealed" not in face_child(tmp_path, config).command


def test_no_page_has_a_field_of_qt_or_asks_the_clipboard() -> None:
    bad = re.compile(r"\b(TextInput|TextEdit|TextField|TextArea|selectByMouse|selectByKeyboard|copy\(\)|paste\(\))")
    assert len(QML) > 30
    for path in [*QML, *(ROOT / "kiosk" / "ui").glob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not bad.search(text), path
        assert "clipboard" not in text.lower(), path


def test_held_pictures_never_enter_the_picture_cache() -> None:
    """Qt keeps what it drew under its address, for later; previews and codes must not be there."""
    for path in QML:
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"image://held", text):
            block = text[max(0, found.start() - 700) : found.end() + 700]
            assert "cache: false" in block, path
    assert any("image://held" in path.read_text(encoding="utf-8") for path in QML)


def test_nothing_of_the_face_writes_a_picture_but_the_robot() -> None:
    for path in (ROOT / "kiosk" / "ui").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name not in ("robot.py", "dock.py"):
            assert "grabWindow" not in text, path
            assert ".save(" not in text, path
