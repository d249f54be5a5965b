"""Between scanners and the visit: who takes what the face forwards, and when a camera is to look."""

from collections.abc import Callable

from kiosk.core.situation import Overlay, VisitView
from kiosk.devices.contract import ScanOutcome
from kiosk.devices.scan.codes import code_of
from kiosk.flows.state import Stage

_WAITING = frozenset({Stage.CHOOSE_PROOF, Stage.NIK, Stage.SCAN})


class Scans:
    """``read`` gets every outcome. On the loop alone."""

    def __init__(self, read: Callable[[ScanOutcome], None]) -> None:
        self.wedge: Callable[[str], None] = lambda text: read(code_of(text))
        """Takes what the face forwards of a keyboard wedge."""
        self.expect: Callable[[bool], None] = lambda is_expected: None
        """Called when a page begins to wait for a code, and when none waits any more."""
        self._is_expected = False

    def look(self, view: VisitView | None) -> None:
        """Tell the scanner whether the page that is shown now waits for a code."""
        state = view.state if view is not None and view.overlay is Overlay.NONE else None
        is_expected = state is not None and state.stage in _WAITING
        if is_expected != self._is_expected:
            self._is_expected = is_expected
            self.expect(is_expected)
