"""``python -m kiosk.ui.compile``: prepare the face for a fast start. Run once after each installation.

QML becomes bytecode beside its source (15-20 ms of every start), and PySide's Python support is unpacked where Python
can cache it (otherwise it is compiled from an archive at every start).
"""

import compileall
import os
import subprocess
import sys
from pathlib import Path

QML = Path(__file__).parent / "qml"


def compile_qml() -> int:
    """Write a ``.qmlc`` beside each ``.qml``; returns how many. Raises CalledProcessError on a page that is wrong."""
    import PySide6

    tool = Path(PySide6.__file__).parent / "Qt" / "libexec" / "qmlcachegen"
    count = 0
    for source in sorted(QML.rglob("*.qml")):
        target = source.with_suffix(".qmlc")
        if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        resource = f"/kiosk/{source.relative_to(QML)}"
        subprocess.run(
            [str(tool), "--only-bytecode", "--resource-path", resource, "-o", str(target), str(source)], check=True
        )
        count += 1
    return count


def unpack_pyside() -> None:
    """Let PySide write its support files out once. Needs write access to site-packages."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["SBK_EMBED"] = "0"
    code = "from PySide6 import QtCore, QtGui, QtQml, QtQuick"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def compile_python() -> None:
    """Bytecode of what the face imports, for a read-only installation."""
    package = Path(__file__).parents[1]
    compileall.compile_dir(package / "ui", quiet=1)
    compileall.compile_dir(package / "protocol", quiet=1)
    compileall.compile_file(package / "__init__.py", quiet=1)


def main() -> int:
    count = compile_qml()
    unpack_pyside()
    compile_python()
    print(f"{count} pages and parts compiled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
