"""Reading a flow file: YAML's syntax without YAML's surprises.

PyYAML composes nodes and never constructs values: ``010``, ``no`` and a NIK stay what was typed. Anchors, aliases,
tags and directives are refused before anything is composed, so that no file can grow in memory or name a type.
Duplicate keys are refused, and every node knows its place.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from kiosk.flows.model import Plain
from kiosk.flows.problems import Problem, Rule, dotted

MAX_BYTES = 262_144
MAX_DEPTH = 16

Loc = tuple[str | int, ...]


class Place(msgspec.Struct, frozen=True):
    """Where a value stands and, for an entry of a mapping, its key; lines and columns from 1."""

    line: int
    column: int
    key_line: int
    key_column: int


class Document(msgspec.Struct):
    """One file: ``data`` of mappings, lists and texts, with the place of each by its path."""

    path: str
    lines: list[str]
    data: Any
    places: dict[Loc, Place]
    problems: list[Problem]

    def problem(
        self,
        rule: Rule,
        key: str,
        loc: Sequence[str | int],
        *,
        at_key: bool = False,
        guess: str = "",
        values: Mapping[str, Any] | None = None,
        where: Sequence[str | int] | None = None,
    ) -> Problem:
        """A problem at ``loc``, or at the nearest place around it that stands in the file."""
        found = tuple(loc)
        while found and found not in self.places:
            found = found[:-1]
            at_key = True
        place = self.places.get(found, Place(1, 1, 1, 1))
        line, column = (place.key_line, place.key_column) if at_key else (place.line, place.column)
        return Problem(
            path=self.path,
            line=line,
            column=column,
            rule=rule,
            key=key,
            where=dotted(loc if where is None else where),
            values=values or {},
            guess=guess,
            source=self.lines[line - 1].rstrip() if line <= len(self.lines) else "",
        )


def read(path: Path, name: str = "") -> Document:
    """Read one file; its problems are in the document. ``name`` is what messages call it."""
    document = Document(name or str(path), [], None, {}, [])
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        document.problems.append(_plain(document, Rule.FILE, "file.unreadable", reason=error.strerror or ""))
        return document
    if size > MAX_BYTES:
        document.problems.append(_plain(document, Rule.FILE, "file.too-large", limit=MAX_BYTES // 1024))
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        document.problems.append(_plain(document, Rule.FILE, "file.not-utf8", line=line))
        return document
    return parse(text, document.path)


def parse(text: str, name: str) -> Document:
    """The same for a text that is already there."""
    document = Document(name, text.splitlines(), None, {}, [])
    try:
        if _has_safe_tokens(text, document):
            root = yaml.compose(text, Loader=yaml.CSafeLoader)
            if root is None:
                document.problems.append(_plain(document, Rule.YAML, "yaml.empty"))
            else:
                document.data = _value(document, root, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.problems.append(_marked(document, "yaml.broken", mark, reason=error.problem or error.context or ""))
    except yaml.YAMLError:
        document.problems.append(_plain(document, Rule.YAML, "yaml.unprintable"))
    return document


_REFUSED = {
    yaml.AnchorToken: "yaml.anchor",
    yaml.AliasToken: "yaml.alias",
    yaml.TagToken: "yaml.tag",
    yaml.DirectiveToken: "yaml.directive",
}
_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


def _has_safe_tokens(text: str, document: Document) -> bool:
    """Look at the tokens alone: nothing is composed while one of them is refused."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        key = _REFUSED.get(type(token))
        if key is not None:
            document.problems.append(_marked(document, key, token.start_mark))
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > MAX_DEPTH:
            document.problems.append(_marked(document, "yaml.deep", token.start_mark, limit=MAX_DEPTH))
            return False
    return not document.problems


def _value(document: Document, node: yaml.Node, loc: Loc, key: yaml.Node | None = None) -> Any:
    key_mark = (key or node).start_mark
    document.places[loc] = Place(
        node.start_mark.line + 1, node.start_mark.column + 1, key_mark.line + 1, key_mark.column + 1
    )
    if isinstance(node, yaml.ScalarNode):
        text = str(node.value)
        return text if node.style else Plain(text)
    if isinstance(node, yaml.SequenceNode):
        return [_value(document, item, (*loc, index)) for index, item in enumerate(node.value)]
    assert isinstance(node, yaml.MappingNode)
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            document.problems.append(_marked(document, "yaml.key", key_node.start_mark, loc))
            continue
        name = str(key_node.value)
        if name in mapping:
            document.problems.append(_marked(document, "yaml.duplicate", key_node.start_mark, loc, name=name))
            continue
        mapping[name] = _value(document, value_node, (*loc, name), key_node)
    return mapping


def _marked(document: Document, key: str, mark: Any, loc: Loc = (), **values: Any) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    source = document.lines[line - 1].rstrip() if line <= len(document.lines) else ""
    return Problem(
        path=document.path,
        line=line,
        column=column,
        rule=Rule.YAML,
        key=key,
        where=dotted(loc),
        values=values,
        source=source,
    )


def _plain(document: Document, rule: Rule, key: str, line: int = 1, **values: Any) -> Problem:
    return Problem(path=document.path, line=line, column=1, rule=rule, key=key, values=values)
