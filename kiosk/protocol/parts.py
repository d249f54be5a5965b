"""What pages are made of: tones, actions, tiles, facts, scenes, the strip."""

from enum import StrEnum

import msgspec


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that crosses."""


class Tone(StrEnum):
    """How a page or a row is meant; the theme gives it colour, icon and sound."""

    NEUTRAL = "neutral"
    GOOD = "good"
    CAUTION = "caution"
    STOP = "stop"


class Direction(StrEnum):
    """Which way the page moves in."""

    FORWARD = "forward"
    BACK = "back"
    NONE = "none"


class TextSize(StrEnum):
    DEFAULT = "default"
    LARGE = "large"


class Contrast(StrEnum):
    LIGHT = "light"
    HIGH = "high"


class Side(StrEnum):
    """Where a thing is on this machine, seen by the person in front of it."""

    LEFT = "left"
    RIGHT = "right"
    BELOW = "below"


class SceneKind(StrEnum):
    """The drawn hands-and-machine scenes."""

    HOLD_CARD = "hold-card"
    TAKE_CARD = "take-card"
    PAPER_OUT = "paper-out"
    CARD_OUT = "card-out"
    SLIP_OUT = "slip-out"
    SCAN_CODE = "scan-code"
    PHONE = "phone"
    OFFICER = "officer"
    TOUCH = "touch"


class Scene(Model, frozen=True):
    """An animated drawing that points to where the thing is on this machine."""

    kind: SceneKind
    side: Side = Side.BELOW


class Action(Model, frozen=True):
    """A button. ``id`` comes back in ``Pressed``; ``accessible`` is the spoken name where the label is not enough."""

    id: str
    label: str
    icon: str = ""
    is_enabled: bool = True
    reason: str = ""
    accessible: str = ""


class Tile(Model, frozen=True):
    """A large choice with a title, a line below and, when it cannot be used, the reason why."""

    action: str
    title: str
    text: str = ""
    icon: str = ""
    is_enabled: bool = True
    reason: str = ""
    badge: str = ""


class Dot(Model, frozen=True):
    """One named stage of the visit's progress."""

    label: str
    is_done: bool = False
    is_now: bool = False


class Fact(Model, frozen=True):
    """A labelled value: a row of a review, a line of the service standard, a line of a report."""

    label: str
    value: str
    icon: str = ""
    tone: Tone = Tone.NEUTRAL


class Section(Model, frozen=True):
    """Rows under a heading."""

    title: str
    rows: list[Fact]


class Look(Model, frozen=True):
    """What the citizen switched; back to default at the end of each visit."""

    language: str = "id"
    text_size: TextSize = TextSize.DEFAULT
    contrast: Contrast = Contrast.LIGHT
    has_sound: bool = True
    is_low_reach: bool = False
    is_motion_reduced: bool = False


class Strip(Model, frozen=True):
    """The top strip of every page. ``controls`` are language, text size, contrast, sound and help.

    ``scroll_up`` and ``scroll_down`` name the arrows of a page that scrolls, for assistive technology.
    """

    office: str
    place: str
    clock: str
    network: Tone
    network_text: str
    controls: list[Action]
    scroll_up: str = ""
    scroll_down: str = ""
