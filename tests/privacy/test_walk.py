"""The walk finds a canary wherever Python can hold one, and finds nothing when it is gone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

HOLDERS = {
    "dict": "{'key': secret}",
    "dict key": "{secret: 1}",
    "list in a tuple": "([secret],)",
    "set": "{secret}",
    "bytes": "[secret.encode()]",
    "wide bytes": "[secret.encode('utf-16-le')]",
    "bytearray": "[bytearray(secret.encode())]",
    "memoryview": "[memoryview(secret.encode())]",
    "BytesIO": "io.BytesIO(secret.encode())",
    "StringIO": "io.StringIO(secret)",
    "array": "array.array('b', secret.encode())",
    "number": "[int(secret)]",
    "slots": "Slotted(secret)",
    "attribute": "Plain(secret)",
    "closure": "closed(secret)",
    "default of a function": "defaulted(secret)",
    "partial": "functools.partial(print, secret)",
    "bound method": "Plain(secret).method",
    "lru_cache": "cached(secret)",
    "generator": "started(secret)",
    "deque": "collections.deque([secret])",
    "queue": "queued(secret)",
    "exception": "ValueError(secret)",
    "msgspec struct": "Struct(secret)",
    "untracked struct": "[Untracked(secret)]",
    "frozen dataclass": "Frozen(secret)",
    "dataclass with slots": "[FrozenSlots(secret)]",
    "thread's local": "in_thread(secret)",
    "thread's frame": "waiting_thread(secret)",
    "match": "re.search('[0-9]+', secret)",
    "weak value's key": "weak(secret)",
    "piece of a longer text": "['before ' + secret + ' after']",
}

PROGRAM = """
import array, collections, dataclasses, functools, gc, io, json, queue, re, sys, threading, weakref
import msgspec
from tests.privacy.walk import Canaries, walk

class Slotted:
    __slots__ = ("value",)
    def __init__(self, value): self.value = value
class Plain:
    def __init__(self, value): self.value = value
    def method(self): return 1
class Struct(msgspec.Struct):
    value: str
class Untracked(msgspec.Struct, gc=False):
    value: str
@dataclasses.dataclass(frozen=True)
class Frozen:
    value: str
@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlots:
    value: str
def closed(value): return lambda: value
def defaulted(value):
    def inner(x=value): return x
    return inner
def cached(value):
    f = functools.lru_cache(lambda x: 1)
    f(value)
    return f
def started(value):
    def run():
        held = value
        yield 1
        yield held
    g = run(); next(g); return g
def queued(value):
    q = queue.SimpleQueue(); q.put(value); return q
class InThread:
    def __init__(self, hold):
        self.done = threading.Event(); self.there = threading.Event()
        hold = [hold]
        self.thread = threading.Thread(target=self.run, args=(hold.pop(),)); self.thread.start(); self.there.wait()
    def end(self): self.done.set(); self.thread.join()
class in_thread(InThread):
    def run(self, value):
        own = threading.local(); own.value = value; del value
        self.there.set(); self.done.wait()
class waiting_thread(InThread):
    def run(self, value):
        self.there.set(); self.done.wait()
def weak(value):
    key = Plain(value)
    return key, weakref.WeakKeyDictionary({key: 1})

def make(secret, text):
    return eval(text, globals(), {"secret": secret})

def hits(canaries):
    return len(walk(canaries)[0])

holders = json.loads(sys.stdin.read())
digits = iter([f"99010100{place * 7919:08d}" for place in range(1, 100)])
told = {}
for name, text in holders.items():
    number = next(digits)
    canaries = Canaries.of([number])
    thing = make("".join([number[:5], number[5:]]), text)
    held = hits(canaries)
    if isinstance(thing, InThread): thing.end()
    del thing
    re.purge()
    told[name] = (held, hits(canaries))
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told() -> dict[str, tuple[int, int]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(HOLDERS),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, tuple[int, int]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("holder", sorted(HOLDERS))
def test_a_canary_is_found_while_it_is_held_and_not_after(holder: str, told: dict[str, tuple[int, int]]) -> None:
    held, after = told[holder]
    assert held >= 1, "not found"
    assert after == 0, "found although nothing holds it"
