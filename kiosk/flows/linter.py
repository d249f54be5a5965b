"""The sense of a flow file: what the shape can't tell.

Rules of one step run on every step whose shape is right; rules of the whole graph need all steps. A target with a
typing mistake counts as the step that was probably meant, so that one mistake does not drag false ones behind it.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from kiosk.flows import asking, senses
from kiosk.flows import graph as graphs
from kiosk.flows.asking import MAX_CHOICES
from kiosk.flows.compiled import END
from kiosk.flows.effects import ProofKind, What
from kiosk.flows.graph import Edge, Graph
from kiosk.flows.loader import Document
from kiosk.flows.model import (
    Card,
    Fetch,
    Finish,
    FlowModel,
    Form,
    HandOver,
    Identify,
    Menu,
    Part,
    Print,
    Review,
    StepModel,
    Ticket,
)
from kiosk.flows.outcomes import Ending
from kiosk.flows.problems import Problem, Rule, closest

MAX_TITLE_WORDS = 8


def lint(
    document: Document,
    flow: FlowModel | None,
    steps: dict[str, StepModel],
    languages: Sequence[str],
    devices: frozenset[str] | None,
) -> list[Problem]:
    """All problems of sense. ``flow`` is None when the shape of the file is wrong; then ``steps`` are the good ones."""
    data = document.data if isinstance(document.data, dict) else {}
    raw = data.get("steps")
    names = list(raw) if isinstance(raw, dict) else []
    problems: list[Problem] = []
    guesses: dict[str, str] = {}
    problems += _targets(document, steps, names, guesses)
    for name, step in steps.items():
        problems += _step(document, name, step, steps)
    if flow is None:
        return problems
    problems += _identity(document, flow)
    problems += _texts(document, flow, (), languages)
    problems += _dots(document, flow)
    problems += _devices(document, flow, devices)
    problems += _print_code(document, steps)
    unknown = [edge for name, step in steps.items() for edge in graphs.edges(name, step) if edge.target not in names]
    if all(edge.target == END or edge.target in guesses for edge in unknown):
        problems += _whole(document, flow, guesses)
    return problems


# --- one step ---------------------------------------------------------------------------------------------------


def _targets(
    document: Document, steps: dict[str, StepModel], names: list[str], guesses: dict[str, str]
) -> Iterator[Problem]:
    known = [*names, END]
    for name, step in steps.items():
        for edge in graphs.edges(name, step):
            if edge.target in known or (edge.key == ("otherwise",) and step.otherwise is None):
                continue
            guess = closest(edge.target, known)
            if guess:
                guesses[edge.target] = guess
            loc = ("steps", name, *edge.key)
            yield document.problem(Rule.TARGET, "target.unknown", loc, guess=guess, values={"name": edge.target})


def _step(document: Document, name: str, step: StepModel, steps: dict[str, StepModel]) -> Iterator[Problem]:
    loc = ("steps", name)
    if isinstance(step, Menu):
        if len(step.choices) > MAX_CHOICES:
            values = {"count": len(step.choices), "limit": MAX_CHOICES}
            yield document.problem(Rule.CHOICES, "choices.many", (*loc, "choices"), at_key=True, values=values)
        if len(step.choices) == 1:
            yield document.problem(Rule.CHOICES, "choices.one", (*loc, "choices"), at_key=True)
        if step.when is not None and step.otherwise is None:
            yield document.problem(Rule.WIRING, "wiring.otherwise", loc, at_key=True, where=(*loc, "otherwise"))
    if step.otherwise is not None and step.when is None:
        yield document.problem(Rule.CONDITION, "condition.otherwise", (*loc, "otherwise"), at_key=True)
    if isinstance(step, Finish) and step.when is not None:
        yield document.problem(Rule.CONDITION, "condition.finish", (*loc, "when"), at_key=True)
    if isinstance(step, Identify) and len(set(step.proofs)) < len(step.proofs):
        yield document.problem(Rule.CHOICES, "choices.twice", (*loc, "proofs"))
    if isinstance(step, Identify) and step.biometrics:
        yield from _biometrics(document, step, (*loc, "biometrics"))
    if isinstance(step, Review):
        yield from senses.review(document, name, step, steps)
    if isinstance(step, Form):
        yield from asking.form(document, name, step)
        for key, field in step.fields.items():
            yield from _title(document, field.title, (*loc, "fields", key))
    yield from _title(document, step.title, loc)


def _biometrics(document: Document, step: Identify, loc: tuple[str, ...]) -> Iterator[Problem]:
    """A face or finger proves nothing alone: somebody must have said who they are, and a PIN must be the other way."""
    if not {ProofKind.CARD, ProofKind.NIK} & set(step.proofs):
        yield document.problem(Rule.PROOF, "biometric.alone", loc, values={"proof": ", ".join(step.biometrics)})
    if len(set(step.biometrics)) < len(step.biometrics):
        yield document.problem(Rule.CHOICES, "choices.twice", loc)


def _print_code(document: Document, steps: dict[str, StepModel]) -> Iterator[Problem]:
    """A print code opens one document for paper: the office shows no data and hands nothing over for it."""
    more = [
        name
        for name, step in steps.items()
        if isinstance(step, HandOver) or (isinstance(step, Fetch) and step.what is not What.DOCUMENTS)
    ]
    for name, step in steps.items():
        if isinstance(step, Identify) and ProofKind.CODE in step.proofs and more:
            loc = ("steps", name, "proofs")
            yield document.problem(Rule.PROOF, "code.limited", loc, values={"names": ", ".join(more)})


def _title(document: Document, title: dict[str, str] | None, loc: tuple[str, ...]) -> Iterator[Problem]:
    for language, text in (title or {}).items():
        count = len(text.split())
        if count > MAX_TITLE_WORDS:
            values = {"count": count, "limit": MAX_TITLE_WORDS}
            yield document.problem(Rule.WORDS, "words.title", (*loc, "title", language), values=values)


# --- the file ---------------------------------------------------------------------------------------------------


def _identity(document: Document, flow: FlowModel) -> Iterator[Problem]:
    stem = PurePath(document.path).stem
    if flow.id != stem:
        yield document.problem(Rule.ID, "id.file", ("id",), values={"id": flow.id, "stem": stem})
    if END in flow.steps:
        yield document.problem(Rule.ID, "id.end", ("steps", END), at_key=True)


def _texts(document: Document, part: Part, loc: tuple[str | int, ...], languages: Sequence[str]) -> Iterator[Problem]:
    for name, info in type(part).model_fields.items():
        yield from _value_texts(document, getattr(part, name), (*loc, info.alias or name), languages)


def _value_texts(
    document: Document, value: Any, loc: tuple[str | int, ...], languages: Sequence[str]
) -> Iterator[Problem]:
    if isinstance(value, Part):
        yield from _texts(document, value, loc, languages)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _value_texts(document, item, (*loc, index), languages)
    elif isinstance(value, dict) and value and all(isinstance(text, str) for text in value.values()):
        for language in languages:
            if not value.get(language, "").strip():
                values = {"language": language}
                yield document.problem(Rule.TEXT, "text.missing", loc, at_key=True, values=values)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _value_texts(document, item, (*loc, key), languages)


def _dots(document: Document, flow: FlowModel) -> Iterator[Problem]:
    ids = [dot.id for dot in flow.dots]
    for index, dot in enumerate(ids):
        if dot in ids[:index]:
            yield document.problem(Rule.DOT, "dot.twice", ("dots", index, "id"), values={"name": dot})
        elif not any(step.dot == dot for step in flow.steps.values()):
            yield document.problem(Rule.DOT, "dot.unused", ("dots", index, "id"), values={"name": dot})
    for name, step in flow.steps.items():
        if step.dot is not None and step.dot not in ids:
            guess = closest(step.dot, ids)
            loc = ("steps", name, "dot")
            yield document.problem(Rule.DOT, "dot.unknown", loc, guess=guess, values={"name": step.dot})
        elif step.dot is None and ids and not isinstance(step, Finish):
            yield document.problem(Rule.DOT, "dot.missing", ("steps", name), at_key=True)


def _devices(document: Document, flow: FlowModel, devices: frozenset[str] | None) -> Iterator[Problem]:
    for index, device in enumerate(flow.devices):
        if devices is not None and device not in devices:
            yield document.problem(Rule.DEVICE, "device.absent", ("devices", index), values={"device": device})
    for name, step in flow.steps.items():
        for needed in _needed(step):
            if needed not in flow.devices and not _is_avoidable(flow, needed):
                loc = ("steps", name)
                yield document.problem(Rule.DEVICE, "device.unnamed", loc, at_key=True, values={"device": needed})


def _is_avoidable(flow: FlowModel, device: str) -> bool:
    """Whether the service can still be done without any step that needs the device."""
    graph = {name: graphs.edges(name, step) for name, step in flow.steps.items() if device not in _needed(step)}
    reached = graphs.reachable(graph, next(iter(flow.steps)))
    return any(
        isinstance(step, Finish) and step.ending is Ending.DONE for name, step in flow.steps.items() if name in reached
    )


def _needed(step: StepModel) -> tuple[str, ...]:
    """Devices without which the step cannot be done at all; a slip printer never is one."""
    if isinstance(step, Print):
        return ("document-printer",)
    if isinstance(step, Card):
        return ("card-printer",)
    if isinstance(step, Identify) and len(step.proofs) == 1:
        return {"card": ("card-reader",), "qr": ("scanner",)}.get(step.proofs[0], ())
    return ()


# --- the graph --------------------------------------------------------------------------------------------------


def _whole(document: Document, flow: FlowModel, guesses: dict[str, str]) -> list[Problem]:
    graph: Graph = {
        name: tuple(
            Edge(edge.key, guesses.get(edge.target, edge.target), edge.is_by_person, edge.sets)
            for edge in graphs.edges(name, step)
        )
        for name, step in flow.steps.items()
    }
    first = next(iter(flow.steps))
    problems: list[Problem] = []
    reached = graphs.reachable(graph, first)
    for name in flow.steps:
        if name not in reached:
            problems.append(document.problem(Rule.UNREACHABLE, "graph.unreachable", ("steps", name), at_key=True))
    finishes = {name for name, step in flow.steps.items() if isinstance(step, Finish)}
    good = graphs.can_end(graph, finishes)
    for name in flow.steps:
        if name in reached and name not in good:
            problems.append(document.problem(Rule.DEAD_END, "graph.dead-end", ("steps", name), at_key=True))
    for circle in graphs.idle_circles(graph):
        values = {"steps": " -> ".join((*circle, circle[0]))}
        problems.append(document.problem(Rule.LOOP, "graph.loop", ("steps", circle[0]), at_key=True, values=values))
    problems += _back(document, flow, graph)
    problems += _unseen(document, flow, graph)
    problems += senses.known_before(document, flow, graphs.known(graph, first))
    return problems


_BACKWARD = ("failed", "timeout", "cancel", "none", "locked")


def _back(document: Document, flow: FlowModel, graph: Graph) -> Iterator[Problem]:
    """What is printed, given or sent once: only the person's own choice may lead to it again, never an unknown end."""
    told: set[tuple[str, ...]] = set()
    for name, step in flow.steps.items():
        if not isinstance(step, Print | Card | Ticket) and not (isinstance(step, Form) and step.send):
            continue
        without = {other: ways for other, ways in graph.items() if other != name}
        before = graphs.reachable(without, next(iter(flow.steps)))
        before = {other for other in before if name in graphs.reachable(graph, other)}
        later = set().union(*(graphs.reachable(graph, getattr(step, way, END)) for way in ("then", "unknown")))
        ways = [(name, edge) for edge in graph[name] if edge.key == ("unknown",)]
        ways += [(other, edge) for other in flow.steps if other in later for edge in graph[other]
                 if other != name and edge.key[-1] in _BACKWARD]  # fmt: skip
        for other, edge in ways:
            loc = ("steps", other, *edge.key)
            if edge.target in before | {name} and loc not in told:
                told.add(loc)
                values = {"print": name, "target": edge.target}
                yield document.problem(Rule.BACK, "graph.back", loc, values=values)


def _unseen(document: Document, flow: FlowModel, graph: Graph) -> Iterator[Problem]:
    """The last page shows the number that was given, so every way behind it must come to one."""
    told: set[tuple[str, ...]] = set()
    for name, step in flow.steps.items():
        if not isinstance(step, Ticket) and not (isinstance(step, Form) and step.send):
            continue
        ways = [(name, edge) for edge in graph[name] if edge.key == ("then",)]
        later = graphs.reachable(graph, step.then)
        ways += [(other, edge) for other in flow.steps if other in later for edge in graph[other]]
        for other, edge in ways:
            loc = ("steps", other, *edge.key)
            if edge.target == END and loc not in told:
                told.add(loc)
                yield document.problem(Rule.UNSEEN, "graph.unseen", loc, values={"step": name})
