"""Handlers of what the desk keeps: a rating, a complaint, a queue number. As those of ``handlers``."""

import threading
from typing import TYPE_CHECKING

from kiosk.core.desk import drawn_number
from kiosk.core.session import Session
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.store.numbers import NoNumberError

if TYPE_CHECKING:
    from kiosk.core.handlers import Hands, Report


def rate(hands: "Hands", session: Session, effect: fx.Effect, cancel: threading.Event, report: "Report") -> out.Outcome:
    assert isinstance(effect, fx.Rate)
    hands.rate(session, effect.rating)
    return out.Done()


def complain(
    hands: "Hands", session: Session, effect: fx.Effect, cancel: threading.Event, report: "Report"
) -> out.Outcome:
    assert isinstance(effect, fx.Complain)
    # Drawn before: a try that was given up and ends late, and the next one, are one complaint.
    number = session.complaints.setdefault(effect.topic, drawn_number())
    hands.complain(effect.topic, number)
    if not cancel.is_set():
        session.complaints.pop(effect.topic, None)
    return out.Filed(number)


def take_number(
    hands: "Hands", session: Session, effect: fx.Effect, cancel: threading.Event, report: "Report"
) -> out.Outcome:
    assert isinstance(effect, fx.TakeNumber)
    if session.is_over or cancel.is_set():
        # Nobody would see it, and it would be called out in vain.
        return out.Failed(ErrorCode.VISIT_ABANDONED)
    given = session.unseen.pop(effect.queue, None)
    if given is None:
        try:
            given = hands.take_number(effect.queue)
        except NoNumberError as error:
            return out.Failed(error.code, is_retryable=False)
    if cancel.is_set():
        # Given up while it was under way: nobody saw it, and the next try gets it.
        session.unseen[effect.queue] = given
    return out.NumberTaken(given.queue, given.label)
