"""Page models and user events: the one wall between the face and the core.

Frames are a 4-byte big-endian length and a MessagePack body, over a Unix stream socket of mode 0600. Every frame is
validated on both sides; a frame that does not fit ends the connection. Frames are never logged: they can hold what a
citizen typed. The face imports this module and nothing else of ours, so it needs nothing but msgspec.
"""

import struct
from collections.abc import Iterator
from enum import StrEnum

import msgspec

VERSION = 1
"""Rises with every change that an older peer would misread; both sides refuse another version."""

MAX_FRAME = 16 * 1024 * 1024
"""Bytes; a preview picture is the largest thing that crosses."""

_LENGTH = struct.Struct(">I")


class ProtocolError(Exception):
    """The peer sent what this version does not understand; the connection ends."""


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that crosses."""


# --- what pages are made of -------------------------------------------------------------------------------------


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
    """The top strip of every page. ``controls`` are language, text size, contrast, sound and help."""

    office: str
    place: str
    clock: str
    network: Tone
    network_text: str
    controls: list[Action]


# --- bodies: one a page file ------------------------------------------------------------------------------------


class AttractBody(Model, frozen=True, tag="attract"):
    """The page that waits. A touch anywhere sends ``start``."""

    call: str
    tiles: list[Tile]
    lines: list[str]
    scene: Scene


class MenuBody(Model, frozen=True, tag="menu"):
    """Up to six choices: services, languages, proofs, a flow's own menu."""

    tiles: list[Tile]
    note: str = ""


class StandardBody(Model, frozen=True, tag="standard"):
    """Service standard: requirements, duration, fee, legal basis, product, complaints; and the consent sentence."""

    facts: list[Fact]
    consent: str
    free: str


class SceneBody(Model, frozen=True, tag="scene"):
    """Something to do with the hands: tap the card, hold a code, take the paper."""

    scene: Scene
    hint: str = ""
    notice: str = ""
    tone: Tone = Tone.NEUTRAL


class PinBody(Model, frozen=True, tag="pin"):
    """A pad whose digits never cross before submit and are never named to assistive technology."""

    length: int
    delete_label: str
    clear_label: str
    notice: str = ""
    tone: Tone = Tone.NEUTRAL
    field: str = "pin"


class NikBody(Model, frozen=True, tag="nik"):
    """A pad for a grouped number. ``value`` is what was typed before, for Back; shown masked."""

    groups: list[int]
    delete_label: str
    clear_label: str
    show_label: str
    hide_label: str
    value: str = ""
    notice: str = ""
    tone: Tone = Tone.NEUTRAL
    field: str = "nik"


class BusyBody(Model, frozen=True, tag="busy"):
    """Work in progress that needs nothing of the person."""

    sentence: str
    patience: str = ""


class DocumentsBody(Model, frozen=True, tag="documents"):
    """Documents that are ready, one tile each."""

    tiles: list[Tile]
    note: str = ""


class ReviewBody(Model, frozen=True, tag="review"):
    """What the office holds about the person; personal numbers come masked."""

    sections: list[Section]
    note: str = ""


class PreviewBody(Model, frozen=True, tag="preview"):
    """The very document as it will be printed. ``picture`` names a ``ShowPicture`` sent before."""

    picture: str
    page: int
    pages: int
    page_text: str
    facts: list[Fact]
    previous: Action | None = None
    next: Action | None = None
    picture_accessible: str = ""


class PrintingBody(Model, frozen=True, tag="printing"):
    """Progress page by page; ``done`` counts sheets that the printer reports as out."""

    done: int
    total: int
    sentence: str
    scene: Scene
    notice: str = ""
    tone: Tone = Tone.NEUTRAL


class OutcomeBody(Model, frozen=True, tag="outcome"):
    """How it ended, or what is wrong: what happened, what is safe, what to do, who helps; the code small below."""

    tone: Tone
    lines: list[str]
    scene: Scene | None = None
    code: str = ""


class SurveyBody(Model, frozen=True, tag="survey"):
    """One touch, four faces, worst to best."""

    choices: list[Action]


class TakeBody(Model, frozen=True, tag="take"):
    """Take your card and paper: one scene each."""

    scenes: list[Scene]
    labels: list[str]
    lines: list[str]


class HandOverBody(Model, frozen=True, tag="hand-over"):
    """A QR for the phone. ``rows`` are strings of 0 and 1, quiet zone excluded."""

    rows: list[str]
    address: str
    lines: list[str]
    expires_text: str
    qr_accessible: str


class CountdownBody(Model, frozen=True, tag="countdown"):
    """Are you still here? The face draws the ring from ``remaining_ms`` of the page."""

    total_ms: int
    sentence: str


class TextBody(Model, frozen=True, tag="text"):
    """Help and information: short paragraphs."""

    paragraphs: list[str]
    scene: Scene | None = None
    sections: list[Section] = []


class DeviceRow(Model, frozen=True):
    """One device as the technician sees it."""

    name: str
    tone: Tone
    state: str
    reason: str
    since: str
    tests: list[Action] = []


class TechnicianBody(Model, frozen=True, tag="technician"):
    """Every device's state with its reason and tests, the open issues, and what runs here."""

    devices: list[DeviceRow]
    issues: list[Fact]
    facts: list[Fact]
    result: str = ""
    result_tone: Tone = Tone.NEUTRAL
    devices_title: str = ""
    issues_title: str = ""
    facts_title: str = ""


Body = (
    AttractBody
    | MenuBody
    | StandardBody
    | SceneBody
    | PinBody
    | NikBody
    | BusyBody
    | DocumentsBody
    | ReviewBody
    | PreviewBody
    | PrintingBody
    | OutcomeBody
    | SurveyBody
    | TakeBody
    | HandOverBody
    | CountdownBody
    | TextBody
    | TechnicianBody
)


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


# --- core to face -----------------------------------------------------------------------------------------------


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
    ``grab`` (save the window as PNG at ``path``) or ``tree`` (accessible names on the screen).
    """

    id: int
    do: str
    name: str = ""
    text: str = ""
    path: str = ""


ToFace = Welcome | ShowPage | ShowPicture | Forget | Sound | Drive


# --- face to core -----------------------------------------------------------------------------------------------


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
    """A test frame that the face asked for was swapped: feeds the watchdog."""


class Trouble(Model, frozen=True, tag="trouble"):
    """A Qt or QML message of level warning or above, without any page content."""

    message: str


class Driven(Model, frozen=True, tag="driven"):
    """Answer to ``Drive``."""

    id: int
    is_ok: bool
    detail: str = ""


FromFace = Hello | Painted | Activity | Pressed | Submitted | Scanned | Alive | Trouble | Driven

_encoder = msgspec.msgpack.Encoder()
_to_face = msgspec.msgpack.Decoder(ToFace)
_from_face = msgspec.msgpack.Decoder(FromFace)


def encode(message: Model) -> bytes:
    """One frame, length included. Raises ProtocolError above MAX_FRAME."""
    body = _encoder.encode(message)
    if len(body) > MAX_FRAME:
        raise ProtocolError(f"frame of {len(body)} bytes")
    return _LENGTH.pack(len(body)) + body


def decode_to_face(body: bytes) -> ToFace:
    """A message for the face. Raises ProtocolError."""
    try:
        message: ToFace = _to_face.decode(body)
    except msgspec.DecodeError as error:
        raise ProtocolError(type(error).__name__) from None
    return message


def decode_from_face(body: bytes) -> FromFace:
    """A message of the face. Raises ProtocolError; the reason names no value, since values are what people typed."""
    try:
        message: FromFace = _from_face.decode(body)
    except msgspec.DecodeError as error:
        raise ProtocolError(type(error).__name__) from None
    return message


class FrameReader:
    """Cuts a byte stream into frame bodies."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each body that is whole. Raises ProtocolError on a length above MAX_FRAME."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > MAX_FRAME:
                raise ProtocolError(f"frame of {length} bytes announced")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield body
