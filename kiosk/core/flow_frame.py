"""What the pages of a flow share: the situation, the step, its texts, and the parts that every such page has."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kiosk import protocol as p
from kiosk.core.dates import long_date
from kiosk.core.frame import back, home, page
from kiosk.core.situation import Situation, VisitView
from kiosk.errors import ErrorCode
from kiosk.flows import engine
from kiosk.flows.compiled import say
from kiosk.flows.state import Stage, State

if TYPE_CHECKING:
    from kiosk.flows.compiled import CompiledFlow


class FlowFrame:
    """What the stage functions share: the situation, the flow, the step, and the page's fixed parts."""

    def __init__(self, situation: Situation, visit: VisitView, flow: "CompiledFlow", state: State) -> None:
        self.situation = situation
        self.visit = visit
        self.flow = flow
        self.state = state
        self.t = situation.texts
        self.language = situation.look.language
        self.step: Any = flow.steps.get(state.step)

    def say(self, text: Mapping[str, str], key: str, **values: object) -> str:
        """The flow's own text, or the program's."""
        return say(text, self.language) or self.t(key, **values)

    def date(self, iso: str) -> str:
        return long_date(iso, self.language)

    def notice(self) -> str:
        """The correctable mistake, as a sentence that says what to do."""
        state = self.state
        if state.notice is None:
            return ""
        if state.notice is ErrorCode.PROOF_WRONG and state.attempts_left is not None:
            return self.t("notice.attempts", count=state.attempts_left)
        return f"{self.t(f'error.{state.notice}.what')} {self.t(f'error.{state.notice}.do')}"

    def page(
        self,
        name: str,
        title: str,
        body: p.Body,
        *,
        lead: str = "",
        main: p.Action | None = None,
        second: p.Action | None = None,
        has_way_out: bool = True,
    ) -> p.Page:
        state = self.state
        dots = []
        at = getattr(self.step, "dot", -1) if state.stage is not Stage.STANDARD else -1
        for index, dot in enumerate(self.flow.dots):
            dots.append(p.Dot(say(dot.text, self.language), is_done=index < at, is_now=index == at))
        can_back = has_way_out and engine.can_go_back(state)
        can_home = has_way_out and engine.can_go_home(state)
        return page(
            self.situation,
            name,
            title,
            body,
            key="/".join(part for part in (self.flow.id, state.step, state.stage, state.question) if part),
            lead=lead,
            dots=dots,
            back=back(self.situation) if can_back else None,
            home=home(self.situation) if can_home else None,
            main=main,
            second=second,
            direction=p.Direction.BACK if state.direction_is_back else p.Direction.FORWARD,
            remaining_ms=self.visit.remaining_ms,
        )

    def side(self, kind: str) -> p.Side:
        """Where the thing of a scene is on this machine."""
        screen = self.situation.settings.screen
        places = {
            "hold-card": screen.card_side,
            "take-card": screen.card_side,
            "paper-out": screen.paper_side,
            "card-out": screen.card_out_side,
            "slip-out": screen.slip_side,
            "scan-code": screen.scanner_side,
        }
        return p.Side(places.get(kind, screen.paper_side))

    def scene(self, kind: p.SceneKind) -> p.Scene:
        return p.Scene(kind, self.side(kind.value))
