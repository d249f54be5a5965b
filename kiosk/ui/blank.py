"""Models without content: pages are built from them ahead of time, and go back to them at the wipe."""

import msgspec

from kiosk import protocol as p

_STRIP = p.Strip(office="", place="", clock="", network=p.Tone.NEUTRAL, network_text="", controls=[])
_SCENE = p.Scene(kind=p.SceneKind.OFFICER)


def bodies() -> list[p.Body]:
    """One empty body of each kind, in the order of a visit."""
    return [
        p.MenuBody(tiles=[]),
        p.StandardBody(facts=[], consent="", free=""),
        p.SceneBody(scene=_SCENE),
        p.PinBody(length=6, delete_label="", clear_label=""),
        p.NikBody(groups=[6, 6, 4], delete_label="", clear_label="", show_label="", hide_label=""),
        p.ConsentBody(facts=[], tiles=[]),
        p.CaptureBody(icon="", hint="", total_ms=1),
        p.BusyBody(sentence=""),
        p.ReviewBody(sections=[]),
        p.PreviewBody(picture="", page=1, pages=1, page_text="", facts=[]),
        p.PrintingBody(done=0, total=1, sentence="", scene=_SCENE),
        p.OutcomeBody(tone=p.Tone.GOOD, lines=[]),
        p.SurveyBody(choices=[]),
        p.TakeBody(scenes=[], labels=[], lines=[]),
        p.HandOverBody(rows=[], address="", lines=[], expires_text="", qr_accessible=""),
        p.CountdownBody(total_ms=1, sentence=""),
        p.TextBody(paragraphs=[]),
        p.AttractBody(call="", tiles=[], lines=[], scene=_SCENE),
        p.TechnicianBody(devices=[], issues=[], facts=[]),
        p.StepperBody(rows=[], facts=[], acts=[]),
    ]


def blank_pages() -> str:
    """JSON list of pages with nothing on them."""
    pages = [
        p.Page(serial=0, name="", key="", title="", strip=_STRIP, look=p.Look(), body=body, direction=p.Direction.NONE)
        for body in bodies()
    ]
    return msgspec.json.encode(pages).decode()


def blank_starting_page() -> str:
    """JSON of a busy page without words."""
    page = p.Page(
        serial=0, name="starting", key="starting", title="", strip=_STRIP, look=p.Look(), body=p.BusyBody(sentence="")
    )
    return msgspec.json.encode(page).decode()
