"""A matcher in another process, asked over TCP: in front of the double, for demo and end-to-end tests.

It is told the kind and whether there is a reference, never the reference: what a double answers needs no person.
"""

import json
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Event
from typing import Any

from kiosk.devices.contract.base import DeviceKind, Reason
from kiosk.devices.contract.biometrics import Doubt, MatchEnd, MatchReport, ScoreBand
from kiosk.devices.status import Clock
from kiosk.devices.watching import WatchedDevice

LOOK_S = 0.3
CONNECT_S = 1.0
TICK_S = 0.05
MAX_ANSWER = 1024


class SocketMatcher(WatchedDevice):
    """``FaceMatcher`` and ``FingerMatcher``, a connection a question. Raises ValueError for a bad address."""

    def __init__(self, kind: DeviceKind, address: str, clock: Clock = time.monotonic) -> None:
        super().__init__(kind, address, clock)
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))

    def match(self, reference: bytes | None, deadline_s: float, cancel: Event) -> MatchReport:
        """See ``FaceMatcher.match``."""
        if cancel.is_set():
            return MatchReport(MatchEnd.CANCELLED)
        question = {"do": "match", "kind": self.kind.value, "has_reference": reference is not None}
        try:
            answer = self._ask(question, time.monotonic() + deadline_s, cancel)
        except OSError:
            return MatchReport(MatchEnd.NO_DEVICE)
        if answer is None:
            return MatchReport(MatchEnd.CANCELLED if cancel.is_set() else MatchEnd.TIMED_OUT)
        try:
            end = MatchEnd(answer["end"])
            doubt = Doubt(answer.get("doubt", Doubt.NONE))
            band = ScoreBand(answer["band"]) if end is MatchEnd.MATCH else None
        except (KeyError, ValueError, TypeError):
            return MatchReport(MatchEnd.NOT_SURE, Doubt.BETWEEN)
        if end is MatchEnd.MATCH and reference is None:
            return MatchReport(MatchEnd.NO_MATCH)
        return MatchReport(end, doubt, band)

    def _ask(self, question: Mapping[str, Any], end: float, cancel: Event) -> dict[str, Any] | None:
        """The answer, or None when the time is over or the call was cancelled. Raises OSError without a matcher."""
        with socket.create_connection(self._address, max(0.01, min(CONNECT_S, end - time.monotonic()))) as line:
            line.sendall(json.dumps(question).encode() + b"\n")
            line.settimeout(TICK_S)
            found = b""
            while not cancel.is_set() and time.monotonic() < end:
                with suppress(TimeoutError):
                    part = line.recv(MAX_ANSWER)
                    if not part:
                        raise ConnectionError("the matcher went away")
                    found += part
                if b"\n" in found or len(found) > MAX_ANSWER:
                    break
            else:
                return None
        try:
            answer = json.loads(found.partition(b"\n")[0])
        except ValueError:
            return {}
        return answer if isinstance(answer, dict) else {}

    def _turn(self, stopping: threading.Event) -> None:
        try:
            answer = self._ask({"do": "status", "kind": self.kind.value}, time.monotonic() + CONNECT_S, stopping)
        except OSError as error:
            self._board.report([Reason.AWAY], type(error).__name__)
        else:
            is_well = answer is not None and answer.get("is_there") is True
            self._board.report([] if is_well else [Reason.SILENT if answer is None else Reason.AWAY])
        stopping.wait(LOOK_S)
