"""What may strike a visit, and where. A plan is drawn from a seed; each strike waits for a place that fits it."""

import random
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from kiosk.errors import ErrorCode, StoreError


class Place(StrEnum):
    """Where the kiosk touches the world. Everything that it does happens between two of these."""

    OFFICE = "office"
    PRINTER = "printer"
    DISK = "disk"
    READER = "reader"


class Strike(StrEnum):
    DIES = "the kiosk dies"
    HOME = "home is pressed"
    TIME = "time runs out"
    LATE = "a worker is given up"
    STOP = "nobody waits for the printer"
    PULL = "the card is pulled"
    SWAP = "another card lies there"
    LOST_REQUEST = "a request to the office is lost"
    LOST_ANSWER = "the office's answer is lost"
    TWICE = "a request comes twice"
    AWAY = "the office is away for a while"
    MIXED_UP = "the office sends another document"
    TORN = "the document comes torn"
    LINK_BEFORE = "the printer does not hear once"
    LINK_AFTER = "the printer's answer is lost"
    SILENT = "the printer falls silent"
    POWER = "the printer loses its power"
    ABORT = "the printer gives up"
    JAM = "the printer jams"
    EMPTY = "paper out, then refilled"
    REFUSE = "the printer refuses"
    KEEPS = "the printer does not cancel"
    DISK_FULL = "the disk is full"
    READER_AWAY = "the reader is away for a while"
    MUTE = "the card is mute"


ANYWHERE = (Strike.DIES, Strike.HOME, Strike.TIME, Strike.LATE, Strike.STOP, Strike.PULL, Strike.SWAP)
AT: dict[Strike, Place] = {
    Strike.LOST_REQUEST: Place.OFFICE,
    Strike.LOST_ANSWER: Place.OFFICE,
    Strike.TWICE: Place.OFFICE,
    Strike.AWAY: Place.OFFICE,
    Strike.MIXED_UP: Place.OFFICE,
    Strike.TORN: Place.OFFICE,
    Strike.LINK_BEFORE: Place.PRINTER,
    Strike.LINK_AFTER: Place.PRINTER,
    Strike.SILENT: Place.PRINTER,
    Strike.POWER: Place.PRINTER,
    Strike.ABORT: Place.PRINTER,
    Strike.JAM: Place.PRINTER,
    Strike.EMPTY: Place.PRINTER,
    Strike.REFUSE: Place.PRINTER,
    Strike.KEEPS: Place.PRINTER,
    Strike.DISK_FULL: Place.DISK,
    Strike.READER_AWAY: Place.READER,
    Strike.MUTE: Place.READER,
}
ALL = (*ANYWHERE, Strike.DIES, Strike.HOME, *AT)
LAST_PLACE = 48
"""About as many places as an undisturbed visit comes through."""


class DiedError(BaseException):
    """The process is gone. No ``except Exception`` may hold it up, as none holds up a power cut."""


class Fates:
    """The strikes of one visit. ``at`` is called at every place and says what strikes there."""

    def __init__(self, rng: random.Random, struck: Counter[str]) -> None:
        self._rng = rng
        self._struck = struck
        self._count = 0
        self._plan: list[tuple[int, Strike]] = []
        self._next = 1 << 30
        self.is_quiet = True
        self.happens: Callable[[Strike], bool] = lambda strike: False
        """What ANYWHERE does to the visit; False where it means nothing now."""

    def plan(self) -> None:
        """Draw one to three strikes for the visit that begins."""
        rng = self._rng
        several = rng.random()
        number = 1 if several < 0.6 else 2 if several < 0.9 else 3
        self._count = 0
        self._plan = [(int(rng.random() * LAST_PLACE), ALL[int(rng.random() * len(ALL))]) for _ in range(number)]
        self._next = min(at for at, _ in self._plan)
        self.is_quiet = False

    def clear(self) -> None:
        """Nothing strikes any more."""
        self._plan.clear()
        self._next = 1 << 30
        self.is_quiet = True

    def at(self, place: Place) -> Strike | None:
        """Pass a place. Raises DiedError."""
        self._count += 1
        if self._count < self._next:
            return None
        for due in [one for one in self._plan if one[0] <= self._count]:
            strike = due[1]
            if AT.get(strike, place) is not place or due not in self._plan:
                continue
            # Away with it first: what it sets going comes through other places.
            self._plan.remove(due)
            if strike in AT or strike is Strike.DIES:
                self._note(strike)
                if strike is Strike.DIES:
                    raise DiedError
                return strike
            if self.happens(strike):
                self._note(strike)
                return None
            self._plan.append(due)
        return None

    def disk(self) -> None:
        """Before or after a commit. Raises DiedError."""
        self.at(Place.DISK)

    def disk_write(self) -> None:
        """Before a commit. Raises DiedError, StoreError."""
        if self.at(Place.DISK) is Strike.DISK_FULL:
            raise StoreError(ErrorCode.STORE_FULL)

    def _note(self, strike: Strike) -> None:
        self._next = min((at for at, _ in self._plan), default=1 << 30)
        self._struck[strike] += 1
