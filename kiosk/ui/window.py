"""Builds the face: fonts, pictures, window, bridge. Everything here runs before the first frame: keep it light."""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, QtMsgType, QUrl, qInstallMessageHandler
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QGuiApplication
from PySide6.QtQuick import QQuickView

from kiosk import protocol as p
from kiosk.protocol.scrub import scrub
from kiosk.ui.bridge import Bridge
from kiosk.ui.keys import Keys
from kiosk.ui.options import ASSETS, Options
from kiosk.ui.pictures import DrawnPictures, HeldPictures
from kiosk.ui.sounds import Sounds
from kiosk.ui.touches import Touches

QML = Path(__file__).parent / "qml"
_FONTS = {
    "plain": ("fontpkg_plus_jakarta_sans", ("PlusJakartaSans[wght].ttf",)),
    "large": (
        "fontpkg_atkinson_hyperlegible",
        ("AtkinsonHyperlegible-Regular.ttf", "AtkinsonHyperlegible-Bold.ttf"),
    ),
}
GROUND = "#FBF7EF"


def prepare_environment() -> None:
    """Settings Qt reads once, at start. Values already set by the operator win."""
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")
    os.environ.setdefault("QT_ENABLE_HIGHDPI_SCALING", "0")
    if has_stale_bytecode():
        os.environ.setdefault("QML_DISABLE_DISK_CACHE", "1")


def has_stale_bytecode() -> bool:
    """True when a page was edited after it was compiled: Qt itself does not look."""
    for folder in (QML, QML / "theme", QML / "parts", QML / "pages", QML / "dock"):
        times: dict[str, float] = {}
        with os.scandir(folder) as entries:
            for entry in entries:
                times[entry.name] = entry.stat().st_mtime
        for name, changed in times.items():
            if name.endswith(".qml") and times.get(f"{name}c", changed) < changed:
                return True
    return False


def load_font(role: str) -> dict[str, object]:
    """Register a shipped family; returns what the theme needs: its name, and cap height per pixel of size."""
    package, files = _FONTS[role]
    folder = Path(str(import_module(package).__file__)).parent / "files"
    families: list[str] = []
    for file in files:
        families += QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(folder / file)))
    font = QFont(families[0]) if families else QGuiApplication.font()
    font.setPixelSize(1000)
    return {f"{role}Family": font.family(), f"{role}Cap": QFontMetricsF(font).capHeight() / 1000 or 0.7}


def give_memory_back_early() -> None:
    """Let the C library return pictures to the system when they are dropped, instead of keeping them for later."""
    import ctypes

    try:
        library = ctypes.CDLL(None)
        library.mallopt(-3, 128 * 1024)  # M_MMAP_THRESHOLD: larger blocks are mapped on their own
        library.mallopt(-1, 256 * 1024)  # M_TRIM_THRESHOLD
    except (OSError, AttributeError):
        return  # another C library has other means


class Face:
    """The window with everything that hangs on it. ``close`` tears it down in the order Qt needs."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.is_settled = False
        self.is_wanted = False
        first_page = options.first_page.read_text(encoding="utf-8") if options.first_page.is_file() else _fallback()
        fonts = load_font("plain")
        QGuiApplication.setFont(QFont(str(fonts["plainFamily"])))
        # The large look has its own family; until it is loaded the plain one stands in.
        fonts |= {"largeFamily": fonts["plainFamily"], "largeCap": fonts["plainCap"]}
        self.held = HeldPictures()
        self.sounds = Sounds(ASSETS / "sounds")
        self.bridge = Bridge(options, self.held, self.sounds, first_page, fonts)
        self.keys = Keys(self.bridge.scan, self.bridge.keyed.emit)
        self.bridge.forgotten.connect(self.keys.forget)
        self.touches = Touches(self.keys, self.bridge.touch, options.window_mm_per_px, not options.is_windowed)
        self.view = QQuickView()
        self.view.setColor(QColor(GROUND))
        self.view.setTitle("Anjungan")
        self.view.installEventFilter(self.touches)
        engine = self.view.engine()
        engine.addImageProvider("drawn", DrawnPictures(ASSETS / "icons"))
        engine.addImageProvider("held", self.held)
        engine.rootContext().setContextProperty("face", self.bridge)
        self.view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self.view.resize(*options.window_size)
        self.view.frameSwapped.connect(self._first_frame)
        self.view.frameSwapped.connect(self.bridge.frame_swapped)
        self.bridge.attach(self._request_frame, self._drive)
        self.view.setSource(QUrl.fromLocalFile(str(QML / "Main.qml")))

    def show(self) -> None:
        """Put the window on the screen: full screen without a cursor, or a plain window for the demo."""
        if self.options.is_windowed or QGuiApplication.platformName() in ("offscreen", "minimal"):
            self.view.show()
        else:
            self.view.showFullScreen()

    def _first_frame(self) -> None:
        """The first page is on the screen: now there is time for all the rest."""
        self.view.frameSwapped.disconnect(self._first_frame)
        self.bridge.notifier.ready("the first page is on the screen")
        QTimer.singleShot(0, self._settle_in)

    def _settle_in(self) -> None:
        from PySide6.QtCore import Qt

        if not self.options.is_windowed:
            self.view.setCursor(Qt.CursorShape.BlankCursor)
        self.bridge.add_fonts(load_font("large"))
        self.is_settled = True
        if self.is_wanted:
            self.bridge.start()
        self.sounds.start()
        if self.options.is_sealed:
            from kiosk.sealed import seal_memory

            seal_memory()
        give_memory_back_early()

    def _request_frame(self) -> None:
        """A frame with a change in it: see ``pulse`` in Main.qml."""
        root = self.view.rootObject()
        if root is not None:
            root.setProperty("pulse", not root.property("pulse"))
        self.view.requestUpdate()

    def start(self) -> None:
        """Look for the core as soon as the first page is on the screen."""
        self.is_wanted = True
        if self.is_settled:
            self.bridge.start()

    def close(self) -> None:
        """The engine goes before the bridge, else every binding complains about null."""
        import shiboken6

        self.bridge.stop()
        self.bridge.attach(lambda: None, None)
        self.view.removeEventFilter(self.touches)
        self.view.close()
        # Now, not some time later: a deleteLater would run when the bridge is gone already.
        shiboken6.delete(self.view)

    def _drive(self, drive: p.Drive) -> p.Driven:
        from kiosk.ui.robot import carry_out

        return carry_out(self.view, drive)


def _fallback() -> str:
    """A page without a word, when the first page's file is missing: the network's colour is all that can be said."""
    from kiosk.ui.blank import blank_starting_page

    return blank_starting_page()


class Stopper(QObject):
    """Ends the event loop on SIGTERM and SIGINT; Python's handlers do not run while Qt waits."""

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        signal.set_wakeup_fd(self._writer)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self._notifier = QSocketNotifier(self._reader, QSocketNotifier.Type.Read, self)
        # Not quit(): that asks the window first, and the window refuses to close.
        self._notifier.activated.connect(lambda: app.exit(0))


def report_messages(bridge: Bridge) -> None:
    """Qt's and QML's warnings go to stderr and to the core, which logs them."""

    def handle(level: QtMsgType, _context: object, message: str) -> None:
        if level in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            return
        print(f"qt: {scrub(message)}", file=sys.stderr)
        bridge.trouble(message)

    qInstallMessageHandler(handle)

    def complain(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # Type and place alone: the value of an error can hold what somebody typed.
        place = ""
        while trace is not None:
            place, trace = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}", trace.tb_next
        del error
        print(f"face: {kind.__name__} {place}", file=sys.stderr)
        bridge.trouble(f"{kind.__name__} in the face, {place}")

    sys.excepthook = complain
