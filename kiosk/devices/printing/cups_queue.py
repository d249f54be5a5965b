"""A CUPS queue: the named fallback for printers that speak no IPP, over the same codec and without pycups.

Its promise is weaker and is said as such: *completed* means *sent*. CUPS counts the pages that left its filters, calls
a job done whose printer lost power, and prints a whole job again after a crash of its own (``docs/devices.md``). So
nothing that it counts is passed on, and whatever of ours it still holds when it comes back is cancelled.
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.devices.contract import DeviceKind, ImageShift, Reason
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.printing.ipp import Post
from kiosk.devices.printing.ipp_values import listed
from kiosk.devices.printing.printer_jobs import OWN_NAME
from kiosk.devices.status import Clock
from kiosk.errors import DeviceError

ERROR_POLICY = "abort-job"
CANCEL_S = 2.0
_NO = {"no", "off", "false", "0"}
_DIRECTIVE = re.compile(r"^\s*(\w+)\s+(.*?)\s*(?:#.*)?$")


class CupsQueue(IppPrinter):
    """A queue at ``ipp://localhost:631/printers/name``. ``spool_conf`` is the cupsd.conf of its scheduler."""

    is_queue = True

    def __init__(
        self,
        uri: str,
        media: str,
        kind: DeviceKind = DeviceKind.DOCUMENT_PRINTER,
        clock: Clock = time.monotonic,
        post: Post | None = None,
        *,
        tray: str = "",
        shift: ImageShift | None = None,
        spool_conf: Path = Path("/etc/cups/cupsd.conf"),
    ) -> None:
        super().__init__(uri, media, kind, clock, post, tray=tray, shift=shift)
        self._spool_conf = spool_conf
        self._spool_faults: tuple[tuple[Reason, str], ...] = ()
        self._breaks = 0
        self._is_dirty = True

    def _learn(self, printer: Mapping[str, Any]) -> None:
        super()._learn(printer)
        # What a queue counts left a filter, not the printer.
        blind = replace(self._probe.capabilities, has_impressions=False, page_counter=None)
        self._probe = replace(self._probe, capabilities=blind)
        self._spool_faults = tuple(spool_faults(self._spool_conf, listed(printer.get("printer-error-policy"))))

    def _misfits(self, printer: Mapping[str, Any]) -> Iterator[tuple[Reason, str]]:
        yield from super()._misfits(printer)
        yield from self._spool_faults

    def _answered(self, was_missed: bool) -> None:
        """A scheduler that was away may have died, and would print again what it held."""
        breaks = self._client.breaks
        if was_missed or breaks != self._breaks:
            self._is_dirty = True
        self._breaks = breaks
        if self._is_dirty:
            self._is_dirty = not self._drop_all()

    def _drop_all(self) -> bool:
        """Cancel every job of a kiosk's that the queue holds. True when none is left."""
        try:
            for job in self._jobs.open_jobs(CANCEL_S):
                if OWN_NAME.fullmatch(job.name):
                    self._jobs.cancel(job, CANCEL_S)
            return not any(OWN_NAME.fullmatch(job.name) for job in self._jobs.open_jobs(CANCEL_S))
        except DeviceError:
            return False


def spool_faults(conf: Path, error_policy: list[str]) -> Iterator[tuple[Reason, str]]:
    """What of the scheduler's settings would keep a citizen's document or print it later, to nobody.

    The queue's own ``printer-error-policy`` says more than the file, which only holds the default of new queues.
    """
    try:
        text = conf.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        directives: dict[str, str] = {}
        yield Reason.QUEUE_UNCHECKED, f"{conf}: {error.strerror}"
    else:
        found = (_DIRECTIVE.match(line) for line in text.splitlines())
        directives = {match[1].lower(): match[2] for match in found if match}
        kept = directives.get("preservejobfiles", "86400")
        if kept.lower() not in _NO:
            yield Reason.QUEUE_UNSAFE, f"PreserveJobFiles {kept}"
    policy = error_policy[0] if error_policy else directives.get("errorpolicy", "")
    if policy and policy != ERROR_POLICY:
        yield Reason.QUEUE_UNSAFE, f"ErrorPolicy {policy}"
    elif not policy:
        yield Reason.QUEUE_UNCHECKED, "ErrorPolicy"
