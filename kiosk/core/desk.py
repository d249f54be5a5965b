"""What people leave at a kiosk besides prints: ratings and complaints; and the numbers that they take. Any thread."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from kiosk import api
from kiosk.core.numbers import NumberKeeper
from kiosk.store.numbers import Given
from kiosk.store.outbox import OutboxStore

ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"
"""Of complaint numbers: nothing that is read as something else (0/O, 1/I), and no vowel, so that no word comes out."""
GROUPS, IN_GROUP = 2, 4


class Desk:
    """``wake`` tells the outbox that there is something to send. Raises StoreError; then nothing was kept."""

    def __init__(
        self,
        outbox: OutboxStore,
        numbers: NumberKeeper,
        *,
        wake: Callable[[], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._outbox = outbox
        self._numbers = numbers
        self._wake = wake
        self._now = now

    def rate(self, visit_ref: str, service: str, rating: int) -> None:
        """A rating, under the visit's random reference; one for each service of a visit."""
        now = self._now()
        survey = api.Survey(rating=rating, service=service, visit_ref=visit_ref, at=datetime.fromtimestamp(now, UTC))
        self._add(api.MessageKind.SURVEY, f"survey-{visit_ref}-{service}", survey, now)

    def complain(self, topic: str, number: str) -> None:
        """Keep a complaint durably under a drawn number; the same number twice is one complaint.

        Told with the hour alone: neither its number nor its time leads to a visit. ValueError: no such topic.
        """
        now = self._now()
        hour = datetime.fromtimestamp(now // 3600 * 3600, UTC)
        told = api.Complaint(topic=api.ComplaintTopic(topic), number=number.lower(), at=hour)
        self._add(api.MessageKind.COMPLAINT, f"complaint-{number.lower()}", told, now)

    def take_number(self, queue: str) -> Given:
        """The next number of a queue, durably given. Raises NoNumberError."""
        return self._numbers.take(queue)

    def _add(self, kind: api.MessageKind, key: str, told: api.Model, now: float) -> None:
        self._outbox.add(kind=kind, subject=key, key=key, body=told.model_dump_json().encode(), at=now)
        self._wake()


def drawn_number() -> str:
    """Such as ``K7M4-9XPT``: one of some 400 thousand million."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(IN_GROUP)) for _ in range(GROUPS))
