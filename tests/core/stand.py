"""What tests of the core stand on: a clock moved by hand, a runner that only remembers, a shell with a paper screen."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from kiosk import api
from kiosk import protocol as p
from kiosk.backend.contract import Reachability
from kiosk.backend.invented import invent_person
from kiosk.core.loop import Loop
from kiosk.core.session import Session
from kiosk.core.shell import Shell
from kiosk.core.situation import Situation
from kiosk.devices.contract import Band, DeviceKind, Reason, Status
from kiosk.flows import effects as fx
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.settings import Settings
from kiosk.texts import Texts
from tests.flows.journey import NIK, PIN, UID, shipped

__all__ = ["NIK", "PIN", "UID", "shipped"]

SOMEBODY = invent_person(1, kinds=[api.DocumentKind.KK, api.DocumentKind.KTP_EL])
PERSON: dict[str, Any] = SOMEBODY.person.model_dump(mode="json")
FAMILY: dict[str, Any] = SOMEBODY.family.model_dump(mode="json")
DOCUMENTS: list[dict[str, Any]] = [one.model_dump(mode="json") for one in SOMEBODY.documents]
NOW = datetime(2026, 11, 22, 9, 41, tzinfo=UTC)
E = TypeVar("E", bound=fx.Effect)


def status(kind: DeviceKind, band: Band = Band.OK, *reasons: Reason) -> Status:
    return Status(kind, band, reasons, 0.0)


def all_well() -> dict[DeviceKind, Status]:
    return {kind: status(kind) for kind in DeviceKind}


def situation(language: str = "id", **changes: Any) -> Situation:
    """A machine on which everything works and nobody stands."""
    base: dict[str, Any] = {
        "settings": Settings(),
        "texts": Texts(language),
        "look": p.Look(language=language),
        "clock": "09.41",
        "services": tuple(shipped().values()),
        "devices": all_well(),
        "office": Reachability.ONLINE,
        "numbers_left": {"layanan": 9, "pengaduan": 9},
        "now": 100.0,
    }
    return Situation(**(base | changes))


def actions_of(page: p.Page) -> dict[str, bool]:
    """Every action of a page, and whether it can be pressed."""
    body = page.body
    found = [page.back, page.home, page.main, page.second, *page.strip.controls]
    tiles: list[p.Tile] = []
    if isinstance(body, p.MenuBody | p.DocumentsBody | p.AttractBody | p.ConsentBody):
        tiles = body.tiles
    elif isinstance(body, p.SurveyBody):
        found += body.choices
    elif isinstance(body, p.PreviewBody):
        found += [body.previous, body.next]
    elif isinstance(body, p.TechnicianBody):
        found += [test for row in body.devices for test in row.tests]
    acts = {action.id: action.is_enabled for action in found if action is not None}
    return acts | {tile.action: tile.is_enabled for tile in tiles}


class StillRunner:
    """Stands for ``EffectRunner``: remembers what was to run, answers nothing by itself."""

    def __init__(self) -> None:
        self.ran: list[fx.Effect] = []
        self.ended: list[Session] = []
        self.is_idle = True

    def run(self, session: Session, effect: fx.Effect) -> None:
        assert not session.is_over, "an effect for a visit that has ended"
        self.ran.append(effect)

    def end(self, session: Session) -> None:
        session.wipe()
        self.ended.append(session)

    def names(self) -> list[str]:
        return [type(effect).__name__ for effect in self.ran]

    def last(self, kind: type[E]) -> E:
        found = [effect for effect in self.ran if isinstance(effect, kind)]
        assert found, f"no {kind.__name__} among {self.names()}"
        return found[-1]


class Stand:
    """A shell whose clock is moved by ``wait``; ``paints`` says whether the face paints what it gets."""

    def __init__(self, settings: Settings | None = None, *, paints: bool = True) -> None:
        self.seconds = 1000.0
        self.paints = paints
        self.sent: list[p.ToFace] = []
        self.runner = StillRunner()
        self._events = itertools.count(1)
        self.loop = Loop(lambda: self.seconds)
        self.shell = Shell(self.loop, settings or Settings(), self._take, lambda: NOW)
        self.shell.runner = self.runner  # type: ignore[assignment]
        self.shell.change(
            is_starting=False,
            services=tuple(shipped().values()),
            devices=all_well(),
            office=Reachability.ONLINE,
            numbers_left={"layanan": 9, "pengaduan": 9},
        )
        self.settle()

    def _take(self, message: p.ToFace) -> bool:
        self.sent.append(message)
        if self.paints and isinstance(message, p.ShowPage):
            painted = p.Painted(message.page.serial, message.page.name)
            self.loop.post(lambda: self.shell.handle(painted))
        return True

    def settle(self) -> "Stand":
        self.loop.run_pending()
        return self

    @property
    def page(self) -> p.Page:
        assert self.shell.page is not None
        return self.shell.page

    @property
    def name(self) -> str:
        return self.page.name

    def press(self, *actions: str) -> "Stand":
        for action in actions:
            assert actions_of(self.page).get(action, action == "start"), f"no {action} on {self.name}"
            self.force(action)
        return self

    def force(self, action: str) -> "Stand":
        """An action that need not stand on the page."""
        self.shell.handle(p.Pressed(f"e{next(self._events)}", self.page.serial, action))
        return self.settle()

    def submit(self, action: str = "submit", **values: str) -> "Stand":
        self.shell.handle(p.Submitted(f"e{next(self._events)}", self.page.serial, action, values))
        return self.settle()

    def answer(self, kind: type[fx.Effect], outcome: out.Outcome) -> "Stand":
        effect = self.runner.last(kind)
        visit = self.shell._visit
        assert visit is not None
        self.shell.deliver(visit.session, ev.Ended(self.seconds, effect.id, outcome))
        return self.settle()

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> "Stand":
        """Let time go by in steps no longer than half a second."""
        end = self.seconds + seconds
        while self.seconds < end and not until():
            self.seconds = min(end, self.seconds + 0.5)
            self.settle()
        return self

    # --- ways through a service

    def to_tap(self, service: str = "cetak-kk") -> "Stand":
        self.press("start", f"service:{service}", "main", "choose:card")
        assert self.name in ("tap-card", "card-seen")
        return self

    def to_documents(self, service: str = "cetak-kk") -> "Stand":
        self.to_tap(service).answer(fx.ReadCard, out.CardSeen(UID, is_stable=True))
        self.answer(fx.FindCard, out.CardFound()).submit(pin=PIN)
        self.answer(fx.Prove, out.Proved("S*** W***"))
        return self.answer(fx.Fetch, out.Fetched(self.runner.last(fx.Fetch).what, DOCUMENTS))

    def to_preview(self) -> "Stand":
        self.to_documents()
        if self.name == "documents":
            self.press(f"choose:{DOCUMENTS[0]['id']}")
        self.answer(fx.Prepare, out.Prepared(2))
        assert self.name == "preview"
        return self

    def to_printing(self) -> "Stand":
        self.to_preview().press("main")
        assert self.name == "printing"
        return self
