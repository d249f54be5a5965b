"""Routes of enrolment, of the audit chain's witness, and of the administrator."""

import hmac
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Header

from kiosk import access_api, api
from kiosk.office import database as db
from kiosk.office.print_codes import NoSuchDocumentError
from kiosk.office.reception import Kiosk, Office, bearer_token
from kiosk.office.rules import Refusal

ADMIN_TOKEN = "admin-token"  # noqa: S105 - the name of a fact

kiosk_routes = APIRouter()


@kiosk_routes.post("/checkpoints")
def checkpoint(
    shown: access_api.Checkpoint,
    office: Office,
    kiosk: Kiosk,
    key: Annotated[api.Key, Header(alias=api.KEY_HEADER)],
) -> api.Done:
    """Witness the end of an audit chain. What does not go on from what stands here is refused (409), with an alarm."""
    office.witness.take(kiosk, shown)
    return api.Done()


@kiosk_routes.get("/audit/head")
def audit_head(office: Office, kiosk: Kiosk) -> access_api.AuditHead:
    """What was last witnessed of this kiosk."""
    return office.witness.head(kiosk)


access_routes = APIRouter()


@access_routes.get("/authority")
def authority(office: Office) -> access_api.AuthorityAnswer:
    """The CA of this office's TLS, for a kiosk that knows its fingerprint."""
    return access_api.AuthorityAnswer(certificate=office.enrolments.authority())


@access_routes.post("/enrolments")
def enrol(asked: access_api.EnrolRequest, office: Office) -> access_api.EnrolAnswer:
    """Spend a one-time code: a certificate and a token for a kiosk. Enrolling again replaces both."""
    if not office.kiosk_url:
        raise Refusal(404, "not-found", "this office enrols over TLS alone")
    return office.enrolments.enrol(asked, office.kiosk_url)


def _administrator(office: Office, authorization: Annotated[str, Header(max_length=300)] = "") -> None:
    token = bearer_token(authorization)
    try:
        wanted = office.database.fact(ADMIN_TOKEN)
    except LookupError:
        wanted = ""
    if not hmac.compare_digest(sha256(token.encode()).hexdigest(), wanted):
        raise Refusal(401, api.ProblemCode.KIOSK_UNKNOWN)


Administrator = Annotated[None, Depends(_administrator)]


@access_routes.get("/admin/alarms")
def alarms(office: Office, _administrator: Administrator, is_open: bool = True) -> list[access_api.Alarm]:
    """Doubts about kiosks' audit chains, newest first."""
    return office.witness.alarms(is_open=is_open)


@access_routes.post("/admin/print-codes")
def print_code(
    asked: access_api.PrintCodeRequest, office: Office, _administrator: Administrator
) -> access_api.PrintCodeAnswer:
    """A code with which one document of one person is printed at any kiosk, once. Told once."""
    try:
        made = office.proofs.print_codes.make(asked.nik, asked.kind, asked.document_id or "", asked.hours)
    except NoSuchDocumentError as error:
        raise Refusal(404, "not-found", ", ".join(error.choices)) from None
    return access_api.PrintCodeAnswer(
        code=made.code, document_id=made.document_id, expires_at=db.moment(made.expires_at)
    )


@access_routes.post("/admin/alarms/{alarm_id}/settle")
def settle_alarm(alarm_id: int, office: Office, _administrator: Administrator) -> api.Done:
    """Somebody has looked. The chain may go on from where it is."""
    if not office.witness.settle(alarm_id):
        raise Refusal(404, "not-found")
    return api.Done()
