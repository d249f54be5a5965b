"""The office over HTTP: one total deadline a call, retries only where safe, a breaker, every answer checked.

Threads: any; each has its own session. No exception, log or ``repr`` of this module holds personal data: what a
failed answer contained is never repeated.
"""

import base64
import binascii
import contextlib
import random
import secrets
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import TypeVar

import requests
from pydantic import BaseModel, TypeAdapter, ValidationError
from requests import exceptions

from kiosk import api
from kiosk.access_api import AuditHead
from kiosk.backend.breaker import Breaker
from kiosk.backend.contract import (
    OUTAGES,
    BiometricReference,
    Proof,
    ProofEnd,
    ProofOutcome,
    Reachability,
    RefusedForGoodError,
    ThrottledError,
)
from kiosk.backend.deadline import Deadline, DeadlineAdapter
from kiosk.backend.replies import (
    Reply,
    anything,
    bad_answer,
    json_of,
    parsed,
    read_document,
    refuse_errors,
    translated,
)
from kiosk.backend.shown import proof_request
from kiosk.errors import BackendError, ErrorCode, SettingsError
from kiosk.settings import OfficeTable

_Answer = TypeVar("_Answer", bound=BaseModel)
_Read = TypeVar("_Read")

_CHUNK = 65_536
_TRIES = 3
_FIRST_PAUSE_S = 0.15
_TRANSIENT = {ErrorCode.OFFICE_OFFLINE, ErrorCode.OFFICE_FAULT}
_MESSAGE_PATHS: dict[str, str] = {
    api.MessageKind.SETTLEMENT: "/settlements",
    api.MessageKind.CHECKPOINT: "/checkpoints",
    api.MessageKind.COMPLAINT: "/complaints",
    api.MessageKind.TICKET: "/tickets",
    api.MessageKind.TICKET_RETURN: "/tickets/return",
    api.MessageKind.SURVEY: "/surveys",
    api.MessageKind.EVENT: "/events",
    api.MessageKind.HEARTBEAT: "/heartbeats",
}
_DOCUMENTS = TypeAdapter(list[api.ReadyDocument])
_END_VISIT_S = 2.0
_LEAST_PROBE_S = 0.05


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    visit: str = field(default="", repr=False)
    key: str = ""
    is_repeatable: bool = False


class OfficeClient:
    """``Office`` of the contract. Raises SettingsError when the token cannot be read."""

    def __init__(self, table: OfficeTable, breaker: Breaker | None = None) -> None:
        self._base = table.url.rstrip("/") + api.VERSION_PATH
        self._table = table
        self._breaker = breaker or Breaker()
        self._token = _read_token(table)
        self._local = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._prober: threading.Thread | None = None
        self._breaker.listen(self._probe_while_away)

    def reachability(self) -> Reachability:
        return self._breaker.reachability()

    def listen(self, listener: Callable[[Reachability], None]) -> Callable[[], None]:
        return self._breaker.listen(listener)

    def find_card(self, uid: bytes) -> bool:
        try:
            asked = api.FindCardRequest(card_uid=uid.hex())
        except ValidationError:
            # No card identifier has this length, so no account has it either.
            return False
        return self._ask(_post("/cards/find", asked, is_repeatable=True), api.FindCardAnswer).is_known

    def biometric(self, kind: str, *, card_uid: bytes = b"", nik: str = "") -> BiometricReference:
        """Never repeated by itself, since each one given out counts at the office."""
        try:
            asked = api.BiometricRequest(
                kind="face" if kind == "face" else "finger", card_uid=card_uid.hex() or None, nik=nik or None
            )
            answer = self._ask(_post("/biometrics", asked), api.BiometricAnswer)
            reference = base64.b64decode(answer.reference, validate=True)
        except ValidationError:
            return BiometricReference(is_allowed=True)
        except binascii.Error:
            raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, "/biometrics: no base64") from None
        return BiometricReference(answer.is_allowed, answer.ticket, reference or None)

    def prove(self, proof: Proof) -> ProofOutcome:
        """Never repeated by itself, since each try counts at the office."""
        shown = proof_request(proof)
        if shown is None:
            return ProofOutcome(ProofEnd.WRONG)
        try:
            answer = self._ask(_post("/proofs", shown), api.ProofAnswer)
        except ThrottledError as error:
            return ProofOutcome(ProofEnd.LOCKED, retry_after_s=error.retry_after_s, is_machine=True)
        return ProofOutcome(
            end=ProofEnd(answer.end),
            token=answer.token,
            display_name=answer.display_name,
            attempts_left=answer.attempts_left,
            retry_after_s=answer.retry_after_s,
            can_bind_card=answer.can_bind_card,
        )

    def bind_card(self, token: str, uid: bytes) -> None:
        try:
            asked = api.BindCardRequest(card_uid=uid.hex())
        except ValidationError:
            raise RefusedForGoodError(ErrorCode.OFFICE_REFUSED, "no card identifier has this length") from None
        self._ask(_post("/visit/card", asked, visit=token, is_repeatable=True), api.Done)

    def person(self, token: str) -> api.Person:
        return self._ask(_get("/person", token), api.Person)

    def family(self, token: str) -> api.Family:
        return self._ask(_get("/family", token), api.Family)

    def documents(self, token: str) -> list[api.ReadyDocument]:
        def read(reply: Reply) -> list[api.ReadyDocument]:
            try:
                return _DOCUMENTS.validate_json(json_of(reply))
            except ValidationError as error:
                raise bad_answer("/documents", error) from None

        return self._call(_get("/documents", token), read)

    def grant(self, token: str, document_id: str, key: str) -> api.Grant:
        asked = api.GrantRequest(document_id=document_id)
        return self._ask(_post("/grants", asked, visit=token, key=key, is_repeatable=True), api.Grant)

    def fetch(self, token: str, grant_id: str) -> bytes:
        """Also raises OFFICE_BAD_ANSWER when the bytes are no PDF or not those that the office hashed."""
        return self._call(_get(f"/grants/{grant_id}/document", token), read_document)

    def hand_over(self, token: str, document_id: str, key: str) -> api.HandOver:
        asked = api.HandOverRequest(document_id=document_id)
        return self._ask(_post("/hand-overs", asked, visit=token, key=key, is_repeatable=True), api.HandOver)

    def audit_head(self) -> AuditHead:
        """What the office last witnessed of this kiosk's audit chain."""
        return self._ask(_Call("GET", "/audit/head", is_repeatable=True), AuditHead)

    def end_visit(self, token: str) -> None:
        try:
            self._call(_Call("POST", "/visit/end", visit=token), anything, deadline_s=_END_VISIT_S)
        except BackendError:
            return

    def post(self, kind: str, body: bytes, key: str) -> None:
        """Also raises RefusedForGoodError for what the office will never take. ValueError for an unknown kind."""
        if kind not in _MESSAGE_PATHS:
            raise ValueError(f"no such message: {kind}")
        try:
            answer = api.HeartbeatAnswer if kind == api.MessageKind.HEARTBEAT else api.Done
            self._ask(_Call("POST", _MESSAGE_PATHS[kind], body, key=key, is_repeatable=True), answer)
        except RefusedForGoodError as error:
            raise RefusedForGoodError(ErrorCode.OFFICE_REFUSED, error.detail) from None

    def lease(self, asked: api.LeaseRequest, key: str) -> api.Lease:
        return self._ask(_post("/tickets/lease", asked, key=key, is_repeatable=True), api.Lease)

    def heartbeat(self, beat: api.Heartbeat) -> api.HeartbeatAnswer:
        return self._ask(_post("/heartbeats", beat, is_repeatable=True), api.HeartbeatAnswer)

    def probe(self) -> None:
        """Ask whether the office answers and knows this kiosk; changes nothing there. Raises BackendError."""
        self._ask(_Call("GET", "/health", is_repeatable=True), api.Done)

    def close(self) -> None:
        """End all sessions; calls that wait for a repeat give up."""
        self._closed.set()
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            session.close()

    # --- inside ----------------------------------------------------------------------------------------------------

    def _probe_while_away(self, reachability: Reachability) -> None:
        """Look for the office by ourselves: nobody may come by for hours, and the screen says what we know."""
        with self._lock:
            if reachability is Reachability.OFFLINE and self._prober is None and not self._closed.is_set():
                self._prober = threading.Thread(target=self._probe, name="office-probe", daemon=True)
                self._prober.start()

    def _probe(self) -> None:
        while not self._closed.wait(max(_LEAST_PROBE_S, self._breaker.wait_s())):
            with contextlib.suppress(BackendError):
                self._ask(_Call("GET", "/health"), api.Done)
            with self._lock:
                if self._breaker.reachability() is Reachability.ONLINE:
                    self._prober = None
                    return

    def _ask(self, call: _Call, model: type[_Answer]) -> _Answer:
        return self._call(call, lambda reply: parsed(reply, model, call.path))

    def _call(self, call: _Call, read: Callable[[Reply], _Read], deadline_s: float | None = None) -> _Read:
        """Send, repeat where safe, count for the breaker; gives what ``read`` makes of a 2xx answer."""
        first: BackendError | None = None
        with Deadline(deadline_s or self._table.deadline_s) as deadline:
            for attempt in range(1, _TRIES + 1):
                if not self._breaker.allow():
                    raise first or BackendError(ErrorCode.OFFICE_OFFLINE, "the office has been out of reach")
                try:
                    return self._once(call, read, deadline)
                except BackendError as error:
                    if first and error.code is ErrorCode.OFFICE_SLOW:
                        # The first cause wins: it was the repeating that took the rest of the time.
                        raise first from None
                    first = first or error
                    pause = _FIRST_PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311
                    is_over = attempt == _TRIES or not call.is_repeatable or error.code not in _TRANSIENT
                    if is_over or pause >= deadline.remaining() or self._closed.wait(pause):
                        raise
        raise AssertionError("unreachable")

    def _once(self, call: _Call, read: Callable[[Reply], _Read], deadline: Deadline) -> _Read:
        """One try, counted for the breaker exactly once. Whoever answers what no office says is not the office."""
        try:
            reply = self._exchange(call, deadline)
            refuse_errors(call.path, reply)
            answer = read(reply)
        except BackendError as error:
            # An office that refuses is an office that is there.
            (self._breaker.fail if error.code in OUTAGES else self._breaker.succeed)()
            raise
        except BaseException:
            self._breaker.give_back()
            raise
        self._breaker.succeed()
        return answer

    def _exchange(self, call: _Call, deadline: Deadline) -> Reply:
        number = secrets.token_hex(8)
        headers = {"Authorization": f"Bearer {self._token}", "Accept-Encoding": "identity"}
        headers[api.REQUEST_HEADER] = number
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.visit:
            headers[api.VISIT_HEADER] = call.visit
        if call.key:
            headers[api.KEY_HEADER] = call.key
        left = max(0.001, deadline.remaining())
        try:
            with self._session().request(
                call.method,
                self._base + call.path,
                data=call.body,
                headers=headers,
                timeout=left,
                stream=True,
                allow_redirects=False,
            ) as response:
                if response.headers.get(api.REQUEST_HEADER, number) != number:
                    # An answer that came twice, or to somebody else: what it says is not about this call.
                    self._hang_up()
                    raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, f"{call.path}: the answer to another request")
                body = bytearray()
                for chunk in response.iter_content(_CHUNK):
                    body += chunk
                    if len(body) > self._table.max_answer_bytes:
                        raise BackendError(ErrorCode.OFFICE_TOO_LARGE, call.path)
                kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                digest = response.headers.get(api.HASH_HEADER, "")
                after = response.headers.get("Retry-After", "")
                wait = min(int(after), 86_400) if after.isascii() and after.isdigit() and len(after) < 8 else 0
                reply = Reply(response.status_code, kind, digest, bytes(body), wait)
        except (exceptions.RequestException, OSError) as error:
            raise translated(error, is_late=deadline.is_expired or deadline.remaining() <= 0) from None
        if deadline.is_expired:
            # The answer ended because its socket was shut: without a length that looks like a complete one.
            raise BackendError(ErrorCode.OFFICE_SLOW, call.path)
        return reply

    def _hang_up(self) -> None:
        """Close this thread's connections."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is not None:
            session.close()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.verify = str(self._table.ca) if self._table.ca else True
            if self._table.certificate and self._table.key:
                session.cert = (str(self._table.certificate), str(self._table.key))
            adapter = DeadlineAdapter(pool_connections=1, pool_maxsize=2, max_retries=0)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
            with self._lock:
                self._sessions.add(session)
        return session


def _read_token(table: OfficeTable) -> str:
    if table.token_file is None:
        return ""
    try:
        return table.token_file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            ErrorCode.SETTINGS_BROKEN, f"office.token_file: {table.token_file} cannot be read"
        ) from None


def _get(path: str, visit: str) -> _Call:
    return _Call("GET", path, visit=visit, is_repeatable=True)


def _post(path: str, body: BaseModel, *, visit: str = "", key: str = "", is_repeatable: bool = False) -> _Call:
    return _Call("POST", path, body.model_dump_json().encode(), visit, key, is_repeatable)
