"""Makes one household after another: couples, widowed and divorced parents, three generations, people alone."""

from datetime import date, timedelta
from random import Random

from kiosk.api import DocumentKind
from kiosk.office import biography, codes, names, regions
from kiosk.office.numbering import Numbering
from kiosk.office.records import (
    MARRYING_AGE,
    Household,
    LifeEvent,
    Resident,
    day_between,
    years_after,
)

_OLDEST_MOTHER = 44
_NEXT_CHILD_DAYS = (420, 1900)
_ROOM_FOR_STORIES = 60
"""A population this large begins with one household of each kind that the demo tells of."""


class HouseholdMaker:
    """Draws households from one generator and one numbering."""

    def __init__(self, random: Random, numbering: Numbering, as_of: date) -> None:
        self._random = random
        self._numbering = numbering
        self._as_of = as_of

    def make(self, room: int, index: int) -> Household:
        """The next household with at most ``room`` living members."""
        self._district = self._random.choice(regions.DISTRICTS)
        self._religion = biography.faith(self._random)
        self._events: list[LifeEvent] = []
        self._names: set[str] = set()
        members = self._story(index) if room >= _ROOM_FOR_STORIES else []
        return self._settle(members or self._draw(min(room, 10)))

    def _story(self, index: int) -> list[Resident]:
        """The first households: one fills a sheet, one runs over it; a death, a divorce, a marriage with children."""
        if index in (0, 1):
            return self._three_generations(10 if index == 0 else 12)
        if index == 2:
            return self._one_parent(5, codes.WIDOWED)
        if index > 4:
            return []
        while not biography.registers_marriage_at_office(self._religion):
            self._religion = biography.faith(self._random)
        if index == 3:
            return self._one_parent(5, codes.DIVORCED)
        husband, wife, wedding = self._pair(32, 40, least_days=2500)
        self._marry(husband, wife, wedding, is_registered=True)
        return [husband, wife, *self._children(husband, wife, wedding, 3, 3)]

    def _draw(self, room: int) -> list[Resident]:
        chance = self._random.random()
        if room < 3 or chance < 0.07:
            return [self._alone()]
        if chance < 0.18:
            return self._one_parent(room, codes.WIDOWED)
        if chance < 0.26:
            return self._one_parent(room, self._random.choice((codes.DIVORCED,) * 3 + (codes.DIVORCED_UNREGISTERED,)))
        if chance < 0.34 and room >= 7:
            return self._three_generations(self._random.randint(6, min(room, 9)))
        return self._couple_with_others(room)

    # --- persons ---------------------------------------------------------------------------------------------------

    def _person(self, birth: date, sex: str, relation: str, *, father: str = "", mother: str = "") -> Resident:
        random = self._random
        is_female = sex == codes.FEMALE
        code, place = random.choice(regions.BIRTH_PLACES)
        if random.random() < 0.7:
            code, place = self._district.code, self._district.name
        age = biography.age_on(birth, self._as_of)
        schooling = biography.education(random, age)
        return Resident(
            nik=self._numbering.nik(code, birth, is_female),
            name=self._name(is_female),
            sex=sex,
            birth_place=place,
            birth_date=birth,
            religion=self._religion,
            education=schooling,
            occupation=biography.occupation(
                random, age, schooling, is_female=is_female, is_wife=relation == codes.WIFE
            ),
            blood=biography.blood(random),
            father=father or self._name(False),
            mother=mother or self._name(True),
            relation=relation,
        )

    def _name(self, is_female: bool) -> str:
        """A name that nobody else in this household has: parents are told by their names."""
        while True:
            name = names.name(self._random, is_female)
            if name not in self._names:
                self._names.add(name)
                return name

    def _aged(self, youngest: int, oldest: int, sex: str, relation: str) -> Resident:
        return self._person(self._birth(youngest, oldest), sex, relation)

    def _birth(self, youngest: int, oldest: int) -> date:
        """A birth date of somebody who is ``youngest`` to ``oldest`` years old today."""
        age = self._random.randint(youngest, oldest)
        return years_after(self._as_of, -age) - timedelta(days=self._random.randint(0, 364))

    def _alone(self) -> Resident:
        sex = self._random.choice((codes.MALE, codes.FEMALE))
        return self._aged(21, 58, sex, codes.HEAD)

    # --- couples and children --------------------------------------------------------------------------------------

    def _pair(self, youngest: int, oldest: int, least_days: int = 120) -> tuple[Resident, Resident, date]:
        """Husband, wife, wedding day; the wedding was at least ``least_days`` ago."""
        random = self._random
        husband = self._aged(youngest, oldest, codes.MALE, codes.HEAD)
        years = min(max(husband.age(self._as_of) - random.randint(-2, 7), 22), 76)
        wife = self._aged(years, years, codes.FEMALE, codes.WIFE)
        both_of_age = max(years_after(p.birth_date, MARRYING_AGE) for p in (husband, wife))
        last = min(both_of_age + timedelta(days=12 * 365), self._as_of - timedelta(days=least_days))
        return husband, wife, day_between(random, both_of_age, last)

    def _marry(self, husband: Resident, wife: Resident, day: date, *, is_registered: bool | None = None) -> None:
        if is_registered is None:
            is_registered = self._random.random() < 0.93
        for one in (husband, wife):
            one.marital = codes.MARRIED if is_registered else codes.MARRIED_UNREGISTERED
            one.marital_date = day if is_registered else None
        if self._random.random() < 0.006:
            wife.nationality, wife.name = "2", f"{wife.name.split()[0]} VANDERHOLT"
            wife.passport, wife.kitap = f"X{self._random.randint(10**6, 10**7 - 1)}", f"2C{self._kitap()}"
        if is_registered and biography.registers_marriage_at_office(self._religion):
            self._record(DocumentKind.MARRIAGE, "KW", day, husband, [husband, wife], self._wedding(husband, wife, day))

    def _kitap(self) -> str:
        return f"{self._random.randint(10**8, 10**9 - 1)}-X"

    def _wedding(self, husband: Resident, wife: Resident, day: date) -> dict[str, str]:
        return {
            "date": day.isoformat(),
            "place": self._district.name,
            "husband": husband.name,
            "husband_nik": husband.nik,
            "husband_father": husband.father,
            "husband_mother": husband.mother,
            "wife": wife.name,
            "wife_nik": wife.nik,
            "wife_father": wife.father,
            "wife_mother": wife.mother,
            "religion": self._religion,
            "officiant": names.name(self._random, False),
        }

    def _children(self, husband: Resident, wife: Resident, wedding: date, room: int, want: int) -> list[Resident]:
        """Those who still live with their parents, eldest first; ``room`` bounds them."""
        random = self._random
        children: list[Resident] = []
        birth = wedding + timedelta(days=random.randint(270, 1100))
        latest = min(years_after(wife.birth_date, _OLDEST_MOTHER), self._as_of - timedelta(days=20))
        for order in range(1, want + 1):
            if birth > latest or len(children) == room:
                break
            age = biography.age_on(birth, self._as_of)
            is_home = age < 19 or (age < 27 and random.random() < 0.6) or (age < 36 and random.random() < 0.2)
            if is_home:
                child = self._person(
                    birth,
                    random.choice((codes.MALE, codes.FEMALE)),
                    codes.CHILD,
                    father=husband.name,
                    mother=wife.name,
                )
                children.append(child)
                self._born(child, order, [husband, wife])
            is_twin = random.random() < 0.012
            birth += timedelta(days=0 if is_twin else random.randint(*_NEXT_CHILD_DAYS))
        return children

    def _born(self, child: Resident, order: int, parents: list[Resident]) -> None:
        is_late = self._random.random() < 0.2
        wait = self._random.randint(61, 900) if is_late else self._random.randint(3, 60)
        registered = min(child.birth_date + timedelta(days=wait), self._as_of)
        is_late = (registered - child.birth_date).days > 60
        details = {
            "date": child.birth_date.isoformat(),
            "place": child.birth_place,
            "order": str(order),
            "father": child.father,
            "mother": child.mother,
        }
        owners = [*parents, child] if child.age(self._as_of) >= 17 else parents
        self._record(DocumentKind.BIRTH, "LT" if is_late else "LU", registered, child, list(owners), details)

    def _couple_with_others(self, room: int) -> list[Resident]:
        random = self._random
        husband, wife, wedding = self._pair(22, 74)
        self._marry(husband, wife, wedding)
        family = [husband, wife]
        want = random.choices((0, 1, 2, 3, 4, 5, 6), (6, 20, 34, 22, 10, 5, 3))[0]
        family += self._children(husband, wife, wedding, room - 2, want)
        if room - len(family) > 0 and random.random() < 0.09 and husband.age(self._as_of) < 58:
            family.append(self._elder(random.choice((husband, wife))))
        if room - len(family) > 0 and random.random() < 0.03:
            relative = self._aged(15, 30, random.choice((codes.MALE, codes.FEMALE)), codes.RELATIVE)
            family.append(relative)
        if room - len(family) > 0 and random.random() < 0.02:
            helper = self._aged(19, 52, codes.FEMALE, codes.HELPER)
            helper.occupation = "23"
            family.append(helper)
        return family

    def _elder(self, of: Resident) -> Resident:
        """A widowed parent who lives with the couple; name and age fit the child's record."""
        sex = self._random.choice((codes.MALE, codes.FEMALE, codes.FEMALE))
        birth = years_after(of.birth_date, -self._random.randint(20, 36))
        relation = codes.PARENT if of.relation == codes.HEAD else codes.PARENT_IN_LAW
        elder = self._person(birth, sex, relation)
        elder.name = of.mother if sex == codes.FEMALE else of.father
        elder.marital = codes.WIDOWED
        return elder

    def _one_parent(self, room: int, marital: str) -> list[Resident]:
        """A widowed or divorced parent with the children that stayed."""
        random = self._random
        husband, wife, wedding = self._pair(24, 72, least_days=800)
        is_mother = random.random() < 0.7
        head, gone = (wife, husband) if is_mother else (husband, wife)
        head.relation = codes.HEAD
        want = random.choices((0, 1, 2, 3, 4), (14, 32, 32, 16, 6))[0]
        children = self._children(husband, wife, wedding, room - 1, want)
        first_day = max([wedding + timedelta(days=400), *(c.birth_date for c in children)])
        parting = day_between(random, first_day, self._as_of - timedelta(days=12))
        head.marital = marital
        for event in self._events:
            event.owners = [owner for owner in event.owners if owner is not gone]
        if marital == codes.WIDOWED:
            gone.died = parting
            self._record(DocumentKind.DEATH, "KM", self._soon(parting), gone, [head], self._death(gone, parting))
        elif marital == codes.DIVORCED:
            head.marital_date = parting
            if biography.registers_marriage_at_office(self._religion):
                details = self._divorce(husband, wife, wedding, parting)
                self._record(DocumentKind.DIVORCE, "CR", self._soon(parting), head, [head], details)
        return [head, *children]

    def _soon(self, day: date) -> date:
        return min(day + timedelta(days=self._random.randint(2, 40)), self._as_of)

    def _death(self, gone: Resident, day: date) -> dict[str, str]:
        return {
            "date": day.isoformat(),
            "place": self._district.name,
            "sex": gone.sex,
            "birth_place": gone.birth_place,
            "birth_date": gone.birth_date.isoformat(),
            "father": gone.father,
            "mother": gone.mother,
        }

    def _divorce(self, husband: Resident, wife: Resident, wedding: date, day: date) -> dict[str, str]:
        return {
            "date": day.isoformat(),
            "wedding": wedding.isoformat(),
            "place": self._district.name,
            "husband": husband.name,
            "husband_nik": husband.nik,
            "wife": wife.name,
            "wife_nik": wife.nik,
            "court": f"PENGADILAN NEGERI {regions.REGENCY}",
            "ruling": f"{self._random.randint(1, 480)}/Pdt.G/{day.year}/PN.CTR",
        }

    def _three_generations(self, size: int) -> list[Resident]:
        """Grandparents, a married child with spouse and children, and unmarried siblings: ``size`` people."""
        random = self._random
        while True:
            grandfather, grandmother, wedding = self._pair(56, 68)
            if (self._as_of - wedding).days > 32 * 365:
                break
        self._marry(grandfather, grandmother, wedding)
        son_birth = wedding + timedelta(days=random.randint(280, 900))
        son = self._person(son_birth, codes.MALE, codes.CHILD, father=grandfather.name, mother=grandmother.name)
        self._born(son, 1, [grandfather, grandmother])
        years = max(22, son.age(self._as_of) - random.randint(0, 5))
        his_wife = self._aged(years, years, codes.FEMALE, codes.IN_LAW_CHILD)
        both_of_age = max(years_after(p.birth_date, MARRYING_AGE) for p in (son, his_wife))
        their_day = day_between(random, both_of_age, both_of_age + timedelta(days=2 * 365))
        self._marry(son, his_wife, min(their_day, self._as_of - timedelta(days=120)))
        grandchildren = self._children(son, his_wife, their_day, max(1, (size - 4 + 1) // 2), 4)
        for grandchild in grandchildren:
            grandchild.relation = codes.GRANDCHILD
        family = [grandfather, grandmother, son, his_wife, *grandchildren]
        birth = son_birth
        while len(family) < size:
            birth += timedelta(days=random.randint(330, 520))
            if birth > years_after(grandmother.birth_date, _OLDEST_MOTHER):
                family.append(self._aged(15, 30, random.choice((codes.MALE, codes.FEMALE)), codes.RELATIVE))
                continue
            sibling = self._person(
                birth,
                random.choice((codes.MALE, codes.FEMALE)),
                codes.CHILD,
                father=grandfather.name,
                mother=grandmother.name,
            )
            family.insert(3 if len(family) < 6 else 4, sibling)
        return sorted(family, key=lambda p: (_ORDER.index(p.relation), p.birth_date))

    # --- the household ---------------------------------------------------------------------------------------------

    def _record(
        self,
        kind: DocumentKind,
        series: str,
        day: date,
        subject: Resident,
        owners: list[Resident],
        details: dict[str, str],
    ) -> None:
        number = self._numbering.certificate(regions.REGENCY_CODE, series, day)
        self._events.append(LifeEvent(kind, number, day, subject, owners, details))

    def _settle(self, members: list[Resident]) -> Household:
        random = self._random
        village, postal_code = random.choice(self._district.villages)
        formed = max(date(2005, 1, 1), members[0].marital_date or years_after(members[0].birth_date, MARRYING_AGE))
        recorded = day_between(random, formed, min(formed + timedelta(days=1500), self._as_of))
        last_change = max(
            [recorded]
            + [m.birth_date for m in members]
            + [m.marital_date for m in members if m.marital_date]
            + [event.registered for event in self._events]
        )
        return Household(
            no_kk=self._numbering.no_kk(self._district.code, recorded),
            district=self._district,
            village=village,
            postal_code=postal_code,
            street=f"{random.choice(regions.STREETS)} NO. {random.randint(1, 148)}",
            rt=f"{random.randint(1, 12):03d}",
            rw=f"{random.randint(1, 9):03d}",
            issued=day_between(random, last_change, self._as_of),
            members=members,
            events=self._events,
        )


_ORDER = (
    codes.HEAD, codes.HUSBAND, codes.WIFE, codes.CHILD, codes.IN_LAW_CHILD, codes.GRANDCHILD, codes.PARENT,
    codes.PARENT_IN_LAW, codes.RELATIVE, codes.HELPER,
)  # fmt: skip
