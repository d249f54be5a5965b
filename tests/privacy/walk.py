"""Walks every live object of a process and says where a canary stands.

Starts at what the garbage collector tracks and at the frames of all threads, and follows references from there, into
strings, bytes, numbers and buffers that the collector itself does not track. Imports neither the kiosk nor Qt.
"""

import array
import functools
import gc
import io
import sys
import types
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

MAX_HITS = 60
_CONTAINERS = (types.ModuleType, type, types.FunctionType, types.CodeType)


@dataclass(frozen=True)
class Canaries:
    """What is looked for: words as text and as bytes, and the numbers they spell."""

    words: tuple[tuple[str, bytes, bytes], ...]
    raw: tuple[bytes, ...]
    whole: tuple[tuple[str, bytes], ...]
    """Short ones, such as a PIN: only a value that is nothing else counts, or one in quotes."""
    numbers: frozenset[int]

    @classmethod
    def of(cls, words: Iterable[str], raw: Iterable[bytes] = (), whole: Iterable[str] = ()) -> "Canaries":
        """``words`` are searched in text and in UTF-8 and UTF-16 bytes; ``raw`` in bytes alone."""
        whole = tuple(set(whole))
        words = [*words, *(f'"{one}"' for one in whole)]
        known = tuple(sorted(set(words)))
        numbers = frozenset(int(word) for word in known if word.isdigit() and len(word) >= 9)
        return cls(
            tuple((word, word.encode(), word.encode("utf-16-le")) for word in known),
            tuple(sorted(set(raw))),
            tuple((one, one.encode()) for one in whole),
            numbers,
        )

    def in_text(self, text: str) -> str:
        for word, _, _ in self.words:
            if word in text:
                return word
        for one, _ in self.whole:
            if one == text:
                return one
        return ""

    def in_bytes(self, data: bytes) -> str:
        for word, plain, wide in self.words:
            if plain in data or wide in data:
                return word
        for needle in self.raw:
            if needle in data:
                return f"raw {needle[:8].hex()}"
        for one, plain_one in self.whole:
            if data == plain_one:
                return one
        return ""

    def own_ids(self) -> set[int]:
        """Objects of this search itself, which hold the canaries of course."""
        found = {id(self), id(self.__dict__), id(self.words), id(self.raw), id(self.whole), id(self.numbers)}
        for pair in self.whole:
            found.add(id(pair))
            found.update(id(one) for one in pair)
        for triple in self.words:
            found.add(id(triple))
            found.update(id(one) for one in triple)
        found.update(id(one) for one in self.raw)
        found.update(id(one) for one in self.numbers)
        return found


@dataclass(frozen=True)
class Hit:
    canary: str
    kind: str
    holders: str
    """Types from the canary outwards to something with a name."""


def walk(canaries: Canaries, extra: Iterable[object] = (), not_these: Iterable[object] = ()) -> tuple[list[Hit], int]:
    """What holds a canary, and how many objects were looked at. ``not_these`` and all below them are left out."""
    # Also what the core leaves out of its own collections.
    gc.unfreeze()
    gc.collect()
    seen = canaries.own_ids()
    seen.add(id(seen))
    # The search itself: its frames hold the canaries.
    frame: types.FrameType | None = sys._getframe()
    while frame is not None:
        seen.add(id(frame))
        frame = frame.f_back
    seen.update(id(one) for one in not_these)
    parents: dict[int, object] = {}
    waiting: deque[object] = deque()
    hits: list[Hit] = []
    mine = (parents, waiting, hits, seen, extra)
    seen.update(id(one) for one in mine)
    seen.add(id(mine))

    def put(one: object, parent: object) -> None:
        key = id(one)
        if key not in seen:
            seen.add(key)
            parents[key] = parent
            waiting.append(one)

    own = {id(cell) for cell in (put.__closure__ or ())} | {id(put)}
    seen.update(own)
    roots = gc.get_objects()
    seen.add(id(roots))
    for thread_frame in list(sys._current_frames().values()):
        each: types.FrameType | None = thread_frame
        while each is not None:
            if id(each) not in seen:
                local = each.f_locals
                seen.add(id(local))
                for name, value in local.items():
                    put(value, f"local {name} of {each.f_code.co_name}")
            each = each.f_back
    for thing in extra:
        put(thing, "given")
    for root in roots:
        put(root, None)
    del roots[:]
    count = 0
    while waiting:
        one = waiting.popleft()
        count += 1
        found = _look(one, canaries)
        if found:
            hits.append(Hit(found, type(one).__name__, _line(one, parents)))
            if len(hits) >= MAX_HITS:
                break
        for child in _children(one):
            put(child, one)
    return hits, count


def _look(one: object, canaries: Canaries) -> str:
    if isinstance(one, str):
        return canaries.in_text(one)
    if isinstance(one, bool):
        return ""
    if isinstance(one, int):
        return "number" if one in canaries.numbers else ""
    if isinstance(one, bytes | bytearray):
        return canaries.in_bytes(bytes(one))
    try:
        if isinstance(one, memoryview):
            return canaries.in_bytes(one.tobytes())
        if isinstance(one, io.BytesIO):
            return canaries.in_bytes(one.getvalue())
        if isinstance(one, io.StringIO):
            return canaries.in_text(one.getvalue())
        if isinstance(one, array.array):
            return canaries.in_bytes(one.tobytes())
    except (ValueError, BufferError):  # closed or released: nothing is held
        return ""
    return ""


def _children(one: object) -> Iterable[object]:
    if isinstance(one, str | bytes | bytearray | int | float):
        return ()
    children = list(gc.get_referents(one))
    if isinstance(one, dict):
        # The collector passes over keys that are text: they can be part of no cycle.
        children += list(dict.keys(one))
    if isinstance(one, types.FrameType):
        children += list(one.f_locals.values())
    if not isinstance(one, _CONTAINERS):
        # Slots of structs that take no part in garbage collection are not among the referents.
        for member in _members(type(one)):  # type: ignore[arg-type]
            try:
                children.append(member.__get__(one))
            except AttributeError:
                continue
    return children


@functools.cache
def _members(kind: type) -> tuple[types.MemberDescriptorType, ...]:
    return tuple(
        member
        for base in kind.__mro__[:-1]
        for member in base.__dict__.values()
        if isinstance(member, types.MemberDescriptorType)
    )


def _line(one: object, parents: dict[int, object]) -> str:
    names: list[str] = []
    at: object = one
    for _ in range(9):
        parent = parents.get(id(at))
        if parent is None:
            break
        if isinstance(parent, str) and parent.startswith(("local ", "given")):
            names.append(parent)
            break
        named = getattr(parent, "__qualname__", "") or getattr(parent, "__name__", "")
        names.append(f"{type(parent).__name__}{f' {named}' if isinstance(named, str) and named else ''}")
        at = parent
    if names and not names[-1].startswith(("local", "given")):
        refs = [ref for ref in gc.get_referrers(at) if not isinstance(ref, types.FrameType)]
        names.append("held by " + "/".join(sorted({type(ref).__name__ for ref in refs[:8]})))
    return " < ".join(names)
