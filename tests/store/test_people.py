"""People as HMACs, and how many wrong proofs this kiosk bears: over restarts, over clocks that are set back."""

from pathlib import Path

from sqlalchemy import select

from kiosk.store.database import Store, open_store
from kiosk.store.people import LOCK_S, QUIET_S, TRIES, People
from kiosk.store.schema import state

KEY = "5a" * 32
CLAIM = "nik:9901010101900001"


def test_a_claim_is_one_word_here_and_another_in_another_store(store: Store, tmp_path: Path) -> None:
    people = People(store)
    word = people.subject(CLAIM)
    assert len(word) == 32
    assert people.subject(CLAIM) == word == People(store).subject(CLAIM)
    assert people.subject("nik:9901010101900002") != word
    other = open_store(tmp_path / "other.db", KEY).store
    try:
        assert People(other).subject(CLAIM) != word
    finally:
        other.close()


def test_the_fifth_wrong_answer_locks_and_a_restart_does_not_unlock(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    for number in range(1, TRIES + 1):
        store = open_store(path, KEY).store
        assert People(store).locked_for(CLAIM, 1000.0) == 0
        wait = People(store).went_wrong(CLAIM, 1000.0)
        assert (wait > 0) is (number == TRIES)
        store.close()
    store = open_store(path, KEY).store
    try:
        assert People(store).locked_for(CLAIM, 1010.0) == LOCK_S - 10
        assert People(store).locked_for("nik:9901010101900002", 1010.0) == 0
        assert People(store).locked_for(CLAIM, 1000.0 + LOCK_S) == 0
    finally:
        store.close()


def test_the_offices_lock_is_held_here_and_a_right_answer_ends_it(store: Store) -> None:
    people = People(store)
    people.lock(CLAIM, 900, 1000.0)
    people.lock(CLAIM + "0", 900, 1000.0)
    assert people.locked_for(CLAIM, 1400.0) == 500
    people.forgive(CLAIM)
    assert people.locked_for(CLAIM, 1400.0) == 0
    assert people.locked_for(CLAIM + "0", 1400.0) == 500, "nobody else is forgiven"


def test_a_clock_that_was_set_back_locks_nobody_out_for_years(store: Store) -> None:
    people = People(store)
    people.lock(CLAIM, 900, 2_000_000_000.0)
    assert people.locked_for(CLAIM, 1_000_000_000.0) == 900
    people.lock(CLAIM, 10**9, 1000.0)
    assert people.locked_for(CLAIM, 1000.0) == 86_400


def test_old_mistakes_do_not_add_up(store: Store) -> None:
    people = People(store)
    for number in range(20):
        assert people.went_wrong(CLAIM, 1000.0 + number * (LOCK_S + 1)) == 0


def _locked(people: People, now: float, *, is_growing: bool = True) -> float:
    return [people.went_wrong(CLAIM, now, is_growing=is_growing) for _ in range(TRIES)][-1]


def test_locks_in_a_row_grow_over_restarts_and_sweeps_and_fall_back_after_quiet_days(tmp_path: Path) -> None:
    path, now, seen = tmp_path / "kiosk.db", 1000.0, []
    for _ in range(4):
        store = open_store(path, KEY).store
        people = People(store)
        seen.append(_locked(people, now))
        assert people.locked_for(CLAIM, now + seen[-1] - 1) == 1
        now += seen[-1] + 1
        assert people.sweep(now) == 0
        store.close()
    assert seen == [LOCK_S, 3_600, 86_400, 86_400]
    store = open_store(path, KEY).store
    people = People(store)
    assert people.sweep(now + QUIET_S) == 1
    assert _locked(people, now) == LOCK_S
    people.forgive(CLAIM)
    assert [_locked(people, now, is_growing=False) for _ in range(3)] == [LOCK_S] * 3
    store.close()


def test_a_lock_of_the_office_is_none_of_the_kiosks_own(store: Store) -> None:
    people = People(store)
    for number in range(3):
        people.lock(CLAIM, 900, 1000.0 + number * 1000)
    assert _locked(people, 4000.0) == LOCK_S
    people.lock(CLAIM, 900, 6000.0)
    assert _locked(people, 7000.0) == 3_600, "nor does it wash one away"


def test_nothing_of_the_claim_is_written_and_what_is_over_goes(store: Store) -> None:
    people = People(store)
    people.went_wrong(CLAIM, 1000.0)
    people.lock("card:04aabbccddeeff", 900, 1000.0)
    with store.transaction() as connection:
        text = "\n".join(f"{row.key} {row.value}" for row in connection.execute(select(state)))
    assert "9901010101900001" not in text
    assert "04aabbcc" not in text
    assert people.sweep(1500.0) == 0
    assert people.sweep(1000.0 + LOCK_S + 1) == 2
