"""Check a file or a folder of flows: all of them, all problems at once."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from kiosk.flows.compiled import CompiledFlow
from kiosk.flows.compiler import compile_flow
from kiosk.flows.linter import lint
from kiosk.flows.loader import Document, read
from kiosk.flows.problems import Problem, Rule, order
from kiosk.flows.shape import validate

SUFFIX = ".yaml"
MAX_FILES = 200


def flow_files(path: Path) -> list[Path]:
    """The flow files of a folder in the order of their names, or the one file."""
    if path.is_dir():
        return sorted(item for item in path.glob(f"*{SUFFIX}") if item.is_file())
    return [path]


def check(
    path: Path,
    languages: Sequence[str] = ("id", "en"),
    devices: Collection[str] | None = None,
    regions: Iterable[str] = (),
    services: Collection[str] | None = None,
) -> tuple[dict[str, CompiledFlow], tuple[Problem, ...]]:
    """The flows by id, and every problem of every file; with a problem there are no flows at all.

    ``devices`` are the kinds that this kiosk has, None when they are not known; ``regions`` are province codes that a
    NIK may begin with besides the real ones; ``services`` are the flows that this kiosk offers, None for all: a flow of
    a city's folder that it does not offer may need a device that it does not have. Raises nothing: a file that can't be
    read is a problem.
    """
    files = flow_files(path)
    problems: list[Problem] = []
    if not files or len(files) > MAX_FILES:
        key = "file.none" if not files else "file.many"
        problems.append(Problem(path=str(path), line=1, column=1, rule=Rule.FILE, key=key, values={"limit": MAX_FILES}))
        return {}, tuple(problems)
    has = None if devices is None else frozenset(devices)
    accepted = tuple(regions)
    flows: dict[str, CompiledFlow] = {}
    for file in files:
        document = read(file)
        is_offered = services is None or file.stem in services
        flow, found = check_document(document, languages, has if is_offered else None, accepted)
        problems += found
        if flow is None:
            continue
        flows[flow.id] = flow
    return ({}, order(problems)) if problems else (flows, ())


def check_document(
    document: Document,
    languages: Sequence[str] = ("id", "en"),
    devices: frozenset[str] | None = None,
    regions: Iterable[str] = (),
) -> tuple[CompiledFlow | None, tuple[Problem, ...]]:
    """One document that was read: the flow, or its problems."""
    if document.problems:
        return None, order(document.problems)
    model, steps, problems = validate(document)
    problems += lint(document, model, steps, languages, devices)
    if problems or model is None:
        return None, order(problems)
    return compile_flow(model, regions), ()
