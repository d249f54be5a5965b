"""The technician's page that takes what a ruler says on the test page, and turns it into a shift."""

from dataclasses import dataclass, replace

from kiosk.core.alignment import KINDS, Alignment, nominal_mm
from kiosk.devices.contract import DeviceKind, ShiftMeans
from kiosk.store.prints import PrinterName
from kiosk.store.shifts import MOST_MM
from kiosk.texts import Texts

STEP_MM = 0.5


@dataclass(frozen=True)
class AlignView:
    """``read`` is what the technician measured at A and B, ``shift`` what is in force."""

    printer: PrinterName
    device: DeviceKind
    means: ShiftMeans
    nominal: float
    read: tuple[float, float]
    shift: tuple[float, float]
    notice: str = ""
    is_notice_good: bool = True

    @property
    def result(self) -> tuple[float, float]:
        """The shift that these readings ask for."""
        return tuple(round(s - (r - self.nominal), 1) for s, r in zip(self.shift, self.read, strict=True))  # type: ignore[return-value]

    @property
    def is_in_range(self) -> bool:
        return all(abs(part) <= MOST_MM for part in self.result)

    @property
    def can_save(self) -> bool:
        return self.means is not ShiftMeans.NONE and self.is_in_range and self.result != self.shift


def opened(alignment: Alignment, printer: PrinterName) -> AlignView:
    """As if both arrows were right. Raises StoreError."""
    nominal = nominal_mm(printer)
    shift = alignment.shift(printer)
    return AlignView(printer, KINDS[printer], alignment.means(printer), nominal, (nominal, nominal), shift)


def acted(view: AlignView, alignment: Alignment, act: str, texts: Texts) -> AlignView:
    """One press: ``a-``, ``a+``, ``b-``, ``b+`` or ``save``. Anything else changes nothing. Raises StoreError."""
    if act in ("a-", "a+", "b-", "b+"):
        step = STEP_MM if act[1] == "+" else -STEP_MM
        read = list(view.read)
        place = "ab".index(act[0])
        read[place] = round(min(max(read[place] + step, view.nominal - 2 * MOST_MM), view.nominal + 2 * MOST_MM), 1)
        view = replace(view, read=(read[0], read[1]), notice="")
        if not view.is_in_range:
            return replace(view, notice=texts("align.too-far", most=f"{MOST_MM:g}"), is_notice_good=False)
        return view
    if act == "save" and view.can_save:
        alignment.set(view.printer, *view.result)
        return replace(opened(alignment, view.printer), notice=texts("align.saved"))
    return view
