"""What a person can switch about the look of the pages."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from kiosk import protocol as p
from kiosk.settings import Settings

T = TypeVar("T")


def default_look(settings: Settings) -> p.Look:
    """What every visit begins with."""
    screen = settings.screen
    return p.Look(
        language=settings.kiosk.languages[0],
        is_low_reach=screen.is_low_reach,
        is_motion_reduced=screen.is_motion_reduced,
    )


def switched(look: p.Look, action: str, languages: Sequence[str]) -> p.Look | None:
    """The look after ``look:…`` or ``language:…``; None for a language that this machine does not have."""
    if action == "look:size":
        return replace(look, text_size=_other(look.text_size, p.TextSize.DEFAULT, p.TextSize.LARGE))
    if action == "look:contrast":
        return replace(look, contrast=_other(look.contrast, p.Contrast.LIGHT, p.Contrast.HIGH))
    if action == "look:sound":
        return replace(look, has_sound=not look.has_sound)
    if action == "look:language":
        # The next one in turn.
        return replace(look, language=languages[(languages.index(look.language) + 1) % len(languages)])
    if action.startswith("language:"):
        language = action.removeprefix("language:")
        return replace(look, language=language) if language in languages else None
    return look


def _other(value: T, one: T, two: T) -> T:
    return one if value == two else two
