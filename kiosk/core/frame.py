"""What every page shares: strip, controls, the buttons of the bottom bar."""

from kiosk import protocol as p
from kiosk.backend.contract import Reachability
from kiosk.core.situation import Situation

_NETWORK = {
    Reachability.ONLINE: (p.Tone.GOOD, "strip.online"),
    Reachability.OFFLINE: (p.Tone.CAUTION, "strip.offline"),
    Reachability.UNKNOWN: (p.Tone.NEUTRAL, "strip.connecting"),
}


def strip(situation: Situation) -> p.Strip:
    """Office, clock, network in words, and the switches that stand on every page."""
    t, look = situation.texts, situation.look
    tone, key = _NETWORK[situation.office]
    is_large = look.text_size is p.TextSize.LARGE
    is_high = look.contrast is p.Contrast.HIGH
    controls = [
        p.Action("look:language", t("language.own"), "language", accessible=t("strip.language")),
        p.Action(
            "look:size",
            t("strip.size-default" if is_large else "strip.size-large"),
            "text-size",
            accessible=t("strip.size"),
        ),
        p.Action(
            "look:contrast",
            t("strip.contrast-light" if is_high else "strip.contrast-high"),
            "contrast",
            accessible=t("strip.contrast"),
        ),
        p.Action(
            "look:sound",
            t("strip.sound-off" if look.has_sound else "strip.sound-on"),
            "sound" if look.has_sound else "sound-off",
            accessible=t("strip.sound"),
        ),
    ]
    if situation.visit is not None or _is_open(situation):
        controls.append(p.Action("help", t("strip.help"), "help", accessible=t("strip.help")))
    kiosk = situation.settings.kiosk
    return p.Strip(
        kiosk.office, kiosk.place, situation.clock, tone, t(key), controls, t("strip.scroll-up"), t("strip.scroll-down")
    )


def _is_open(situation: Situation) -> bool:
    """Whether a touch may begin a visit; help lies over one."""
    is_closed = situation.is_starting or situation.is_holding or situation.out_of_order or situation.fault
    return not (is_closed or situation.staff or situation.is_closed_for_power)


def page(
    situation: Situation,
    name: str,
    title: str,
    body: p.Body,
    *,
    key: str = "",
    lead: str = "",
    dots: list[p.Dot] | None = None,
    back: p.Action | None = None,
    home: p.Action | None = None,
    main: p.Action | None = None,
    second: p.Action | None = None,
    direction: p.Direction = p.Direction.FORWARD,
    remaining_ms: int | None = None,
) -> p.Page:
    """A page model of serial 0; the shell numbers it when it differs from what is shown."""
    return p.Page(
        serial=0,
        name=name,
        key=key or name,
        title=title,
        strip=strip(situation),
        look=situation.look,
        body=body,
        lead=lead,
        dots=dots or [],
        back=back,
        home=home,
        main=main,
        second=second,
        direction=direction,
        remaining_ms=remaining_ms,
    )


def back(situation: Situation, action: str = "back") -> p.Action:
    return p.Action(action, situation.texts("button.back"), "back")


def home(situation: Situation) -> p.Action:
    return p.Action("home", situation.texts("button.home"), "home")


def side(value: str) -> p.Side:
    """The settings' place as the protocol's side."""
    return p.Side(value)
