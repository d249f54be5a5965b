"""The page and the messages: core to face, face to core."""

from kiosk.protocol.bodies import Body
from kiosk.protocol.parts import Action, Direction, Dot, Look, Model, Strip


class Page(Model, frozen=True):
    """All that is on the screen. The face draws it and knows nothing else.

    ``serial`` rises with every new model; an event for an older serial is stale and has no effect. ``name`` is the
    stable name of the page for tests and the gallery (``tap-card``); ``key`` changes when the page should move in
    rather than update in place. ``remaining_ms`` starts a countdown that the face draws by itself.
    """

    serial: int
    name: str
    key: str
    title: str
    strip: Strip
    look: Look
    body: Body
    lead: str = ""
    dots: list[Dot] = []
    back: Action | None = None
    home: Action | None = None
    main: Action | None = None
    second: Action | None = None
    direction: Direction = Direction.FORWARD
    remaining_ms: int | None = None


class Welcome(Model, frozen=True, tag="welcome"):
    """The core's answer to ``Hello``."""

    version: int
    is_robot_allowed: bool = False


class ShowPage(Model, frozen=True, tag="show-page"):
    page: Page


class ShowPicture(Model, frozen=True, tag="show-picture"):
    """A preview as PNG bytes; kept in memory until ``Forget``."""

    name: str
    width: int
    height: int
    data: bytes


class Forget(Model, frozen=True, tag="forget"):
    """Wipe: drop pictures, pads and everything that was typed."""


class Sound(Model, frozen=True, tag="sound"):
    """``done`` or ``attention``; the tick of a touch is the face's own."""

    name: str


class Drive(Model, frozen=True, tag="drive"):
    """The robot's hand inside the face; refused unless ``Welcome`` allowed it.

    ``do`` is ``press`` or ``hold`` (a control by accessible or object name), ``type`` (digits on the pad),
    ``key`` (keys of a keypad), ``grab`` (save the window as PNG at ``path``) or ``tree`` (accessible names on the
    screen).
    """

    id: int
    do: str
    name: str = ""
    text: str = ""
    path: str = ""


ToFace = Welcome | ShowPage | ShowPicture | Forget | Sound | Drive


class Hello(Model, frozen=True, tag="hello"):
    version: int
    role: str = "face"


class Painted(Model, frozen=True, tag="painted"):
    """The page of this serial is on the screen."""

    serial: int
    name: str


class Activity(Model, frozen=True, tag="activity"):
    """Somebody touches; at most once a second."""


class Pressed(Model, frozen=True, tag="pressed"):
    """A button of the page ``serial`` was released. ``event`` is unique for this face: one event, one effect."""

    event: str
    serial: int
    action: str


class Submitted(Model, frozen=True, tag="submitted"):
    """What a pad or form holds, sent once, with the action that sent it."""

    event: str
    serial: int
    action: str
    values: dict[str, str]


class Scanned(Model, frozen=True, tag="scanned"):
    """A keyboard-wedge burst: at most 4,096 characters, control characters removed."""

    event: str
    serial: int
    text: str


class Alive(Model, frozen=True, tag="alive"):
    """A test frame that the face asked for was swapped: meant for a watchdog, which does not read it yet."""


class Trouble(Model, frozen=True, tag="trouble"):
    """A Qt or QML message of level warning or above, without any page content."""

    message: str


class Driven(Model, frozen=True, tag="driven"):
    """Answer to ``Drive``."""

    id: int
    is_ok: bool
    detail: str = ""


FromFace = Hello | Painted | Activity | Pressed | Submitted | Scanned | Alive | Trouble | Driven
