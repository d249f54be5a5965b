"""The office's HTTP face: kiosks below ``/v1``, phones at ``/h/<token>``, the demo's switches below ``/demo``."""

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, func, insert, literal_column, select, update
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from kiosk import api
from kiosk.office import database as db
from kiosk.office import registry
from kiosk.office.access import access_routes, kiosk_routes
from kiosk.office.desk import desk_routes, purge_keys
from kiosk.office.grants import fingerprint_of, keep_key, use_key
from kiosk.office.guards import Echo, FaultGate, FaultMode, Faults, LastResort, SizeLimit
from kiosk.office.hand_over import GoneError
from kiosk.office.phone_page import HEADERS, gone_page, language_of, ready_page
from kiosk.office.proofs import Visit
from kiosk.office.reception import Kiosk, Office, Services
from kiosk.office.reception import open_services as open_services
from kiosk.office.retention import erase_old
from kiosk.office.rules import Refusal, Rules


def _visit(
    office: Office, kiosk: Kiosk, visit_token: Annotated[str, Header(alias=api.VISIT_HEADER, max_length=100)] = ""
) -> Visit:
    return office.proofs.visit(kiosk, visit_token)


OpenVisit = Annotated[Visit, Depends(_visit)]
Key = Annotated[api.Key, Header(alias=api.KEY_HEADER)]

_AHEAD_S = 120
"""A heartbeat that says it comes from further ahead than this comes from a clock that is wrong."""

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": api.Problem} for status in (401, 403, 404, 409, 410, 413, 422, 429, 500)
}
routes = APIRouter(prefix=api.VERSION_PATH, responses=_PROBLEMS)


@routes.get("/health")
def health(kiosk: Kiosk) -> api.Done:
    """The office answers, and knows this kiosk."""
    return api.Done()


@routes.post("/cards/find")
def find_card(asked: api.FindCardRequest, office: Office, kiosk: Kiosk) -> api.FindCardAnswer:
    """Whether a card leads to an account; tells nothing about whom."""
    return api.FindCardAnswer(is_known=office.proofs.find_card(kiosk, asked.card_uid))


@routes.post("/proofs")
def prove(shown: api.ProofRequest, office: Office, kiosk: Kiosk) -> api.ProofAnswer:
    """Open a visit. A NIK that does not exist is answered like a wrong PIN."""
    return office.proofs.prove(kiosk, shown)


@routes.post("/biometrics")
def biometrics(asked: api.BiometricRequest, office: Office, kiosk: Kiosk) -> api.BiometricAnswer:
    """The one reference of whom a card or a NIK claims, for a comparison with consent. Off by default."""
    return office.proofs.biometrics.reference(kiosk, asked)


@routes.post("/visit/end")
def end_visit(
    office: Office, kiosk: Kiosk, visit_token: Annotated[str, Header(alias=api.VISIT_HEADER, max_length=100)] = ""
) -> api.Done:
    """Close a visit; closing it twice is no error."""
    office.proofs.end_visit(kiosk, visit_token)
    return api.Done()


@routes.post("/visit/card")
def bind_card(asked: api.BindCardRequest, office: Office, visit: OpenVisit) -> api.Done:
    """Let a card find this account from now on."""
    office.proofs.bind_card(visit, asked.card_uid)
    return api.Done()


def _refuse_limited(visit: Visit) -> None:
    if visit.document_id:
        raise Refusal(404, "not-found")


@routes.get("/person")
def person(office: Office, visit: OpenVisit) -> api.Person:
    """What the registry holds about the visitor; nothing in a visit that a print code opened (404)."""
    _refuse_limited(visit)
    with office.database.reading() as connection:
        return registry.person_of(connection, visit.nik)


@routes.get("/family")
def family(office: Office, visit: OpenVisit) -> api.Family:
    """The visitor's family card; nothing in a visit that a print code opened (404)."""
    _refuse_limited(visit)
    with office.database.reading() as connection:
        return registry.family_of(connection, registry.person_of(connection, visit.nik).no_kk)


@routes.get("/documents")
def documents(office: Office, visit: OpenVisit) -> list[api.ReadyDocument]:
    """What waits for the visitor, newest first."""
    return office.grants.documents(visit)


@routes.post("/grants")
def grant(asked: api.GrantRequest, office: Office, visit: OpenVisit, key: Key) -> api.Grant:
    """Permission to print one document once. The same key gives the same grant."""
    return office.grants.grant(visit, asked.document_id, key)


@routes.get(
    "/grants/{grant_id}/document",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The signed document"}},
)
def fetch(grant_id: str, office: Office, visit: OpenVisit) -> Response:
    """The signed PDF, byte for byte the same each time."""
    issued = office.grants.fetch(visit, grant_id)
    headers = {api.HASH_HEADER: issued.sha256, "Cache-Control": "no-store"}
    return Response(issued.pdf, media_type="application/pdf", headers=headers)


@routes.post("/hand-overs")
def hand_over(asked: api.HandOverRequest, request: Request, office: Office, visit: OpenVisit, key: Key) -> api.HandOver:
    """A one-time address for the visitor's phone."""
    base = office.base_url or str(request.base_url).rstrip("/")
    return office.hand_overs.create(visit, asked.document_id, key, base)


@routes.post("/settlements")
def settle(end: api.Settlement, office: Office, kiosk: Kiosk, key: Key) -> api.Done:
    """How a print ended."""
    office.grants.settle(kiosk, end, key)
    return api.Done()


@routes.post("/surveys")
def survey(answer: api.Survey, office: Office, kiosk: Kiosk, key: Key) -> api.Done:
    """One touch of a rating."""
    _keep_message(office, kiosk, "survey", answer, key)
    return api.Done()


@routes.post("/events")
def event(happened: api.Event, office: Office, kiosk: Kiosk, key: Key) -> api.Done:
    """Something that the office should know of."""
    _keep_message(office, kiosk, "event", happened, key)
    return api.Done()


@routes.post("/heartbeats")
def heartbeat(beat: api.Heartbeat, office: Office, kiosk: Kiosk) -> api.HeartbeatAnswer:
    """The kiosk lives; what it says about itself."""
    held = office.grants.hold(kiosk, beat.store_age_s) if beat.is_store_lost else 0
    now = db.now_s()
    with office.database.writing() as connection:
        purge_keys(connection, office.rules.key_s)
        erase_old(connection, office.rules, now)
        known = connection.execute(
            select(db.heartbeat.c.body).where(db.heartbeat.c.kiosk == kiosk)
        ).scalar_one_or_none()
        # One that waited in the outbox does not take the place of a newer one; one from the future is a wrong clock's.
        newest = datetime.fromisoformat(known["at"]) if known is not None else beat.at
        if newest <= beat.at or newest > db.moment(now + _AHEAD_S):
            connection.execute(delete(db.heartbeat).where(db.heartbeat.c.kiosk == kiosk))
            row = {"kiosk": kiosk, "body": beat.model_dump(mode="json"), "at": now}
            connection.execute(insert(db.heartbeat), [row])
    return api.HeartbeatAnswer(
        time=db.moment(now),
        interval_s=office.rules.heartbeat_s,
        grants_held=held,
        is_audit_refused=office.witness.is_refused(kiosk),
    )


def _keep_message(office: Services, kiosk: str, kind: str, body: BaseModel, key: str) -> None:
    fingerprint = fingerprint_of(kind, body.model_dump_json())
    with office.database.writing() as connection:
        if use_key(connection, kiosk, key, fingerprint) is not None:
            return
        row = {"kiosk": kiosk, "kind": kind, "body": body.model_dump(mode="json"), "at": db.now_s()}
        connection.execute(insert(db.message), [row])
        keep_key(connection, kiosk, key, fingerprint, kind)


phones = APIRouter(include_in_schema=False)


@phones.get("/h/{token}")
def phone_page(token: str, request: Request, office: Office, lang: str | None = None) -> HTMLResponse:
    language = language_of(lang, request.headers.get("accept-language"))
    try:
        waiting = office.hand_overs.waiting(token)
    except GoneError as gone:
        return _gone(language, gone)
    return HTMLResponse(ready_page(language, token, waiting), headers=HEADERS)


@phones.post("/h/{token}")
def phone_download(token: str, request: Request, office: Office, lang: str | None = None) -> Response:
    language = language_of(lang, request.headers.get("accept-language"))
    try:
        kind, pdf = office.hand_overs.take(token)
    except GoneError as gone:
        return _gone(language, gone)
    disposition = {"Content-Disposition": f'attachment; filename="{kind.value}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=HEADERS | disposition)


def _gone(language: str, gone: GoneError) -> HTMLResponse:
    status = 404 if gone.reason == "unknown" else 410
    return HTMLResponse(gone_page(language, gone.reason), status_code=status, headers=HEADERS)


class FaultRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    mode: FaultMode
    seconds: float = Field(default=0.2, ge=0, le=120)


def demo_routes(faults: Faults) -> APIRouter:
    """What the dock and the robot press. Served by ``--demo`` alone."""
    demo = APIRouter(prefix="/demo", include_in_schema=False)

    @demo.post("/fault")
    def fault(asked: FaultRequest) -> dict[str, Any]:
        faults.mode, faults.seconds = asked.mode, asked.seconds
        return {"mode": faults.mode, "seconds": faults.seconds}

    @demo.get("/state")
    def state(office: Office) -> dict[str, Any]:
        with office.database.reading() as connection:
            states = connection.execute(select(db.document.c.state, func.count()).group_by(db.document.c.state))
            counts = {name: count for name, count in states}
            messages = connection.execute(select(func.count()).select_from(db.message)).scalar_one()
        return {"mode": faults.mode, "seconds": faults.seconds, "documents": counts, "messages": messages}

    @demo.get("/issued")
    def issued(office: Office) -> dict[str, Any]:
        """The signed bytes that the office keeps, oldest first: what a printer must have got, byte for byte."""
        chosen = select(db.document.c.kind, db.issue.c.pdf).join(db.issue, db.issue.c.document_id == db.document.c.id)
        with office.database.reading() as connection:
            rows = connection.execute(chosen.order_by(literal_column("issue.rowid"))).tuples().all()
        return {"documents": [{"kind": kind, "base64": b64encode(pdf).decode()} for kind, pdf in rows]}

    @demo.post("/unlock")
    def unlock(office: Office) -> dict[str, Any]:
        office.proofs.unlock_all()
        return {"is_done": True}

    @demo.post("/renew")
    def renew(office: Office) -> dict[str, Any]:
        """Every document is ready again, as on the first day; its bytes stay."""
        with office.database.writing() as connection:
            connection.execute(update(db.document).values(state="ready"))
            connection.execute(update(db.grant).values(state="failed"))
        return {"is_done": True}

    return demo


class Side(StrEnum):
    """Which part of the office a listener shows."""

    ALL = "all"
    KIOSKS = "kiosks"
    """Behind client certificates."""
    PUBLIC = "public"
    """For phones, administrators, and kiosks that are not enrolled yet."""


def build_app(services: Services | None, faults: Faults | None = None, side: Side = Side.ALL) -> FastAPI:
    """The application; without services it only knows its own schema."""
    app = FastAPI(
        title="Anjungan office",
        version="1",
        description="What a kiosk asks of the office, and what it tells it.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.services = services
    if side is not Side.PUBLIC:
        app.include_router(routes)
        app.include_router(desk_routes, prefix=api.VERSION_PATH, responses=_PROBLEMS)
        app.include_router(kiosk_routes, prefix=api.VERSION_PATH, responses=_PROBLEMS)
    if side is not Side.KIOSKS:
        app.include_router(access_routes, prefix=api.VERSION_PATH, responses=_PROBLEMS)
        app.include_router(phones)
    if faults is not None:
        app.include_router(demo_routes(faults))
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    # Answers only: the error goes on to ``LastResort``, which logs it without what it was about.
    app.add_exception_handler(Exception, lambda _request, _error: _problem(500, api.ProblemCode.INTERNAL))
    return app


def guarded(app: FastAPI, rules: Rules, faults: Faults | None = None) -> ASGIApp:
    """The application behind its guards."""
    inner: ASGIApp = Echo(LastResort(SizeLimit(app, rules.max_request_bytes)))
    return FaultGate(inner, faults) if faults else inner


def _operation_id(route: APIRoute) -> str:
    return route.name


def _problem(status: int, code: str, detail: str = "", headers: dict[str, str] | None = None) -> JSONResponse:
    body = api.Problem(code=api.ProblemCode(code), detail=detail)
    return JSONResponse(body.model_dump(mode="json"), status_code=status, headers=headers)


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    headers = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
    return _problem(error.status, error.code, error.detail, headers)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # The places alone: FastAPI's own answer repeats what was sent, and that may be a NIK.
    places = [".".join(str(part) for part in e["loc"] if isinstance(part, str)) for e in error.errors()]
    code = api.ProblemCode.INVALID
    if any(place.lower() == f"header.{api.KEY_HEADER}".lower() for place in places):
        code = api.ProblemCode.KEY_MISSING
    return _problem(422, code, ", ".join(places)[:400])


def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = api.ProblemCode.NOT_FOUND if error.status_code == 404 else api.ProblemCode.INVALID
    return _problem(error.status_code, code)


def openapi() -> dict[str, Any]:
    """The schema that ``docs/openapi.json`` holds."""
    build: Callable[[], dict[str, Any]] = build_app(None).openapi
    return build()
