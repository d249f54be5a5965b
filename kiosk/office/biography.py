"""What fits a person's age: schooling, work, blood, faith. All draws come from the caller's generator."""

from datetime import date
from random import Random

from kiosk.office import codes

NO_SCHOOL, SOME_PRIMARY, PRIMARY, JUNIOR, SENIOR, DIPLOMA, ACADEMY, BACHELOR, MASTER, DOCTOR = (
    str(number) for number in range(1, 11)
)
NO_WORK, HOUSEHOLD, STUDENT, PENSIONER = "1", "2", "3", "4"

_FAITHS = (("1", 66), ("2", 13), ("3", 9), ("4", 6), ("5", 4), ("6", 1), ("7", 1))
_BLOODS = (("1", 16), ("2", 18), ("3", 6), ("4", 26), ("5", 2), ("7", 2), ("9", 1), ("11", 3), ("13", 26))
_SCHOOLING = ((PRIMARY, 16), (JUNIOR, 18), (SENIOR, 38), (DIPLOMA, 3), (ACADEMY, 7), (BACHELOR, 15), (MASTER, 2))
_YOUNGEST_WITH = {
    PRIMARY: 12,
    JUNIOR: 15,
    SENIOR: 18,
    DIPLOMA: 20,
    ACADEMY: 21,
    BACHELOR: 22,
    MASTER: 25,
    DOCTOR: 30,
}
_ANY_WORK = (
    ("8", 5), ("9", 14), ("10", 2), ("11", 5), ("13", 4), ("14", 3), ("15", 15), ("19", 9), ("20", 5), ("21", 2),
    ("26", 2), ("27", 2), ("30", 2), ("35", 2), ("46", 1), ("81", 3), ("84", 6), ("88", 12), ("97", 2), ("99", 1),
)  # fmt: skip
_SENIOR_WORK = (("6", 2), ("7", 2), ("16", 3), ("17", 2), ("18", 3), ("85", 2), ("94", 3), ("95", 2))
_DEGREE_WORK = (("5", 9), ("44", 1), ("64", 2), ("65", 9), ("67", 1), ("69", 1), ("70", 2), ("71", 1), ("72", 2))
_NURSING_WORK = (("73", 2), ("74", 3))
_LAST_WORKING_AGE = {"5": 58, "6": 58, "7": 58, "16": 56, "17": 56, "65": 60, "64": 65}


def age_on(birth: date, day: date) -> int:
    """Completed years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def pick(random: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    """One of the codes by weight."""
    return random.choices([code for code, _ in weighted], [weight for _, weight in weighted])[0]


def faith(random: Random) -> str:
    return pick(random, _FAITHS)


def blood(random: Random) -> str:
    return pick(random, _BLOODS)


def education(random: Random, age: int) -> str:
    """The highest schooling that a person of this age can have, seldom the highest possible one."""
    if age < 6:
        return NO_SCHOOL
    if age < 12:
        return SOME_PRIMARY
    if age < 15:
        return PRIMARY
    if age < 18:
        return random.choice((PRIMARY, JUNIOR, JUNIOR))
    if age > 70 and random.random() < 0.35:
        return random.choice((NO_SCHOOL, SOME_PRIMARY))
    if age > 32 and random.random() < 0.008:
        return DOCTOR
    while True:
        level = pick(random, _SCHOOLING)
        if age >= _YOUNGEST_WITH[level]:
            return level


def occupation(random: Random, age: int, schooling: str, *, is_female: bool, is_wife: bool) -> str:
    """An occupation of the official list that age and schooling allow."""
    if age < 6:
        return NO_WORK
    if age < 18 or (age < 23 and random.random() < 0.5):
        return STUDENT
    if is_wife and random.random() < 0.5:
        return HOUSEHOLD
    if age > 68 and random.random() < 0.5:
        return NO_WORK if random.random() < 0.5 else HOUSEHOLD if is_female else "9"
    choices = list(_ANY_WORK)
    level = int(schooling)
    if level >= int(SENIOR):
        choices += _SENIOR_WORK
    if level >= int(ACADEMY) and is_female:
        choices += _NURSING_WORK
    if level >= int(BACHELOR):
        choices += [(code, weight * 4) for code, weight in _DEGREE_WORK]
    work = pick(random, tuple(choices))
    if age > _LAST_WORKING_AGE.get(work, 99):
        return PENSIONER
    if age < 22 and work in {"64", "72", "67"}:
        return "15"
    return work


def registers_marriage_at_office(religion: str) -> bool:
    """Muslim marriages and divorces are recorded elsewhere, so the office issues no certificate of them."""
    return religion != codes.ISLAM
