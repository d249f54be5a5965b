"""One function picks the page, in written precedence. Pages never open pages."""

from kiosk import protocol as p
from kiosk.core import pages_flow, pages_machine, pages_power, pages_staff
from kiosk.core.situation import Overlay, Phase, Situation


def pick(situation: Situation) -> p.Page:
    """The page for a situation. The first line that holds wins.

    1. a fault that stops all; 2. the technician, who must get in at an out-of-order machine; 3. out of order;
    4. starting; 5. the battery's end, over a visit; 6. what else lies over a visit; 7. the visit; 8. no mains;
    9. a printer that still holds the last visit's job; 10. the attract page.
    """
    visit = situation.visit
    if situation.fault is not None:
        return pages_machine.fault(situation, situation.fault)
    if situation.staff is not None:
        return pages_staff.staff(situation, situation.staff)
    if situation.out_of_order is not None and visit is None:
        return pages_machine.out_of_order(situation, situation.out_of_order)
    if situation.is_starting:
        return pages_machine.starting(situation)
    if visit is not None:
        if pages_power.covers(situation, visit):
            return pages_power.ending(situation)
        if visit.overlay in (Overlay.STILL_HERE, Overlay.TIME_UP):
            return pages_machine.still_here(situation, visit)
        if visit.overlay is Overlay.LANGUAGE:
            return pages_machine.language(situation)
        if visit.overlay is Overlay.HELP:
            return pages_machine.help_page(situation, visit)
        if visit.phase is Phase.INTERRUPTED:
            return pages_machine.interrupted(situation)
        if visit.phase is Phase.LEAVING:
            return pages_machine.leaving(situation)
        if visit.phase is Phase.FLOW and visit.flow is not None and visit.state is not None:
            return pages_flow.pick(situation, visit, visit.flow, visit.state)
        return pages_machine.services(situation)
    if situation.is_closed_for_power:
        return pages_power.closed(situation)
    if situation.is_holding:
        return pages_machine.holding(situation)
    return pages_machine.attract(situation)
