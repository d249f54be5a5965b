"""A folder of flows in force: as a whole, or not at all."""

import os
from pathlib import Path

import pytest

from kiosk.flows.catalogue import FlowFolder
from kiosk.flows.problems import Rule

from .example import TEXT, spoiled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "contoh.yaml").write_text(TEXT)
    return tmp_path


def _write(path: Path, text: str, at_ns: int) -> None:
    """Write with a time of its own, as edits that are seconds apart have."""
    path.write_text(text)
    os.utime(path, ns=(at_ns, at_ns))


def test_first_poll_takes_the_folder(folder: Path) -> None:
    flows = FlowFolder(folder)
    assert flows.flows == {}
    change = flows.poll()
    assert change is not None
    assert change.is_accepted
    assert list(flows.flows) == ["contoh"]
    assert len(flows.digest) == 64
    assert flows.poll() is None


def test_touch_without_a_change_is_no_change(folder: Path) -> None:
    flows = FlowFolder(folder)
    flows.poll()
    _write(folder / "contoh.yaml", TEXT, 10**18)
    assert flows.poll() is None


def test_change_is_taken_as_a_whole(folder: Path) -> None:
    flows = FlowFolder(folder)
    flows.poll()
    old = flows.digest
    _write(folder / "contoh.yaml", spoiled(("en: Example", "en: Changed")), 10**18)
    _write(folder / "lain.yaml", spoiled(("id: contoh", "id: lain")), 10**18)
    change = flows.poll()
    assert change is not None
    assert list(change.flows) == ["contoh", "lain"]
    assert flows.flows["contoh"].title["en"] == "Changed"
    assert flows.digest != old


def test_same_size_and_other_content_is_seen(folder: Path) -> None:
    flows = FlowFolder(folder)
    flows.poll()
    _write(folder / "contoh.yaml", spoiled(("en: Example", "en: Exmaple")), 10**18)
    assert flows.poll() is not None
    assert flows.flows["contoh"].title["en"] == "Exmaple"


def test_broken_set_is_refused_whole_and_the_old_goes_on(folder: Path) -> None:
    flows = FlowFolder(folder)
    flows.poll()
    before, digest = flows.flows, flows.digest
    _write(folder / "contoh.yaml", spoiled(("en: Example", "en: Changed")), 10**18)
    _write(folder / "lain.yaml", spoiled(("id: contoh", "id: lain"), ("then: done", "then: dnoe")), 10**18)
    change = flows.poll()
    assert change is not None
    assert not change.is_accepted
    assert [problem.rule for problem in change.problems] == [Rule.TARGET]
    assert change.flows is before
    assert (flows.flows, flows.digest) == (before, digest)
    assert flows.problems == change.problems
    assert flows.poll() is None, "the same mistake is told once"
    _write(folder / "lain.yaml", spoiled(("id: contoh", "id: lain")), 2 * 10**18)
    change = flows.poll()
    assert change is not None
    assert change.is_accepted
    assert flows.problems == ()
    assert list(flows.flows) == ["contoh", "lain"]


def test_mended_back_to_what_is_in_force(folder: Path) -> None:
    flows = FlowFolder(folder)
    flows.poll()
    digest = flows.digest
    _write(folder / "contoh.yaml", "x", 10**18)
    flows.poll()
    _write(folder / "contoh.yaml", TEXT, 2 * 10**18)
    change = flows.poll()
    assert change is not None
    assert change.is_accepted
    assert (flows.problems, flows.digest) == ((), digest)


def test_file_taken_away(folder: Path) -> None:
    (folder / "lain.yaml").write_text(spoiled(("id: contoh", "id: lain")))
    flows = FlowFolder(folder)
    flows.poll()
    (folder / "contoh.yaml").unlink()
    flows.poll()
    assert list(flows.flows) == ["lain"]


def test_folder_taken_away_keeps_what_is_in_force(folder: Path) -> None:
    flows = FlowFolder(folder)
    flows.poll()
    (folder / "contoh.yaml").unlink()
    change = flows.poll()
    assert change is not None
    assert not change.is_accepted
    assert list(flows.flows) == ["contoh"]


def test_profile_of_the_kiosk_counts(folder: Path) -> None:
    change = FlowFolder(folder, devices={"card-reader"}).poll()
    assert change is not None
    assert [problem.rule for problem in change.problems] == [Rule.DEVICE]
    change = FlowFolder(folder, languages=("id", "en", "su")).poll()
    assert change is not None
    assert {problem.rule for problem in change.problems} == {Rule.TEXT}


def test_a_city_s_folder_may_hold_what_this_kiosk_does_not_offer(folder: Path) -> None:
    (folder / "lain.yaml").write_text(
        spoiled(("id: contoh", "id: lain"), ("[document-printer]", "[document-printer, scanner]"))
    )
    offers = FlowFolder(folder, devices={"document-printer"}, services=["contoh"]).poll()
    assert offers is not None
    assert offers.is_accepted
    assert list(offers.flows) == ["contoh", "lain"]
    lacks = FlowFolder(folder, devices={"document-printer"}, services=["contoh", "lain"]).poll()
    assert lacks is not None
    assert [(Path(problem.path).stem, problem.rule) for problem in lacks.problems] == [("lain", Rule.DEVICE)]


def test_regions_reach_the_nik_page(folder: Path) -> None:
    change = FlowFolder(folder, regions=["99"]).poll()
    assert change is not None
    assert "99" in change.flows["contoh"].provinces
    assert "31" in change.flows["contoh"].provinces
    plain = FlowFolder(folder).poll()
    assert plain is not None
    assert "99" not in plain.flows["contoh"].provinces


def test_file_that_is_still_being_written_is_left_for_the_next_poll(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.flows import catalogue

    flows = FlowFolder(folder)
    flows.poll()
    _write(folder / "contoh.yaml", "half", 10**18)
    real = catalogue.check

    def slow(*arguments: object, **options: object) -> object:
        result = real(*arguments, **options)  # type: ignore[arg-type]
        _write(folder / "contoh.yaml", spoiled(("en: Example", "en: Whole")), 2 * 10**18)
        return result

    monkeypatch.setattr(catalogue, "check", slow)
    assert flows.poll() is None
    assert flows.problems == ()
    monkeypatch.setattr(catalogue, "check", real)
    assert flows.poll() is not None
    assert flows.flows["contoh"].title["en"] == "Whole"
