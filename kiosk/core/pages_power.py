"""Pages for the time without mains: closed, the end of a visit, and switching off."""

from kiosk import protocol as p
from kiosk.core.frame import page
from kiosk.core.power import PowerStage
from kiosk.core.situation import Phase, Situation, VisitView
from kiosk.errors import ErrorCode
from kiosk.flows.state import Stage

_TOLD = frozenset({Stage.PRINT, Stage.SLIP, Stage.FINISH})
"""What moves is let come to its end, and the page that says how it ended is not covered."""


def covers(situation: Situation, visit: VisitView) -> bool:
    """Whether the announcement stands instead of the visit's own page."""
    if situation.power is not PowerStage.ENDING or visit.phase not in (Phase.SERVICES, Phase.FLOW):
        return False
    return visit.state is None or visit.state.stage not in _TOLD


def ending(situation: Situation) -> p.Page:
    """To the person who is there: this visit ends, what holds and what does not."""
    t = situation.texts
    lines = [t("power.ending-what"), t("power.ending-safe"), t("power.ending-do")]
    body = p.OutcomeBody(p.Tone.CAUTION, lines, p.Scene(p.SceneKind.OFFICER), ErrorCode.POWER_BATTERY_LOW.value)
    main = p.Action("home", t("button.understood"), "check")
    return page(situation, "power-ending", t("power.ending-title"), body, main=main, direction=p.Direction.NONE)


def closed(situation: Situation) -> p.Page:
    """To whoever comes by: why nothing begins, and that it opens again by itself."""
    t = situation.texts
    if situation.power is PowerStage.CLOSED:
        lines = [t("power.closed-what"), t("power.closed-safe"), t("power.closed-do")]
        code, title, name = ErrorCode.POWER_ON_BATTERY, t("power.closed-title"), "power-closed"
    else:
        lines = [t("power.down-what"), t("power.closed-safe"), t("power.down-do")]
        code, title, name = ErrorCode.POWER_BATTERY_LOW, t("power.down-title"), "power-down"
    body = p.OutcomeBody(p.Tone.STOP, lines, p.Scene(p.SceneKind.OFFICER), code.value)
    return page(situation, name, title, body, direction=p.Direction.NONE)
