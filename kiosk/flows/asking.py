"""What a form may ask, and what it must ask to be sent."""

import re
from collections.abc import Iterator

from kiosk.api import ComplaintTopic
from kiosk.flows.form import TOPIC
from kiosk.flows.loader import Document
from kiosk.flows.model import ChoiceField, Form, NumberField
from kiosk.flows.problems import Problem, Rule, closest

MAX_CHOICES = 6
_SOMEBODYS = re.compile(
    r"\b(nik|nomor induk|kk|ktp|ktp-el|e-ktp|pin|paspor|passport|npwp|bpjs|rekening|account|telepon|telp|telephone"
    r"|phone|mobile|hp|ponsel|whatsapp|wa|kata sandi|password)\b",
    re.IGNORECASE,
)
"""Words of numbers that belong to somebody. A form keeps what is typed plain on the screen, so it asks for none."""


def form(document: Document, name: str, step: Form) -> Iterator[Problem]:
    """The rules of one form."""
    loc = ("steps", name)
    for key, field in step.fields.items():
        place = (*loc, "fields", key)
        if isinstance(field, NumberField):
            yield from _number(document, field, key, place)
        elif len(field.choices) == 1:
            yield document.problem(Rule.CHOICES, "choices.one", (*place, "choices"), at_key=True)
        elif len(field.choices) > MAX_CHOICES:
            values = {"count": len(field.choices), "limit": MAX_CHOICES}
            yield document.problem(Rule.CHOICES, "choices.many", (*place, "choices"), at_key=True, values=values)
    if step.send is None:
        for only in ("failed", "button", "note"):
            if getattr(step, only) is not None:
                yield document.problem(Rule.FORM, "form.unsent", (*loc, only), at_key=True, values={"name": only})
        return
    if step.failed is None:
        yield document.problem(Rule.WIRING, "wiring.failed", loc, at_key=True, where=(*loc, "failed"))
    yield from _topic(document, step, loc)


def _number(document: Document, field: NumberField, key: str, loc: tuple[str, ...]) -> Iterator[Problem]:
    if field.min_length > field.max_length:
        values = {"least": field.min_length, "most": field.max_length}
        yield document.problem(Rule.FORM, "form.lengths", (*loc, "min_length"), values=values)
    asked = [(loc, key.replace("-", " "))]
    asked += [((*loc, "title", language), text) for language, text in field.title.items()]
    asked += [((*loc, "text", language), text) for language, text in (field.text or {}).items()]
    for place, text in asked:
        found = _SOMEBODYS.search(text)
        if found:
            yield document.problem(
                Rule.PERSONAL, "form.personal", place, at_key=place == loc, values={"word": found.group()}
            )


def _topic(document: Document, step: Form, loc: tuple[str, ...]) -> Iterator[Problem]:
    """A complaint goes to the office by its topic alone, in the office's own words."""
    topic = step.fields.get(TOPIC)
    if topic is None:
        yield document.problem(Rule.FORM, "form.topic", (*loc, "fields"), at_key=True, values={"name": TOPIC})
        return
    if not isinstance(topic, ChoiceField):
        yield document.problem(Rule.FORM, "form.topic-choice", (*loc, "fields", TOPIC, "kind"), values={"name": TOPIC})
        return
    words = [word.value for word in ComplaintTopic]
    for key in topic.choices:
        if key not in words:
            place = (*loc, "fields", TOPIC, "choices", key)
            values = {"name": key, "words": ", ".join(words)}
            yield document.problem(
                Rule.FORM, "form.topic-word", place, at_key=True, guess=closest(key, words), values=values
            )
