"""What a bench is: one adapter with hands on its device."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

D = TypeVar("D")
T = TypeVar("T")


@dataclass
class Bench(Generic[D, T]):
    """``device`` is the adapter, not started; ``double`` is what it talks to; ``build`` makes another adapter of it.

    - ``take_away``, ``bring_back``: the cable, from any thread. ``fall_silent``: there, but it answers no more.
    - ``give``: lay a new card on the reader, or show the scanner a code (once a call); needed for these two kinds.
      ``take_back``: the card goes. Neither may raise while the device is away.
    - ``count_output``: pieces of paper that came out whole so far, by the device's own count.
    - ``on_exchange``: have a function called before the device answers each exchange; without it faults come at
      moments instead of at exchanges. ``can_stall``: such a function may block, and only the device stands still.
    """

    device: D
    double: T
    build: Callable[[], D]
    take_away: Callable[[], None]
    bring_back: Callable[[], None]
    fall_silent: Callable[[], None] | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    give: Callable[[], None] | None = None
    take_back: Callable[[], None] | None = None
    count_output: Callable[[], int] | None = None
    on_exchange: Callable[[Callable[[], None]], None] | None = None
    can_stall: bool = True


def switches(double: Any) -> tuple[Callable[[], None], Callable[[], None]]:
    return lambda: double.switch(False), lambda: double.switch(True)


def silence(double: Any) -> Callable[[], None]:
    def fall_silent() -> None:
        double.is_silent = True

    return fall_silent
