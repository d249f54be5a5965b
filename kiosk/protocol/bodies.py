"""Bodies of pages: one class a page file of the face."""

from kiosk.protocol.parts import Action, Fact, Model, Scene, Section, Tile, Tone


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
    """Something to do with the hands: tap the card, hold a code, take the paper; ``code`` small in the notice."""

    scene: Scene
    hint: str = ""
    notice: str = ""
    tone: Tone = Tone.NEUTRAL
    code: str = ""


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


class DigitsBody(Model, frozen=True, tag="digits"):
    """A pad for a number that is nobody's, so it stands open. ``value`` is what was typed before, for Back."""

    least: int
    most: int
    delete_label: str
    clear_label: str
    hint: str
    value: str = ""
    field: str = "number"


class ConsentBody(Model, frozen=True, tag="consent"):
    """What would happen, in plain lines, and the answers as tiles of one size: yes, and the other way."""

    facts: list[Fact]
    tiles: list[Tile]
    notice: str = ""


class CaptureBody(Model, frozen=True, tag="capture"):
    """Look here, or lay a finger on: an outline without any picture, and the time that is left."""

    icon: str
    hint: str
    total_ms: int


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
    notice: str = ""
    """Why it cannot be printed just now; ``code`` stands small in it."""
    code: str = ""


class PrintingBody(Model, frozen=True, tag="printing"):
    """Progress page by page; ``done`` counts sheets that the printer reports as out."""

    done: int
    total: int
    sentence: str
    scene: Scene
    notice: str = ""
    tone: Tone = Tone.NEUTRAL
    code: str = ""


class OutcomeBody(Model, frozen=True, tag="outcome"):
    """How it ended, or what is wrong: what happened, what is safe, what to do, who helps; the code small below."""

    tone: Tone
    lines: list[str]
    scene: Scene | None = None
    code: str = ""


class TicketBody(Model, frozen=True, tag="ticket"):
    """A number to be read across a room: what is called out, or what a complaint is asked after with.

    ``notice`` says that no slip bears it, with the small ``code``; ``scenes`` and ``labels`` say what to take.
    """

    caption: str
    number: str
    lines: list[str]
    scenes: list[Scene]
    labels: list[str]
    number_accessible: str = ""
    notice: str = ""
    tone: Tone = Tone.NEUTRAL
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


class StepperRow(Model, frozen=True):
    """A number that is moved by steps. ``buttons`` stand around it, the lesser ones first, in even number."""

    label: str
    value: str
    buttons: list[Action]
    text: str = ""


class StepperBody(Model, frozen=True, tag="stepper"):
    """A technician's numbers: each with its steps, what follows from them, and what else can be done here."""

    rows: list[StepperRow]
    facts: list[Fact]
    acts: list[Action]
    notice: str = ""
    tone: Tone = Tone.NEUTRAL


Body = (
    AttractBody
    | MenuBody
    | StandardBody
    | SceneBody
    | PinBody
    | NikBody
    | DigitsBody
    | ConsentBody
    | CaptureBody
    | BusyBody
    | DocumentsBody
    | ReviewBody
    | PreviewBody
    | PrintingBody
    | OutcomeBody
    | TicketBody
    | SurveyBody
    | TakeBody
    | HandOverBody
    | CountdownBody
    | TextBody
    | TechnicianBody
    | StepperBody
)
