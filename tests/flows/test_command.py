"""``kiosk flows``, in the process and as a program."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.flows.command import main
from kiosk.flows.schema import json_schema, schema_text

from .example import TEXT, spoiled
from .journey import FLOWS


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "contoh.yaml"
    path.write_text(spoiled(("then: done", "then: dnoe"), (", mask: true", "")))
    return path


def test_shipped_flows_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(FLOWS)]) == 0
    assert (
        capsys.readouterr().out == "6 services are fine: antrean, cek-data, cetak-kk, cetak-ktp, keluhan, unduh-akta\n"
    )


def test_as_a_program() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "kiosk.flows", "check", str(FLOWS), "--language", "id"],
        capture_output=True, text=True, timeout=60, check=False, cwd=FLOWS.parent.parent,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "6 layanan sudah benar: antrean, cek-data, cetak-kk, cetak-ktp, keluhan, unduh-akta\n"


def test_problems_are_printed_with_their_lines(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(broken)]) == 1
    assert capsys.readouterr().out == (
        f'{broken}:49:21: steps.review.sections[0].rows[0].field: "person.nik" identifies a person: add "mask: true"'
        "   [flow-unmasked]\n"
        "   |           - {field: person.nik, text: {id: NIK, en: NIK}}\n"
        "   |                     ^\n"
        f'{broken}:78:11: steps.print.then: no step "dnoe" (did you mean "done"?)   [flow-target]\n'
        "   |     then: dnoe\n"
        "   |           ^\n"
        "2 problems in 1 files. Nothing of this would go into force.\n"
    )


def test_problems_for_programs(broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fine = tmp_path / "fine"
    fine.mkdir()
    (fine / "contoh.yaml").write_text(TEXT)
    assert main(["check", str(fine), str(broken), "--json", "--language", "id"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["flows"]) == (2, ["contoh"])
    assert [(problem["line"], problem["rule"]) for problem in told["problems"]] == [
        (49, "flow-unmasked"),
        (78, "flow-target"),
    ]
    assert told["problems"][1]["message"] == 'tidak ada langkah "dnoe" (maksud Anda "done"?)'


def test_profile_of_a_kiosk(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(FLOWS), "--devices", "document-printer,card-reader"]) == 1
    assert 'this kiosk has no "card-printer"' in capsys.readouterr().out
    assert main(["check", str(FLOWS), "--devices", "document-printer,card-printer"]) == 0


def test_further_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(FLOWS), "--languages", "id,en,su"]) == 1
    assert 'the text is missing in the language "su"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "/tidak/ada"], "there is no such file or folder: /tidak/ada\n"),
        (["check", str(FLOWS), "--devices", "printer"], 'no device is called "printer"; there are: card-reader, '),
        (["check", str(FLOWS), "--languages", ""], "name at least one language\n"),
        (["check"], "the following arguments are required: PATH"),
        ([], "the following arguments are required: COMMAND"),
        (["check", str(FLOWS), "--language", "xx"], "invalid choice: 'xx'"),
        (["tidak"], "invalid choice: 'tidak'"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["schema", "--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "usage: kiosk flows" in capsys.readouterr().out


def test_schema_beside_the_flows_is_the_one_of_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == schema_text()
    assert (FLOWS / "flow.schema.json").read_text(encoding="utf-8") == schema_text(), (
        "write it anew: kiosk flows schema > config/flows/flow.schema.json"
    )


def test_schema_names_the_keys_of_the_file() -> None:
    schema = json_schema()
    assert set(schema["$defs"]["When"]["properties"]) >= {"field", "is", "in", "at_least", "not", "all", "any"}
    assert {"kind", "then", "failed", "timeout", "cancel", "unknown"} <= set(schema["$defs"]["Print"]["required"])
    (step,) = schema["properties"]["steps"]["patternProperties"].values()
    assert step["discriminator"]["propertyName"] == "kind"


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_files_tell_the_editor_their_schema_and_name_real_icons(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == "# yaml-language-server: $schema=flow.schema.json"
    icons = [
        line.split("icon:")[1].split("#")[0].strip() for line in text.splitlines() if line.strip().startswith("icon:")
    ]
    assert icons
    for icon in icons:
        assert (FLOWS.parent.parent / "assets" / "icons" / f"{icon}.svg").exists(), icon
