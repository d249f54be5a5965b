"""The loader: scalars stay what was typed, and nothing dangerous is ever composed."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.flows.check import check, check_document
from kiosk.flows.loader import MAX_BYTES, parse, read
from kiosk.flows.model import Plain
from kiosk.flows.problems import Rule

from .example import NAME, TEXT, checked, spoiled


@pytest.mark.parametrize(
    "scalar",
    ["010", "no", "on", "0812", "9901010101010001", "2024-01-02", "1e3", "0x1F", "~", "null", "1_000", "12:30"],
)
def test_scalars_stay_as_typed(scalar: str) -> None:
    document = parse(f"a: {scalar}\nb: '{scalar}'\n", NAME)
    assert document.data == {"a": scalar, "b": scalar}
    assert isinstance(document.data["a"], Plain)
    assert not isinstance(document.data["b"], Plain)


def test_every_node_knows_its_place() -> None:
    document = parse("a:\n  b: [x, y]\n", NAME)
    place = document.places["a", "b", 1]
    assert (place.line, place.column) == (2, 10)
    place = document.places["a", "b"]
    assert (place.key_line, place.key_column, place.line, place.column) == (2, 3, 2, 6)


def test_numbers_and_truth_only_where_they_are_wanted() -> None:
    flow, problems = checked(
        spoiled(
            ("    what: person", "    what: person\n    limit_s: 30"),
            ("proofs: [card, nik]", "proofs: [card, nik]\n    offer_bind: true"),
            ("title: {id: Contoh, en: Example}", "title: {id: true, en: 010}"),
        )
    )
    assert problems == ()
    assert flow is not None
    assert flow.steps["person"].limit_s == 30.0
    assert flow.steps["identify"].offer_bind is True  # type: ignore[union-attr]
    assert flow.title == {"id": "true", "en": "010"}


def test_alias_bomb_is_refused_before_it_is_composed() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9) if n else 'x'}]" for n in range(12)]
    began = time.process_time()
    document = parse("\n".join(levels), NAME)
    assert time.process_time() - began < 1
    assert document.data is None
    assert document.problems[0].key == "yaml.anchor"


def test_deep_nesting_is_refused_and_not_recursed_into() -> None:
    document = parse("a: " + "[" * 100_000 + "]" * 100_000, NAME)
    assert [problem.key for problem in document.problems] == ["yaml.deep"]


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "kosong.yaml"
    path.write_text("# nothing\n")
    flows, problems = check(path)
    assert flows == {}
    assert [problem.render("en") for problem in problems] == [f"{path}:1:1: the file is empty   [flow-yaml]"]
    assert problems[0].message("id") == "berkas ini kosong"


def test_too_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "besar.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    (problem,) = read(path).problems
    assert problem.message("en") == "the file is larger than 256 KiB"
    assert problem.message("id") == "berkas lebih besar dari 256 KiB"


def test_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "contoh.yaml"
    path.write_text(TEXT + "#" * (MAX_BYTES - len(TEXT.encode())))
    assert check(path)[1] == ()


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"format: 1\nid: caf\xe9\n")
    (problem,) = read(path).problems
    assert problem.render("en") == f"{path}:2:1: the text is not UTF-8; save the file as UTF-8   [flow-file]"
    assert problem.message("id") == "teksnya bukan UTF-8; simpan berkas ini sebagai UTF-8"


def test_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "contoh.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert check(path)[1] == ()


def test_windows_line_ends_are_no_problem() -> None:
    _, problems = checked(spoiled(("then: done", "then: dnoe")).replace("\n", "\r\n"))
    assert [(problem.line, problem.column, problem.rule) for problem in problems] == [(78, 11, Rule.TARGET)]


def test_unreadable_file(tmp_path: Path) -> None:
    (problem,) = read(tmp_path / "tidak-ada.yaml").problems
    assert problem.message("en") == "the file cannot be read: No such file or directory"
    assert problem.message("id") == "berkas tidak dapat dibaca: No such file or directory"


def test_folder_without_flows(tmp_path: Path) -> None:
    (tmp_path / "catatan.txt").write_text("x")
    flows, (problem,) = check(tmp_path)
    assert flows == {}
    assert problem.render("en") == f"{tmp_path}:1:1: there is no flow file (*.yaml) here   [flow-file]"
    assert problem.message("id") == "tidak ada berkas layanan (*.yaml) di sini"


def test_folder_with_too_many_flows(tmp_path: Path) -> None:
    for number in range(201):
        (tmp_path / f"f{number}.yaml").touch()
    _, (problem,) = check(tmp_path)
    assert problem.message("en") == "more than 200 flow files"
    assert problem.message("id") == "lebih dari 200 berkas layanan"


def test_one_bad_file_keeps_all_flows_out(tmp_path: Path) -> None:
    (tmp_path / "contoh.yaml").write_text(TEXT)
    (tmp_path / "lain.yaml").write_text(spoiled(("id: contoh", "id: lain"), ("then: done", "then: dnoe")))
    flows, problems = check(tmp_path)
    assert flows == {}
    assert [Path(problem.path).name for problem in problems] == ["lain.yaml"]


@pytest.mark.parametrize("text", ["[]", "x", "{}", "steps: []", "steps: {a: }", "standard: x", "? {a: b}\n: c", "- a"])
def test_strange_documents_are_problems_and_no_crash(text: str) -> None:
    flow, problems = check_document(parse(text, NAME))
    assert flow is None
    assert problems


_LINES = TEXT.splitlines()
_CUTS = ("drop", "twice", "dedent", "swap")


@settings(max_examples=250, deadline=None)
@given(
    cuts=st.lists(st.tuples(st.integers(0, len(_LINES) - 1), st.sampled_from(_CUTS)), max_size=6),
    word=st.text(max_size=8),
    at=st.integers(0, len(TEXT)),
)
def test_no_file_brings_the_checker_down(cuts: list[tuple[int, str]], word: str, at: int) -> None:
    changed = list(_LINES)
    for index, how in cuts:
        index %= len(changed)
        if how == "drop" and len(changed) > 1:
            del changed[index]
        elif how == "twice":
            changed.insert(index, changed[index])
        elif how == "dedent":
            changed[index] = changed[index][2:]
        else:
            changed[index], changed[-1] = changed[-1], changed[index]
    text = "\n".join(changed)
    flow, problems = check_document(parse(text[:at] + word + text[at:], NAME))
    assert (flow is None) == bool(problems)
    for problem in problems:
        assert problem.render("id").startswith(f"{NAME}:{problem.line}:{problem.column}: ")
        assert problem.line >= 1
        assert problem.column >= 1
