"""The flows in force: a folder that is looked at between visits; a broken change is refused whole, the old goes on."""

from kiosk.errors import ErrorCode, KioskError
from kiosk.events import LogEvent, log
from kiosk.flows.catalogue import FlowFolder
from kiosk.flows.compiled import CompiledFlow
from kiosk.settings import Settings


class FlowBundle:
    """``flows`` are those of ``kiosk.services``, in that order. Raises KioskError when the first set is broken."""

    def __init__(self, settings: Settings) -> None:
        devices = configured_devices(settings)
        self._services = settings.kiosk.services
        self._language = settings.kiosk.languages[0]
        self._folder = FlowFolder(
            settings.kiosk.flows,
            languages=tuple(settings.kiosk.languages),
            devices=devices,
            regions=tuple(settings.kiosk.regions),
            services=tuple(settings.kiosk.services),
        )
        self.problems: tuple[str, ...] = ()
        self.flows: tuple[CompiledFlow, ...] = ()
        self.poll()
        if not self.flows:
            raise KioskError(ErrorCode.FLOW_BROKEN, "; ".join(self.problems)[:300] or "no flow of kiosk.services")

    @property
    def name(self) -> str:
        """Which set is in force, for staff."""
        return f"{len(self.flows)} · {self._folder.digest[:12]}"

    def poll(self) -> bool:
        """Whether a new set came into force."""
        change = self._folder.poll()
        if change is None:
            return False
        if change.problems:
            self.problems = tuple(problem.render(self._language) for problem in change.problems)
            log(LogEvent.FLOWS_REFUSED, count=len(self.problems), detail=self.problems[0].splitlines()[0])
            return False
        self.problems = ()
        self.flows = tuple(change.flows[service] for service in self._services if service in change.flows)
        log(LogEvent.FLOWS_LOADED, count=len(self.flows))
        return True


def configured_devices(settings: Settings) -> frozenset[str]:
    """The devices that this machine has, for the linter: a flow that needs another is refused."""
    table = settings.devices
    kinds = {
        "card-reader": table.card_reader.kind,
        "document-printer": table.document_printer.kind,
        "card-printer": table.card_printer.kind,
        "slip-printer": table.slip_printer.kind,
        "scanner": table.scanner.kind,
        "face": table.face.kind,
        "finger": table.finger.kind,
    }
    return frozenset(name for name, kind in kinds.items() if kind != "none")
