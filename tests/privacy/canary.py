"""Everything that is known of a person who comes to the machine, as words to search for."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2

MIN_NAME = 8
"""A shorter name may stand in a text of the program by chance."""


@dataclass
class Person:
    """``slug`` and the like for the visit; ``words`` and ``raw`` for the search afterwards."""

    card: dict[str, Any]
    words: set[str] = field(default_factory=set)
    raw: set[bytes] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)

    @property
    def nik(self) -> str:
        return str(self.card["nik"])

    def question(self, do: str) -> str:
        """For the agent in a process."""
        found = {
            "do": do,
            "words": sorted(self.words),
            "raw": sorted(one.hex() for one in self.raw),
            "whole": sorted(self.whole),
        }
        return json.dumps(found) + "\n"

    def few(self) -> str:
        """For the count of freed copies: the numbers alone, since each needle is a pass over the whole memory."""
        numbers = sorted(word for word in self.words if word.isdigit() and len(word) == 16)
        return json.dumps({"do": "scan", "words": numbers[:3], "raw": [], "whole": []}) + "\n"

    def add_document(self, data: bytes) -> None:
        """Pieces out of a document's bytes, as they are and as a transport writes them."""
        for share in (0.3, 0.5, 0.7):
            piece = data[int(len(data) * share) :][:48]
            if len(set(piece)) > 8:
                self.raw.add(piece)
        start = len(data) // 2 // 3 * 3
        self.raw.add(base64.b64encode(data[start : start + 48]))


def canary(data: Path, card: dict[str, Any]) -> Person:
    """The person of ``people.json`` with the whole family, as the office has it in ``data``."""
    database = sqlcipher3.dbapi2.connect(str(data / "office.db"))
    no_kk = database.execute("SELECT no_kk FROM person WHERE nik = ?", (card["nik"],)).fetchone()[0]
    street = database.execute("SELECT street FROM family WHERE no_kk = ?", (no_kk,)).fetchone()[0]
    rows = database.execute("SELECT nik, name, father, mother FROM person WHERE no_kk = ?", (no_kk,)).fetchall()
    numbers = database.execute(
        "SELECT d.number, d.verify_id FROM document d JOIN document_owner o ON o.document_id = d.id WHERE o.nik = ?",
        (card["nik"],),
    ).fetchall()
    database.close()
    person = Person(card, {card["nik"], no_kk, street})
    for nik, *names in rows:
        person.words.add(nik)
        for name in names:
            person.words |= {name, name.title()} if len(name) >= MIN_NAME else set()
    person.words |= {word for row in numbers for word in row if word and len(word) >= MIN_NAME}
    if card["uid"]:
        person.words |= {card["uid"].upper(), card["uid"].lower()}
        person.raw.add(bytes.fromhex(card["uid"]))
    if card["token"]:
        person.words.add(card["token"])
    person.whole.add(card["pin"])
    return person


def in_bytes(person: Person, data: bytes, *, without: Iterable[str] = ()) -> list[str]:
    """Which of the person's words stand in these bytes."""
    kept = person.words - set(without)
    found = [word for word in kept if word.encode() in data or word.encode("utf-16-le") in data]
    found += [f"bytes {raw[:6].hex()}" for raw in person.raw if raw in data]
    found += [pin for pin in person.whole if f'"{pin}"'.encode() in data or f"={pin}".encode() in data]
    return found
