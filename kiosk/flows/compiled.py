"""The frozen fast form of a flow: what the engine runs and the page picker draws from.

``flow.steps[state.step]`` is one of the step classes below; ``step.kind`` with ``state.stage`` decides the page:

| kind      | stages                                                                                       |
|-----------|----------------------------------------------------------------------------------------------|
| (any)     | STANDARD before the first step, ENDED after the last                                          |
| notice    | SHOW (``main``)                                                                               |
| menu      | SHOW (``choose:<key>``; only ``conditions.open_choices(step, state)`` may be drawn)           |
| form      | SHOW (one question, ``form.asked(step, state)``: ``choose:<key>`` or ``submit``), and if it    |
|           | sends: CONFIRM (``main``, ``second`` does not send), WORK, TROUBLE                            |
| identify  | CHOOSE_PROOF, TAP, FIND, NIK, CONSENT, CAPTURE, PIN, SCAN, CODE, PROVE, LOCKED, OFFER_BIND,    |
|           | WORK (binds), TROUBLE                                                                         |
| fetch     | WORK, TROUBLE                                                                                 |
| review    | SHOW (``main``; rows by ``review.sections(step, state, language)``)                           |
| documents | CHOOSE_DOCUMENT (``choose:<document id>``; rows by ``documents.listed(step, state)``)         |
| print     | PREPARE, PREVIEW, PRINT, TROUBLE                                                              |
| card      | the same                                                                                      |
| hand-over | WORK, PHONE (``main``), TROUBLE                                                               |
| slip      | SLIP                                                                                          |
| ticket    | WORK, TROUBLE (the number stands in ``state.facts`` and on every page that follows)            |
| survey    | RATE (``rate:1`` to ``rate:4``, ``second`` skips)                                             |
| finish    | FINISH (``main``, or its deadline)                                                            |

``engine.can_go_back(state)`` and ``engine.can_go_home(state)`` say whether the page bears these buttons;
``engine.is_waiting_for_person(state)`` whether the idle warning may run. Texts are mappings of language to text:
``say(text, language)``. A text that the file left out is ``{}`` and the program's own text stands in.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kiosk.flows.conditions import Condition
from kiosk.flows.effects import BiometricKind, ProofKind, Source, What
from kiosk.flows.outcomes import Ending

Text = Mapping[str, str]

END = "end"
"""The target that leaves the flow without a page."""


def say(text: Text, language: str) -> str:
    """The text in ``language``, in Indonesian where that language has none, or ``""``."""
    return text.get(language) or text.get("id", "")


class Kind(StrEnum):
    """The closed set of step kinds."""

    NOTICE = "notice"
    MENU = "menu"
    FORM = "form"
    IDENTIFY = "identify"
    FETCH = "fetch"
    REVIEW = "review"
    DOCUMENTS = "documents"
    PRINT = "print"
    CARD = "card"
    HAND_OVER = "hand-over"
    SLIP = "slip"
    TICKET = "ticket"
    SURVEY = "survey"
    FINISH = "finish"


class CardRemoved(StrEnum):
    """What a card taken off after the proof does to the flow."""

    CONTINUE = "continue"
    END = "end"


class Need(StrEnum):
    """What a document must allow to be chosen."""

    PRINT = "print"
    HAND_OVER = "hand-over"
    ANY = "any"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What all steps have. Targets are step ids or ``END``; ``""`` where the kind has no such way out.

    ``dot`` is the index of the step's progress dot in ``flow.dots``. ``limit_s`` is how long the step's person pages
    wait; work has limits of its own. ``when`` false skips the step to ``otherwise``.
    """

    id: str
    kind: Kind
    dot: int = -1
    title: Text = {}
    text: Text = {}
    then: str = ""
    failed: str = ""
    timeout: str = END
    cancel: str = END
    limit_s: float = 300.0
    when: Condition | None = None
    otherwise: str = ""


class NoticeStep(Step, frozen=True, kw_only=True):
    """Something to read. ``button`` labels ``main``; ``scene`` is a name of the protocol's scenes or ``""``."""

    button: Text = {}
    lines: tuple[Text, ...] = ()
    scene: str = ""


class Choice(msgspec.Struct, frozen=True):
    """One answer of a menu; ``choose:<key>`` takes it."""

    key: str
    title: Text
    then: str
    text: Text = {}
    icon: str = ""
    when: Condition | None = None


class MenuStep(Step, frozen=True, kw_only=True):
    """A question with up to six answers."""

    choices: tuple[Choice, ...] = ()


class AskKind(StrEnum):
    """What a question of a form is answered with."""

    CHOICE = "choice"
    NUMBER = "number"


class Answer(msgspec.Struct, frozen=True):
    """One answer of a form's question; ``choose:<key>`` takes it."""

    key: str
    title: Text
    text: Text = {}
    icon: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a form. A number has ``least`` to ``most`` digits and stays text: ``007`` is not 7."""

    id: str
    kind: AskKind
    title: Text
    text: Text = {}
    answers: tuple[Answer, ...] = ()
    least: int = 0
    most: int = 0


class FormStep(Step, frozen=True, kw_only=True):
    """Questions in their order, one page each. ``is_complaint``: what was answered is sent as one."""

    questions: tuple[Question, ...] = ()
    is_complaint: bool = False
    button: Text = {}
    note: Text = {}


class TicketStep(Step, frozen=True, kw_only=True):
    """Draws the next number of ``queue``; ``name`` is what people call that queue."""

    queue: str = ""
    name: Text = {}


class IdentifyStep(Step, frozen=True, kw_only=True):
    """Who are you? ``locked`` is where a locked account leads after its page.

    ``biometrics`` may stand in the place of the PIN after a card or a NIK, with consent, where the machine has them.
    """

    proofs: tuple[ProofKind, ...] = ()
    biometrics: tuple[BiometricKind, ...] = ()
    offer_bind: bool = False
    locked: str = ""


class FetchStep(Step, frozen=True, kw_only=True):
    what: What = What.PERSON


class Row(msgspec.Struct, frozen=True):
    """A labelled field of a review. ``is_masked`` shows the number with its middle hidden."""

    field: str
    text: Text
    is_masked: bool = False


class Block(msgspec.Struct, frozen=True):
    """Rows under a heading; with ``each``, one row for each member of that list, labelled by the field ``label``."""

    title: Text
    rows: tuple[Row, ...] = ()
    each: str = ""
    label: str = ""
    value: str = ""
    is_masked: bool = False


class ReviewStep(Step, frozen=True, kw_only=True):
    blocks: tuple[Block, ...] = ()
    button: Text = {}
    note: Text = {}


class DocumentsStep(Step, frozen=True, kw_only=True):
    """Which document? ``documents`` are the kinds that are listed; ``none`` is where an empty list leads."""

    documents: tuple[str, ...] = ()
    need: Need = Need.PRINT
    is_auto: bool = False
    none: str = ""
    note: Text = {}


class PrintStep(Step, frozen=True, kw_only=True):
    """Kinds ``print`` and ``card``: prepare, preview, print. ``unknown`` is where an unknown end leads."""

    source: Source = Source.OFFICE
    is_card: bool = False
    unknown: str = ""


class HandOverStep(Step, frozen=True, kw_only=True):
    lines: tuple[Text, ...] = ()


class SlipStep(Step, frozen=True, kw_only=True):
    layout: str = "receipt"


class SurveyStep(Step, frozen=True, kw_only=True):
    pass


class FinishStep(Step, frozen=True, kw_only=True):
    """The last page: how it ended, take your things."""

    ending: Ending = Ending.DONE
    lines: tuple[Text, ...] = ()


AnyStep = (
    NoticeStep
    | MenuStep
    | FormStep
    | IdentifyStep
    | FetchStep
    | ReviewStep
    | DocumentsStep
    | PrintStep
    | HandOverStep
    | SlipStep
    | TicketStep
    | SurveyStep
    | FinishStep
)


class Standard(msgspec.Struct, frozen=True):
    """The service standard that the law wants shown before one starts."""

    requirements: Text
    duration: Text
    fee: Text
    legal_basis: Text
    product: Text
    complaints: Text


class Dot(msgspec.Struct, frozen=True):
    """One named stage of the visit's progress."""

    id: str
    text: Text


class CompiledFlow(msgspec.Struct, frozen=True):
    """One service. ``devices`` are those without which its tile is grey; ``steps`` keep the order of the file."""

    id: str
    icon: str
    title: Text
    text: Text
    standard: Standard
    dots: tuple[Dot, ...]
    first: str
    steps: Mapping[str, AnyStep]
    devices: tuple[str, ...] = ()
    consent: Text = {}
    card_removed: CardRemoved = CardRemoved.CONTINUE
    provinces: frozenset[str] = frozenset()
    """Province codes that a NIK may begin with."""
    needs_office: bool = True
    """Whether nothing of it can be done while the office is away; follows from what its steps do."""
    queues: tuple[str, ...] = ()
    """The queues whose numbers it gives."""
