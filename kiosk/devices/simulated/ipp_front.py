"""The front of the printer double that speaks IPP: as a function for tests in memory, and over HTTP on a socket."""

import socket
import socketserver
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

from kiosk.devices.printing.ipp import LinkError, Operation
from kiosk.devices.simulated.ipp_printer_attributes import job_attributes, printer_attributes
from kiosk.devices.simulated.ipp_wire import CHARSET as CHARSET_TAG
from kiosk.devices.simulated.ipp_wire import (
    JOB_GROUP,
    OPERATION_GROUP,
    PRINTER_GROUP,
    UNSUPPORTED_GROUP,
    BadMessageError,
    Message,
    Tagged,
    pack,
    select,
    unpack,
)
from kiosk.devices.simulated.ipp_wire import LANGUAGE as LANGUAGE_TAG
from kiosk.devices.simulated.printer_double import MAX_COPIES, DoubleJob, JobPhase, PrinterDouble

OK, IGNORED = 0x0000, 0x0001
BAD_REQUEST, NOT_POSSIBLE, NOT_FOUND, FORMAT, VALUES, CHARSET = 0x0400, 0x0404, 0x0406, 0x040A, 0x040B, 0x040D
OPERATION, VERSION, BUSY = 0x0501, 0x0503, 0x0507
IDENTIFY_PRINTER, CANCEL_MY_JOBS, CLOSE_JOB = 0x003C, 0x0039, 0x003B

MAX_DOCUMENT_BYTES = 64 << 20


class IppFront:
    """Answers IPP messages for one double. Thread-safe as the double is."""

    def __init__(self, double: PrinterDouble, uri: str) -> None:
        self.double = double
        self.uri = uri

    def operations(self) -> list[int]:
        """What this printer can be asked for."""
        some = [int(operation) for operation in Operation]
        if not self.double.has_create_job:
            some = [op for op in some if op not in (Operation.CREATE_JOB, Operation.SEND_DOCUMENT)]
        return [*some, CANCEL_MY_JOBS, CLOSE_JOB, IDENTIFY_PRINTER]

    def post(self, body: bytes, _deadline_s: float) -> bytes:
        """The front in memory: same bytes, no socket. Raises LinkError as a real link would."""
        if not self.double.is_on:
            raise LinkError("not reachable", False)
        if self.double.is_silent:
            raise LinkError("no answer in time", True)
        answer = self.answer(body)
        if not self.double.is_on:
            raise LinkError("link lost", True)
        return answer

    def answer(self, raw: bytes) -> bytes:
        """The answer to one request."""
        self.double.on_exchange()
        try:
            request = unpack(raw)
        except BadMessageError:
            return pack(Message(BAD_REQUEST, 0, [(OPERATION_GROUP, _opening())]))
        try:
            status, groups = self._check(request) or self._carry_out(request)
        except (TypeError, ValueError, KeyError, AttributeError):
            # A value of another kind than the attribute has: the sender's fault, whatever it was.
            status, groups = BAD_REQUEST, []
        version = (2, 0) if request.version[0] >= 2 else (1, 1)
        opening = (OPERATION_GROUP, _opening())
        try:
            return pack(Message(status, request.request_id, [opening, *groups], version=version))
        except (struct.error, TypeError, ValueError, AttributeError):
            # It refused an attribute of mixed kinds, which can't be told back.
            return pack(Message(BAD_REQUEST, request.request_id, [opening], version=version))

    def _check(self, request: Message) -> Any:
        if request.version[0] not in (1, 2):
            return VERSION, []
        if request.request_id == 0:
            return BAD_REQUEST, []
        if request.code not in self.operations():
            return OPERATION, []
        head = list(request.groups[0][1].items()) if request.groups else []
        if not request.groups or request.groups[0][0] != OPERATION_GROUP or len(head) < 2:
            return BAD_REQUEST, []
        if [name for name, _ in head[:2]] != ["attributes-charset", "attributes-natural-language"]:
            return BAD_REQUEST, []
        if str(head[0][1].first).lower() not in ("utf-8", "us-ascii"):
            return CHARSET, []
        if request.value("printer-uri") is None and request.value("job-uri") is None:
            return BAD_REQUEST, []
        return None

    def _carry_out(self, request: Message) -> tuple[int, list[tuple[int, dict[str, Tagged]]]]:
        match request.code:
            case Operation.GET_PRINTER_ATTRIBUTES:
                everything = printer_attributes(self.double, self.uri, self.operations())
                return OK, [(PRINTER_GROUP, select(everything, _requested(request)))]
            case Operation.VALIDATE_JOB:
                return self._validate(request)
            case Operation.PRINT_JOB:
                return self._print(request)
            case Operation.CREATE_JOB:
                return self._create(request)
            case Operation.SEND_DOCUMENT:
                return self._send(request)
            case Operation.GET_JOB_ATTRIBUTES:
                job = self._job(request)
                return (NOT_FOUND, []) if job is None else self._tell(job, OK, _requested(request))
            case Operation.GET_JOBS:
                return self._list(request)
            case Operation.CANCEL_JOB:
                job = self._job(request)
                if job is None:
                    return NOT_FOUND, []
                return (OK if self.double.cancel(job) else NOT_POSSIBLE), []
            case _:
                return self._rarely(request)

    def _rarely(self, request: Message) -> tuple[int, list[tuple[int, dict[str, Tagged]]]]:
        if request.code == CANCEL_MY_JOBS:
            for job in list(self.double.jobs.values()):
                self.double.cancel(job)
        elif request.code == CLOSE_JOB and self._job(request) is None:
            return NOT_FOUND, []
        return OK, []

    def _refusal(self, request: Message) -> int | None:
        document_format = request.value("document-format")
        if document_format is not None and document_format not in self.double.formats:
            return FORMAT
        if (request.value("compression") or "none") != "none":
            return 0x040F
        if self.double.running() is not None and len([j for j in self.double.jobs.values() if not j.is_over]) > 8:
            return BUSY
        return None

    def _unsupported(self, request: Message) -> dict[str, Tagged]:
        known = printer_attributes(self.double, self.uri, self.operations())
        wrong = {}
        for name, value in request.group(JOB_GROUP).items():
            supported = known.get(f"{name}-supported")
            if name == "media-col":
                if not _is_known_paper(value.first, known):
                    wrong[name] = value
                continue
            if name in ("x-image-shift", "y-image-shift") and supported is not None:
                low, high = supported.first
                if not low <= value.first <= high:
                    wrong[name] = value
                continue
            if supported is None and f"{name}-default" not in known and name not in ("job-name", "media-col"):
                wrong[name] = value
            elif name in ("media", "sides", "print-scaling") and supported is not None:
                if value.first not in supported.values:
                    wrong[name] = value
            elif name == "copies" and not 1 <= value.first <= MAX_COPIES:
                wrong[name] = value
        return wrong

    def _validate(self, request: Message) -> tuple[int, list[tuple[int, dict[str, Tagged]]]]:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal, []
        wrong = self._unsupported(request)
        if wrong and request.value("ipp-attribute-fidelity"):
            return VALUES, [(UNSUPPORTED_GROUP, wrong)]
        return (IGNORED, [(UNSUPPORTED_GROUP, wrong)]) if wrong else (OK, [])

    def _new(self, request: Message) -> DoubleJob:
        group = request.group(JOB_GROUP)
        media = group["media"].first if "media" in group else self.double.media
        name = request.value("job-name") or request.value("document-name") or "untitled"
        user = str(request.value("requesting-user-name") or "anonymous")
        job = self.double.create_job(str(name), user, str(media))
        paper = group["media-col"].first if "media-col" in group else {}
        job.tray = str(paper["media-source"].first) if "media-source" in paper else ""
        job.paper_type = str(paper["media-type"].first) if "media-type" in paper else ""
        job.copies = int(group["copies"].first) if "copies" in group else 1
        shifts = [group[f"{axis}-image-shift"].first if f"{axis}-image-shift" in group else 0 for axis in "xy"]
        job.shift = (int(shifts[0]), int(shifts[1]))
        return job

    def _print(self, request: Message) -> tuple[int, list[tuple[int, dict[str, Tagged]]]]:
        status, groups = self._validate(request)
        if status > 0x00FF:
            return status, groups
        job = self._new(request)
        self.double.take_document(job, request.data, str(request.value("document-format") or self.double.formats[0]))
        return self._tell(job, status, groups=groups)

    def _create(self, request: Message) -> tuple[int, list[tuple[int, dict[str, Tagged]]]]:
        status, groups = self._validate(request)
        return (status, groups) if status > 0x00FF else self._tell(self._new(request), status, groups=groups)

    def _send(self, request: Message) -> tuple[int, list[tuple[int, dict[str, Tagged]]]]:
        job = self._job(request)
        if job is None:
            return NOT_FOUND, []
        if request.value("last-document") is None:
            return BAD_REQUEST, []
        if job.phase is not JobPhase.HELD:
            return NOT_POSSIBLE, []
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal, []
        if request.data:
            document_format = str(request.value("document-format") or self.double.formats[0])
            self.double.take_document(job, request.data, document_format)
        return self._tell(job, OK)

    def _list(self, request: Message) -> tuple[int, list[tuple[int, dict[str, Tagged]]]]:
        which = request.value("which-jobs") or "not-completed"
        if which not in ("completed", "not-completed"):
            return VALUES, [(UNSUPPORTED_GROUP, {"which-jobs": request.groups[0][1]["which-jobs"]})]
        is_asked = "requested-attributes" in request.group(OPERATION_GROUP)
        requested = _requested(request) if is_asked else ["job-id", "job-uri"]
        user = request.value("requesting-user-name")
        jobs = [job for job in list(self.double.jobs.values()) if job.is_over == (which == "completed")]
        if request.value("my-jobs"):
            jobs = [job for job in jobs if job.user == user]
        jobs.sort(key=lambda job: -job.id if which == "completed" else job.id)
        limit = request.value("limit") or len(jobs)
        return OK, [
            (JOB_GROUP, select(job_attributes(self.double, job.id, self.uri), requested)) for job in jobs[:limit]
        ]

    def _job(self, request: Message) -> DoubleJob | None:
        job_id = request.value("job-id")
        job_uri = request.value("job-uri")
        if job_id is None and isinstance(job_uri, str):
            tail = job_uri.rsplit("/", 1)[-1]
            job_id = int(tail) if tail.isdecimal() else None
        return self.double.jobs.get(job_id) if isinstance(job_id, int) else None

    def _tell(
        self,
        job: DoubleJob,
        status: int,
        requested: list[str] | None = None,
        groups: list[tuple[int, dict[str, Tagged]]] | None = None,
    ) -> tuple[int, list[tuple[int, dict[str, Tagged]]]]:
        names = ["job-id", "job-uri", "job-state", "job-state-reasons"] if requested is None else requested
        try:
            attributes = job_attributes(self.double, job.id, self.uri)
        except KeyError:
            return NOT_FOUND, []
        return status, [*(groups or []), (JOB_GROUP, select(attributes, names))]


def _is_known_paper(paper: object, known: Mapping[str, Tagged]) -> bool:
    """Whether a ``media-col`` asks for a size, a tray and a kind of paper that the printer has."""
    if not isinstance(paper, dict):
        return False
    size = paper.get("media-size")
    if size is not None and size.values not in [(item,) for item in known["media-size-supported"].values]:
        return False
    return all(
        paper[name].first in known[f"{name}-supported"].values
        for name in ("media-source", "media-type")
        if name in paper
    )


def _opening() -> dict[str, Tagged]:
    return {
        "attributes-charset": Tagged(CHARSET_TAG, "utf-8"),
        "attributes-natural-language": Tagged(LANGUAGE_TAG, "en"),
    }


_JOB_GROUP_NAMES = {"job-template", "job-description", "printer-description", "all", "document-template"}


def _requested(request: Message) -> list[str]:
    """The names asked for; a group's name stands for everything, which RFC 8011 allows."""
    names = request.group(OPERATION_GROUP).get("requested-attributes")
    words = [str(word) for word in names.values] if names else []
    return [] if _JOB_GROUP_NAMES & set(words) else words


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_HttpServer"
    timeout = 30

    def do_POST(self) -> None:
        """One IPP request."""
        body = self._body()
        front = self.server.front
        while front.double.is_silent and not self.server.is_closing.wait(0.02):
            pass
        if body is None or self.server.is_closing.is_set():
            self.close_connection = True
            return
        answer = front.answer(body)
        if self.server.is_closing.is_set():
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/ipp")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            out = b""
            while line := self.rfile.readline(64):
                if (size := int(line.split(b";")[0], 16)) <= 0:
                    break
                out += self.rfile.read(size)
                self.rfile.readline(8)
                if len(out) > MAX_DOCUMENT_BYTES:
                    return None
            # A line that ends in nothing is a sender that went away: what came is no whole document.
            return out if line and self.rfile.readline(8) else None
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= MAX_DOCUMENT_BYTES:
            return None
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests carry job names."""


class _HttpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], front: IppFront) -> None:
        self.front = front
        self.is_closing = threading.Event()
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def hang_up(self) -> None:
        """End every connection."""
        self.is_closing.set()
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class IppServer:
    """The double behind ``ipp://127.0.0.1:port/ipp/print``; follows its power switch."""

    def __init__(self, double: PrinterDouble, host: str = "127.0.0.1", port: int = 0) -> None:
        self.double = double
        self._address = (host, port)
        self._server: _HttpServer | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        double.on_power = self.follow_power
        self.uri = ""
        front = self._open()
        self.uri = front.uri = f"ipp://{host}:{self._address[1]}/ipp/print"

    def follow_power(self) -> None:
        """Open or close the socket as the double's switch says."""
        with self._lock:
            if self.double.is_on:
                self._open()
            else:
                self._shut()

    def close(self) -> None:
        """Give the port back."""
        with self._lock:
            self._shut()

    def _open(self) -> IppFront:
        if self._server is not None:
            return self._server.front
        self._server = _HttpServer(self._address, IppFront(self.double, self.uri))
        self._address = (self._address[0], self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"{self.double.kind.value} front", daemon=True
        )
        self._thread.start()
        return self._server.front

    def _shut(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.hang_up()
        server.shutdown()
        server.server_close()
        if self._thread is not None:
            self._thread.join(5)
