"""Stands for the core while the face is measured: answers each press with the next page, as the core would.

A process of its own, niced as the core is. Commands come as JSON lines on stdin, answers go to stdout.
"""

import itertools
import json
import os
import select
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec

from kiosk import protocol as p

NICENESS = 5
PREVIEW_PX = 900


class Feeder:
    """One face at a time."""

    def __init__(self, path: Path, pages: list[p.Page], sheet: bytes, is_robot_allowed: bool) -> None:
        self._pages = {page.name: page for page in pages}
        self._order = [page.name for page in pages if page.name != "starting"]
        self._sheet = sheet
        self._is_robot_allowed = is_robot_allowed
        self._serials = itertools.count(1)
        self._place = 0
        self._papers: list[Path] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._face: socket.socket | None = None
        self._reader = p.FrameReader()
        self._painted = 0
        self._trees: list[dict[str, Any]] = []

    def run(self) -> None:
        """Until stdin ends."""
        buffer = b""
        while True:
            watched: list[Any] = [sys.stdin.fileno(), self._listener]
            if self._face is not None:
                watched.append(self._face)
            ready, _, _ = select.select(watched, [], [])
            if self._face in ready:
                self._read()
            if self._listener in ready:
                self._face, _ = self._listener.accept()
                self._reader = p.FrameReader()
            if sys.stdin.fileno() in ready:
                data = os.read(sys.stdin.fileno(), 65_536)
                if not data:
                    return
                buffer += data
                while b"\n" in buffer:
                    line, buffer = buffer.split(b"\n", 1)
                    self._command(json.loads(line))

    # --- the face

    def _read(self) -> None:
        assert self._face is not None
        data = self._face.recv(262_144)
        if not data:
            self._face = None
            return
        for body in self._reader.feed(data):
            self._take(p.decode_from_face(body))

    def _take(self, message: p.FromFace) -> None:
        match message:
            case p.Hello():
                self._send(p.Welcome(p.VERSION, self._is_robot_allowed))
                self._send(p.ShowPicture("sheet", PREVIEW_PX, 636, self._sheet))
                self._show(self._order[self._place])
            case p.Pressed(action=action) | p.Submitted(action=action):
                self._answer(action)
            case p.Painted(serial=serial):
                self._painted = serial
            case p.Driven():
                self._trees.append({"is_ok": message.is_ok, "detail": message.detail})
            case p.Trouble(message=text):
                print(f"face: {text}", file=sys.stderr, flush=True)

    def _send(self, message: p.Model) -> None:
        assert self._face is not None
        self._face.sendall(p.encode(message))

    def _show(self, name: str, picture: str = "sheet") -> int:
        page = self._pages[name]
        serial = next(self._serials)
        body = page.body
        if isinstance(body, p.PreviewBody):
            body = msgspec.structs.replace(body, picture=picture)
        self._send(p.ShowPage(msgspec.structs.replace(page, serial=serial, body=body)))
        return serial

    def _answer(self, action: str) -> None:
        """A press: the next page of the round, or the preview of a document that was never shown."""
        now = self._order[self._place]
        if now == "documents" and action == "doc:2":
            from kiosk.documents.preview import render_page

            paper = self._papers.pop(0)
            picture = f"sheet-{paper.stem}"
            self._send(p.ShowPicture(picture, PREVIEW_PX, 636, render_page(paper.read_bytes(), 0, PREVIEW_PX)))
            self._go("preview", picture)
        elif now == "preview" and action == "back":
            self._go("documents")
        else:
            self._go(self._order[(self._place + 1) % len(self._order)])

    def _go(self, name: str, picture: str = "sheet") -> None:
        if name in self._order:
            self._place = self._order.index(name)
        self._show(name, picture)

    # --- the harness

    def _command(self, command: dict[str, Any]) -> None:
        match command["do"]:
            case "show":
                self._go(command["name"])
                self._wait_painted()
                answer: Any = True
            case "papers":
                # The core has this loaded before anyone can touch "preview".
                import kiosk.documents.preview  # noqa: F401

                self._papers = [Path(paper) for paper in command["papers"]]
                answer = True
            case "tree":
                answer = self._ask_tree()
            case "visits":
                answer = self._visits(command["count"], command["names"])
            case other:
                raise ValueError(other)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    def _ask_tree(self) -> dict[str, Any]:
        self._trees.clear()
        self._send(p.Drive(1, "tree"))
        while not self._trees:
            self._read()
        return self._trees[0]

    def _wait_painted(self) -> None:
        goal = self._goal()
        while self._painted < goal:
            self._read()

    def _goal(self) -> int:
        """The serial of the page sent last."""
        following = next(self._serials)
        self._serials = itertools.count(following)
        return following - 1

    def _visits(self, count: int, names: list[str]) -> dict[str, int]:
        """Whole visits, each page as soon as the last one is painted, each visit wiped at its end."""
        pages = 0
        for _ in range(count):
            self._send(p.ShowPicture("sheet", PREVIEW_PX, 636, self._sheet))
            for name in names:
                self._show(name)
                self._wait_painted()
                pages += 1
            self._send(p.Forget())
        return {"visits": count, "pages": pages}


def main() -> None:
    """``python -m benchmarks.feeder SOCKET PAGES SHEET [robot]``."""
    os.nice(NICENESS)
    path, pages, sheet = (Path(argument) for argument in sys.argv[1:4])
    models = msgspec.json.decode(pages.read_bytes(), type=list[p.Page])
    Feeder(path, models, sheet.read_bytes(), "robot" in sys.argv[4:]).run()


if __name__ == "__main__":
    main()
