"""Holds the situation of the machine, sends the page it calls for, and hands what people do to whom it concerns.

Runs on the loop alone.
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from kiosk import protocol as p
from kiosk.backend.contract import Reachability
from kiosk.core.dates import clock
from kiosk.core.effects import EffectRunner
from kiosk.core.grace import DeviceNews
from kiosk.core.look import default_look, switched
from kiosk.core.loop import Loop
from kiosk.core.pages import pick
from kiosk.core.paper import SlipStory, story_of
from kiosk.core.scans import Scans
from kiosk.core.session import Session
from kiosk.core.situation import Overlay, Phase, Recovered, Situation
from kiosk.core.visit import Visit, VisitCalls
from kiosk.devices.contract import DeviceKind, Presence, ScanOutcome, Status
from kiosk.errors import ErrorCode
from kiosk.events import LogEvent, log
from kiosk.flows.events import CardGone, Event, Pressed, Scanned, Submitted, Unreadable
from kiosk.flows.state import Stage
from kiosk.settings import Settings
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.core.staff import StaffDoor
    from kiosk.flows.compiled import CompiledFlow

CARD_SETTLE_S = 0.5
"""A reader that came back sees the card on it a moment later."""
CLOCK_S = 15.0
"""How often the strip's clock is looked at; the page is sent again only when its minute changed."""

_SOUNDS = {
    Stage.FINISH: "done",
    Stage.TROUBLE: "attention",
    Stage.LOCKED: "attention",
    Stage.PREVIEW: "done",
}


class Shell:
    """``send`` takes messages for the face; True when a face is there."""

    def __init__(
        self, loop: Loop, settings: Settings, send: Callable[[p.ToFace], bool], now: Callable[[], datetime]
    ) -> None:
        self.loop = loop
        self.settings = settings
        self.runner: EffectRunner | None = None
        self.door: StaffDoor | None = None
        self.between_visits: Callable[[], None] = lambda: None
        """Called when nobody is there: flows are reloaded, held jobs looked at."""
        self.visit_opened: Callable[[], bool] = lambda: True
        """Notes durably that a visit is open; False when that can't be done, and then there is no visit."""
        self.was_visit_open = False
        self.visit_end = ""
        """Why the last visit ended."""
        self.was_cut = False
        """Whether the last one was ended before its last page, which says what came out, stood on the screen."""
        self.scans = Scans(self.code_read)
        self._send = send
        self._now = now
        self._look = default_look(self.settings)
        self._visit: Visit | None = None
        self._page: p.Page | None = None
        self._pictures: dict[str, p.ShowPicture] = {}
        self._serial = 0
        self._since = 0
        """The first serial under which the page that stands there was shown."""
        self._painted = 0
        self._is_card_there = False
        self.card_presence: Callable[[], Presence] = lambda: Presence(self._is_card_there, 0)
        """What the card reader sees now; never blocks."""
        self._news = DeviceNews(loop, lambda: self._situation.devices, self._take_devices)
        self._seen_events: dict[str, None] = {}
        self._situation = Situation(
            settings=settings, texts=Texts("id"), look=self._look, clock="", is_starting=True, now=loop.clock()
        )
        self._tick()

    # --- what the machine tells

    def change(self, **changes: object) -> None:
        """Replace fields of the situation and show what follows from it."""
        self._situation = dataclasses.replace(self._situation, **changes)  # type: ignore[arg-type]
        self.show()

    @property
    def situation(self) -> Situation:
        return self._situation

    @property
    def has_visit(self) -> bool:
        return self._visit is not None

    @property
    def visit(self) -> Visit | None:
        return self._visit

    @property
    def page(self) -> p.Page | None:
        """What is on the screen, or on its way there."""
        return self._page

    @property
    def painted(self) -> int:
        """Serial of the newest page that the face has painted."""
        return self._painted

    def device_changed(self, status: Status) -> None:
        """What a device says of itself. A fault that passes within its grace never comes to a page."""
        if self._news.hear(status) and status.kind is DeviceKind.CARD_READER:
            self.loop.after(CARD_SETTLE_S, self._look_for_card)

    def _take_devices(self, devices: Mapping[DeviceKind, Status]) -> None:
        """Pages may speak of what the devices said."""
        self._situation = dataclasses.replace(self._situation, devices=devices)
        if self._visit is not None:
            self._visit.devices_changed()
        self.show()

    def office_changed(self, reachability: Reachability) -> None:
        log(LogEvent.OFFICE_CHANGED, state=reachability)
        self.change(office=reachability)

    def card_moved(self, presence: Presence) -> None:
        """A card came or went. When the whole reader went, nobody has moved the card: that is looked at afterwards."""
        heard = self._news.heard(DeviceKind.CARD_READER)
        if not presence.is_present and heard is not None and not heard.is_usable:
            return
        self._is_card_there = presence.is_present
        if self._visit is None:
            return
        self._visit.card_moved()
        if not presence.is_present:
            self._visit.feed(CardGone(self.loop.clock()))
            if self._visit is not None:
                self._visit.card_taken()
        else:
            self._visit.touch()
        self.show()

    def _look_for_card(self) -> None:
        """A reader came back: is the card that lay there still there?"""
        heard, presence = self._news.heard(DeviceKind.CARD_READER), self.card_presence()
        if heard is not None and heard.is_usable and presence.is_present != self._is_card_there:
            self.card_moved(presence)

    def flows_changed(self, flows: tuple["CompiledFlow", ...]) -> None:
        self.change(services=flows)

    # --- what the face tells

    def face_came(self) -> None:
        """A face connected, for the first time or again in the middle of a visit: the same page with its pictures."""
        self._painted = 0
        self._seen_events.clear()
        page, self._page = self._page, None
        for picture in self._pictures.values():
            self._send(picture)
        if page is not None:
            self._serial += 1
            self._page = msgspec.structs.replace(page, serial=self._serial, direction=p.Direction.NONE)
            self._send(p.ShowPage(self._fresh(self._page)))
        self.show()

    def handle(self, message: p.FromFace) -> None:
        """One message of the face. Stale serials and repeated events have no effect."""
        if isinstance(message, p.Painted):
            self._painted = max(self._painted, message.serial)
            if self._visit is not None:
                self._visit.painted(message.serial)
        elif isinstance(message, p.Activity):
            self._touched()
        elif isinstance(message, p.Trouble):
            log(LogEvent.FACE_TROUBLE, detail=message.message[:300])
        elif isinstance(message, p.Pressed | p.Submitted | p.Scanned):
            if message.event in self._seen_events:
                return
            self._seen_events[message.event] = None
            if len(self._seen_events) > 512:
                del self._seen_events[next(iter(self._seen_events))]
            # A page that was only updated in place (a tile went grey, the clock moved) still takes the touch.
            if self._page is None or not self._since <= message.serial <= self._page.serial:
                return
            if isinstance(message, p.Scanned):
                self.scans.wedge(message.text)
            elif isinstance(message, p.Submitted):
                self._act(message.action, message.values)
            else:
                self._act(message.action, None)

    def _touched(self) -> None:
        if self.door is not None:
            self.door.touched()
        # On the warning a touch is told before the button that it presses: the button decides, stay or leave.
        if self._visit is not None and self._visit.overlay not in (Overlay.STILL_HERE, Overlay.TIME_UP):
            self._visit.touch()

    def _act(self, action: str, values: dict[str, str] | None) -> None:
        """One act of a person, by the action's name."""
        if action == "staff" or action.startswith(("staff:", "test:", "align:", "blanks:", "prints:")):
            if self.door is not None:
                self.door.act(action, values or {}, is_visit=self._visit is not None)
            return
        if action.startswith(("look:", "language:")):
            self.switch(action)
            return
        if self._visit is None:
            # Whatever was switched where nobody could begin was not this person's wish.
            self._look = default_look(self.settings)
            if action == "start" or action.startswith("service:"):
                self._begin()
                if action.startswith("service:"):
                    self._choose(action.removeprefix("service:"))
            elif action == "help":
                visit = self._begin()
                if visit is not None:
                    visit.open(Overlay.HELP)
            return
        self._in_visit(self._visit, action, values)

    def _in_visit(self, visit: Visit, action: str, values: dict[str, str] | None) -> None:
        now = self.loop.clock()
        if action == "stay":
            visit.extend() if visit.overlay is Overlay.TIME_UP else visit.touch()
            return
        visit.touch()
        if action == "help":
            visit.open(Overlay.HELP)
        elif action == "close":
            visit.close_overlay()
        elif action == "home":
            visit.leave("home")
        elif action == "finish" and visit.phase in (Phase.LEAVING, Phase.INTERRUPTED):
            visit.finish_now()
        elif action == "stop-waiting":
            visit.stop_waiting()
        elif action.startswith("service:") and visit.phase is Phase.SERVICES:
            self._choose(action.removeprefix("service:"))
        elif values is not None:
            visit.feed(Submitted(now, action, values))
        else:
            visit.feed(Pressed(now, action))

    def _choose(self, service: str) -> None:
        """A grey tile that is touched all the same has no effect."""
        from kiosk.core.availability import why_not

        for flow in self._situation.services:
            if flow.id == service and self._visit is not None and not why_not(self._situation, flow):
                self._visit.choose(flow)
                return

    # --- visits

    def _begin(self, phase: Phase = Phase.SERVICES, recovered: tuple[Recovered, ...] = ()) -> Visit | None:
        """Open a visit where one may be opened; the visit that stands afterwards."""
        s = self._situation
        is_closed = s.is_starting or s.is_holding or s.out_of_order or s.fault or s.staff or s.is_closed_for_power
        if self._visit is not None or is_closed or self.runner is None:
            return self._visit
        calls = VisitCalls(
            show=self.show,
            is_painted=lambda serial: self._painted >= serial,
            forget=self._forget_pictures,
            ended=self._visit_ended,
            is_card_there=lambda: self._is_card_there,
            usable=lambda: frozenset(
                kind.value for kind, status in self._situation.devices.items() if status.is_usable
            ),
        )
        if not self.visit_opened():
            return None
        self._visit = Visit(self.loop, self.settings.visit, self.runner, calls, self._look)
        self._visit.phase = phase
        self._situation = dataclasses.replace(self._situation, recovered=recovered)
        log(LogEvent.VISIT_STARTED)
        self.was_visit_open = True
        self.show()
        return self._visit

    def story(self, session: Session) -> SlipStory:
        """What a slip or a rating says of the visit; read by workers, from values that don't change under them."""
        visit = self._visit
        flow, state = (visit.flow, visit.state) if visit is not None and visit.session is session else (None, None)
        return story_of(flow, state, self._look.language)

    def code_read(self, outcome: ScanOutcome) -> None:
        """A code from whichever scanner; one that is no code is said where a code is waited for."""
        if outcome.rejection is not None:
            log(LogEvent.CODE_REJECTED, reason=outcome.rejection)
        if self.door is not None and self.door.scan(outcome.text):
            return
        if self._visit is not None:
            self._visit.touch()
            at = self.loop.clock()
            self._visit.feed(Unreadable(at) if outcome.rejection else Scanned(at, outcome.text))

    def open(self, services: tuple["CompiledFlow", ...], recovered: tuple[Recovered, ...] | None) -> None:
        """Let people in. With ``recovered`` the core came back after a visit was cut: first the page that says so."""
        self._situation = dataclasses.replace(self._situation, is_starting=False, services=services)
        if recovered is None or self._begin(Phase.INTERRUPTED, recovered) is None:
            self.show()

    def deliver(self, session: Session, event: Event) -> None:
        """An outcome; dropped when its visit is over."""
        if self._visit is not None and self._visit.session is session:
            self._visit.feed(event)

    def picture(self, session: Session, message: p.ShowPicture) -> None:
        """A preview page, from a worker by way of the loop; dropped when its visit is over."""
        if self._visit is not None and self._visit.session is session:
            self._pictures[message.name] = message
            self._send(message)

    def abandon(self, code: ErrorCode) -> None:
        """End the visit after a bug or for a stop: what was prepared is given back, the machine goes on.

        After a bug in the middle of a service a page tells what came out; a second bug there ends the visit.
        """
        visit = self._visit
        if visit is None:
            return
        if code is ErrorCode.CORE_RESTARTED or visit.phase is not Phase.FLOW:
            self.was_cut = not (visit.is_at_its_last_page and self._painted >= self._since)
            visit.end(code.value)
            return
        recovered = visit.interrupt()
        self._situation = dataclasses.replace(self._situation, recovered=recovered)
        self._forget_pictures()
        self.show()

    def _forget_pictures(self) -> None:
        """Nothing of a person stays while the page asks them to take their card."""
        self._pictures.clear()
        self._send(p.Forget())

    def _visit_ended(self, reason: str) -> None:
        """The wipe: nothing of a person stays in the core's structures or in the face."""
        log(LogEvent.VISIT_ENDED, visit_end=reason)
        self.visit_end = reason
        self._visit = None
        self._pictures.clear()
        self._page = None
        self._seen_events.clear()
        self._look = default_look(self.settings)
        self._situation = dataclasses.replace(
            self._situation, visit=None, recovered=(), look=self._look, texts=Texts(self._look.language)
        )
        self._send(p.Forget())
        try:
            self.between_visits()
        finally:
            self.show()

    # --- look

    def switch(self, action: str) -> None:
        """``look:…`` or ``language:…``, by a person or by what they plugged in."""
        if action == "look:language":
            visit = self._begin()
            if visit is not None:
                visit.touch()
                visit.open(Overlay.LANGUAGE)
                return
        look = switched(self._look, action, self.settings.kiosk.languages)
        if look is None:
            return
        self._look = look
        visit = self._begin()
        if visit is not None:
            visit.look = look
            if visit.overlay is Overlay.LANGUAGE:
                visit.overlay = Overlay.NONE
            visit.touch()
        else:
            self.loop.after(self.settings.visit.idle_s, self._look_back)
        self._situation = dataclasses.replace(self._situation, look=look, texts=Texts(look.language))
        self.show()

    def _look_back(self) -> None:
        """Where no visit may begin, no wipe puts the look back."""
        if self._visit is None:
            self._look = default_look(self.settings)
            self.show()

    # --- the page

    def show(self) -> int:
        """Pick the page and send it when it differs from what stands there; its serial."""
        language = self._look.language
        self._situation = dataclasses.replace(
            self._situation,
            visit=self._visit.view() if self._visit is not None else None,
            texts=Texts(language),
            look=self._look,
            clock=clock(self._now(), language),
            staff=self.door.view() if self.door is not None else None,
            now=self.loop.clock(),
        )
        self.scans.look(self._situation.visit)
        page = pick(self._situation)
        old = self._page
        if old is not None:
            if msgspec.structs.replace(page, serial=old.serial, remaining_ms=None, direction=old.direction) == (
                msgspec.structs.replace(old, remaining_ms=None)
            ):
                return old.serial
            if page.key == old.key:
                page = msgspec.structs.replace(page, direction=p.Direction.NONE)
        self._serial += 1
        if old is None or page.key != old.key:
            self._since = self._serial
        self._page = msgspec.structs.replace(page, serial=self._serial)
        self._send(p.ShowPage(self._page))
        self._sound(old)
        return self._serial

    def _sound(self, old: p.Page | None) -> None:
        view = self._situation.visit
        if view is None or view.state is None or not self._look.has_sound:
            return
        sound = _SOUNDS.get(view.state.stage)
        if sound is not None and self._page is not None and (old is None or old.key != self._page.key):
            self._send(p.Sound(sound))

    def _fresh(self, page: p.Page) -> p.Page:
        """The page with its countdown as it stands now."""
        if self._visit is None or page.remaining_ms is None:
            return page
        return msgspec.structs.replace(page, remaining_ms=self._visit.view().remaining_ms)

    def _tick(self) -> None:
        """The clock in the strip, and the moments when nobody is there."""
        self.loop.after(CLOCK_S, self._tick)
        if not self._situation.is_starting:
            if self._visit is None:
                self.between_visits()
            self.show()
