"""Runs the office: one process, one port on loopback, plain HTTP or TLS."""

import json
import logging
import os
import re
import socket
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.office.app import build_app, guarded, open_services
from kiosk.office.guards import Faults
from kiosk.office.rules import Rules

_BEGINNING = re.compile(rb"(GET|POST) /")


@dataclass(frozen=True, slots=True)
class Options:
    """``port`` 0 lets the system choose; ``ready_file`` gets ``{url, pid}`` once requests are answered."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    ready_file: Path | None = None
    public_url: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    demo: bool = False
    biometrics: bool = False


class _Server(uvicorn.Server):
    """Tells where it listens, after it listens."""

    def __init__(self, config: uvicorn.Config, ready_file: Path | None, url: str) -> None:
        super().__init__(config)
        self._ready_file = ready_file
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready_file:
            partial = self._ready_file.with_suffix(".part")
            partial.write_text(json.dumps({"url": self._url, "pid": os.getpid()}), encoding="utf-8")
            partial.replace(self._ready_file)
        print(f"office at {self._url}", flush=True)


def serve(options: Options) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 1 when the folder holds no office or the port is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        rules = Rules(takes_biometrics=options.biometrics)
        services = open_services(options.data, rules, keeps_copies=options.demo)
        listener = listen_on(options.host, options.port)
    except (LookupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    services.base_url = options.public_url.rstrip("/") or _url(options, listener)
    faults = Faults() if options.demo else None
    server = make_server(build_app(services, faults), listener, options, faults)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        services.database.close()
    return 0


def make_server(app: FastAPI, listener: socket.socket, options: Options, faults: Faults | None) -> uvicorn.Server:
    """A server for a bound socket; it runs when the caller runs it."""
    config = uvicorn.Config(
        guarded(app, Rules(), faults),
        http=_protocol(faults) if faults else H11Protocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
        ssl_certfile=options.tls_cert,
        ssl_keyfile=options.tls_key,
        ssl_ca_certs=str(options.client_ca) if options.client_ca else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if options.client_ca else ssl.CERT_NONE,
    )
    return _Server(config, options.ready_file, _url(options, listener))


def _url(options: Options, listener: socket.socket) -> str:
    return f"{'https' if options.tls_cert else 'http'}://{options.host}:{listener.getsockname()[1]}"


def listen_on(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 lets the system choose. Raises OSError."""
    # With the protocol named, asyncio turns Nagle off on what it accepts; without, each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _protocol(faults: Faults) -> type[H11Protocol]:
    class CutProtocol(H11Protocol):
        """Cuts connections while the demo's office is *gone*, which no HTTP answer can look like."""

        is_switch = False

        def data_received(self, data: bytes) -> None:
            if _BEGINNING.match(data):
                # The demo's own switch stays in reach; a body may follow its head in another piece.
                self.is_switch = b" /demo/" in data[:40]
            if faults.is_gone and not self.is_switch:
                self.transport.abort()
            else:
                super().data_received(data)

    return CutProtocol
