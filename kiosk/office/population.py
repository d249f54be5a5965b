"""A seeded, invented population: families whose ages, marriages, children and numbers fit together.

Pure: the same ``people``, ``seed`` and day give the same population on every machine.
"""

from datetime import date
from random import Random

from kiosk.office.household import HouseholdMaker
from kiosk.office.numbering import Numbering
from kiosk.office.records import AS_OF, Household


def generate(people: int, seed: int, as_of: date = AS_OF) -> list[Household]:
    """Households with exactly ``people`` living members together."""
    maker = HouseholdMaker(Random(seed), Numbering(), as_of)  # noqa: S311 - invented people, not secrets
    households: list[Household] = []
    left = people
    while left > 0:
        household = maker.make(left, len(households))
        left -= len(household.members)
        households.append(household)
    return households
