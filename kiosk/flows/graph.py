"""The steps as a graph: who leads where, by whose doing, and what is known on the way."""

from collections.abc import Iterator, Mapping

import msgspec

from kiosk.flows.compiled import END
from kiosk.flows.model import Documents, Fetch, Finish, Form, Identify, Menu, StepModel, Survey, Ticket


class Edge(msgspec.Struct, frozen=True):
    """``key`` is the place of the target within the step; ``sets`` are facts that hold after it."""

    key: tuple[str, ...]
    target: str
    is_by_person: bool
    sets: frozenset[str] = frozenset()


Graph = dict[str, tuple[Edge, ...]]

_BY_PERSON = frozenset({"notice", "form", "review", "identify", "print", "card", "hand-over", "survey"})
"""Kinds whose ``then`` takes an act of the person."""


def edges(name: str, step: StepModel) -> tuple[Edge, ...]:
    """All ways out of a step."""
    return tuple(_edges(name, step))


def _edges(name: str, step: StepModel) -> Iterator[Edge]:
    kind: str = getattr(step, "kind", "")
    if step.when is not None:
        target = step.otherwise or getattr(step, "then", "")
        if target:
            yield Edge(("otherwise",) if step.otherwise else ("then",), target, is_by_person=False)
    if isinstance(step, Finish):
        return
    if isinstance(step, Menu):
        for key, choice in step.choices.items():
            yield Edge(("choices", key, "then"), choice.then, True, frozenset({f"choice.{name}"}))
        # With no choice open the engine takes cancel by itself.
        is_sure = any(choice.when is None for choice in step.choices.values())
        yield Edge(("cancel",), step.cancel, is_by_person=is_sure)
    else:
        is_by_person = kind in _BY_PERSON or (isinstance(step, Documents) and not step.auto)
        yield Edge(("then",), getattr(step, "then", END), is_by_person, _sets(name, step))
    for key in ("failed", "timeout", "none", "unknown", "locked"):
        target = getattr(step, key, None)
        if target:
            yield Edge((key,), target, is_by_person=False)
    if not isinstance(step, Menu | Survey):
        target = getattr(step, "cancel", None)
        if target:
            yield Edge(("cancel",), target, is_by_person=True)


def _sets(name: str, step: StepModel) -> frozenset[str]:
    if isinstance(step, Form):
        return frozenset({f"form.{name}"} | ({step.send} if step.send else set()))
    if isinstance(step, Ticket):
        return frozenset({"ticket"})
    if isinstance(step, Identify):
        return frozenset({"proof"})
    if isinstance(step, Fetch):
        return frozenset({step.what.value})
    return frozenset({"document"}) if isinstance(step, Documents) else frozenset()


def reachable(graph: Mapping[str, tuple[Edge, ...]], first: str) -> set[str]:
    """The steps that a visit can come to from ``first``, itself among them."""
    seen: set[str] = set()
    open_ = [first]
    while open_:
        name = open_.pop()
        if name in seen or name not in graph:
            continue
        seen.add(name)
        open_.extend(edge.target for edge in graph[name])
    return seen


def can_end(graph: Graph, finishes: set[str]) -> set[str]:
    """The steps from which some way leads out."""
    good = set(finishes)
    while True:
        more = {
            name
            for name, ways in graph.items()
            if name not in good and any(edge.target == END or edge.target in good for edge in ways)
        }
        if not more:
            return good
        good |= more


def idle_circles(graph: Graph) -> list[tuple[str, ...]]:
    """Circles that turn without a person's act, each once, from its first step in the file."""
    idle = {name: [edge.target for edge in ways if not edge.is_by_person] for name, ways in graph.items()}
    circles: dict[frozenset[str], tuple[str, ...]] = {}
    for start in graph:
        path = _circle(idle, start)
        if path:
            circles.setdefault(frozenset(path), path)
    return list(circles.values())


def _circle(idle: Mapping[str, list[str]], start: str) -> tuple[str, ...]:
    """The shortest way from ``start`` back to itself, or nothing."""
    queue: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while queue:
        path = queue.pop(0)
        for target in idle.get(path[-1], ()):
            if target == start:
                return path
            if target not in seen:
                seen.add(target)
                queue.append((*path, target))
    return ()


def known(graph: Graph, first: str) -> dict[str, frozenset[str]]:
    """What is set for certain when a step begins, whichever way the visit came."""
    facts: dict[str, frozenset[str]] = {first: frozenset()}
    queue = [first]
    while queue:
        name = queue.pop(0)
        for edge in graph.get(name, ()):
            if edge.target not in graph:
                continue
            new = facts[name] | edge.sets
            old = facts.get(edge.target)
            meet = new if old is None else old & new
            if old is None or meet != old:
                facts[edge.target] = meet
                queue.append(edge.target)
    return facts
