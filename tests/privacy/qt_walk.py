"""Every value that a QML object of the face shows or holds: properties of all objects, reached by every parent."""

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QMetaObject, QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QJSValue
from PySide6.QtQuick import QQuickItem, QQuickView


class _Errand(QObject):
    def __init__(self, work: Callable[[], list[object]]) -> None:
        super().__init__()
        self._work = work
        self.result: list[object] = []
        self.error = ""

    @Slot()
    def run(self) -> None:
        try:
            self.result = self._work()
        except Exception as error:  # noqa: BLE001 - told to the test
            self.error = f"{type(error).__name__}: {error}"


def in_gui_thread(work: Callable[[], list[object]]) -> list[object]:
    """Run ``work`` where the QML objects live and wait for it."""
    app = QCoreApplication.instance()
    assert app is not None
    errand = _Errand(work)
    errand.moveToThread(app.thread())
    assert threading.current_thread() is not threading.main_thread()
    QMetaObject.invokeMethod(errand, "run", Qt.ConnectionType.BlockingQueuedConnection)
    if errand.error:
        raise RuntimeError(errand.error)
    return errand.result


def qt_values() -> list[object]:
    """Python forms of all property values of all QObjects under the windows and their engines."""
    seen: set[int] = set()
    waiting: list[QObject] = []
    for window in QGuiApplication.allWindows():
        waiting.append(window)
        if isinstance(window, QQuickView):
            window.engine().collectGarbage()
            waiting += [window.engine(), window.rootContext(), window.contentItem()]
    values: list[object] = []
    while waiting:
        one = waiting.pop()
        import shiboken6

        if not shiboken6.isValid(one):
            continue
        key = shiboken6.getCppPointer(one)[0]
        if key in seen:
            continue
        seen.add(key)
        waiting += one.children()
        if isinstance(one, QQuickItem):
            waiting += one.childItems()
        meta = one.metaObject()
        for index in range(meta.propertyCount()):
            entry = meta.property(index)
            if "QQmlListProperty" in str(entry.typeName()):
                continue  # its entries are children
            try:
                value = _plain(entry.read(one))
            except RuntimeError:  # a type that Python has no form for: it holds no text either
                continue
            if isinstance(value, QObject):
                waiting.append(value)
            elif value is not None:
                values.append(((str(meta.className()), str(entry.name())), value))
        for name in one.dynamicPropertyNames():
            try:
                values.append((bytes(name.data()).decode(), _plain(one.property(bytes(name.data()).decode()))))
            except RuntimeError:
                continue
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, QJSValue):
        return value.toVariant()
    return value if isinstance(value, str | bytes | list | dict | QObject) else str(value) if value else None
