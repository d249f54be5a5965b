"""The technician's page of the blank cards: what is left, which serial is next, and what is being loaded."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from kiosk.core.card_station import CardStation
from kiosk.store.blanks import BlankError, Stock, cleaned_serial
from kiosk.texts import Texts

_STEPS = {"-100": -100, "-10": -10, "-1": -1, "+1": 1, "+10": 10, "+100": 100}
MOST = 1000
"""More blanks hardly any feeder holds; ``kiosk stock set`` takes more."""


@dataclass(frozen=True)
class BlanksView:
    """``first`` is the serial that was scanned, empty before; ``count`` how many lie behind it."""

    stock: Stock
    first: str = ""
    count: int = 1
    notice: str = ""
    is_notice_good: bool = True


def opened(station: CardStation) -> BlanksView:
    """Raises StoreError."""
    return BlanksView(station.blanks.stock())


def scanned(view: BlanksView, text: str, texts: Texts) -> BlanksView:
    """A blank was held to the scanner: it begins a new lot."""
    try:
        serial = cleaned_serial(text)
    except BlankError:
        return replace(view, notice=texts("blanks.no-serial"), is_notice_good=False)
    return replace(view, first=serial, count=1, notice="")


def acted(view: BlanksView, station: CardStation, act: str, texts: Texts) -> BlanksView:
    """One press: a step of the count, ``load``, ``set``, ``confirm`` or ``skip``. Raises StoreError."""
    now = datetime.now(UTC)
    if act in _STEPS and view.first:
        return replace(view, count=min(max(view.count + _STEPS[act], 1), MOST), notice="")
    if act in ("load", "set") and view.first:
        try:
            stock = station.blanks.load(view.first, view.count, now, is_replacing=act == "set")
        except BlankError:
            return replace(view, notice=texts("blanks.refused"), is_notice_good=False)
        station.refresh()
        return BlanksView(stock, notice=texts("blanks.loaded", count=stock.left))
    if act == "confirm" and view.stock.is_unchecked:
        stock = station.blanks.confirm(now)
    elif act == "skip" and view.stock.left:
        stock = station.blanks.skip(now)
    else:
        return view
    station.refresh()
    return replace(view, stock=stock, notice=texts(f"blanks.{act}-done", serial=stock.next or "-"), is_notice_good=True)
