"""What stands between the network and the application: size limits, unexpected errors, and the demo's faults."""

import asyncio
import logging
import secrets
import traceback
from dataclasses import dataclass
from enum import StrEnum

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk import api

log = logging.getLogger("kiosk.office")


class FaultMode(StrEnum):
    NONE = "none"
    SLOW = "slow"
    HTTP_500 = "http-500"
    HTML = "html"
    GARBAGE = "garbage"
    GONE = "gone"
    REFUSE = "refuse"
    DRIP = "drip"


@dataclass(slots=True)
class Faults:
    """How the demo hurts the office. ``seconds``: the delay of *slow*, the pause between bytes of *drip*."""

    mode: FaultMode = FaultMode.NONE
    seconds: float = 0.0

    @property
    def is_gone(self) -> bool:
        return self.mode is FaultMode.GONE


def problem(code: api.ProblemCode, detail: str = "") -> bytes:
    return api.Problem(code=code, detail=detail).model_dump_json().encode()


class SizeLimit:
    """Answers 413 to a request body beyond ``limit`` bytes, told or not told by Content-Length."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        is_more = True
        while is_more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            is_more = message.get("more_body", False)
            if len(body) > self._limit:
                await _answer(send, 413, problem(api.ProblemCode.TOO_LARGE))
                return
        pending: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, send)


class Echo:
    """Sends the number of the request back with its answer, so that no answer is taken for another's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = api.REQUEST_HEADER.lower().encode()
        number = dict(scope.get("headers", [])).get(name, b"")[:64]

        async def echo(message: Message) -> None:
            if number and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (name, number)]
            await send(message)

        await self._app(scope, receive, echo)


class LastResort:
    """Turns an unexpected error into a 500 and logs where it came from, never what it was about."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_started = False

        async def watched(message: Message) -> None:
            nonlocal is_started
            is_started = is_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error("request failed: %s at %s:%s", type(error).__name__, place.name, place.lineno)
            if not is_started:
                await _answer(send, 500, problem(api.ProblemCode.INTERNAL))


class FaultGate:
    """The demo's faults, for everything but ``/demo``."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mode = self._faults.mode
        if scope["type"] != "http" or scope["path"].startswith("/demo") or mode is FaultMode.NONE:
            await self._app(scope, receive, send)
        elif mode is FaultMode.SLOW:
            await asyncio.sleep(self._faults.seconds)
            await self._app(scope, receive, send)
        elif mode is FaultMode.DRIP:
            await self._app(scope, receive, self._dripping(send))
        elif mode is FaultMode.REFUSE:
            await _answer(send, 403, problem(api.ProblemCode.KIOSK_UNKNOWN))
        elif mode is FaultMode.HTTP_500:
            await _answer(send, 500, problem(api.ProblemCode.INTERNAL))
        elif mode is FaultMode.HTML:
            await _answer(send, 200, b"<html><body><h1>It works!</h1></body></html>", b"text/html")
        else:
            await _answer(send, 200, b"{" + secrets.token_bytes(200))

    def _dripping(self, send: Send) -> Send:
        async def drip(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            body = message.get("body", b"")
            for place in range(len(body)):
                await send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
                await asyncio.sleep(self._faults.seconds)
            await send({"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)})

        return drip


async def _answer(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
