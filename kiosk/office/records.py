"""What the registry records: residents, the events of their lives, and households."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from kiosk.api import DocumentKind
from kiosk.office import biography, codes, regions

AS_OF = date(2026, 11, 1)
"""The day on which the population is as it is; fixed, so that a seed gives the same people next year."""

MARRYING_AGE = 19


@dataclass(slots=True)
class Resident:
    """One person; code fields hold codes of ``codelists.json``."""

    nik: str
    name: str
    sex: str
    birth_place: str
    birth_date: date
    religion: str
    education: str
    occupation: str
    blood: str
    father: str
    mother: str
    marital: str = codes.SINGLE
    marital_date: date | None = None
    relation: str = codes.HEAD
    nationality: str = codes.WNI
    passport: str = ""
    kitap: str = ""
    died: date | None = None

    @property
    def is_female(self) -> bool:
        return self.sex == codes.FEMALE

    def age(self, day: date = AS_OF) -> int:
        return biography.age_on(self.birth_date, day)


@dataclass(slots=True)
class LifeEvent:
    """A birth, death, marriage or divorce as its certificate tells it."""

    kind: DocumentKind
    number: str
    registered: date
    subject: Resident
    owners: list[Resident]
    details: dict[str, str]


@dataclass(slots=True)
class Household:
    no_kk: str
    district: regions.District
    village: str
    postal_code: str
    street: str
    rt: str
    rw: str
    issued: date
    members: list[Resident]
    events: list[LifeEvent] = field(default_factory=list)

    @property
    def head(self) -> Resident:
        return self.members[0]

    @property
    def keepers(self) -> list[Resident]:
        """Who may fetch the family card: the head and the spouse."""
        return [self.head, *(m for m in self.members if m.relation in (codes.WIFE, codes.HUSBAND))]


def day_between(random: Random, first: date, last: date) -> date:
    """A day from ``first`` to ``last``, both included; ``first`` when the span is empty."""
    return first + timedelta(days=random.randint(0, max(0, (last - first).days)))


def years_after(day: date, years: int) -> date:
    """The same day ``years`` later; 28 February where the year has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
