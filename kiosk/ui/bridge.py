"""Between the socket and QML: page models go in, what people do comes out, each act once."""

import itertools
import os
import time
from collections.abc import Callable

import msgspec
from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot

from kiosk import protocol as p
from kiosk.notify import Notifier
from kiosk.protocol.scrub import scrub
from kiosk.ui.blank import blank_pages
from kiosk.ui.line import Line
from kiosk.ui.options import Options
from kiosk.ui.pictures import HeldPictures
from kiosk.ui.sounds import Sounds

ACTIVITY_GAP_S = 1.0
ALIVE_EVERY_MS = 4_000
SECOND_ACT_AFTER_S = 1.5
"""An act on a page locks the page until the core shows the next one, or for this long if it shows none."""

_page_encoder = msgspec.json.Encoder()


class Bridge(QObject):
    """What QML calls ``face``. Lives in the GUI thread."""

    shown = Signal(str)
    """JSON of a page model."""
    forgotten = Signal()
    keyed = Signal(str)
    """A physical keypad's ``0``-``9``, ``delete``, ``enter``."""

    def __init__(
        self, options: Options, held: HeldPictures, sounds: Sounds, first_page: str, fonts: dict[str, object]
    ) -> None:
        super().__init__()
        self._options = options
        self._held = held
        self._sounds = sounds
        self._first = first_page
        self._fonts = fonts
        self._event_prefix = os.urandom(6).hex()
        self._event_numbers = itertools.count(1)
        self._serial = 0
        self._key = ""
        self._is_from_core = False
        self._unpainted: tuple[int, str] | None = None
        self._is_test_frame_due = False
        self._acted_serial = -1
        self._acted_at = 0.0
        self._activity_at = 0.0
        self._is_robot_allowed = False
        self._request_frame: Callable[[], None] = lambda: None
        self._drive: Callable[[p.Drive], p.Driven] | None = None
        self.line = Line(options.socket, self._greet, self._receive, self._lost)
        self.notifier = Notifier()
        self._alive = QTimer(self)
        due_s = self.notifier.alive_every_s
        self._alive.setInterval(ALIVE_EVERY_MS if due_s is None else min(ALIVE_EVERY_MS, round(due_s * 1000)))
        self._alive.timeout.connect(self._ask_test_frame)

    def attach(self, request_frame: Callable[[], None], drive: Callable[[p.Drive], p.Driven] | None) -> None:
        """Give the window's frame request and the robot's hand; call before ``start``."""
        self._request_frame = request_frame
        self._drive = drive

    def start(self) -> None:
        self.line.start()
        self._alive.start()

    def stop(self) -> None:
        self._alive.stop()
        self.line.stop()

    # --- what QML reads ---------------------------------------------------------------------------------------

    def _get_first(self) -> str:
        return self._first

    def _get_mm_per_px(self) -> float:
        return self._options.window_mm_per_px

    def _get_fonts(self) -> dict[str, object]:
        return self._fonts

    def add_fonts(self, more: dict[str, object]) -> None:
        self._fonts = self._fonts | more
        self.fontsChanged.emit()

    def _get_double_tap_ms(self) -> int:
        return self._options.double_tap_ms

    fontsChanged = Signal()
    fontData = Property("QVariantMap", _get_fonts, notify=fontsChanged)  # type: ignore[arg-type]
    first = Property(str, _get_first, constant=True)
    mmPerPx = Property(float, _get_mm_per_px, constant=True)
    doubleTapMs = Property(int, _get_double_tap_ms, constant=True)

    @Slot(result=str)
    def blanks(self) -> str:
        """JSON list of empty pages, to build ahead of time."""
        return blank_pages()

    @Slot(str, "QVariantList", result=str)
    def code(self, name: str, rows: list[str]) -> str:
        """Keep a QR for the picture provider; returns the picture's name."""
        held = f"code-{name}"
        self._held.hold_code(held, [str(row) for row in rows])
        return held

    # --- what people do ---------------------------------------------------------------------------------------

    @Slot()
    def tick(self) -> None:
        """A control was touched."""
        self._sounds.play("tick")

    @Slot(str)
    def press(self, action: str) -> None:
        """A button was released."""
        if self._is_first_act():
            self.line.send(p.Pressed(event=self._next_event(), serial=self._serial, action=action))

    @Slot(str, str, str)
    def submit(self, action: str, field: str, value: str) -> None:
        """A pad was sent. The value goes out once and is kept nowhere here."""
        if self._is_first_act():
            self.line.send(
                p.Submitted(event=self._next_event(), serial=self._serial, action=action, values={field: value})
            )

    def scan(self, text: str) -> None:
        """A keyboard-wedge burst as it came, for the core to judge; ``""`` is one that stopped without its end."""
        if self._is_from_core:
            self.line.send(p.Scanned(event=self._next_event(), serial=self._serial, text=text))

    def touch(self) -> None:
        """Somebody touches anything; goes out at most once a second."""
        now = time.monotonic()
        if now - self._activity_at >= ACTIVITY_GAP_S:
            self._activity_at = now
            self.line.send(p.Activity())

    def trouble(self, message: str) -> None:
        self.line.send(p.Trouble(message=scrub(message)))

    # --- frames -----------------------------------------------------------------------------------------------

    @Slot()
    def frame_swapped(self) -> None:
        """A frame is on the screen."""
        if self._unpainted is not None:
            serial, name = self._unpainted
            self._unpainted = None
            self.line.send(p.Painted(serial=serial, name=name))
        if self._is_test_frame_due:
            self._is_test_frame_due = False
            self.notifier.alive()
            self.line.send(p.Alive())

    # --- what the core says -----------------------------------------------------------------------------------

    def _greet(self) -> None:
        self.line.send(p.Hello(version=p.VERSION))

    def _receive(self, message: p.ToFace) -> None:
        match message:
            case p.ShowPage(page=page):
                self._show(page)
            case p.ShowPicture(name=name, data=data):
                self._held.hold(name, data)
            case p.Forget():
                self._forget()
            case p.Sound(name=name):
                self._sounds.play(name)
            case p.Welcome(version=version, is_robot_allowed=is_robot_allowed):
                self._is_robot_allowed = is_robot_allowed
                if version != p.VERSION:
                    self.line.drop()
            case p.Drive():
                self._answer_drive(message)

    def _show(self, page: p.Page) -> None:
        self._is_from_core = True
        self._serial = page.serial
        self._sounds.is_on = page.look.has_sound
        self._unpainted = (page.serial, page.name)
        self.shown.emit(_page_encoder.encode(page).decode())
        # Even a page that looks like the last one must have its frame, or Painted would never go out.
        self._request_frame()

    def _forget(self) -> None:
        self._held.forget()
        self.forgotten.emit()

    def _lost(self) -> None:
        """The core went away: nothing of the visit may stay on the screen."""
        self._is_from_core = False
        self._unpainted = None
        self._acted_serial = -1
        self._is_robot_allowed = False
        self._serial = 0
        self._forget()
        self.shown.emit(self._first)

    def _answer_drive(self, drive: p.Drive) -> None:
        if not self._is_robot_allowed or self._drive is None:
            self.line.send(p.Driven(id=drive.id, is_ok=False, detail="the robot is not allowed here"))
            return
        hand = self._drive
        # After this slot, so that the events of the robot do not run inside the socket's reader.
        QTimer.singleShot(0, lambda: self.line.send(hand(drive)))

    # --- inside -----------------------------------------------------------------------------------------------

    def _next_event(self) -> str:
        return f"{self._event_prefix}-{next(self._event_numbers)}"

    def _is_first_act(self) -> bool:
        if not self._is_from_core:
            return False
        now = time.monotonic()
        if self._acted_serial == self._serial and now - self._acted_at < SECOND_ACT_AFTER_S:
            return False
        self._acted_serial = self._serial
        self._acted_at = now
        return True

    def _ask_test_frame(self) -> None:
        self._is_test_frame_due = True
        self._request_frame()
