"""The invented population obeys the registry's rules, whatever the seed."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.api import DocumentKind
from kiosk.office import biography, codes
from kiosk.office.names import LONGEST
from kiosk.office.population import generate
from kiosk.office.records import AS_OF, MARRYING_AGE, Household, Resident, years_after

seeds = st.integers(min_value=0, max_value=10**6)
sizes = st.integers(min_value=1, max_value=300)
few = settings(max_examples=25, deadline=None)


def residents(households: list[Household]) -> list[Resident]:
    return [member for household in households for member in household.members]


@few
@given(sizes, seeds)
def test_population_has_exactly_as_many_people_as_asked(people: int, seed: int) -> None:
    assert len(residents(generate(people, seed))) == people


@few
@given(seeds)
def test_nik_tells_region_birth_and_sex_and_is_given_once(seed: int) -> None:
    people = residents(generate(200, seed))
    assert len({one.nik for one in people}) == len(people)
    for one in people:
        assert len(one.nik) == 16
        assert one.nik.startswith("99")
        assert one.nik[2:4] != "00"
        assert one.nik[4:6] != "00"
        day = int(one.nik[6:8])
        assert day == one.birth_date.day + (40 if one.is_female else 0)
        assert one.nik[8:12] == f"{one.birth_date:%m%y}"
        assert one.nik[12:] != "0000"


@few
@given(seeds)
def test_nik_serials_count_up_from_one(seed: int) -> None:
    serials: dict[str, list[int]] = {}
    for household in generate(250, seed):
        for event in household.events:
            serials.setdefault(event.subject.nik[:12], []).append(int(event.subject.nik[12:]))
        for one in household.members:
            serials.setdefault(one.nik[:12], []).append(int(one.nik[12:]))
    assert all(min(found) >= 1 and max(found) <= len(set(found)) + 3 for found in serials.values())


@few
@given(seeds)
def test_family_card_number_holds_a_day_on_which_the_family_could_be_recorded(seed: int) -> None:
    households = generate(200, seed)
    assert len({h.no_kk for h in households}) == len(households)
    for household in households:
        number = household.no_kk
        recorded = date(2000 + int(number[10:12]), int(number[8:10]), int(number[6:8]))
        assert number[:6] == household.district.code
        assert date(2005, 1, 1) <= recorded <= household.issued <= AS_OF


@few
@given(seeds)
def test_each_family_has_one_head_who_stands_first(seed: int) -> None:
    for household in generate(200, seed):
        assert [m.relation for m in household.members].count(codes.HEAD) == 1
        assert household.head.relation == codes.HEAD
        assert len(household.keepers) <= 2


@few
@given(seeds)
def test_married_people_were_of_age_and_share_their_wedding(seed: int) -> None:
    for household in generate(250, seed):
        for one in household.members:
            if one.marital_date:
                assert years_after(one.birth_date, MARRYING_AGE) <= one.marital_date <= AS_OF
            if one.marital in (codes.SINGLE, codes.WIDOWED, codes.MARRIED_UNREGISTERED):
                assert one.marital_date is None
        wives = [m for m in household.members if m.relation == codes.WIFE]
        for wife in wives:
            assert wife.is_female
            assert not household.head.is_female
            assert (wife.marital, wife.marital_date) == (household.head.marital, household.head.marital_date)
            assert wife.marital in (codes.MARRIED, codes.MARRIED_UNREGISTERED)


@few
@given(seeds)
def test_children_bear_their_parents_names_and_fit_their_ages(seed: int) -> None:
    for household in generate(250, seed):
        named = {m.name: m for m in household.members}
        for one in household.members:
            if one.relation not in (codes.CHILD, codes.GRANDCHILD):
                continue
            mother, father = named.get(one.mother), named.get(one.father)
            assert mother or father, "somebody who brought them up lives here"
            if mother:
                assert 19 <= biography.age_on(mother.birth_date, one.birth_date) <= 45
            if father:
                assert biography.age_on(father.birth_date, one.birth_date) >= 19
            if mother and mother.marital_date and mother.marital == codes.MARRIED:
                assert mother.marital_date < one.birth_date


@few
@given(seeds)
def test_elders_are_older_than_those_who_call_them_parents(seed: int) -> None:
    for household in generate(300, seed):
        for elder in household.members:
            if elder.relation in (codes.PARENT, codes.PARENT_IN_LAW):
                child = household.head if elder.relation == codes.PARENT else household.keepers[1]
                assert elder.name in (child.father, child.mother)
                assert biography.age_on(elder.birth_date, child.birth_date) >= 19


@few
@given(seeds)
def test_schooling_and_work_fit_the_age(seed: int) -> None:
    for one in residents(generate(250, seed)):
        age = one.age()
        assert 0 <= age <= 115
        if age < 6:
            assert one.education == "1"
            assert one.occupation == "1"
        elif age < 18:
            assert one.occupation == "3"
            assert int(one.education) <= 4
        if one.occupation == "4":
            assert age > 55
        if one.occupation in ("6", "7"):
            assert 18 <= age <= 58
        if one.education == "8":
            assert age >= 22
        assert one.education in codes.lists()["education"]
        assert one.occupation in codes.lists()["occupation"]


@few
@given(seeds)
def test_names_are_two_words_or_more_and_fit_a_document(seed: int) -> None:
    for one in residents(generate(200, seed)):
        for name in (one.name, one.father, one.mother):
            assert len(name.split()) >= 2
            assert len(name) <= LONGEST
            assert name == name.upper()


@few
@given(seeds)
def test_certificates_tell_what_happened_before_they_were_registered(seed: int) -> None:
    numbers: Counter[str] = Counter()
    for household in generate(250, seed):
        for event in household.events:
            numbers[event.number] += 1
            happened = date.fromisoformat(event.details["date"])
            assert happened <= event.registered <= AS_OF
            assert event.number.split("-")[:1] == ["9901"]
            assert event.number.split("-")[2] == f"{event.registered:%d%m%Y}"
            if event.kind is DocumentKind.BIRTH:
                is_late = event.registered - happened > timedelta(days=60)
                assert event.number.split("-")[1] == ("LT" if is_late else "LU")
            if event.kind in (DocumentKind.MARRIAGE, DocumentKind.DIVORCE):
                assert event.subject.religion != codes.ISLAM
            if event.kind is DocumentKind.DEATH:
                assert event.subject not in household.members
                assert event.subject.died == happened
    assert max(numbers.values(), default=1) == 1


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    first, again, other = generate(150, 3), generate(150, 3), generate(150, 4)
    assert [m.nik + m.name for m in residents(first)] == [m.nik + m.name for m in residents(again)]
    assert [m.nik + m.name for m in residents(first)] != [m.nik + m.name for m in residents(other)]


def test_five_thousand_people_show_all_marital_states_and_three_generations() -> None:
    households = generate(5000, 7)
    people = residents(households)
    assert {one.marital for one in people} == set(codes.lists()["marital_status"])
    assert {codes.GRANDCHILD, codes.PARENT, codes.PARENT_IN_LAW, codes.RELATIVE, codes.HELPER} <= {
        one.relation for one in people
    }
    assert max(len(h.members) for h in households) > 10
    assert {event.kind for h in households for event in h.events} == set(DocumentKind) - {
        DocumentKind.KK,
        DocumentKind.KTP_EL,
    }
    assert any(one.nationality == "2" and one.passport and one.kitap for one in people)
    assert max(len(one.name) for one in people) > 45


@pytest.mark.parametrize("leap", [date(2004, 2, 29), date(2000, 2, 29)])
def test_years_after_a_leap_day_exist(leap: date) -> None:
    assert years_after(leap, 19) == date(leap.year + 19, 2, 28)
    assert years_after(leap, 4) == date(leap.year + 4, 2, 29)
