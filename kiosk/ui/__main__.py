"""``python -m kiosk.ui``: the face as a process of its own."""

import sys
from collections.abc import Sequence

from kiosk.sealed import forbid_core_dumps
from kiosk.ui.options import parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the face until SIGTERM; returns 0."""
    forbid_core_dumps()
    options = parse(arguments)
    from kiosk.ui.window import Face, Stopper, prepare_environment, report_messages

    prepare_environment()
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtGui import QGuiApplication

    app = QGuiApplication(["anjungan"])
    app.setApplicationName("Anjungan")
    app.setQuitOnLastWindowClosed(options.is_windowed)
    stopper = Stopper(app)
    face = Face(options)
    report_messages(face.bridge)
    face.show()
    face.start()
    code = app.exec()
    face.close()
    qInstallMessageHandler(None)
    del stopper
    return code


if __name__ == "__main__":
    sys.exit(main())
