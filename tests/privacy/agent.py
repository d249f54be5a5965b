"""Runs one of the kiosk's two programs with an ear for the test: ``python -m tests.privacy.agent SOCKET MODULE ARGS``.

Only tests start it; nothing of it is in the program. It answers one question a connection, as a line of JSON.
"""

import json
import runpy
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from tests.privacy.walk import Canaries, walk


def _scan_memory(needles: list[bytes]) -> dict[str, int]:
    """How often the needles stand in the process's writable memory, freed or not."""
    found = 0
    size = 0
    with open("/proc/self/maps", encoding="utf-8") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps.read().splitlines():
            area, rights, *_ = line.split()
            if "r" not in rights or "w" not in rights or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            start, end = (int(part, 16) for part in area.split("-"))
            try:
                memory.seek(start)
                data = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            size += len(data)
            for needle in needles:
                found += data.count(needle)
            del data
    return {"copies": found, "bytes": size}


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    canaries = Canaries.of(question["words"], [bytes.fromhex(one) for one in question["raw"]], question["whole"])
    question.clear()
    extra: Callable[[], list[object]] | None = None
    if "PySide6.QtQuick" in sys.modules:
        from tests.privacy.qt_walk import in_gui_thread, qt_values

        extra = lambda: in_gui_thread(qt_values)  # noqa: E731
    values = extra() if extra is not None else []
    hits, count = walk(canaries, values)
    reply: dict[str, Any] = {
        "hits": [[hit.canary, hit.kind, hit.holders] for hit in hits],
        "objects": count,
        "qt": len(values),
    }
    return reply


def _answer_raw(question: dict[str, Any]) -> dict[str, Any]:
    needles = [word.encode() for word in question["words"]] + [word.encode("utf-16-le") for word in question["words"]]
    needles += [bytes.fromhex(one) for one in question["raw"]]
    return _scan_memory(needles)


def _pictures(question: dict[str, Any]) -> dict[str, Any]:
    """A piece out of the middle of each picture that the face holds: a canary that only it has."""
    del question
    import gc

    pieces = []
    for one in gc.get_objects():
        if type(one).__name__ == "HeldPictures":
            pieces += [data[len(data) // 2 :][:48].hex() for data in one._pictures.values()]
    return {"pieces": pieces}


_DO = {"walk": _answer, "scan": _answer_raw, "pictures": _pictures}


def _serve(path: str) -> None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(1)
    while True:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            _one(stream)


def _one(stream: Any) -> None:
    """A function of its own: none of its names outlives the answer."""
    question = json.loads(stream.readline())
    try:
        reply = _DO[question.pop("do")](question)
    except Exception as error:  # noqa: BLE001 - the test shows what went wrong here
        reply = {"error": f"{type(error).__name__}: {error} at {error.__traceback__ and error.__traceback__.tb_lineno}"}
    stream.write(json.dumps(reply).encode() + b"\n")
    stream.flush()


def main() -> None:
    path, module, *arguments = sys.argv[1:]
    threading.Thread(target=_serve, args=(path,), name="privacy-agent", daemon=True).start()
    sys.argv[:] = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
