"""The doubles in a process of their own, and the Unix socket that moves them: JSON lines, one answer a request."""

import argparse
import json
import os
import signal
import socket
import socketserver
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from kiosk.devices.simulated.doubles import Doubles, UnknownActError

FILE = "doubles.json"
SOCKET = "doubles.sock"
MAX_LINE = 1 << 20


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, doubles: Doubles) -> None:
        self.doubles = doubles
        super().__init__(path, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer line by line until the client goes."""
        with suppress(OSError):
            while line := self.rfile.readline(MAX_LINE):
                self.wfile.write(json.dumps(_answer(self.server.doubles, line)).encode() + b"\n")


def _answer(doubles: Doubles, line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
    except ValueError:
        return {"id": None, "ok": False, "error": "no JSON"}
    if not isinstance(request, dict):
        return {"id": None, "ok": False, "error": "no object"}
    number = request.get("id")
    try:
        return {"id": number, "ok": True} | doubles.act(request)
    except UnknownActError as error:
        return {"id": number, "ok": False, "error": str(error)}


class ControlServer:
    """The control socket, mode 0600."""

    def __init__(self, doubles: Doubles, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = _Server(str(path), doubles)
        finally:
            os.umask(before)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Remove the socket."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        self.path.unlink(missing_ok=True)


class DoublesControl:
    """The other end: for the dock, the robot and the tests. Thread-safe. Raises UnknownActError and OSError."""

    def __init__(self, path: Path, timeout_s: float = 10.0) -> None:
        self._lock = threading.Lock()
        self._last_id = 0
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.settimeout(timeout_s)
        try:
            self._sock.connect(str(path))
        except OSError:
            self._sock.close()
            raise
        self._lines = self._sock.makefile("rb")

    def act(self, device: str, do: str, **arguments: Any) -> dict[str, Any]:
        """One act: ``act("card-reader", "tap", uid="04...")``. The answer without ``id`` and ``ok``."""
        return self._ask({"device": device, "do": do, **arguments})

    def describe(self) -> list[dict[str, Any]]:
        """Every device with its acts, faults and state."""
        devices = self._ask({"do": "describe"})["devices"]
        return list(devices)

    def close(self) -> None:
        """End the connection."""
        self._lines.close()
        self._sock.close()

    def __enter__(self) -> "DoublesControl":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._last_id += 1
            self._sock.sendall(json.dumps(request | {"id": self._last_id}).encode() + b"\n")
            line = self._lines.readline()
        if not line:
            raise ConnectionError("the doubles are gone")
        answer = json.loads(line)
        if not answer.pop("ok"):
            raise UnknownActError(str(answer.get("error")))
        answer.pop("id", None)
        return dict(answer)


def write_addresses(run_dir: Path, doubles: Doubles, control: Path) -> Path:
    """``doubles.json``, whole or not at all."""
    content: dict[str, Any] = {**doubles.addresses(), "control": str(control), "pid": os.getpid()}
    path = run_dir / FILE
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def wait_for_addresses(run_dir: Path, timeout_s: float = 10.0) -> dict[str, Any]:
    """Read ``doubles.json`` as soon as it is there. Raises TimeoutError."""
    end = time.monotonic() + timeout_s
    pause = threading.Event()
    while time.monotonic() < end:
        with suppress(FileNotFoundError):
            return dict(json.loads((run_dir / FILE).read_text(encoding="utf-8")))
        pause.wait(0.01)
    raise TimeoutError(f"no {FILE} in {run_dir}")


def main(arguments: list[str] | None = None) -> int:
    """``python -m kiosk.devices.simulated``: run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.devices.simulated", description=__doc__)
    parser.add_argument("--run-dir", type=Path, required=True, help="folder for doubles.json and the control socket")
    parser.add_argument("--speed", type=float, default=1.0, help="1 like real machines, 10 faster, 0 without waiting")
    parser.add_argument("--vpcd-port", type=int, default=None, help="plug the card into vpcd on this port")
    parser.add_argument("--office", default="", metavar="URL", help="an office with demo switches, for the dock")
    given = parser.parse_args(arguments)
    given.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    doubles = Doubles(given.speed, given.vpcd_port, given.office)
    control = ControlServer(doubles, given.run_dir / SOCKET)
    path = write_addresses(given.run_dir, doubles, control.path)
    print(path.read_text(encoding="utf-8"), end="", flush=True)
    over.wait()
    path.unlink(missing_ok=True)
    control.close()
    doubles.close()
    return 0
