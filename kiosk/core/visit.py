"""One citizen's use of the kiosk, from the first touch to the wipe.

Runs on the loop alone. The engine decides; this holds its state, carries time and events to it, keeps effects back
until their page is painted, and ends the visit by idleness, by the overall limit, or when the flow is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.core.loop import Loop, Timer
from kiosk.core.session import Session
from kiosk.core.situation import Overlay, Phase, Recovered, VisitView
from kiosk.events import LogEvent, log
from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows.events import Event, Pressed, Start, Tick
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Stage, State
from kiosk.protocol import Look
from kiosk.settings import VisitTable

if TYPE_CHECKING:
    from kiosk.core.effects import EffectRunner
    from kiosk.flows.compiled import CompiledFlow

_BUSY_STAGES = frozenset({Stage.PRINT, Stage.SLIP})
"""The person only watches, and every one of these ends by itself: neither idleness nor the limit may cut them."""

_WORK_STAGES = _BUSY_STAGES | {Stage.WORK, Stage.FIND, Stage.PROVE, Stage.PREPARE, Stage.CAPTURE}


@dataclass(frozen=True)
class VisitCalls:
    """What a visit needs of the shell: ``show`` re-sends the page, ``ended`` takes the visit away."""

    show: Callable[[], int]
    """Picks and sends the page; the serial under which it stands."""
    is_painted: Callable[[int], bool]
    forget: Callable[[], None]
    """Drop the pictures of the visit, here and in the face."""
    ended: Callable[[str], None]
    is_card_there: Callable[[], bool]
    usable: Callable[[], frozenset[str]]
    """Kinds of devices that serve now: conditions of a flow may ask for them."""


class Visit:
    """``feed`` takes engine events, ``touch`` any sign of life; ``view`` is what the page is made of."""

    def __init__(self, loop: Loop, table: VisitTable, runner: "EffectRunner", calls: VisitCalls, look: Look) -> None:
        self.session = Session()
        self.look = look
        self.phase = Phase.SERVICES
        self.overlay = Overlay.NONE
        self.flow: CompiledFlow | None = None
        self.state: State | None = None
        self.is_extended = False
        self._loop = loop
        self._table = table
        self._runner = runner
        self._calls = calls
        self._held: list[fx.Effect] = []
        self._held_for = 0
        self._held_timer: Timer | None = None
        self._step_timer: Timer | None = None
        now = loop.clock()
        self._started = now
        self._limit = now + table.overall_s
        self._last_touch = now
        self._warned_until = 0.0
        self._watch: Timer | None = None
        self._is_over = False
        self._is_card_old = False
        self._schedule_watch()

    # --- what the page is made of

    def view(self) -> VisitView:
        remaining = None
        total = 0.0
        if self.overlay in (Overlay.STILL_HERE, Overlay.TIME_UP):
            remaining = max(0, round((self._warned_until - self._loop.clock()) * 1000))
            total = self._table.warning_s * 1000
        elif (
            self.state is not None
            and self.state.deadline is not None
            and self.state.stage
            in (
                Stage.PHONE,
                Stage.CAPTURE,
            )
        ):
            remaining = max(0, round((self.state.deadline - self._loop.clock()) * 1000))
        return VisitView(
            phase=self.phase,
            overlay=self.overlay,
            flow=self.flow,
            state=self.state,
            remaining_ms=remaining,
            total_ms=round(total),
            can_extend=not self.is_extended,
            is_card_there=self._calls.is_card_there(),
            is_card_new=self._calls.is_card_there() and not self._is_card_old,
            language=self.look.language,
        )

    @property
    def is_at_its_last_page(self) -> bool:
        """Nothing more happens: the page says what came out, and whoever stands there takes what is theirs."""
        is_at_end = self.state is not None and self.state.stage is Stage.FINISH
        return is_at_end or self.phase in (Phase.LEAVING, Phase.INTERRUPTED)

    # --- what the person does

    def touch(self) -> None:
        """Any sign of life; a touch elsewhere also answers the idle warning."""
        self._last_touch = self._loop.clock()
        if self.overlay is Overlay.STILL_HERE:
            self.overlay = Overlay.NONE
            self._calls.show()
        self._schedule_watch()

    def open(self, overlay: Overlay) -> None:
        """Lay a page over the visit."""
        if self.overlay not in (Overlay.STILL_HERE, Overlay.TIME_UP):
            self.overlay = overlay
            self._calls.show()

    def close_overlay(self) -> None:
        if self.overlay is Overlay.TIME_UP:
            return
        self.overlay = Overlay.NONE
        self._calls.show()

    def extend(self) -> None:
        """Once a visit: slow readers get more time."""
        if self.is_extended:
            return
        self.is_extended = True
        self._limit = self._loop.clock() + self._table.extension_s
        self.overlay = Overlay.NONE
        self.touch()
        self._calls.show()

    def choose(self, flow: "CompiledFlow") -> None:
        """Begin a service."""
        self.flow = flow
        self.phase = Phase.FLOW
        log(LogEvent.SERVICE_STARTED, service=flow.id)
        now = self._loop.clock()
        self.state = engine.start(flow, now, self._calls.usable())
        self._calls.show()
        self._schedule_step()
        self.feed(Start(now))

    def devices_changed(self) -> None:
        """Conditions ask for what serves now, not for what served when the service began."""
        if self.state is not None and not self._is_over and self.state.stage is not Stage.ENDED:
            self.state = engine.with_devices(self.state, self._calls.usable())

    def feed(self, event: Event) -> None:
        """One event into the engine; its effects wait for the page."""
        if self.flow is None or self.state is None or self._is_over:
            return
        before = self.state
        self.state, effects = engine.step(self.flow, before, event)
        if self.state is before and not effects:
            return
        if self.overlay is Overlay.HELP and self.state.stage is not before.stage:
            self.overlay = Overlay.NONE
        if self.state.stage is Stage.TAP and self.state.notice is not None:
            # The card that gave trouble still lies there: it is not read until it moves.
            self._is_card_old = self._calls.is_card_there()
        if before.stage in _WORK_STAGES:
            self._last_touch = self._loop.clock()
        if before.stage in _BUSY_STAGES:
            self._spare(self._loop.clock())
        if self.state.stage is Stage.ENDED:
            self._run(effects)
            log(LogEvent.SERVICE_ENDED, service=self.flow.id, ending=self.state.ending or "")
            self._flow_ended()
            return
        serial = self._calls.show()
        self._hold(effects, serial)
        self._schedule_step()
        self._schedule_watch()

    def stop_waiting(self) -> None:
        """Nobody comes to help the printer: the job is cancelled, and its outcome says how far it got."""
        if self.state is not None and self.state.stage is Stage.PRINT and self.state.reason:
            self._runner.ask_to_end(self.session, self.state.pending)

    def leave(self, reason: str) -> None:
        """Go home: what runs is cancelled, what was prepared is given back, then the wipe."""
        if self.flow is not None and self.state is not None and self.state.stage is not Stage.ENDED:
            self._reason = reason
            before = self.state
            self.feed(Pressed(self._loop.clock(), "home"))
            if self.state is before:
                return
            if self._is_over or self.phase is Phase.LEAVING:
                return
        self._depart(reason)

    _reason = "home"
    _leaving_reason = "home"

    # --- the end

    def _flow_ended(self) -> None:
        ending = self.state.ending if self.state is not None else None
        self._depart("done" if ending is not Ending.CANCELLED else self._reason)

    def _depart(self, reason: str) -> None:
        """A forgotten card is asked for before the screen belongs to the next person."""
        if self.phase is Phase.LEAVING or self._is_over:
            return
        if self._calls.is_card_there():
            self.phase = Phase.LEAVING
            self.overlay = Overlay.NONE
            self._forget()
            self._calls.forget()
            self._calls.show()
            self._leaving_reason = reason
            self._loop.after(self._table.take_s, lambda: self._finish(reason))
        else:
            self._finish(reason)

    def card_moved(self) -> None:
        """Whatever lies there now has given no trouble yet."""
        self._is_card_old = False

    def card_taken(self) -> None:
        """The card went while the page asked for it."""
        if self.phase is Phase.LEAVING:
            self._finish(self._leaving_reason)

    def interrupt(self) -> tuple[Recovered, ...]:
        """A bug cut the service: forget the person, and keep what is known of the paper for the page that says so."""
        ends: list[Recovered] = []
        if self.state is not None and self.state.printed:
            ends.append(Recovered.PRINTED)
        if self.state is not None and self.state.stage is Stage.PRINT:
            ends.append(Recovered.UNKNOWN)
        self._forget()
        self.phase = Phase.INTERRUPTED
        self.overlay = Overlay.NONE
        self._last_touch = self._loop.clock()
        self._schedule_watch()
        return tuple(ends)

    def end(self, reason: str) -> None:
        """At once, without a page."""
        self._finish(reason)

    def finish_now(self) -> None:
        """The person says that everything is taken."""
        self._finish("home")

    def _forget(self) -> None:
        self._cancel_timers()
        self._runner.end(self.session)
        self.flow = None
        self.state = None
        self._held.clear()

    def _finish(self, reason: str) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._forget()
        self._calls.ended(reason)

    # --- effects wait for their page

    def painted(self, serial: int) -> None:
        """The face has the page of ``serial`` on the screen."""
        if self._held and serial >= self._held_for:
            self._let_go()

    def _hold(self, effects: tuple[fx.Effect, ...], serial: int) -> None:
        """Keep effects until their page is painted, or the time for painting is over."""
        at_once = tuple(effect for effect in effects if isinstance(effect, fx.Cancel | fx.Release))
        self._run(at_once)
        self._held.extend(effect for effect in effects if effect not in at_once)
        if not self._held:
            return
        self._held_for = serial
        if self._calls.is_painted(serial):
            self._let_go()
            return
        if self._held_timer is not None:
            self._held_timer.cancel()
        self._held_timer = self._loop.after(self._table.painted_s, self._paint_late)

    def _paint_late(self) -> None:
        if self._held:
            log(LogEvent.PAGE_NOT_PAINTED)
            self._let_go()

    def _let_go(self) -> None:
        if self._held_timer is not None:
            self._held_timer.cancel()
            self._held_timer = None
        effects, self._held = tuple(self._held), []
        self._run(effects)

    def _run(self, effects: tuple[fx.Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, fx.Cancel):
                self._held = [held for held in self._held if held.id != effect.target]
            self._runner.run(self.session, effect)

    # --- time

    def _schedule_step(self) -> None:
        if self._step_timer is not None:
            self._step_timer.cancel()
            self._step_timer = None
        if self.state is not None and self.state.deadline is not None:
            wait = max(0.0, self.state.deadline - self._loop.clock())
            self._step_timer = self._loop.after(wait, lambda: self.feed(Tick(self._loop.clock())))

    def _schedule_watch(self) -> None:
        """One timer for idleness and for the overall limit."""
        if self._watch is not None:
            self._watch.cancel()
        if self._is_over or self.phase is Phase.LEAVING:
            return
        if self.overlay in (Overlay.STILL_HERE, Overlay.TIME_UP):
            at = self._warned_until
        else:
            at = min(self._last_touch + self._table.idle_s, self._limit - self._table.warning_s)
        self._watch = self._loop.after(max(0.05, at - self._loop.clock()), self._look_at_time)

    def _look_at_time(self) -> None:
        if self._is_over or self.phase is Phase.LEAVING:
            return
        now = self._loop.clock()
        if self.state is not None and self.state.stage in _BUSY_STAGES:
            self._last_touch = now
            self._spare(now)
        elif self.overlay in (Overlay.STILL_HERE, Overlay.TIME_UP):
            if now >= self._warned_until:
                reason = "idle" if self.overlay is Overlay.STILL_HERE else "limit"
                self.overlay = Overlay.NONE
                self.leave(reason)
                return
        elif now >= self._limit - self._table.warning_s:
            self._warn(Overlay.TIME_UP, now)
        elif now >= self._last_touch + self._table.idle_s:
            if self.state is not None and self.state.stage is Stage.FINISH:
                self._last_touch = now  # the step's own deadline ends this page
            else:
                self._warn(Overlay.STILL_HERE, now)
        self._schedule_watch()

    def _spare(self, now: float) -> None:
        """After what only the machine could end there is time to take the paper before the limit warns."""
        self._limit = max(self._limit, now + self._table.warning_s + self._table.take_s)

    def _warn(self, overlay: Overlay, now: float) -> None:
        self.overlay = overlay
        self._warned_until = now + self._table.warning_s
        self._calls.show()

    def _cancel_timers(self) -> None:
        for timer in (self._held_timer, self._step_timer, self._watch):
            if timer is not None:
                timer.cancel()
