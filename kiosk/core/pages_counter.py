"""Pages of what the kiosk does in place of a counter: a form's questions, sending them, and the number that was given.

Once a number was given it stands on every page that follows, also while a slip is printed and when none comes.
"""

from kiosk import protocol as p
from kiosk.core.flow_frame import FlowFrame
from kiosk.errors import ErrorCode
from kiosk.flows import compiled as c
from kiosk.flows import form
from kiosk.flows.compiled import AskKind, Kind, say
from kiosk.flows.review import shown

BUSY = {Kind.FORM: "busy.form", Kind.TICKET: "busy.ticket"}


# --- form -------------------------------------------------------------------------------------------------------


def question(f: FlowFrame, step: c.FormStep) -> p.Page:
    """One question: tiles, with what was answered before marked; or a pad."""
    asked = form.asked(step, f.state)
    assert asked is not None
    lead = say(asked.text, f.language)
    count = len(step.questions)
    if count > 1:
        at = f.t("form.progress", number=step.questions.index(asked) + 1, count=count)
        lead = f"{at} {lead}".strip()
    title = say(asked.title, f.language)
    if asked.kind is AskKind.NUMBER:
        key = "form.digits-exact" if asked.least == asked.most else "form.digits"
        body = p.DigitsBody(
            asked.least,
            asked.most,
            f.t("pad.delete"),
            f.t("pad.clear"),
            f.t(key, least=asked.least, most=asked.most),
            form.typed(step, f.state, asked.id),
        )
        return f.page("form-number", title, body, lead=lead, main=p.Action("submit", f.t("button.next"), "next"))
    before = form.answer_of(step, f.state, asked.id)
    tiles = [
        p.Tile(
            f"choose:{answer.key}",
            say(answer.title, f.language),
            say(answer.text, f.language),
            answer.icon,
            badge=f.t("form.chosen") if before is not None and before["code"] == answer.key else "",
        )
        for answer in asked.answers
    ]
    return f.page("form", title, p.MenuBody(tiles), lead=lead)


def confirm(f: FlowFrame) -> p.Page:
    """What would be sent, and that nothing else is."""
    assert isinstance(f.step, c.FormStep)
    facts = [
        p.Fact(say(asked.title, f.language), shown(form.answer_of(f.step, f.state, asked.id), f.language), "chat")
        for asked in f.step.questions
    ]
    facts.append(p.Fact(f.t("form.goes-along"), f.t("form.goes-along-what"), "clock"))
    facts.append(p.Fact(f.t("form.stays"), f.say(f.step.note, "form.stays-what"), "privacy"))
    tiles = [
        p.Tile("main", f.say(f.step.button, "form.send"), f.t("form.send-line"), "check"),
        p.Tile("second", f.t("form.do-not-send"), f.t("form.do-not-send-line"), "close"),
    ]
    title, lead = f.say(f.step.title, "form.confirm-title"), f.say(f.step.text, "form.confirm-lead")
    return f.page("form-confirm", title, p.ConsentBody(facts, tiles), lead=lead)


def trouble(f: FlowFrame) -> p.Page:
    """Neither given nor sent: what happened, that nothing is lost, what to do, who helps."""
    code = f.state.failure or ErrorCode.INTERNAL
    kind = "ticket" if isinstance(f.step, c.TicketStep) else "form"
    lines = [f.t(f"error.{code}.what"), f.t(f"trouble.{kind}-safe"), f.t(f"trouble.{kind}-do")]
    return f.page(
        "counter-trouble",
        f.t(f"trouble.{kind}-title"),
        p.OutcomeBody(p.Tone.CAUTION, lines, p.Scene(p.SceneKind.OFFICER), code.value),
        main=p.Action("main", f.t("button.retry"), "retry"),
        second=p.Action("second", f.t("button.give-up")),
    )


# --- the number that was given ----------------------------------------------------------------------------------


def has_number(f: FlowFrame) -> bool:
    """Whether this visit was given a queue number or the number of a complaint."""
    return "ticket" in f.state.facts or "complaint" in f.state.facts


def slip(f: FlowFrame) -> p.Page:
    """The number, while its slip is printed."""
    title = f.say(f.step.title, "number.slip-title")
    lead = f.say(f.step.text, "number.slip-lead")
    scenes = [f.scene(p.SceneKind.SLIP_OUT)]
    return f.page("number-slip", title, _body(f, [], scenes, [f.t("slip.hint")]), lead=lead, has_way_out=False)


def number(f: FlowFrame, title: str, lead: str, lines: list[str], main: p.Action, code: str) -> p.Page:
    """The last page. With a slip: take it. Without one: write the number down, and there is time to."""
    scenes, labels = [], []
    slip_end = str(f.state.facts.get("slip", ""))
    if f.visit.is_card_there:
        scenes.append(f.scene(p.SceneKind.TAKE_CARD))
        labels.append(f.t("take.card"))
    if slip_end == "printed":
        scenes.append(f.scene(p.SceneKind.SLIP_OUT))
        labels.append(f.t("take.slip"))
        notice, tone = "", p.Tone.NEUTRAL
    else:
        notice, tone = f.t("number.no-slip" if slip_end else "number.note-it"), p.Tone.CAUTION
    body = _body(f, lines, scenes, labels, notice, tone, code or (slip_end if notice else ""))
    return f.page("number", title, body, lead=lead, main=main, has_way_out=False)


def _body(
    f: FlowFrame,
    lines: list[str],
    scenes: list[p.Scene],
    labels: list[str],
    notice: str = "",
    tone: p.Tone = p.Tone.NEUTRAL,
    code: str = "",
) -> p.TicketBody:
    """The queue's number is what somebody waits for, so it is the large one where there are two."""
    ticket, complaint = f.state.facts.get("ticket"), f.state.facts.get("complaint")
    if ticket is not None:
        caption, shown_number = say(ticket["name"], f.language), ticket["label"]
        if complaint is not None:
            lines = [*lines, f.t("number.complaint-too", number=complaint["number"])]
    else:
        assert complaint is not None
        caption, shown_number = say(complaint["label"], f.language), complaint["number"]
    key = "number.queue-spoken" if ticket is not None else "number.complaint-spoken"
    spoken = f.t(key, number=" ".join(shown_number))
    return p.TicketBody(caption, shown_number, lines, scenes, labels, spoken, notice, tone, code)
