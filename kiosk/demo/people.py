"""Who of the demo's invented people comes to the machine."""

from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.demo.robot import RobotError

_PLAIN = ("everything", "family-of-ten", "family-of-twelve", "widowed", "divorced", "long-name")
"""People of the demo who have nothing to stumble over."""

People = Sequence[Mapping[str, Any]]


def person_with(people: People, *kinds: str, skip: int = 0) -> Mapping[str, Any]:
    """One who has all these documents ready and a card that the office knows; the first, or a later.

    Raises RobotError when there are too few.
    """
    found = [
        person
        for person in people
        if person["uid"] and person["pin"] and person["slug"] in _PLAIN and set(kinds) <= set(person["documents"])
    ]
    if len(found) <= skip:
        raise RobotError(f"nobody has {kinds}")
    return found[skip]


def person_of(people: People, slug: str) -> Mapping[str, Any] | None:
    """Who plays this part; None where few people were invented and nobody does."""
    return next((person for person in people if person["slug"] == slug), None)
