"""``kiosk flows``: check flow files, and give editors the schema of the format.

Exit codes: 0 fine, 1 problems found, 2 wrong usage.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.flows.check import check, flow_files
from kiosk.flows.fields import DEVICES
from kiosk.flows.problems import Problem
from kiosk.flows.schema import schema_text
from kiosk.texts import Texts, languages


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the result is the exit code."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    if arguments.command == "schema":
        sys.stdout.write(schema_text())
        return 0
    return _check(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk flows", description="Check service flows and describe their format.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    checking = commands.add_parser("check", help="check flow files and folders; all problems at once")
    checking.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a flow file or a folder of them")
    checking.add_argument("--json", action="store_true", help="print for programs")
    checking.add_argument("--language", choices=languages(), default="en", help="language of the messages")
    checking.add_argument(
        "--languages", default="id,en", metavar="LIST", help="languages that every text must have (default: id,en)"
    )
    checking.add_argument(
        "--devices", metavar="LIST", help=f"devices that the kiosk has, of: {', '.join(DEVICES)} (default: not checked)"
    )
    commands.add_parser("schema", help="print the JSON Schema that editors complete flow files with")
    return parser


def _check(arguments: argparse.Namespace) -> int:
    texts = Texts(arguments.language)
    devices = None if arguments.devices is None else [name for name in arguments.devices.split(",") if name]
    wanted = [name for name in arguments.languages.split(",") if name]
    absent = [path for path in arguments.paths if not path.exists()]
    strange = [name for name in devices or [] if name not in DEVICES]
    if absent or strange or not wanted:
        for path in absent:
            print(texts("flows.command.absent", path=path), file=sys.stderr)
        for name in strange:
            print(texts("flows.command.device", name=name, names=", ".join(DEVICES)), file=sys.stderr)
        if not wanted:
            print(texts("flows.command.languages"), file=sys.stderr)
        return 2
    problems: list[Problem] = []
    flows: list[str] = []
    for path in arguments.paths:
        good, found = check(path, wanted, devices)
        flows += good
        problems += found
    files = sum(len(flow_files(path)) for path in arguments.paths)
    if arguments.json:
        listed = [problem.as_json(arguments.language) for problem in problems]
        print(json.dumps({"files": files, "flows": flows, "problems": listed}, ensure_ascii=False, indent=2))
    elif problems:
        for problem in problems:
            print(problem.render(arguments.language))
        print(texts("flows.command.problems", count=len(problems), files=files))
    else:
        print(texts("flows.command.fine", count=len(flows), flows=", ".join(flows)))
    return 1 if problems else 0
