"""Pages of the machine itself: attract, services, language, help, warnings and faults."""

from typing import TYPE_CHECKING

from kiosk import protocol as p
from kiosk.core.availability import why_not
from kiosk.core.frame import back, home, page, side
from kiosk.core.situation import Overlay, Recovered, Situation, VisitView
from kiosk.errors import ErrorCode
from kiosk.flows.compiled import say

if TYPE_CHECKING:
    from kiosk.flows.compiled import CompiledFlow


def _tile(situation: Situation, flow: "CompiledFlow") -> p.Tile:
    reason = why_not(situation, flow)
    language = situation.look.language
    return p.Tile(
        action=f"service:{flow.id}",
        title=say(flow.title, language),
        text=say(flow.text, language),
        icon=flow.icon,
        is_enabled=not reason,
        reason=reason,
    )


def attract(situation: Situation) -> p.Page:
    """What can be done here and now; a touch anywhere begins."""
    t = situation.texts
    tiles = [_tile(situation, flow) for flow in situation.services]
    body = p.AttractBody(
        call=t("attract.call"),
        tiles=tiles,
        lines=[t("attract.free"), t("attract.privacy")],
        scene=p.Scene(p.SceneKind.HOLD_CARD, side(situation.settings.screen.card_side)),
    )
    return page(
        situation,
        "attract",
        t("attract.title"),
        body,
        lead=t("attract.lead"),
        direction=p.Direction.NONE,
    )


def services(situation: Situation) -> p.Page:
    t = situation.texts
    tiles = [_tile(situation, flow) for flow in situation.services]
    note = t("services.note-some") if any(not tile.is_enabled for tile in tiles) else t("services.note")
    return page(
        situation,
        "services",
        t("services.title"),
        p.MenuBody(tiles, note),
        lead=t("services.lead"),
        home=home(situation),
    )


def language(situation: Situation) -> p.Page:
    t = situation.texts
    from kiosk.texts import Texts

    tiles = [
        p.Tile(f"language:{code}", Texts(code)("language.own"), Texts(code)("language.line"), "language")
        for code in situation.settings.kiosk.languages
    ]
    return page(situation, "language", t("language.title"), p.MenuBody(tiles), back=back(situation, "close"))


def help_page(situation: Situation, visit: VisitView) -> p.Page:
    t = situation.texts
    paragraphs = [t("help.what"), t("help.how"), t("help.privacy"), t("help.free"), t("help.officer")]
    return page(
        situation,
        "help",
        t("help.title"),
        p.TextBody(paragraphs, p.Scene(p.SceneKind.OFFICER)),
        back=back(situation, "close"),
    )


def still_here(situation: Situation, visit: VisitView) -> p.Page:
    t = situation.texts
    is_time_up = visit.overlay is Overlay.TIME_UP
    can_stay = not is_time_up or visit.can_extend
    lead = t("still-here.lead")
    if visit.flow is not None:
        # What the person was doing is covered by this page: it is named, so that nobody thinks it is gone.
        lead = t("still-here.task", service=say(visit.flow.title, situation.look.language)) + " " + lead
    return page(
        situation,
        "still-here",
        t("time-up.title" if is_time_up else "still-here.title"),
        p.CountdownBody(visit.total_ms, t("time-up.sentence" if is_time_up else "still-here.sentence")),
        lead=lead,
        home=p.Action("home", t("still-here.leave"), "home"),
        main=p.Action("stay", t("still-here.stay"), "hand") if can_stay else None,
        direction=p.Direction.NONE,
        remaining_ms=visit.remaining_ms,
    )


def leaving(situation: Situation) -> p.Page:
    t = situation.texts
    screen = situation.settings.screen
    body = p.TakeBody(
        scenes=[p.Scene(p.SceneKind.TAKE_CARD, side(screen.card_side))],
        labels=[t("leaving.card")],
        lines=[t("leaving.forgotten")],
    )
    return page(situation, "take", t("leaving.title"), body, main=p.Action("finish", t("leaving.done"), "check"))


def interrupted(situation: Situation) -> p.Page:
    """After a restart in the middle of a visit: says what came out and what did not, and asks nobody to try again."""
    t = situation.texts
    tone = p.Tone.CAUTION
    lines = [t("interrupted.what")]
    if not situation.recovered:
        lines.append(t("interrupted.nothing"))
    for end in situation.recovered:
        lines.append(t(f"interrupted.{end}"))
    if Recovered.UNKNOWN in situation.recovered:
        lines.append(t("interrupted.officer"))
    scene = p.Scene(p.SceneKind.OFFICER) if Recovered.UNKNOWN in situation.recovered else None
    return page(
        situation,
        "interrupted",
        t("interrupted.title"),
        p.OutcomeBody(tone, lines, scene, ErrorCode.CORE_RESTARTED.value),
        main=p.Action("finish", t("button.understood"), "check"),
    )


def starting(situation: Situation) -> p.Page:
    t = situation.texts
    return page(
        situation,
        "starting",
        t("starting.title"),
        p.BusyBody(t("starting.sentence")),
        direction=p.Direction.NONE,
    )


def holding(situation: Situation) -> p.Page:
    t = situation.texts
    lines, scene = [t("holding.what"), t("holding.do")], p.Scene(p.SceneKind.PAPER_OUT)
    body = p.OutcomeBody(p.Tone.CAUTION, lines, scene, ErrorCode.PRINTER_BUSY.value)
    return page(situation, "holding", t("holding.title"), body, direction=p.Direction.NONE)


def out_of_order(situation: Situation, code: ErrorCode) -> p.Page:
    t = situation.texts
    lines = [t(f"error.{code}.what"), t("out-of-order.safe"), t("out-of-order.do")]
    body = p.OutcomeBody(p.Tone.STOP, lines, p.Scene(p.SceneKind.OFFICER), code.value)
    return page(situation, "out-of-order", t("out-of-order.title"), body, direction=p.Direction.NONE)


def fault(situation: Situation, code: ErrorCode) -> p.Page:
    """A fault that stops all; never blames, keeps the code small."""
    t = situation.texts
    lines = [t(f"error.{code}.what"), t(f"error.{code}.do")]
    body = p.OutcomeBody(p.Tone.STOP, lines, p.Scene(p.SceneKind.OFFICER), code.value)
    return page(situation, "out-of-order", t("out-of-order.title"), body, direction=p.Direction.NONE)
