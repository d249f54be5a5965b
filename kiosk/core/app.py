"""The one composition root: builds what the core is made of, wires it, and closes it in order.

``build`` runs on a thread of its own so that the face has its page and its answers while stores, devices and the office
client come up; what it made is handed to the loop at the end.
"""

import contextlib
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import protocol as p
from kiosk.backend.client import OfficeClient
from kiosk.backend.contract import Reachability
from kiosk.core.alignment import Alignment
from kiosk.core.bundle import FlowBundle
from kiosk.core.card_station import CardStation, build_station
from kiosk.core.comparing import note_consent
from kiosk.core.dates import local_now
from kiosk.core.desk import Desk
from kiosk.core.drives import Drives
from kiosk.core.effects import EffectRunner
from kiosk.core.handlers import Hands
from kiosk.core.heartbeat import Heart
from kiosk.core.issues import Issues
from kiosk.core.link import Link
from kiosk.core.loop import Loop
from kiosk.core.numbers import NumberKeeper
from kiosk.core.open_mark import OpenMark
from kiosk.core.opening import opened_store, store_loss, until_taken
from kiosk.core.outbox import OutboxPump
from kiosk.core.paper import Paper, SlipStory
from kiosk.core.print_watch import PrintEnded, build_bays
from kiosk.core.printing import PrintService
from kiosk.core.recovery import recover, what_came_out
from kiosk.core.session import Session
from kiosk.core.shell import Shell
from kiosk.core.situation import Recovered
from kiosk.core.staff import StaffDoor, machine_facts
from kiosk.core.staff_prints import Reconciliation
from kiosk.core.store_watch import StoreWatch
from kiosk.core.surroundings import wire as wire_surroundings
from kiosk.core.tidying import TIDY_S, Tidying, begin_tidying
from kiosk.core.witness import Witness, build_witness
from kiosk.devices.build import Devices, build_devices
from kiosk.devices.card.wedge import WedgeCardReader
from kiosk.devices.scan.scanner import WedgeScanner
from kiosk.errors import DeviceError, ErrorCode, KioskError, SettingsError, StoreError
from kiosk.events import LogEvent, log, place_of
from kiosk.flows import effects as fx
from kiosk.settings import Settings, load_settings
from kiosk.store.journal import Journal
from kiosk.store.numbers import Numbers
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrinterName
from kiosk.store.shifts import Shifts
from kiosk.store.stored_state import StoredState
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.store.database import Store

DRAIN_S = 5.0
"""Below the supervisor's patience with a core that was asked to end."""


def load(config: Path | None) -> tuple[Settings, ErrorCode | None]:
    """The settings, or the defaults and the code that the screen shows; the log names the line."""
    if config is None:
        return Settings(), None
    try:
        return load_settings(config), None
    except SettingsError as error:
        log(LogEvent.CORE_BLOCKED, code=error.code, detail=error.detail[:400])
        return Settings(), error.code


@dataclass
class Parts:
    """What ``build`` made, in the order in which it is closed from the end."""

    store: "Store"
    office: OfficeClient
    devices: Devices
    prints: PrintService
    outbox: OutboxPump
    outbox_store: OutboxStore
    journal: Journal
    mark: OpenMark
    heart: Heart
    issues: Issues
    bundle: FlowBundle
    alignment: Alignment
    station: CardStation | None
    witness: Witness
    tidying: Tidying
    numbers: NumberKeeper
    desk: Desk


class App:
    """``run`` blocks on the calling thread until SIGTERM; ``build`` is called once, on a thread of its own."""

    def __init__(self, loop: Loop, link: Link, settings: Settings, fault: ErrorCode | None) -> None:
        self.loop = loop
        self.link = link
        self.settings = settings
        self.shell = Shell(loop, settings, link.to_face, local_now)
        self.parts: Parts | None = None
        self._started = time.monotonic()
        self.drives = Drives(link, self.shell)
        self._stopping = threading.Event()
        self._is_checking_holds = False
        if fault is not None:
            self.shell.change(fault=fault)
        loop.on_crash = lambda error: self.shell.abandon(ErrorCode.INTERNAL)
        link.on_message = self._from_face
        link.on_face = self.shell.face_came
        link.on_drive = self.drives.wish

    # --- life

    def run(self, started: float) -> None:
        """The loop, until SIGTERM or SIGINT."""
        self._started = started
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.loop.stop())
        if self.link.has_face or self.link.face_seen.is_set():
            self.loop.post(self.shell.face_came)
        try:
            self.loop.run()
        finally:
            self._close()

    def build(self) -> None:
        """Make the parts, look up what a crash left open, and open for service. Raises nothing: faults are shown."""
        try:
            parts, recovered = self._build()
        except KioskError as error:
            code, detail = error.code, error.detail[:300]
            log(LogEvent.CORE_BLOCKED, code=code, detail=detail)
            self.loop.post(lambda: self.shell.change(fault=code))
        except Exception as error:  # noqa: BLE001 - the screen must say that something is wrong
            log(LogEvent.BUG, error=type(error).__name__, where=place_of(error))
            self.loop.post(lambda: self.shell.change(fault=ErrorCode.INTERNAL))
        else:
            self.loop.post(lambda: self._open(parts, recovered))

    def _build(self) -> tuple[Parts, tuple[Recovered, ...] | None]:
        settings = self.settings
        lacks = self._check_machine()
        bundle = FlowBundle(settings)
        opened = until_taken(lambda: opened_store(settings), self._stopping, self._store_blocks)
        if opened.set_aside is not None:
            log(LogEvent.STORE_SET_ASIDE, file=opened.set_aside.name)
        store = opened.store
        journal = Journal(store)
        outbox_store = OutboxStore(store)
        state = StoredState(store)
        office = OfficeClient(settings.office)
        devices = build_devices(settings.devices)
        devices.start()
        from kiosk.documents.verify import Verifier

        bays = build_bays(devices, settings.devices)
        outbox = OutboxPump(outbox_store, office)
        station = build_station(settings, store, devices.card_printer)
        printers = {name: bay.device for name, bay in bays.items()}
        alignment = Alignment(settings, Shifts(state), printers, local_now)
        alignment.apply()
        verifier = Verifier(settings.documents.trust)
        prints = PrintService(
            journal, bays, office, verifier, on_settled=outbox.wake, station=station, tell=outbox.tell
        )
        mark = OpenMark(state)
        since = mark.found()
        found = until_taken(
            lambda: recover(journal, bays, self._stopping, on_settled=outbox.wake), self._stopping, self._store_blocks
        )
        recovered = what_came_out(journal, found, since) if since is not None else None
        witness = build_witness(store, settings, bundle.name, opened.set_aside, outbox.wake)
        numbers = NumberKeeper(Numbers(store, outbox_store), office, settings.tickets, on_message=outbox.wake)
        issues = Issues(devices, office, journal, outbox_store, bundle, lacks, settings.store.path, numbers)
        heart = Heart(settings, office, devices, outbox_store, issues, store_loss(store), numbers.office_said)
        parts = Parts(
            store=store,
            office=office,
            devices=devices,
            prints=prints,
            outbox=outbox,
            outbox_store=outbox_store,
            journal=journal,
            mark=mark,
            heart=heart,
            issues=issues,
            bundle=bundle,
            alignment=alignment,
            station=station,
            witness=witness,
            tidying=begin_tidying(store, settings.store.keep_prints_days),
            numbers=numbers,
            desk=Desk(outbox_store, numbers, wake=outbox.wake),
        )
        return parts, recovered

    def _store_blocks(self, code: ErrorCode | None, detail: str) -> None:
        """The screen says why nothing goes on, and no longer when it does. Called by the thread that builds."""
        if code is not None:
            log(LogEvent.CORE_BLOCKED, code=code, detail=detail[:300])
        self.loop.post(lambda: self.shell.change(fault=code))

    def _check_machine(self) -> tuple[tuple[str, str], ...]:
        """Say what is missing before anything fails for want of it."""
        from kiosk.diagnostics.machine_check import check_machine

        found = check_machine(self.settings)
        for one in found:
            log(LogEvent.MACHINE_LACKS, name=one.lack.value, detail=one.detail[:300])
        return tuple((one.lack.value, one.detail) for one in found)

    def _open(self, parts: Parts, recovered: tuple[Recovered, ...] | None) -> None:
        """On the loop: wire the parts and let people in."""
        if self._stopping.is_set():
            self._close_parts(parts)
            return
        self.parts = parts
        shell, loop, devices = self.shell, self.loop, parts.devices
        paper = Paper(self.settings, self._story, local_now)
        self._paper = paper
        hands = Hands(
            office=parts.office,
            card_reader=devices.card_reader,
            slip_printer=devices.slip_printer,
            prints=parts.prints,
            paper=paper,
            show_picture=self._show_picture,
            rate=lambda session, stars: parts.desk.rate(session.ref, self._story(session).service_id, stars),
            complain=parts.desk.complain,
            take_number=parts.desk.take_number,
            matchers={fx.BiometricKind.FACE: devices.face, fx.BiometricKind.FINGER: devices.finger},
            note_consent=lambda kind: note_consent(parts.store, kind),
            guard=parts.witness,
        )
        shell.runner = EffectRunner(loop, hands, shell.deliver)
        shell.door = StaffDoor(
            loop,
            self.settings,
            devices.card_reader,
            devices.slip_printer,
            print_page=lambda printer: self._print_test_page(parts, printer),
            print_slip=lambda: paper.print_test_slip(devices.slip_printer),
            issues=lambda t: self._issues(parts, t),
            facts=lambda t: self._facts(parts, t),
            show=shell.show,
            alignment=parts.alignment,
            station=parts.station,
            prints=Reconciliation(parts.journal, parts.outbox.wake),
            outbox=parts.outbox,
            witness=parts.witness,
        )
        shell.between_visits = self._between_visits
        self._store_watch = StoreWatch(loop, shell, parts.mark, parts.witness.visit_opened)
        shell.visit_opened = self._store_watch.opens
        for device in devices:
            device.listen(lambda status: loop.post(lambda: shell.device_changed(status)))
        wire_surroundings(loop, shell, devices)
        shell.card_presence = devices.card_reader.presence
        devices.card_reader.listen_cards(lambda presence: loop.post(lambda: shell.card_moved(presence)))
        devices.scanner.listen_codes(lambda outcome: loop.post(lambda: shell.code_read(outcome)))
        shell.scans.expect = devices.scanner.expect
        if isinstance(devices.scanner, WedgeScanner):
            shell.scans.wedge = devices.scanner.offer
        if isinstance(devices.card_reader, WedgeCardReader):
            shell.scans.wedge = devices.card_reader.before(shell.scans.wedge)
        parts.office.listen(lambda reach: loop.post(lambda: self._office_moved(reach)))
        parts.outbox.start()
        parts.heart.start()
        parts.numbers.tell = lambda left: loop.post(lambda: shell.change(numbers_left=left))
        parts.numbers.start()
        shell.open(parts.bundle.flows, recovered)
        if recovered is not None and not shell.has_visit:
            self._store_watch.closes()  # out of order: nobody is told, and it is not the next person's
        log(LogEvent.CORE_READY, milliseconds=round((time.monotonic() - self._started) * 1000))

    def _close(self) -> None:
        """In order: nobody new, what runs is given back, then devices, office, store."""
        self._stopping.set()
        self.shell.abandon(ErrorCode.CORE_RESTARTED)
        if self.shell.runner is not None:
            # A sheet that moves is cancelled and settled, a grant given back; what is not in time recovery looks up.
            self.shell.runner.drain(DRAIN_S)
        if self.parts is not None:
            self._close_parts(self.parts)
        self.link.close()
        log(LogEvent.CORE_STOPPED)

    def _close_parts(self, parts: Parts) -> None:
        if parts.station is not None:
            parts.station.stop()
        stops = (parts.witness.show_office, parts.heart.stop, parts.numbers.stop, parts.outbox.stop, parts.devices.stop)
        for close in (*stops, parts.office.close, parts.store.close):
            with contextlib.suppress(KioskError):
                close()

    # --- what the hands need

    def _story(self, session: Session) -> SlipStory:
        return self.shell.story(session)

    def _show_picture(self, session: Session, name: str, width: int, height: int, data: bytes) -> None:
        message = p.ShowPicture(name, width, height, data)
        self.loop.post(lambda: self.shell.picture(session, message))

    def _print_test_page(self, parts: Parts, printer: PrinterName) -> PrintEnded:
        if self.shell.has_visit:
            raise DeviceError(ErrorCode.PRINTER_BUSY, "a visit is open")
        pdf = parts.alignment.ruler_page(printer, Texts(self.settings.kiosk.languages[0]))
        is_card = printer is PrinterName.CARD
        return parts.prints.print_own(pdf, lambda done, total, reason: None, threading.Event(), is_card=is_card)

    def _facts(self, parts: Parts, t: Texts) -> tuple[tuple[str, str], ...]:
        """What runs here, and where its printers print."""
        facts = machine_facts(self.settings, t, parts.bundle.name, self._uptime(t))
        try:
            return facts + parts.alignment.facts(t)
        except StoreError:
            return facts

    def _issues(self, parts: Parts, t: Texts) -> tuple[tuple[str, str], ...]:
        """Open issues; a store that can't be asked is one itself, and never costs the page."""
        try:
            return tuple((issue.what(t), issue.do(t)) for issue in parts.issues.open())
        except StoreError as error:
            return ((t(f"error.{error.code}.what"), t(f"error.{error.code}.staff")),)

    def _uptime(self, t: Texts) -> str:
        seconds = time.monotonic() - self._started
        return (
            t("since.hours", count=round(seconds / 3600))
            if seconds >= 5400
            else t("since.minutes", count=round(seconds / 60))
        )

    # --- between visits

    def _office_moved(self, reach: Reachability) -> None:
        self.shell.office_changed(reach)
        if reach is Reachability.ONLINE and self.parts is not None:
            self.parts.outbox.wake()

    def _between_visits(self) -> None:
        """Nobody is there: changed flows come into force, a printer that holds a job is asked again."""
        parts = self.parts
        if parts is None or (self._stopping.is_set() and self.shell.was_cut):
            # An orderly stop in the middle of a visit leaves the mark: the next core tells how it ended.
            return
        watch = self._store_watch
        watch.look()
        if self.shell.was_visit_open:
            if not watch.closes():
                return
            self.shell.was_visit_open = False
            parts.witness.visit_ended(self.shell.visit_end)
            if self._stopping.is_set():
                return
            parts.prints.visit_ended()
            self.loop.after(TIDY_S, parts.tidying.after_visit)
        if parts.bundle.poll():
            self.shell.flows_changed(parts.bundle.flows)
            parts.witness.flows_changed(parts.bundle.name)
        parts.witness.look()
        parts.tidying.look()
        if parts.station is not None:
            # Blanks may have been loaded by ``kiosk stock`` from outside.
            parts.station.refresh()
        is_holding = parts.prints.hold_reason() is not None
        if is_holding != self.shell.situation.is_holding:
            self.shell.change(is_holding=is_holding)
        if parts.prints.is_to_be_cleared and not self._is_checking_holds:
            self._is_checking_holds = True
            threading.Thread(target=self._clear_holds, args=(parts,), name="clear-holds", daemon=True).start()

    def _clear_holds(self, parts: Parts) -> None:
        def done() -> None:
            self._is_checking_holds = False
            self.shell.change(is_holding=parts.prints.hold_reason() is not None)

        try:
            parts.prints.clear_holds()
        except KioskError as error:
            log(LogEvent.EFFECT_FAILED, effect="ClearHolds", code=error.code)
        finally:
            time.sleep(1.0)
            self.loop.post(done)

    def _from_face(self, message: p.FromFace) -> None:
        if isinstance(message, p.Driven):
            self.drives.answered(message)
        else:
            self.shell.handle(message)
