"""Runs the office: one process, and one port on loopback with plain HTTP or TLS.

With ``tls`` there are two: kiosks come in by client certificates alone, which TLS itself asks for; phones, kiosks that
are to be enrolled, and administrators have a port of their own, where no kiosk's act is to be had.
"""

import asyncio
import contextlib
import json
import logging
import os
import re
import socket
import ssl
import sys
import threading
from asyncio.sslproto import SSLProtocol
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.office import tls
from kiosk.office.app import Side, build_app, guarded, open_services
from kiosk.office.guards import Faults
from kiosk.office.reception import PEER_CERTIFICATE, Services
from kiosk.office.rules import Rules

_BEGINNING = re.compile(rb"(GET|POST) /")


@dataclass(frozen=True, slots=True)
class Options:
    """``port`` 0 lets the system choose; ``ready_file`` gets ``{url, pid}`` once requests are answered.

    ``tls``: with the office's own CA; ``public_port`` is then where phones and enrolment are.
    """

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
    tls: bool = False
    public_port: int = 0
    names: tuple[str, ...] = ()
    """Further names and addresses that the server's certificate is good for."""


class _Server(uvicorn.Server):
    """Tells where it listens, after it listens."""

    def __init__(self, config: uvicorn.Config, ready_file: Path | None, told: dict[str, str]) -> None:
        super().__init__(config)
        self._ready_file = ready_file
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready_file:
            partial = self._ready_file.with_suffix(".part")
            partial.write_text(json.dumps({**self._told, "pid": os.getpid()}), encoding="utf-8")
            partial.replace(self._ready_file)
        for name, url in self._told.items():
            print(f"office at {url}" if name == "url" else f"phones and enrolment at {url}", flush=True)


def serve(options: Options) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 1 when the folder holds no office or the port is taken."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        rules = Rules(takes_biometrics=options.biometrics, are_stores_lasting=not options.demo)
        services = open_services(options.data, rules, keeps_copies=options.demo)
        listener = listen_on(options.host, options.port)
    except (LookupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        if options.tls:
            return _serve_tls(options, services, listener)
        services.base_url = options.public_url.rstrip("/") or _url(options, listener)
        faults = Faults() if options.demo else None
        make_server(build_app(services, faults), listener, options, faults).run(sockets=[listener])
    finally:
        listener.close()
        services.database.close()
    return 0


def _serve_tls(options: Options, services: Services, listener: socket.socket) -> int:
    """Two listeners: kiosks by certificate, everybody else."""
    tls.prepare_server(options.data, [options.host, *options.names, "localhost"])
    try:
        public = listen_on(options.host, options.public_port)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    served = replace(options, tls_cert=options.data / tls.SERVER, tls_key=options.data / tls.SERVER_KEY)
    _let_alerts_out()
    services.enrolments.needs_certificate = True
    host = options.names[0] if options.names else options.host
    services.kiosk_url = f"https://{host}:{listener.getsockname()[1]}"
    public_url = f"https://{host}:{public.getsockname()[1]}"
    services.base_url = options.public_url.rstrip("/") or public_url
    faults = Faults() if options.demo else None
    doors = make_server(build_app(services, None, Side.PUBLIC), public, replace(served, ready_file=None), None, told={})
    thread = threading.Thread(target=doors.run, kwargs={"sockets": [public]}, name="public", daemon=True)
    thread.start()
    told = {"url": services.kiosk_url, "public_url": public_url}
    kiosks = replace(served, client_ca=options.data / tls.CA)
    print(f"CA sha256 {tls.fingerprint(tls.ca_pem(options.data))}", flush=True)
    try:
        make_server(build_app(services, faults, Side.KIOSKS), listener, kiosks, faults, told=told).run(
            sockets=[listener]
        )
    finally:
        doors.should_exit = True
        thread.join(5)
        public.close()
    return 0


def _let_alerts_out() -> None:
    """asyncio drops the alert of a handshake that it refuses: a kiosk without a certificate would see a dead line."""
    private: Any = SSLProtocol
    refused = private._on_handshake_complete

    def complete(self: Any, error: BaseException | None) -> None:
        if error is not None:
            with contextlib.suppress(Exception):
                self._process_outgoing()
        refused(self, error)

    private._on_handshake_complete = complete


def make_server(
    app: FastAPI,
    listener: socket.socket,
    options: Options,
    faults: Faults | None,
    told: dict[str, str] | None = None,
) -> uvicorn.Server:
    """A server for a bound socket; it runs when the caller runs it."""
    config = uvicorn.Config(
        guarded(app, Rules(), faults),
        http=_cutting(faults) if faults else PeerProtocol,
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
    return _Server(config, options.ready_file, {"url": _url(options, listener)} if told is None else told)


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


class PeerProtocol(H11Protocol):
    """Tells the application which certificate the other side showed; uvicorn itself does not."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        found = transport.get_extra_info("ssl_object")
        if found is not None:
            self.app_state = {**self.app_state, PEER_CERTIFICATE: found.getpeercert(binary_form=True)}


def _cutting(faults: Faults) -> type[H11Protocol]:
    class CutProtocol(PeerProtocol):
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
