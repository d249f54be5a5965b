"""Every message of the checker, word for word, in both languages."""

from pathlib import Path

import pytest

from kiosk.flows.problems import Rule
from kiosk.texts import keys

from .example import TEXT, checked, lines, spoiled
from .spoilings import SPOILINGS

HERE = Path(__file__).parent

_ELSEWHERE = {
    "flows.shape.other",  # the last resort: no value of the example reaches it
    "flows.file.unreadable",
    "flows.file.too-large",
    "flows.file.not-utf8",
    "flows.file.none",
    "flows.file.many",
    "flows.yaml.empty",
    "flows.device.absent",
}
"""Messages that another test asserts, since they are not about the text of one file."""


def _expected(language: str) -> dict[str, list[str]]:
    expected: dict[str, list[str]] = {}
    name = ""
    for line in (HERE / f"messages.{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            name = line[3:]
            expected[name] = []
        else:
            expected[name].append(line)
    return expected


ENGLISH, INDONESIAN = _expected("en"), _expected("id")


def test_the_example_itself_is_right() -> None:
    flow, problems = checked(TEXT)
    assert problems == ()
    assert flow is not None
    assert flow.first == "identify"


@pytest.mark.parametrize(("name", "changes"), SPOILINGS, ids=[name for name, _ in SPOILINGS])
def test_spoiled_flow_is_told_word_for_word(name: str, changes: list[tuple[str, str]]) -> None:
    text = spoiled(*changes)
    assert lines(text, "en") == ENGLISH[name]
    assert lines(text, "id") == INDONESIAN[name]
    assert ENGLISH[name], "nothing was found"
    assert checked(text)[0] is None


def test_no_expectation_without_a_case() -> None:
    names = [name for name, _ in SPOILINGS]
    assert len(set(names)) == len(names)
    assert set(ENGLISH) == set(INDONESIAN) == set(names)


def test_every_message_is_asserted() -> None:
    told = {f"flows.{problem.key}" for _, changes in SPOILINGS for problem in checked(spoiled(*changes))[1]}
    sentences = {key for key in keys("en") if key.startswith("flows.")}
    sentences -= {"flows.guess", *(key for key in sentences if key.startswith("flows.command."))}
    assert sentences - told == _ELSEWHERE
    assert not told & _ELSEWHERE


def test_both_languages_have_every_message() -> None:
    assert {key for key in keys("id") if key.startswith("flows.")} == {
        key for key in keys("en") if key.startswith("flows.")
    }


def test_every_rule_is_exercised() -> None:
    told = {problem.rule for _, changes in SPOILINGS for problem in checked(spoiled(*changes))[1]}
    assert set(Rule) - told == {Rule.FILE}


def test_every_rule_stands_in_the_handbook() -> None:
    handbook = (HERE.parent.parent / "docs" / "flows.md").read_text(encoding="utf-8")
    assert [rule for rule in Rule if f"`{rule}`" not in handbook] == []


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = spoiled(
        ("icon: list", "icon: List"),
        ("  fee: {id: Gratis, en: Free}\n", ""),
        ("    then: person\n", "    then: persn\n"),
        ("    what: documents", "    what: documnts"),
        (", mask: true", ""),
        ("    unknown: unclear\n", ""),
    )
    assert lines(text) == [
        'contoh.yaml:3:7: icon: "List" is no name: lower-case letters, digits and hyphens, beginning with a letter'
        "   [flow-shape]",
        "contoh.yaml:8:1: standard.fee: the service standard does not say what it costs (it is free)   [flow-standard]",
        'contoh.yaml:21:11: steps.identify.then: no step "persn" (did you mean "person"?)   [flow-target]',
        "contoh.yaml:36:11: steps.look-up.what: must be one of: person, family, documents"
        ' (did you mean "documents"?)   [flow-shape]',
        'contoh.yaml:48:21: steps.review.sections[0].rows[0].field: "person.nik" identifies a person: add "mask: true"'
        "   [flow-unmasked]",
        "contoh.yaml:74:3: steps.print.unknown: it is not said where a print of unknown end leads: "
        'add "unknown" with a step or "end"   [flow-wiring]',
    ]


def test_snippet_points_with_a_caret() -> None:
    _, (problem,) = checked(spoiled(("then: done", "then: dnoe")))
    assert problem.render("en") == (
        'contoh.yaml:78:11: steps.print.then: no step "dnoe" (did you mean "done"?)   [flow-target]\n'
        "   |     then: dnoe\n"
        "   |           ^"
    )


def test_problem_for_programs() -> None:
    _, (problem,) = checked(spoiled(("then: done", "then: dnoe")))
    assert problem.as_json("id") == {
        "path": "contoh.yaml",
        "line": 78,
        "column": 11,
        "where": "steps.print.then",
        "rule": "flow-target",
        "message": 'tidak ada langkah "dnoe" (maksud Anda "done"?)',
        "guess": "done",
    }


def test_one_mistyped_target_drags_no_other_problem_behind_it() -> None:
    _, problems = checked(spoiled(("    then: look-up", "    then: lookup")))
    assert [problem.rule for problem in problems] == [Rule.TARGET]


def test_device_that_the_profile_lacks() -> None:
    assert lines(TEXT, devices=frozenset({"card-reader", "slip-printer"})) == [
        'contoh.yaml:6:11: devices[0]: this kiosk has no "document-printer"   [flow-device]'
    ]
    assert lines(TEXT, "id", devices=frozenset()) == [
        'contoh.yaml:6:11: devices[0]: anjungan ini tidak punya "document-printer"   [flow-device]'
    ]
    assert lines(TEXT, devices=frozenset({"document-printer"})) == []


def test_a_third_language_is_wanted_everywhere() -> None:
    found = lines(TEXT, languages=("id", "en", "jv"))
    assert found[0] == 'contoh.yaml:4:1: title: the text is missing in the language "jv"   [flow-text]'
    assert len(found) == TEXT.count(", en: ")
