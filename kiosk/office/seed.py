"""Fills a folder with an invented office: people, accounts, cards, ready documents, a demo CA, a kiosk's token.

People, numbers, PINs, card identifiers and documents follow from the seed; keys and tokens are new each time.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert

from kiosk.api import DocumentKind
from kiosk.office import access_tables
from kiosk.office import database as db
from kiosk.office.authority import create_authority
from kiosk.office.demo_people import DemoPerson, choose
from kiosk.office.kinds import pages_of
from kiosk.office.pins import PinCost, PinHasher
from kiosk.office.population import generate
from kiosk.office.records import AS_OF, Household, LifeEvent, Resident

DATABASE = "office.db"
KIOSK_TOKEN = "kiosk.token"  # noqa: S105 - a file's name
AUDIT_KEY = "audit.key"
"""The first kiosk's key for its checkpoints, as enrolment would have made it: 64 hex digits."""
PEOPLE = "people.json"
ACCOUNT_AGE = 17
YEARS_99 = 99 * 365 * 86_400


class AlreadySeededError(Exception):
    """The folder holds an office already."""


class Seeder:
    """Collects the rows of an office and writes them in one go."""

    def __init__(self, people: int, seed: int, cost: PinCost) -> None:
        self._random = Random(seed * 7919 + 1)  # noqa: S311 - invented people, not secrets
        self._hasher = PinHasher(cost)
        self._cost = cost
        self.households = generate(people, seed)
        self.pins: dict[str, str] = {}
        self.cards: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self._documents: list[dict[str, Any]] = []
        self._owners: list[dict[str, str]] = []
        self.owned: dict[str, list[DocumentKind]] = {}

    def write(self, folder: Path, kiosk: str) -> list[DemoPerson]:
        """Write everything below ``folder``; returns the demo's people, as ``people.json`` lists them."""
        for household in self.households:
            for adult in (m for m in household.members if m.age() >= ACCOUNT_AGE):
                self.pins[adult.nik] = f"{self._random.randrange(10**6):06d}"
                uid = self._uid()
                if self._random.random() < 0.6:
                    self.cards[adult.nik] = uid
                self.tokens[adult.nik] = self._word(24)
        demo = choose(self.households, self.cards, self._uid)
        wanted = {(d.resident.nik, kind) for d in demo for kind in d.wants}
        bare = {m.nik for d in demo if not d.wants for m in d.household.members}
        for household in self.households:
            self._make_ready(household, wanted, bare)
        self._insert(folder / DATABASE, demo, kiosk, folder)
        create_authority(folder)
        self._write_people(folder / PEOPLE, demo)
        return demo

    def _make_ready(self, household: Household, wanted: set[tuple[str, DocumentKind]], bare: set[str]) -> None:
        def is_ready(owners: list[Resident], kind: DocumentKind, share: float) -> bool:
            lot = self._random.random()
            if any(owner.nik in bare for owner in owners):
                return False
            return lot < share or any((owner.nik, kind) in wanted for owner in owners)

        keepers = [k for k in household.keepers if k.age() >= ACCOUNT_AGE]
        if is_ready(keepers, DocumentKind.KK, 0.4):
            self._add(DocumentKind.KK, household, household.head, keepers, household.issued, household.no_kk, {})
        shares = {DocumentKind.BIRTH: 0.12}
        for event in household.events:
            here = [o for o in event.owners if o in household.members]
            owners = [[one] for one in here] if event.kind is DocumentKind.MARRIAGE else [here]
            for group in owners:
                if is_ready(group, event.kind, shares.get(event.kind, 0.6)):
                    self._add_event(event, household, group)
        for adult in (m for m in household.members if m.age() >= ACCOUNT_AGE):
            if is_ready([adult], DocumentKind.KTP_EL, 0.12):
                self._add(DocumentKind.KTP_EL, household, adult, [adult], household.issued, adult.nik, {})

    def _add_event(self, event: LifeEvent, household: Household, owners: list[Resident]) -> None:
        subject = owners[0] if event.kind in (DocumentKind.MARRIAGE, DocumentKind.DIVORCE) else event.subject
        self._add(event.kind, household, subject, owners, event.registered, event.number, event.details)

    def _add(
        self,
        kind: DocumentKind,
        household: Household,
        subject: Resident,
        owners: list[Resident],
        issued: Any,
        number: str,
        details: dict[str, str],
    ) -> None:
        identifier = self._word(16)
        self._documents.append(
            {
                "id": identifier,
                "kind": kind.value,
                "subject_nik": subject.nik,
                "subject_name": subject.name,
                "no_kk": household.no_kk,
                "number": number,
                "issued": issued,
                "verify_id": self._word(20),
                "pages": pages_of(kind, len(household.members)),
                "details": details,
                "state": "ready",
            }
        )
        for owner in owners:
            self._owners.append({"document_id": identifier, "nik": owner.nik})
            self.owned.setdefault(owner.nik, []).append(kind)

    def _insert(self, path: Path, demo: list[DemoPerson], kiosk: str, folder: Path) -> None:
        token = secrets.token_urlsafe(32)
        token_file = folder / KIOSK_TOKEN
        token_file.touch(mode=0o600)
        token_file.write_text(token, encoding="ascii")
        audit_key = Ed25519PrivateKey.generate()
        key_file = folder / AUDIT_KEY
        key_file.touch(mode=0o600)
        key_file.write_text(audit_key.private_bytes_raw().hex(), encoding="ascii")
        closed = {d.resident.nik for d in demo if d.is_closed}
        database = db.Database(path)
        database.create()
        with database.writing() as connection:
            connection.execute(
                insert(db.meta),
                [
                    {"name": "secret", "value": secrets.token_hex(32)},
                    {"name": "pin-cost", "value": self._cost.value},
                    {"name": "as-of", "value": AS_OF.isoformat()},
                ],
            )
            connection.execute(insert(db.kiosk), [{"token_hash": sha256(token.encode()).hexdigest(), "name": kiosk}])
            known = {"kiosk": kiosk, "certificate_sha256": "", "enrolled_at": db.now_s()}
            known["audit_key"] = audit_key.public_key().public_bytes_raw().hex()
            connection.execute(insert(access_tables.enrolment), [known])
            connection.execute(insert(db.family), [_family_row(h) for h in self.households])
            connection.execute(
                insert(db.person),
                [_person_row(m, h, i) for h in self.households for i, m in enumerate(h.members)],
            )
            connection.execute(
                insert(db.account),
                [
                    {"nik": nik, "pin_hash": self._hasher.hash(pin), "is_closed": nik in closed}
                    for nik, pin in self.pins.items()
                ],
            )
            if self.cards:
                connection.execute(insert(db.card), [{"uid": uid, "nik": nik} for nik, uid in self.cards.items()])
            connection.execute(
                insert(db.qr_token),
                [
                    {"hash": sha256(token.encode()).hexdigest(), "nik": nik, "expires_at": db.now_s() + YEARS_99}
                    for nik, token in self.tokens.items()
                ],
            )
            connection.execute(insert(db.document), self._documents)
            connection.execute(insert(db.document_owner), self._owners)
        database.close()

    def _write_people(self, path: Path, demo: list[DemoPerson]) -> None:
        people = [
            {
                "slug": d.slug,
                "name": d.resident.name,
                "note": d.note,
                "uid": d.uid,
                "nik": d.resident.nik,
                "pin": self.pins[d.resident.nik],
                "token": self.tokens[d.resident.nik],
                "documents": sorted({kind.value for kind in self.owned.get(d.resident.nik, [])}),
            }
            for d in demo
        ]
        path.touch(mode=0o600)
        path.write_text(json.dumps(people, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def _uid(self) -> str:
        """Seven bytes as a type A card shows them."""
        return "04" + self._random.randbytes(6).hex()

    def _word(self, length: int) -> str:
        return urlsafe_b64encode(self._random.randbytes(length)).decode("ascii")[:length]


def seed(folder: Path, people: int, number: int, *, cost: PinCost = PinCost.DEMO, kiosk: str) -> list[DemoPerson]:
    """Make an office in ``folder``. Raises AlreadySeededError rather than touch one that is there."""
    if (folder / DATABASE).exists():
        raise AlreadySeededError(f"{folder} holds an office already")
    folder.mkdir(parents=True, exist_ok=True)
    return Seeder(people, number, cost).write(folder, kiosk)


def _family_row(household: Household) -> dict[str, Any]:
    return {
        "no_kk": household.no_kk,
        "street": household.street,
        "rt": household.rt,
        "rw": household.rw,
        "village": household.village,
        "district": household.district.name,
        "postal_code": household.postal_code,
        "issued": household.issued,
    }


def _person_row(resident: Resident, household: Household, position: int) -> dict[str, Any]:
    return {
        "nik": resident.nik,
        "no_kk": household.no_kk,
        "position": position,
        "name": resident.name,
        "sex": resident.sex,
        "birth_place": resident.birth_place,
        "birth_date": resident.birth_date,
        "religion": resident.religion,
        "education": resident.education,
        "occupation": resident.occupation,
        "blood": resident.blood,
        "marital": resident.marital,
        "marital_date": resident.marital_date,
        "relation": resident.relation,
        "nationality": resident.nationality,
        "passport": resident.passport,
        "kitap": resident.kitap,
        "father": resident.father,
        "mother": resident.mother,
    }
