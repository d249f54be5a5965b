"""Who comes in: the services behind every request, and which kiosk a request is from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Header, Request

from kiosk import api
from kiosk.office import database as db
from kiosk.office.enrolment import Enrolments
from kiosk.office.grants import Grants
from kiosk.office.hand_over import HandOvers
from kiosk.office.issuer import Issuer, Signer
from kiosk.office.pins import PinCost, PinHasher
from kiosk.office.proofs import Proofs
from kiosk.office.rules import Refusal, Rules
from kiosk.office.seed import DATABASE
from kiosk.office.witness import Witness

PEER_CERTIFICATE = "peer_certificate"
"""Where the server leaves the client's certificate (DER) of a connection."""


@dataclass(slots=True)
class Services:
    """Everything that a request may need."""

    database: db.Database
    hasher: PinHasher
    issuer: Issuer
    proofs: Proofs
    grants: Grants
    hand_overs: HandOvers
    rules: Rules
    enrolments: Enrolments
    witness: Witness
    base_url: str = ""
    """How phones reach this office."""
    kiosk_url: str = ""
    """How enrolled kiosks reach it."""


def open_services(folder: Path, rules: Rules | None = None, *, keeps_copies: bool = False) -> Services:
    """Open a seeded folder. Raises LookupError when it was not seeded."""
    if not (folder / DATABASE).exists():
        raise LookupError(f"{folder} holds no office: seed it first")
    rules = rules or Rules()
    database = db.Database(folder / DATABASE)
    database.create()  # the tables of a folder that was seeded before there were any
    hasher = PinHasher(PinCost(database.fact("pin-cost")))
    issuer = Issuer(database, Signer(folder), folder if keeps_copies else None)
    return Services(
        database,
        hasher,
        issuer,
        Proofs(database, hasher, rules),
        Grants(database, issuer, rules),
        HandOvers(database, issuer, rules),
        rules,
        Enrolments(database, rules, folder),
        Witness(database, rules),
    )


async def _services(request: Request) -> Services:
    """A coroutine, so that no thread is asked for what takes none."""
    services = request.app.state.services
    assert isinstance(services, Services)
    return services


Office = Annotated[Services, Depends(_services)]


def bearer_token(authorization: str) -> str:
    """Raises Refusal (401) where there is none."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(401, api.ProblemCode.KIOSK_UNKNOWN)
    return token


def _kiosk(request: Request, office: Office, authorization: Annotated[str, Header(max_length=300)] = "") -> str:
    certificate = getattr(request.state, PEER_CERTIFICATE, None)
    return office.enrolments.admit(bearer_token(authorization), certificate)


Kiosk = Annotated[str, Depends(_kiosk)]
