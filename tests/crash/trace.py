"""What a kiosk did, read off a system call trace; and whether each thing that it told stood on the disk before.

One checker for all acknowledgements: whatever leaves the process, and whatever a journal call returns, comes after a
sync of everything that was written before it; and the acts of a print come in one order.
"""

import ast
import json
import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

SYNCS = ("fdatasync", "fsync")
FILE_WRITES = (
    "pwrite64",
    "pwritev",
    "write",
    "writev",
    "ftruncate",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
)
TRACED = (*FILE_WRITES, *SYNCS, "sendto", "sendmsg", "recvfrom", "connect")

_LINE = re.compile(r"^(\d+) +(.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\) += +(-?\d+|\?)(.*)$", re.DOTALL)
_FD = re.compile(r"^(\d+)<([^>]*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"(\.\.\.)?')
_IPP = re.compile(rb"(?:\r\n\r\n|^)[\x01\x02][\x00-\x02]\x00(.)....\x01", re.DOTALL)
_OPERATIONS = {0x05: "create", 0x06: "send", 0x08: "cancel", 0x09: "poll", 0x0A: "list", 0x0B: "look"}


class Kind(StrEnum):
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    GONE = "gone"
    """Unlinked, or renamed away."""
    ACT = "act"
    """A request that leaves, named after what it asks."""
    ANSWER = "answer"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Event:
    """One line that matters. ``name``: a file's name, an act, or a mark."""

    kind: Kind
    name: str
    data: bytes = b""
    offset: int = 0


def read(trace: str) -> list[Event]:
    """The events of a run, in order."""
    events: list[Event] = []
    unfinished: dict[str, str] = {}
    asked: dict[str, str] = {}
    for line in trace.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        pid, text = found.groups()
        if text.endswith("<unfinished ...>"):
            unfinished[pid] = text.removesuffix("<unfinished ...>")
            continue
        if text.startswith("<... "):
            text = unfinished.pop(pid, "") + text.partition("resumed>")[2]
        call = _CALL.match(text)
        if call is not None:
            event = _event(call[1], call[2], call[3], call[4], asked)
            if event is not None:
                events.append(event)
    return events


def _event(call: str, arguments: str, result: str, rest: str, asked: dict[str, str]) -> Event | None:
    target = _FD.match(arguments)
    number, path = target.groups() if target is not None else ("", "")
    name = path.rpartition("/")[2]
    has_worked = result != "?" and int(result) >= 0
    if call in SYNCS:
        # A sync that the tracer put in the place of the real one did nothing, whatever it returned.
        return Event(Kind.SYNC, name) if has_worked and "INJECTED" not in rest else None
    if not has_worked:
        return None
    if call in ("unlink", "unlinkat", "rename", "renameat", "renameat2"):
        return Event(Kind.GONE, _bytes(arguments).decode().rpartition("/")[2])
    if call == "ftruncate":
        return Event(Kind.TRUNCATE, name, offset=int(arguments.rpartition(",")[2]))
    if call in ("write", "writev") and path == "/dev/null":
        return Event(Kind.MARK, _bytes(arguments).decode())
    if call in ("pwrite64", "pwritev", "write", "writev"):
        is_device = path.startswith("/dev/") and not path.startswith("/dev/shm/")
        if name.endswith("-shm") or is_device or path.startswith(("pipe:", "anon_inode")):
            return None
        offset = int(arguments.rpartition(",")[2]) if call == "pwrite64" else 0
        return Event(Kind.WRITE, name, _bytes(arguments)[: int(result)], offset)
    if call in ("sendto", "sendmsg"):
        act = _act(_bytes(arguments))
        if not act:
            return None
        asked[number] = act
        return Event(Kind.ACT, act)
    if call == "recvfrom" and int(result) > 0 and number in asked:
        return Event(Kind.ANSWER, asked.pop(number))
    return None


def _bytes(arguments: str) -> bytes:
    found = _TEXT.search(arguments)
    if found is None:
        return b""
    assert found[2] is None, "the trace cuts what was written: raise strace -s"
    data: bytes = ast.literal_eval(f'b"{found[1]}"')
    return data


def _act(data: bytes) -> str:
    """What a request asks for; empty for the rest of a longer one."""
    if data.startswith(b'{"do"'):
        try:
            return str(json.loads(data)["do"])
        except ValueError:
            return "post"
    found = _IPP.search(data)
    return _OPERATIONS.get(found[1][0], "") if found is not None else ""


ORDER = (
    (Kind.MARK, "end intend"),
    (Kind.ACT, "grant"),
    (Kind.ANSWER, "grant"),
    (Kind.MARK, "begin granted"),
    (Kind.MARK, "end granted"),
    (Kind.ACT, "fetch"),
    (Kind.ANSWER, "fetch"),
    (Kind.MARK, "begin verified"),
    (Kind.MARK, "end verified"),
    (Kind.ACT, "create"),
    (Kind.ANSWER, "create"),
    (Kind.MARK, "begin created"),
    (Kind.MARK, "end created"),
    (Kind.ACT, "send"),
    (Kind.ANSWER, "send"),
    (Kind.MARK, "begin sent"),
    (Kind.MARK, "end sent"),
    (Kind.ANSWER, "poll"),
    (Kind.MARK, "begin settle"),
    (Kind.MARK, "end settle"),
    (Kind.ACT, "post"),
    (Kind.ANSWER, "post"),
    (Kind.MARK, "begin delivered"),
    (Kind.MARK, "end delivered"),
)
"""A print of one document, from the intent to the office's receipt."""


TAKEN = ((Kind.MARK, "begin blank"), (Kind.MARK, "end blank"))
"""A card's blank has its serial on the disk before the printer hears of a job."""
_BEFORE_JOB = ORDER.index((Kind.ACT, "create"))
CARD_ORDER = (*ORDER[:_BEFORE_JOB], *TAKEN, *ORDER[_BEFORE_JOB:])

COUNTER_ORDER = (
    (Kind.ACT, "lease"),
    (Kind.ANSWER, "lease"),
    (Kind.MARK, "begin keep"),
    (Kind.MARK, "end keep"),
    (Kind.MARK, "begin take"),
    (Kind.MARK, "end take"),
    (Kind.ACT, "slip-ticket"),
    (Kind.MARK, "begin file"),
    (Kind.MARK, "end file"),
    (Kind.ACT, "slip-complaint"),
    (Kind.ACT, "post"),
    (Kind.ANSWER, "post"),
    (Kind.MARK, "begin delivered"),
    (Kind.MARK, "end delivered"),
)
"""A number and a complaint: each durable before its slip."""

PRINT_ONCE = ("grant", "create", "send", "post")
COUNTER_ONCE = ("lease", "slip-ticket", "slip-complaint")

Order = tuple[tuple[Kind, str], ...]


def faults(events: list[Event], order: Order = ORDER, once: tuple[str, ...] = PRINT_ONCE) -> list[str]:
    """Everything that came too early, or never; empty for a run that kept its order."""
    return [*_order_faults(events, order, once), *_sync_faults(events), *_checkpoint_faults(events)]


def _order_faults(events: list[Event], order: Order, once: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    first: dict[tuple[Kind, str], int] = {}
    for place, event in enumerate(events):
        first.setdefault((event.kind, event.name), place)
    for one, two in pairwise(order):
        if two not in first or one not in first:
            missing = one if one not in first else two
            found.append(f"never: {missing[0]} {missing[1]}")
        elif first[two] < first[one]:
            found.append(f"{two[0]} {two[1]} before {one[0]} {one[1]}")
    acts = [event.name for event in events if event.kind is Kind.ACT]
    found += [f"{acts.count(act)} times: {act}" for act in once if acts.count(act) > 1]
    return found


def _sync_faults(events: list[Event]) -> list[str]:
    """An answer of the journal, and a word to the world, need everything before them on the disk."""
    found: list[str] = []
    unsynced: dict[str, int] = {}
    began: dict[str, int] = {}
    written = 0
    for event in events:
        if event.kind in (Kind.WRITE, Kind.TRUNCATE) and _is_store(event.name):
            unsynced[event.name] = unsynced.get(event.name, 0) + 1
            written += 1
        elif event.kind is Kind.SYNC:
            unsynced.pop(event.name, None)
        elif event.kind is Kind.MARK:
            word, _, step = event.name.partition(" ")
            if word == "begin":
                began[step] = written
                continue
            if written == began.get(step):
                found.append(f"nothing was written for {step}")
            found += [f"{count} writes to {name} not synced at the end of {step}" for name, count in unsynced.items()]
        elif event.kind is Kind.ACT:
            found += [f"{count} writes to {name} not synced before {event.name}" for name, count in unsynced.items()]
    return found


def _checkpoint_faults(events: list[Event]) -> list[str]:
    """The log goes into the file only when synced, and is begun anew or dropped only when the file is synced."""
    found: list[str] = []
    is_log_dirty = is_file_dirty = False
    for event in events:
        if event.name == "kiosk.db":
            if event.kind is Kind.WRITE and is_log_dirty:
                found.append("the file was written before the log was synced")
            is_file_dirty = event.kind in (Kind.WRITE, Kind.TRUNCATE) or (is_file_dirty and event.kind is not Kind.SYNC)
        elif event.name == "kiosk.db-wal":
            is_again = event.kind in (Kind.TRUNCATE, Kind.GONE) or (event.kind is Kind.WRITE and event.offset == 0)
            if is_again and is_file_dirty:
                found.append("the log was begun anew before the file was synced")
            is_log_dirty = event.kind is Kind.WRITE or (is_log_dirty and event.kind is not Kind.SYNC)
    return found


def _is_store(name: str) -> bool:
    return name in ("kiosk.db", "kiosk.db-wal", "kiosk.db-journal")
