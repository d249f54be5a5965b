"""The technician's pages of unknown prints: a list, a question with three answers, and what follows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import protocol as p
from kiosk.core.pages_staff import staff
from kiosk.core.situation import StaffStage, StaffView
from kiosk.core.staff_prints import Reconciliation
from kiosk.errors import ErrorCode, StoreError
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.prints import Finding, PrinterName
from tests.core.stand import situation
from tests.core.test_staff_door import Door
from tests.store.test_reconcile import ENDS, KEY, NOW, unknown


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "kiosk.db", KEY).store
    yield store
    store.close()


class Bench:
    def __init__(self, store: Store, count: int) -> None:
        self.names = [unknown(store, number) for number in range(count)]
        self.journal = Journal(store)
        self.woken = 0
        self.door = Door(prints=Reconciliation(self.journal, self._wake)).act("staff").enter()

    def _wake(self) -> None:
        self.woken += 1

    @property
    def view(self) -> StaffView:
        view = self.door.door.view()
        assert view is not None
        return view

    @property
    def page(self) -> p.Page:
        return staff(situation(), self.view)

    def tiles(self) -> list[p.Tile]:
        assert isinstance(self.page.body, p.MenuBody)
        return self.page.body.tiles

    def acts(self) -> list[str]:
        return [tile.action for tile in self.tiles()]

    def press(self, *actions: str) -> "Bench":
        for action in actions:
            self.door.act(action)
        return self


def _on_printer(page: p.Page) -> list[p.Action]:
    assert isinstance(page.body, p.TechnicianBody)
    return [test for row in page.body.devices for test in row.tests if test.id == "staff:prints"]


def test_the_printer_says_how_many_wait_and_nothing_when_none_does(store: Store) -> None:
    assert _on_printer(Bench(store, 0).page) == []
    bench = Bench(store, 2)
    (action,) = _on_printer(bench.page)
    assert action.label == "Cetakan belum pasti: 2"
    assert bench.view.unknown == {PrinterName.A4: 2}


@pytest.mark.parametrize("finding", Finding)
def test_an_answer_settles_one_and_the_list_goes_on(store: Store, finding: Finding) -> None:
    bench = Bench(store, 2).press("staff:prints")
    assert bench.page.name == "prints"
    assert bench.acts() == [f"prints:open:{name}" for name in bench.names]
    bench.press(f"prints:open:{bench.names[1]}")
    assert bench.page.name == "print-found"
    assert [tile.title for tile in bench.tiles()] == ["Keluar utuh", "Tidak keluar", "Keluar, tetapi rusak"]
    assert bench.names[1][-6:].upper() in bench.page.lead
    bench.press(f"prints:{finding}")
    assert bench.page.name == "print-sure"
    assert bench.names[1][-6:].upper() in bench.page.lead
    assert isinstance(bench.page.body, p.OutcomeBody)
    assert bench.page.body.lines[0] == bench.door.door.texts(f"prints.means-{finding}")
    assert len(bench.journal.unknown_prints()) == 2, "nothing is noted before it is sure"
    bench.press("prints:sure")
    verdict = bench.journal.record(bench.names[1]).verdict
    assert verdict is not None
    assert (verdict.end, verdict.pages_out, verdict.reason) == (*ENDS[finding], finding.value)
    assert bench.woken == 1
    assert bench.acts() == [f"prints:open:{bench.names[0]}"]
    assert isinstance(bench.page.body, p.MenuBody)
    assert bench.page.body.note == bench.door.door.texts(f"prints.noted-{finding}")
    bench.press(f"prints:open:{bench.names[0]}", f"prints:{finding}", "prints:sure")
    assert bench.tiles() == []
    assert bench.page.title == "Semua cetakan sudah jelas"
    assert bench.press("staff:back").page.name == "technician"


def test_back_from_the_question_is_the_list_and_nothing_was_noted(store: Store) -> None:
    bench = Bench(store, 1)
    bench.press("staff:prints", f"prints:open:{bench.names[0]}")
    assert bench.page.back is not None
    bench.press(bench.page.back.id)
    assert bench.page.name == "prints"
    assert len(bench.journal.unknown_prints()) == 1


def test_who_is_not_sure_chooses_again_and_nothing_was_noted(store: Store) -> None:
    bench = Bench(store, 1).press("staff:prints")
    bench.press(f"prints:open:{bench.names[0]}", "prints:came-out")
    page = bench.page
    assert page.title == "Anda menyatakan: keluar utuh"
    assert page.second is not None
    assert page.main is not None
    bench.press(page.second.id)
    assert bench.page.name == "print-found"
    bench.press("prints:sure")
    assert bench.page.name == "print-found", "there is nothing to be sure of"
    bench.press("prints:damaged", "prints:not-out", page.main.id)
    verdict = bench.journal.record(bench.names[0]).verdict
    assert verdict is not None
    assert verdict.reason == "damaged", "what stood on the page, not what a second touch said"


def test_an_answer_without_a_question_is_nothing(store: Store) -> None:
    bench = Bench(store, 1).press("prints:came-out", "staff:prints", "prints:came-out", "prints:open:p-none")
    bench.press("prints:came-out", "prints:perhaps", "prints:sure")
    assert len(bench.journal.unknown_prints()) == 1
    assert bench.woken == 0


def test_a_print_that_was_answered_meanwhile_is_not_answered_again(store: Store) -> None:
    bench = Bench(store, 1)
    bench.press("staff:prints", f"prints:open:{bench.names[0]}")
    bench.journal.found(bench.names[0], Finding.CAME_OUT, "command-line", NOW)
    bench.press("prints:not-out", "prints:sure")
    verdict = bench.journal.record(bench.names[0]).verdict
    assert verdict is not None
    assert verdict.reason == "came-out"
    assert bench.tiles() == []


def test_six_are_shown_and_the_rest_counted(store: Store) -> None:
    bench = Bench(store, 8).press("staff:prints")
    assert isinstance(bench.page.body, p.MenuBody)
    assert bench.acts() == [f"prints:open:{name}" for name in bench.names[:6]]
    assert bench.page.body.note == "Masih ada 2 lagi."


def test_a_store_that_refuses_says_so_instead_of_the_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(store, 1).press("staff:prints", "prints:list")
    bench.press(f"prints:open:{bench.names[0]}")

    def refuse(*_: Any, **__: Any) -> None:
        raise StoreError(ErrorCode.STORE_FULL)

    monkeypatch.setattr(Journal, "found", refuse)
    bench.press("prints:came-out", "prints:sure")
    assert bench.view.stage is StaffStage.HOME
    assert "STO-02" in bench.view.result
    monkeypatch.setattr(Journal, "unknown_prints", refuse)
    assert bench.view.unknown == {}
