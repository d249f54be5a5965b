"""The robot's wishes: the core says what page stands there, the rest is the face's to do. On the loop alone."""

import json
import os

from kiosk import protocol as p
from kiosk.core.link import Connection, Link
from kiosk.core.shell import Shell


class Drives:
    """Passes wishes on to the face and its answers back. Only a link that allows the robot ever calls it."""

    def __init__(self, link: Link, shell: Shell) -> None:
        self._link = link
        self._shell = shell
        self._waiting: dict[int, tuple[Connection, int]] = {}
        self._next = 1

    def wish(self, connection: Connection, drive: p.Drive) -> None:
        """One wish of the robot on ``connection``."""
        if drive.do == "page":
            connection.send(p.Driven(drive.id, is_ok=True, detail=json.dumps(self._page())))
            return
        number = self._next
        self._next += 1
        self._waiting[number] = (connection, drive.id)
        if not self._link.to_face(p.Drive(number, drive.do, drive.name, drive.text, drive.path)):
            del self._waiting[number]
            connection.send(p.Driven(drive.id, is_ok=False, detail="no face"))

    def answered(self, message: p.Driven) -> None:
        """The face did it, or could not."""
        found = self._waiting.pop(message.id, None)
        if found is not None:
            connection, number = found
            connection.send(p.Driven(number, message.is_ok, message.detail))

    def _page(self) -> dict[str, object]:
        page = self._shell.page
        return {
            "name": page.name if page is not None else "",
            "title": page.title if page is not None else "",
            "key": page.key if page is not None else "",
            "serial": page.serial if page is not None else 0,
            "painted": self._shell.painted,
            "main": page.main.label if page is not None and page.main is not None else "",
            "pid": os.getpid(),
        }
