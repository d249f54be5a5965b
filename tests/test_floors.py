"""The walls of the house: every import is read, relative and lazy ones too, and none climbs or runs sideways."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kiosk"

GROUND = {
    "errors",
    "events",
    "texts",
    "settings",
    "protocol",
    "api",
    "access_api",
    "notify",
    "event_fields",
    "sealed",
    "masking",
    "",
}
MIDDLE = {"flows", "devices", "backend", "documents", "store"}
ISSUES = {"issues"}
"""One derivation, above devices and below who shows it."""
UPPER = {"core", "diagnostics"}
TOP = {"supervisor", "cli", "demo"}

ALLOWED: dict[str, set[str]] = {
    **{room: GROUND for room in GROUND},
    **{room: GROUND | {room} for room in MIDDLE},
    **{room: GROUND | MIDDLE for room in ISSUES},
    **{room: GROUND | MIDDLE | ISSUES | UPPER for room in UPPER},
    **{room: GROUND | MIDDLE | ISSUES | UPPER | TOP for room in TOP},
    "ui": {"protocol", "notify", "sealed", "ui"},
    "office": {"api", "access_api", "office"},
}
"""Room to rooms that it may import. ``cli`` alone opens the office's door besides."""

ONE_IMPORTER = {
    "smartcard": {"kiosk/devices/card/pcsc_link.py"},
    "escpos": {"kiosk/devices/slip/encoder.py"},
    "pyipp": {"kiosk/devices/printing/ipp.py"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imports_of(path: Path) -> list[tuple[str, int]]:
    """Absolute names of everything that a module imports, with lines; function bodies and type checking included."""
    package = ["kiosk", *path.relative_to(PACKAGE).parts[:-1]]
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(package[: len(package) - node.level + 1] + ([base] if base else []))
            if base == "kiosk":
                found += [(f"kiosk.{alias.name}", node.lineno) for alias in node.names]
            else:
                found.append((base, node.lineno))
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_import_climbs_or_runs_sideways(path: Path) -> None:
    room = room_of(path)
    for name, line in imports_of(path):
        if name != "kiosk" and not name.startswith("kiosk."):
            continue
        target = name.split(".")[1] if "." in name else ""
        if target == "__version__":
            target = ""
        if room == "cli" and target == "office":
            continue
        assert target in ALLOWED[room], f"{path.relative_to(ROOT)}:{line}: {room or 'kiosk'} may not import {name}"


@pytest.mark.parametrize("library", sorted(ONE_IMPORTER))
def test_a_library_with_traps_has_one_importer(library: str) -> None:
    importers = {
        str(path.relative_to(ROOT))
        for path in modules()
        for name, _ in imports_of(path)
        if name == library or name.startswith(f"{library}.")
    }
    assert importers == ONE_IMPORTER[library]


def test_nothing_outside_the_face_imports_qt() -> None:
    for path in modules():
        if room_of(path) != "ui":
            assert not [name for name, _ in imports_of(path) if name.startswith("PySide6")], path


def test_the_face_loads_nothing_of_ours_but_the_protocol_and_the_notifier() -> None:
    """Transitively, in a real interpreter; and nothing heavy, since its start is measured."""
    program = "import sys, kiosk.ui.window; print('\\n'.join(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    loaded = set(told.split())
    ours = {name for name in loaded if name.startswith("kiosk.") and not name.startswith("kiosk.ui")}
    assert {name.split(".")[1] for name in ours} <= {"protocol", "notify", "sealed"}
    assert not loaded & {"pydantic", "requests", "sqlalchemy", "reportlab", "PIL", "yaml", "escpos", "cryptography"}


def test_the_core_never_loads_qt() -> None:
    program = "import sys, kiosk.core.app; print('\\n'.join(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not [name for name in told.split() if name.startswith(("PySide6", "shiboken6"))]


def test_the_door_of_the_core_opens_before_the_heavy_rest_is_loaded() -> None:
    """``python -m kiosk.core`` listens first: what it imports at the top must stay light."""
    program = "import sys, kiosk.core.__main__; print('\\n'.join(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not set(told.split()) & {"pydantic", "requests", "sqlalchemy", "reportlab", "PIL", "yaml", "pyhanko"}


def test_no_file_outgrows_its_subject() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 460
    }
    assert not long


def test_no_room_is_a_drawer() -> None:
    for path in modules():
        assert path.stem not in ("utils", "helpers", "helper", "manager", "common", "misc")
