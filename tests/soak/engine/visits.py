"""Lives of a kiosk: the real engine, effects' handlers, print service and recovery among models, struck by a seed.

One life is a few visits by different people on one kiosk, with crashes and restarts between them; at its end all paper
comes to rest, the outbox is emptied, and the books are compared. Nothing here takes real time.
"""

import random
import threading
from types import SimpleNamespace
from typing import Any

from kiosk import api
from kiosk.core import handlers
from kiosk.core.effects import failed
from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.core.recovery import recover
from kiosk.core.session import Session
from kiosk.devices.contract import DeviceKind
from kiosk.documents.verified import ExpectedSize
from kiosk.errors import BackendError, ErrorCode, KioskError, StoreError
from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.compiled import CompiledFlow
from kiosk.flows.state import Stage
from kiosk.store.prints import PrinterName
from tests.flows.journey import shipped
from tests.soak.engine.faults import DiedError, Fates, Place, Strike
from tests.soak.engine.model_journal import ModelJournal
from tests.soak.engine.model_printer import ModelPrinter
from tests.soak.engine.models import (
    ModelCancel,
    ModelClock,
    ModelOffice,
    ModelReader,
    ModelVerifier,
    Person,
)
from tests.soak.engine.stand_ins import Guarded, NoPaper, NoSlips, no_number, people_with_papers
from tests.soak.engine.tally import Tally, WrongError

VISITS_A_LIFE = 5
MOST_EVENTS = 160


class Life:
    """One kiosk with a few people."""

    def __init__(self, rng: random.Random, tally: Tally, journal: Any = None) -> None:
        self.rng = rng
        self.tally = tally
        self.clock = ModelClock()
        self.fates = Fates(rng, tally.struck)
        people, papers = people_with_papers(VISITS_A_LIFE)
        self.office = ModelOffice(people, papers, self.fates, self.clock)
        kind = rng.random()
        counts, is_queue = kind < 0.9, kind < 0.06
        a4 = ModelPrinter(DeviceKind.DOCUMENT_PRINTER, self.fates, counts, is_queue)
        card = ModelPrinter(DeviceKind.CARD_PRINTER, self.fates)
        self.printers = {PrinterName.A4: a4, PrinterName.CARD: card}
        for printer in self.printers.values():
            printer.on_sheet = self._sheet_moved
        self.evidence = "impressions" if counts else "page-counter"
        self.reader = ModelReader(self.fates)
        self.books: Any = journal if journal is not None else ModelJournal()
        self.journal: Any = Guarded(self.books, self.fates)
        self.visitor_of: dict[str, Person] = {}
        self.told: dict[str, out.Outcome] = {}
        self.visitor: Person | None = None
        self.given_up: set[str] = set()
        self._boot()

    # --- the machine

    def _boot(self) -> None:
        """A new process: all that was in memory is gone."""
        self.bays = {
            PrinterName.A4: PrinterBay(self.printers[PrinterName.A4], ExpectedSize.A4, self.evidence),  # type: ignore[arg-type]
            PrinterName.CARD: PrinterBay(self.printers[PrinterName.CARD], ExpectedSize.ID_1),  # type: ignore[arg-type]
        }
        self.prints = PrintService(self.journal, self.bays, self.office, ModelVerifier(), self.clock, tell=self._tell)  # type: ignore[arg-type]
        self.hands = handlers.Hands(
            office=self.office,  # type: ignore[arg-type]
            card_reader=self.reader,  # type: ignore[arg-type]
            slip_printer=NoSlips(),  # type: ignore[arg-type]
            prints=self.prints,
            paper=NoPaper(),  # type: ignore[arg-type]
            show_picture=lambda *_: None,
            rate=lambda *_: None,
            complain=lambda *_: None,
            take_number=no_number,
        )

    def _recover(self) -> None:
        """After a death; what strikes now kills again."""
        self.tally.deaths += 1
        while True:
            self._boot()
            try:
                recover(self.journal, self.bays, threading.Event(), clock=self.clock, patience_s=3.0)
            except DiedError:
                self.tally.deaths += 1
            except StoreError:
                self.clock.seconds += 10
            else:
                return

    def _sheet_moved(self, name: str) -> None:
        owner = self.visitor_of.get(name)
        if self.visitor is not None and owner is not None and owner is not self.visitor:
            if name not in self.given_up:
                raise WrongError(f"paper of {owner.number} came out while {self.visitor.number} stood there")
            self.tally.late_sheets += 1

    # --- visits

    def live(self) -> None:
        """All visits, then the reckoning. Raises WrongError."""
        for person in self.office.people:
            self.tally.visits += 1
            self.fates.plan()
            visit = Visit(self, person)
            self.visitor = person
            try:
                visit.run()
            except DiedError:
                self.visitor = None
                self._recover()
            self.visitor = None
            self._between()
        self._reckon()

    def _between(self) -> None:
        """The attract page: holds are cleared, the office hears what it has not heard; strikes still fall."""
        try:
            self.prints.visit_ended()
            self.prints.clear_holds()
            self._deliver()
        except DiedError:
            self._recover()
        except KioskError:
            pass
        self.fates.clear()
        for _ in range(40):
            if self.prints.hold_reason() is None:
                break
            self.clock.seconds += 1
            self.prints.clear_holds()
        for printer in self.printers.values():
            self.given_up.update(job.name for job in printer.jobs.values() if printer.is_silent)
        if self.rng.random() < 0.7 or self.prints.hold_reason() is not None:
            for printer in self.printers.values():
                printer.repair()
            self.prints.clear_holds()
        if self.prints.hold_reason() is not None:
            raise WrongError("a printer that obeys holds a job for good")

    def _deliver(self) -> None:
        """The pump in short: in order, dropped only after the office's answer."""
        messages: dict[str, api.Settlement] = self.books.messages
        for key, settlement in list(messages.items()):
            try:
                self.office.post("settlement", settlement, key)
            except BackendError:
                return
            self.journal.delivered(key)

    def _tell(self, grant_id: str) -> None:
        """What the outbox holds of one grant, now: before who tries again asks anew."""
        messages: dict[str, api.Settlement] = self.books.messages
        for key, settlement in list(messages.items()):
            if settlement.grant_id == grant_id:
                try:
                    self.office.post("settlement", settlement, key)
                except BackendError:
                    return
                self.journal.delivered(key)

    def _reckon(self) -> None:
        """Nothing strikes any more, everything is delivered, all paper is at rest: compare."""
        self.fates.clear()
        self.office.away_for = 0
        for printer in self.printers.values():
            printer.repair()
        self.prints.clear_holds()
        self._boot()
        # What the disk refused to take is closed at the next start.
        recover(self.journal, self.bays, threading.Event(), clock=self.clock, patience_s=3.0)
        self._deliver()
        for printer in self.printers.values():
            for _ in range(12):
                printer.advance()
        self._nothing_is_left()
        prints_of: dict[str, list[str]] = {}
        for print_id in self.visitor_of:
            # Closed before the journal knew of it, where the disk or the office refused.
            grant_id = self.books.record(print_id).grant_id if print_id in self.books.rows else None
            if grant_id is not None:
                prints_of.setdefault(grant_id, []).append(print_id)
        for grant in self.office.grants.values():
            self._compare(grant, prints_of.get(grant.id, []))
        allowed = {print_id for prints in prints_of.values() for print_id in prints}
        for printer in self.printers.values():
            if printer.sheets.keys() - allowed:
                raise WrongError("paper that no grant allowed")

    def _nothing_is_left(self) -> None:
        """At the end nothing may be open, and nothing untold."""
        if self.books.open_prints():
            raise WrongError(f"left open: {self.books.open_prints()}")
        if self.books.unreported_prints() or self.books.messages:
            raise WrongError("a settlement was never delivered")

    def _compare(self, grant: api.Grant, prints: list[str]) -> None:
        """One grant: what was told of it, against what came out under the prints that used it."""
        paper = self.office.papers[grant.document_id]
        machines = self.printers.values()
        sheets = sum(machine.sheets.get(print_id, 0) for machine in machines for print_id in prints)
        documents = [one for machine in machines for print_id in prints for one in machine.documents.get(print_id, ())]
        told = self.office.settlements.get(grant.id, [])
        if any(paper.owner != self.visitor_of[print_id].number for print_id in prints):
            raise WrongError("granted to another than who proved")
        if len(documents) > 1 or sheets > grant.pages:
            raise WrongError(f"doubled: {len(documents)} sent, {sheets} sheets of {grant.pages}")
        if any(document != paper.data for document in documents):
            raise WrongError("another document came out than was granted")
        if not told and grant.id not in self.office.fetched and not sheets:
            # Its answer was lost: it runs out at the office, and the document is free again.
            self.tally.ends["ran out"] += 1
            return
        if len(told) != 1:
            raise WrongError(f"settled {len(told)} times")
        end = told[0].end
        if (end is api.PrintEnd.PRINTED and sheets != grant.pages) or (end is api.PrintEnd.FAILED and sheets):
            raise WrongError(f"settled as {end} with {sheets} sheets of {grant.pages}")
        said = self.told.get(told[0].print_id)
        kind = {out.Printed: api.PrintEnd.PRINTED, out.PrintFailed: api.PrintEnd.FAILED}.get(type(said))  # type: ignore[arg-type]
        if said is not None and kind is not None and kind is not end:
            raise WrongError(f"the visitor was told {said}, the office {end}")
        self.tally.ends[end] += 1
        self.tally.papers += sheets > 0


_BUTTONS = ("main", "second", "back", "retry", "next", "previous", "rate:3")


class Visit:
    """One person. Effects run here and now; what strikes in the middle of one comes back in through ``happens``."""

    def __init__(self, life: Life, person: Person) -> None:
        self.life = life
        self.person = person
        self.session = Session(ref="0" * 16)
        draw = life.rng.random()
        self.flow: CompiledFlow = FLOWS[0 if draw < 0.75 else 1 if draw < 0.88 else 2]
        self.state = engine.start(self.flow, life.clock.seconds)
        self.waiting: list[fx.Effect] = []
        self.running: dict[int, threading.Event] = {}
        self.is_over = False
        self.wrong_tries = 0
        life.reader.visitor_uid = person.uid
        life.reader.lay(b"")
        life.fates.happens = self.happens
        life.prints._journal = _Signed(life, person)  # type: ignore[assignment]

    def run(self) -> None:
        """To the wipe. Raises DiedError."""
        life, rng = self.life, self.life.rng
        for _ in range(MOST_EVENTS):
            if self.state.stage is Stage.ENDED:
                break
            if self.waiting:
                self._carry_out(self.waiting.pop(0))
                continue
            life.clock.seconds += 0.5
            if rng.random() < 0.03:
                self.feed(ev.Pressed(life.clock.seconds, _BUTTONS[int(rng.random() * len(_BUTTONS))]))
            else:
                self.feed(self._act())
        else:
            self.feed(ev.Pressed(life.clock.seconds, "home"))
        self._end()

    def feed(self, event: ev.Event) -> None:
        if self.is_over:
            return
        self.state, effects = engine.step(self.flow, self.state, event)
        for effect in effects:
            if isinstance(effect, fx.Cancel):
                self._cancel(effect.target)
            elif isinstance(effect, fx.Release):
                self._carry_out(effect)
            else:
                self.waiting.append(effect)
        if self.state.stage is Stage.ENDED:
            self._end()

    def happens(self, strike: Strike) -> bool:
        """Something strikes, perhaps while a worker waits for the world."""
        now = self.life.clock.seconds
        if strike is Strike.HOME:
            if not engine.can_go_home(self.state):
                return False
            self.feed(ev.Pressed(now, "home"))
        elif strike is Strike.TIME:
            if self.state.deadline is None:
                return False
            self.life.clock.seconds = max(now, self.state.deadline)
            self.feed(ev.Tick(self.life.clock.seconds))
        elif strike is Strike.LATE:
            target = self.state.pending
            if target not in self.running:
                return False
            self.running.pop(target).set()
            self.feed(ev.Ended(now, target, failed(ErrorCode.INTERNAL)))
        elif strike is Strike.STOP:
            if self.state.stage is not Stage.PRINT or self.state.pending not in self.running:
                return False
            self.running[self.state.pending].set()
        elif strike is Strike.PULL:
            if not self.life.reader.has_card:
                return False
            self.life.reader.lay(b"")
            self.feed(ev.CardGone(now))
        else:
            if not self.life.reader.has_card:
                return False
            others = self.life.office.people
            self.life.reader.lay(others[(self.person.number + 1) % len(others)].uid)
            self.feed(ev.CardGone(now))
        return True

    def _cancel(self, target: int) -> None:
        self.waiting = [effect for effect in self.waiting if effect.id != target]
        running = self.running.pop(target, None)
        if running is not None:
            running.set()

    def _carry_out(self, effect: fx.Effect) -> None:
        """As ``EffectRunner`` does, without its threads."""
        cancel = ModelCancel(self.life.clock)
        self.running[effect.id] = cancel
        hands = self.life.hands

        def report(done: int, total: int, reason: str) -> None:
            if effect.id in self.running:
                self.feed(ev.Progress(self.life.clock.seconds, effect.id, done, total, reason))

        self.life.fates.at(Place.READER)
        outcome: out.Outcome
        taken = self.session.peek_prepared()
        try:
            outcome = handlers.HANDLERS[type(effect)](hands, self.session, effect, cancel, report)
        except KioskError as error:
            outcome = failed(error.code)
        if self.running.pop(effect.id, None) is None:
            return
        if isinstance(effect, fx.Print) and taken is not None:
            self.life.told[taken.print_id] = outcome
        self.feed(ev.Ended(self.life.clock.seconds, effect.id, outcome))

    def _end(self) -> None:
        if self.is_over:
            return
        self.is_over = True
        for cancel in self.running.values():
            cancel.set()
        self.running.clear()
        self.waiting.clear()
        token = self.session.wipe()
        prepared = self.session.take_prepared()
        if prepared is not None:
            self.life.prints.release(prepared)
        if token:
            self.life.office.end_visit(token)
        self.life.reader.lay(b"")

    def _act(self) -> ev.Event:
        """What a sensible visitor does on this page."""
        state, at, rng = self.state, self.life.clock.seconds, self.life.rng
        stage = state.stage
        if stage is Stage.CHOOSE_PROOF:
            kind = rng.random()
            return ev.Pressed(at, "choose:card" if kind < 0.7 else "choose:nik" if kind < 0.85 else "choose:qr")
        if stage is Stage.PIN:
            is_slip = rng.random() < 0.03
            return ev.Submitted(at, "submit", {"pin": "000000" if is_slip else self.person.pin})
        if stage is Stage.NIK:
            return ev.Submitted(at, "submit", {"nik": self.person.nik})
        if stage is Stage.CODE:
            return ev.Submitted(at, "submit", {"code": f"{self.person.number:010d}"})
        if stage is Stage.SCAN:
            return ev.Scanned(at, f"TOKEN-{self.person.number}")
        if stage is Stage.CHOOSE_DOCUMENT:
            choices = [one["id"] for one in state.facts.get("documents", ()) if one["can_print"]]
            if not choices:
                return ev.Pressed(at, "second")
            return ev.Pressed(at, f"choose:{choices[int(rng.random() * len(choices))]}")
        if stage is Stage.SHOW:
            options = getattr(self.flow.steps[state.step], "choices", ())
            if options:
                return ev.Pressed(at, f"choose:{options[int(rng.random() * len(options))].key}")
        if stage is Stage.RATE:
            return ev.Pressed(at, "rate:3")
        if stage is Stage.TROUBLE and rng.random() < 0.4:
            return ev.Pressed(at, "second")
        if stage in (Stage.LOCKED, Stage.PHONE) or rng.random() < 0.02:
            self.life.clock.seconds = max(at, state.deadline or at)
            return ev.Tick(self.life.clock.seconds)
        return ev.Pressed(at, "main")


class _Signed:
    """Notes whose visit it is when a print begins."""

    def __init__(self, life: Life, person: Person) -> None:
        self._life = life
        self._person = person

    def intend(self, print_id: str, *rest: Any) -> None:
        self._life.visitor_of[print_id] = self._person
        self._life.journal.intend(print_id, *rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._life.journal, name)


FLOWS = tuple(shipped()[name] for name in ("cetak-kk", "unduh-akta", "cetak-ktp"))


def lives(seed: int, first: int, visits: int) -> Tally:
    """So many visits, in lives numbered from ``first``. Raises WrongError that names the life's seed."""
    tally = Tally()
    clock = SimpleNamespace(monotonic=lambda: _now[0].seconds, sleep=None)
    _now: list[ModelClock] = []
    before, handlers.time = handlers.time, clock  # type: ignore[assignment]
    try:
        for number in range(first, first + -(-visits // VISITS_A_LIFE)):
            life = Life(random.Random(f"{seed}/{number}"), tally)
            _now[:] = [life.clock]
            try:
                life.live()
            except Exception as error:
                raise WrongError(f"seed {seed}, life {number}: {type(error).__name__}: {error}") from error
    finally:
        handlers.time = before
    return tally
