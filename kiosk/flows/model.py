"""What a flow file may hold: shape only, as pydantic models; the linter checks the sense.

The loader gives every scalar as it was typed. Numbers and true/false become such only in the fields that want them,
and only where they stand without quotes. A new kind is one class here, one compiled class, one branch, one page.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from kiosk.flows.compiled import AskKind, CardRemoved, Kind, Need
from kiosk.flows.effects import BiometricKind, ProofKind, Source, What
from kiosk.flows.outcomes import Ending

FORMAT = 1
"""The version of the file format that this kiosk reads."""
MAX_DIGITS = 12
"""A form's number is shorter than any number that people are given for life."""


class Plain(str):
    """A scalar that stood without quotes: the only one that may be a number or true/false."""

    __slots__ = ()


_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,8})")


def _to_int(value: Any) -> Any:
    return int(value) if isinstance(value, Plain) and _INTEGER.fullmatch(value) else value


def _to_bool(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, Plain) else value


def _to_scalar(value: Any) -> Any:
    return _to_bool(_to_int(value))


Integer = Annotated[int, BeforeValidator(_to_int)]
Truth = Annotated[bool, BeforeValidator(_to_bool)]
Scalar = Annotated[str | int | bool, BeforeValidator(_to_scalar)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=600)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Text = Annotated[dict[Language, Words], Field(min_length=1, description="one text for each language")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*){0,3}$")]
Target = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Seconds = Annotated[Integer, Field(ge=5, le=600)]

# Words of closed lists, read from the text of the file: strict mode would want the enum's own members.
AnyProof = Annotated[ProofKind, Field(strict=False)]
AnyBiometric = Annotated[BiometricKind, Field(strict=False)]
AnyWhat = Annotated[What, Field(strict=False)]
AnyNeed = Annotated[Need, Field(strict=False)]
AnySource = Annotated[Source, Field(strict=False)]
AnyEnding = Annotated[Ending, Field(strict=False)]
AnyCardRemoved = Annotated[CardRemoved, Field(strict=False)]


class Part(BaseModel):
    """Base: unknown keys are refused, nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class When(Part):
    """A condition: one field and one test, or several conditions together."""

    field: FieldName | None = None
    is_: Scalar | None = Field(default=None, alias="is")
    in_: Annotated[list[Scalar], Field(min_length=1, max_length=50)] | None = Field(default=None, alias="in")
    at_least: Integer | None = None
    before: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None
    exists: Truth | None = None
    all: Annotated[list["When"], Field(min_length=1, max_length=20)] | None = None
    any: Annotated[list["When"], Field(min_length=1, max_length=20)] | None = None
    not_: "When | None" = Field(default=None, alias="not")


class Standard(Part):
    """The service standard that the law wants shown before one starts."""

    requirements: Text
    duration: Text
    fee: Text
    legal_basis: Text
    product: Text
    complaints: Text


class DotModel(Part):
    id: Name
    text: Text


class StepModel(Part):
    """What all steps have."""

    dot: Name | None = Field(default=None, description="the progress dot that is lit in this step")
    title: Text | None = None
    text: Text | None = None
    limit_s: Seconds | None = Field(default=None, description="seconds that its pages wait for the person")
    when: When | None = Field(default=None, description="the step is skipped unless this holds")
    otherwise: Target | None = Field(default=None, description="where a skipped step leads; default: then")


class Asked(StepModel):
    """A step that waits for a person and cannot fail by itself."""

    timeout: Target
    cancel: Target


class Worked(Asked):
    """A step that can fail."""

    then: Target
    failed: Target


class Notice(Asked):
    kind: Literal["notice"]
    title: Text
    then: Target
    button: Text | None = None
    lines: Annotated[list[Text], Field(max_length=6)] = []
    scene: Literal[
        "", "hold-card", "take-card", "paper-out", "card-out", "slip-out", "scan-code", "phone", "officer", "touch"
    ] = ""


class ChoiceModel(Part):
    title: Text
    text: Text | None = None
    icon: Name | None = None
    then: Target
    when: When | None = None


class Menu(Asked):
    kind: Literal["menu"]
    title: Text
    choices: Annotated[dict[Name, ChoiceModel], Field(min_length=1)]


class AnswerModel(Part):
    title: Text
    text: Text | None = None
    icon: Name | None = None


class ChoiceField(Part):
    """A question with two to six answers."""

    kind: Literal["choice"]
    title: Text
    text: Text | None = None
    choices: Annotated[dict[Name, AnswerModel], Field(min_length=1)]


Digits = Annotated[Integer, Field(ge=1, le=MAX_DIGITS)]


class NumberField(Part):
    """A question that is answered with digits; never with a number that is somebody's."""

    kind: Literal["number"]
    title: Text
    text: Text | None = None
    min_length: Digits = 1
    max_length: Digits


AnyField = Annotated[ChoiceField | NumberField, Field(discriminator="kind")]
FIELD_MODELS: dict[str, type[Part]] = {AskKind.CHOICE: ChoiceField, AskKind.NUMBER: NumberField}


class Form(Asked):
    """Questions, one page each; with ``send`` it ends in a page that asks whether to send."""

    kind: Literal["form"]
    fields: Annotated[dict[Name, AnyField], Field(min_length=1, max_length=8)]
    send: Literal["complaint"] | None = None
    button: Text | None = None
    note: Text | None = None
    then: Target
    failed: Target | None = Field(default=None, description="where a form leads that could not be sent")


class Identify(Worked):
    kind: Literal["identify"]
    proofs: Annotated[list[AnyProof], Field(min_length=1, max_length=4)]
    biometrics: Annotated[list[AnyBiometric], Field(max_length=2)] = []
    offer_bind: Truth = False
    locked: Target | None = Field(default=None, description="where a locked account leads; default: failed")


class Fetch(Worked):
    kind: Literal["fetch"]
    what: AnyWhat


class RowModel(Part):
    field: FieldName
    text: Text
    mask: Truth = False


class BlockModel(Part):
    """Rows of single fields, or one row for each member of a list."""

    title: Text
    rows: Annotated[list[RowModel], Field(max_length=20)] = []
    each: FieldName | None = None
    label: FieldName | None = None
    value: FieldName | None = None
    mask: Truth = False


class Review(Asked):
    kind: Literal["review"]
    title: Text
    then: Target
    sections: Annotated[list[BlockModel], Field(min_length=1, max_length=6)]
    button: Text | None = None
    note: Text | None = None


class Documents(Asked):
    kind: Literal["documents"]
    then: Target
    documents: Annotated[list[Name], Field(min_length=1, max_length=10)]
    need: AnyNeed = Need.PRINT
    auto: Truth = False
    none: Target
    note: Text | None = None


class Print(Worked):
    kind: Literal["print"]
    source: AnySource = Source.OFFICE
    unknown: Target


class Card(Worked):
    kind: Literal["card"]
    unknown: Target


class HandOver(Worked):
    kind: Literal["hand-over"]
    lines: Annotated[list[Text], Field(max_length=4)] = []


class Slip(StepModel):
    """A slip that fails never stops anybody, so ``then`` is its only way."""

    kind: Literal["slip"]
    layout: Literal["receipt", "failed", "unknown", "ticket", "complaint"]
    then: Target


class Ticket(StepModel):
    """The next number of a queue. Nobody is asked anything, so there is nothing to cancel."""

    kind: Literal["ticket"]
    queue: Name
    name: Text
    then: Target
    failed: Target
    timeout: Target


class Survey(StepModel):
    kind: Literal["survey"]
    then: Target
    timeout: Target


class Finish(StepModel):
    kind: Literal["finish"]
    title: Text
    ending: AnyEnding
    lines: Annotated[list[Text], Field(max_length=4)] = []


AnyStep = Annotated[
    Notice
    | Menu
    | Form
    | Identify
    | Fetch
    | Review
    | Documents
    | Print
    | Card
    | HandOver
    | Slip
    | Ticket
    | Survey
    | Finish,
    Field(discriminator="kind"),
]

STEP_MODELS: dict[str, type[StepModel]] = {
    Kind.NOTICE: Notice,
    Kind.MENU: Menu,
    Kind.FORM: Form,
    Kind.IDENTIFY: Identify,
    Kind.FETCH: Fetch,
    Kind.REVIEW: Review,
    Kind.DOCUMENTS: Documents,
    Kind.PRINT: Print,
    Kind.CARD: Card,
    Kind.HAND_OVER: HandOver,
    Kind.SLIP: Slip,
    Kind.TICKET: Ticket,
    Kind.SURVEY: Survey,
    Kind.FINISH: Finish,
}


class FlowModel(Part):
    """A whole file. The first step in the file is where the service begins."""

    format: Annotated[Integer, Field(ge=FORMAT, le=FORMAT)]
    id: Name
    icon: Name
    title: Text
    text: Text
    devices: Annotated[
        list[Literal["card-reader", "document-printer", "card-printer", "slip-printer", "scanner"]],
        Field(max_length=5),
    ] = []
    card_removed: AnyCardRemoved
    consent: Text | None = None
    standard: Standard
    dots: Annotated[list[DotModel], Field(max_length=6)] = []
    steps: Annotated[dict[Name, AnyStep], Field(min_length=2, max_length=60)]
