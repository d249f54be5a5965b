"""How far each printer's pages are moved, as a technician measured it; outlives a restart."""

from kiosk.store.prints import PrinterName
from kiosk.store.stored_state import StoredState

MOST_MM = 10.0
"""A printer that is further off needs a hand, not a number."""


class Shifts:
    """Thread-safe by the store. Millimetres to the right and down. Raises StoreError."""

    def __init__(self, state: StoredState) -> None:
        self._state = state

    def get(self, printer: PrinterName) -> tuple[float, float]:
        """What is in force; (0, 0) before anybody measured."""
        found = self._state.get(f"shift/{printer}")
        return (float(found[0]), float(found[1])) if found else (0.0, 0.0)

    def set(self, printer: PrinterName, x_mm: float, y_mm: float) -> None:
        """Raises ValueError beyond ``MOST_MM``, and for what is no number."""
        if not (abs(x_mm) <= MOST_MM and abs(y_mm) <= MOST_MM):
            raise ValueError(f"{x_mm:g}, {y_mm:g}: at most {MOST_MM:g} mm each way")
        self._state.set(f"shift/{printer}", [x_mm, y_mm])
