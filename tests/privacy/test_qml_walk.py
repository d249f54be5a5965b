"""What the walk through the face's QML objects sees and what it cannot see; and that no QML of ours uses the latter.

The engine's heap cannot be read from outside. A value that only a closure, a ``Map`` or the like holds is out of reach
of the walk, so nothing that could hold one may be written: that is read in the text of every QML file.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
QML = sorted((ROOT / "kiosk" / "ui" / "qml").rglob("*.qml"))
SECRET = "9901014101900077"

SEEN = {
    "text property": "property string one: SECRET",
    "property of a child": "Item { property string one: SECRET }",
    "property of what a loader made": "Loader { sourceComponent: Item { property string one: SECRET } }",
    "delegate of a repeater": "Repeater { model: [SECRET]; Item { required property string modelData } }",
    "object": "property var one: ({ a: { b: [SECRET] } })",
    "list": "property list<string> one: [SECRET]",
    "shown text": "Text { text: SECRET }",
    "object made later": "Component { id: made; QtObject { property string one } }"
    " property var two: made.createObject(root, { one: SECRET })",
}
UNSEEN = {
    "closure": "property var one: (s => () => s)(SECRET)",
    "closure in an object": "property var one: ({ tell: (s => () => s)(SECRET) })",
    "map": "property var one: new Map([[1, SECRET]])",
    "set": "property var one: new Set([SECRET])",
    "symbol": "property var one: ({ [Symbol('s')]: SECRET })",
    "hidden property": "property var one: Object.defineProperty({}, 'a', { value: SECRET, enumerable: false })",
    "list model": "ListModel { id: rows } Component.onCompleted: rows.append({ one: SECRET })",
}
"""Found out by the test below, so that docs/privacy.md is neither too proud nor too modest."""

PROGRAM = """
import json, os, sys, threading
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlComponent
from PySide6.QtQuick import QQuickView
from tests.privacy.qt_walk import in_gui_thread, qt_values
app = QGuiApplication([])
secret, holders = json.load(sys.stdin)
halves = "('%s' + '%s')" % (secret[:7], secret[7:])
seen = {}

def values_then_quit():
    app.quit()
    return qt_values()

def look(name):
    seen[name] = any(secret in str(value) for value in in_gui_thread(values_then_quit))

for name, body in holders.items():
    view = QQuickView()
    component = QQmlComponent(view.engine())
    text = "import QtQuick\\nItem { id: root; " + body.replace("SECRET", halves) + " }"
    component.setData(text.encode(), QUrl("file:///holder.qml"))
    made = component.create()
    assert made is not None, (name, component.errorString())
    view.setContent(QUrl("file:///holder.qml"), component, made)
    looker = threading.Thread(target=look, args=(name,))
    looker.start()
    app.exec()
    looker.join()
    view.setContent(QUrl(), None, None)
    del made, component, view
print(json.dumps(seen))
"""


def test_the_walk_sees_properties_and_what_they_hold_and_not_what_the_engine_alone_holds() -> None:
    given = json.dumps([SECRET, SEEN | UNSEEN])
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=given, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    seen = json.loads(run.stdout.splitlines()[-1])
    assert {name for name, is_seen in seen.items() if is_seen} == set(SEEN)
    assert {name for name, is_seen in seen.items() if not is_seen} == set(UNSEEN)


HIDES = {
    "function expression": r"\bfunction\s*\(",
    "container that cannot be walked": r"\bnew\s+(Map|Set|WeakMap|WeakSet|WeakRef|Proxy|Promise)\b",
    "hidden property": r"\bSymbol\b|defineProperty",
    "generator or coroutine": r"\bfunction\s*\*|\byield\b|\basync\b|\bawait\b",
    "list model": r"\bListModel\b|\bXmlListModel\b",
    "connection by code": r"\.connect\s*\(",
    "script of its own": r"\bWorkerScript\b|\.pragma|import\s+\"[^\"]+\.m?js\"|Qt\.include",
    "storage": r"LocalStorage|\bSettings\s*\{",
    "later call with arguments": r"Qt\.callLater\s*\(\s*(?![\w.]+\s*\))",
}
_ARROW = re.compile(r"(?:\([^()]*\)|\w+)\s*=>")
_AT_ONCE = re.compile(r"\.(?:map|filter|find|findIndex|some|every|forEach|reduce|sort|flatMap)\(\s*$")
"""Array methods call their function before they return, and keep nothing of it."""
_HANDLER = re.compile(r"\bon[A-Z]\w*:\s*$")
_KNOWN = ("Qt.binding(() => face.fontData)",)


def hiding_places(text: str) -> list[str]:
    """What in a QML file could keep a value where the walk does not come."""
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    for known in _KNOWN:
        code = code.replace(known, "")
    found = [f"{what}: {match[0]}" for what, form in HIDES.items() for match in re.finditer(form, code)]
    for match in _ARROW.finditer(code):
        before = code[: match.start()]
        if not _AT_ONCE.search(before) and not _HANDLER.search(before):
            found.append(f"closure: {code[match.start() : match.end() + 40].splitlines()[0]}")
    return found


@pytest.mark.parametrize("file", QML, ids=lambda path: path.stem)
def test_no_qml_of_ours_keeps_a_value_where_the_walk_does_not_come(file: Path) -> None:
    assert hiding_places(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", sorted(UNSEEN))
def test_each_place_that_the_walk_misses_would_be_noticed_in_the_text(name: str) -> None:
    assert hiding_places(f"Item {{ {UNSEEN[name]} }}") != []


@pytest.mark.parametrize(
    "line",
    [
        "onShown: Qt.callLater(() => root.show(page.typed))",
        "onShown: Qt.callLater(root.show, page.typed)",
        "Component.onCompleted: face.shown.connect(root.keep)",
        "property var later: function () { return typed; }",
        "property var kept: tiles.map(tile => () => tile.text)",
    ],
)
def test_a_value_kept_for_later_would_be_noticed(line: str) -> None:
    assert hiding_places(f"Item {{ {line} }}") != []
