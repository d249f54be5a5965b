"""A face or finger matcher that answers what it was told to: for demo and end-to-end tests, with no picture at all."""

import json
import socketserver
import threading
from contextlib import suppress
from typing import Any

from kiosk.devices.contract import DeviceKind, Doubt, MatchEnd, MatchReport, ScoreBand

MATCH = MatchReport(MatchEnd.MATCH, band=ScoreBand.STRONG)
LONGEST_S = 60.0


class MatcherDouble:
    """``answers`` are given in turn, the last one for ever. ``seconds`` is how long a person stands before it."""

    def __init__(self, kind: DeviceKind) -> None:
        self.kind = kind
        self.is_on = True
        self.is_silent = False
        self.seconds = 0.0
        self.answers: list[MatchReport] = [MATCH]
        self.asked: list[bool] = []
        """For each comparison whether there was a reference."""
        self.over = threading.Event()

    def switch(self, is_on: bool) -> None:
        """Unplug or plug."""
        self.is_on = is_on

    def say(self, *answers: MatchReport) -> None:
        """What the next comparisons end with."""
        self.answers = list(answers)

    def clear(self) -> None:
        """As on the first day."""
        self.is_on, self.is_silent, self.seconds = True, False, 0.0
        self.say(MATCH)

    def answer(self, has_reference: bool) -> MatchReport | None:
        """The next report; None while it is silent."""
        self.asked.append(has_reference)
        if self.is_silent:
            self.over.wait(LONGEST_S)
            return None
        self.over.wait(self.seconds)
        if not self.is_on:
            return MatchReport(MatchEnd.NO_DEVICE)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def report_of(request: dict[str, Any]) -> MatchReport:
    """``{"end": "not-sure", "doubt": "too-dark"}`` as a report. Raises ValueError and KeyError."""
    end = MatchEnd(request["end"])
    band = ScoreBand(request.get("band", ScoreBand.STRONG)) if end is MatchEnd.MATCH else None
    return MatchReport(end, Doubt(request.get("doubt", Doubt.NONE)), band)


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], double: MatcherDouble) -> None:
        self.double = double
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """One question, one answer."""
        double = self.server.double
        with suppress(OSError, ValueError):
            question = json.loads(self.rfile.readline(4096))
            if question.get("do") == "status":
                if not double.is_silent:
                    self._send({"is_there": double.is_on})
                else:
                    double.over.wait(LONGEST_S)
            elif question.get("do") == "match":
                report = double.answer(bool(question.get("has_reference")))
                if report is not None:
                    self._send({"end": report.end, "doubt": report.doubt, "band": report.band})

    def _send(self, answer: dict[str, Any]) -> None:
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class MatcherServer:
    """The double behind a TCP port."""

    def __init__(self, double: MatcherDouble, host: str = "127.0.0.1", port: int = 0) -> None:
        self.double = double
        self._server = _Server((host, port), double)
        self.address = f"{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"{double.kind} front", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Give the port back."""
        self.double.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
