from kiosk.store.database import Store
from kiosk.store.outbox import OutboxRow, OutboxStore


def add(rows: OutboxStore, subject: str, key: str, at: float = 100.0) -> None:
    rows.add(kind="survey", subject=subject, key=key, body=b"{}", at=at)


def keys(rows: list[OutboxRow]) -> list[str]:
    return [row.key for row in rows]


def test_one_row_of_each_subject_may_go(store: Store) -> None:
    rows = OutboxStore(store)
    for subject, key in (("a", "a1"), ("b", "b1"), ("a", "a2"), ("c", "c1"), ("b", "b2")):
        add(rows, subject, key)
    assert keys(rows.heads()) == ["a1", "b1", "c1"]
    rows.delivered(rows.heads()[0])
    assert keys(rows.heads()) == ["b1", "a2", "c1"]
    assert rows.size() == 4


def test_the_same_key_twice_is_one_message(store: Store) -> None:
    rows = OutboxStore(store)
    add(rows, "a", "same")
    add(rows, "b", "same")
    assert rows.size() == 1
    assert rows.heads()[0].subject == "a"


def test_an_attempt_in_vain_is_counted(store: Store) -> None:
    rows = OutboxStore(store)
    add(rows, "a", "a1")
    rows.postpone(rows.heads()[0], 150.0, was_refused=False)
    rows.postpone(rows.heads()[0], 160.0, was_refused=True)
    (row,) = rows.heads()
    assert (row.attempts, row.refusals, row.next_at, row.created_at) == (2, 1, 160.0, 100.0)


def test_what_is_set_aside_lets_the_next_pass_and_is_never_lost(store: Store) -> None:
    rows = OutboxStore(store)
    add(rows, "a", "poison")
    add(rows, "a", "next")
    rows.set_aside(rows.heads()[0], 120.0)
    assert keys(rows.heads()) == ["next"]
    assert rows.size() == 1
    (poison,) = rows.set_aside_rows()
    assert (poison.key, poison.set_aside_at) == ("poison", 120.0)
    rows.take_back(poison, 130.0)
    assert keys(rows.heads()) == ["poison"]
    assert rows.heads()[0].refusals == 0


def test_the_office_is_back(store: Store) -> None:
    rows = OutboxStore(store)
    add(rows, "a", "a1")
    add(rows, "b", "b1")
    rows.set_aside(rows.heads()[1], 110.0)
    rows.postpone(rows.heads()[0], 900.0, was_refused=False)
    rows.make_due(130.0)
    assert rows.heads()[0].next_at == 130.0
    assert rows.set_aside_rows()[0].next_at == 100.0


def test_a_body_never_shows_itself(store: Store) -> None:
    rows = OutboxStore(store)
    rows.add(kind="survey", subject="a", key="k", body=b"CANARY", at=1.0)
    assert "CANARY" not in repr(rows.heads()[0])
