"""Whether the store takes what a visit begins and ends with; while it does not, the machine is out of order."""

from collections.abc import Callable

from kiosk.core.loop import Loop
from kiosk.core.open_mark import OpenMark
from kiosk.core.shell import Shell
from kiosk.errors import ErrorCode, StoreError
from kiosk.events import LogEvent, log

ASK_S = 3.0
"""How often a store that refused is tried again: room on the disk opens the machine within seconds."""


class StoreWatch:
    """On the loop alone. ``visit_opened`` writes what else stands at the beginning of a visit; raises StoreError."""

    def __init__(self, loop: Loop, shell: Shell, mark: OpenMark, visit_opened: Callable[[], None]) -> None:
        self._loop = loop
        self._shell = shell
        self._mark = mark
        self._visit_opened = visit_opened

    def opens(self) -> bool:
        """Durably, before anything else of a visit; False: then there is no visit."""
        try:
            self._mark.lay()
            self._visit_opened()
        except StoreError as error:
            code, detail = error.code, error.detail
            self._loop.post(lambda: self._refused(code, detail))
            return False
        return True

    def closes(self) -> bool:
        """Nobody's visit is open any more."""
        try:
            self._mark.take_away()
        except StoreError as error:
            self._refused(error.code, error.detail)
            return False
        return True

    def look(self) -> None:
        """Back in service as soon as a write goes through."""
        if self._shell.situation.out_of_order is None:
            return
        try:
            self._mark.prove()
        except StoreError:
            return
        self._shell.change(out_of_order=None)

    def _refused(self, code: ErrorCode, detail: str) -> None:
        log(LogEvent.STORE_REFUSED, code=code, detail=detail[:200])
        is_new = self._shell.situation.out_of_order is None
        self._shell.change(out_of_order=code)
        if is_new:
            self._loop.after(ASK_S, self._ask)

    def _ask(self) -> None:
        if self._shell.situation.out_of_order is None:
            return
        self._loop.after(ASK_S, self._ask)
        if not self._shell.has_visit:
            self._shell.between_visits()
