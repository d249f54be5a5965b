"""What an administrator does at the office: let kiosks in, put them out, look at alarms.

``kiosk office enrol-code | kiosks | revoke | alarms | audit | print-code | admin-token``. Works beside an office.
"""

import argparse
import json
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kiosk.office.reception import Services

_KIOSK = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")


def add_parsers(commands: Any) -> None:
    """The administrator's commands, below those of the office."""

    def add(name: str, text: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
        parser.add_argument("--data", type=Path, required=True)
        parser.add_argument("--json", action="store_true", help="for programs")
        return parser

    coding = add("enrol-code", "a one-time code with which a kiosk enrols")
    coding.add_argument("kiosk", help="its name: id in kiosk.toml")
    coding.add_argument("--hours", type=float, default=24.0, help="how long the code is good")
    add("kiosks", "which kiosks are enrolled")
    revoking = add("revoke", "take nothing more of a kiosk, until it is enrolled again")
    revoking.add_argument("kiosk")
    alarming = add("alarms", "doubts about kiosks' audit chains; exit 1 while one stands open")
    alarming.add_argument("--all", action="store_true", help="settled ones too")
    alarming.add_argument("--settle", type=int, metavar="ID", help="somebody has looked: the chain may go on")
    auditing = add("audit", "the witnessed entries of a kiosk's newest chain, one a line")
    auditing.add_argument("kiosk")
    printing = add(
        "print-code", "a code with which one document of a person is printed once; the NIK is read from input"
    )
    printing.add_argument("kind", help="of the document: kk, akta-kelahiran, ktp-el and so on")
    printing.add_argument("--document", default="", metavar="ID", help="where several of the kind wait")
    printing.add_argument("--hours", type=float, default=24.0, help="how long the code is good")
    add("admin-token", "a new token for /v1/admin; the one before is void")


def _enrol_code(office: "Services", options: argparse.Namespace) -> int:
    from kiosk.office import tls

    if _KIOSK.fullmatch(options.kiosk) is None or not 0 < options.hours <= 24 * 30:
        print("a kiosk's name is letters, digits, dots and dashes; --hours is at most 720", file=sys.stderr)
        return 2
    tls.prepare_ca(options.data)
    code = office.enrolments.make_code(options.kiosk, options.hours)
    told = {"kiosk": options.kiosk, "code": code, "ca_sha256": tls.fingerprint(tls.ca_pem(options.data))}
    if options.json:
        print(json.dumps(told))
    else:
        print(f"code       {code}   (once, within {options.hours:g} h, for {options.kiosk})")
        print(f"CA sha256  {told['ca_sha256']}")
    return 0


def _kiosks(office: "Services", options: argparse.Namespace) -> int:
    known = office.enrolments.known()
    rows: list[dict[str, object]] = [
        {
            "kiosk": one.kiosk,
            "certificate_sha256": one.certificate_sha256,
            "enrolled_at": _moment(one.enrolled_at),
            "revoked_at": None if one.revoked_at is None else _moment(one.revoked_at),
        }
        for one in known
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        state = f"revoked {row['revoked_at']}" if row["revoked_at"] else f"enrolled {row['enrolled_at']}"
        print(f"{row['kiosk']:<28} {state}  {str(row['certificate_sha256'])[:16] or 'by token alone'}")
    return 0


def _revoke(office: "Services", options: argparse.Namespace) -> int:
    if not office.enrolments.revoke(options.kiosk):
        print(f"{options.kiosk} was never enrolled", file=sys.stderr)
        return 1
    print(f"{options.kiosk} is revoked")
    return 0


def _alarms(office: "Services", options: argparse.Namespace) -> int:
    if options.settle is not None and not office.witness.settle(options.settle):
        print(f"no open alarm {options.settle}", file=sys.stderr)
        return 2
    found = office.witness.alarms(is_open=not options.all)
    if options.json:
        print(json.dumps([alarm.model_dump(mode="json") for alarm in found], indent=1))
    for alarm in found if not options.json else ():
        state = f"settled {alarm.settled_at:%Y-%m-%d %H:%M}" if alarm.settled_at else "OPEN"
        print(f"{alarm.id:>4}  {alarm.at:%Y-%m-%d %H:%M}  {alarm.kiosk:<24} {alarm.kind:<20} {alarm.detail}  {state}")
    return 1 if any(alarm.settled_at is None for alarm in found) else 0


def _audit(office: "Services", options: argparse.Namespace) -> int:
    head = office.witness.head(options.kiosk)
    entries = office.witness.entries(options.kiosk, head.chain) if head.chain else []
    if options.json:
        print(json.dumps({**head.model_dump(mode="json"), "entries": [json.loads(entry) for entry in entries]}))
    else:
        print("\n".join(entries))
    return 0 if entries else 1


def _print_code(office: "Services", options: argparse.Namespace) -> int:
    """The NIK comes by standard input: on the command line everybody on the machine could read it."""
    from kiosk.api import DocumentKind
    from kiosk.office.print_codes import LONGEST_H, NoSuchDocumentError

    kinds = {kind.value for kind in DocumentKind}
    if options.kind not in kinds or not 0 < options.hours <= LONGEST_H:
        print(f"the kind is one of {', '.join(sorted(kinds))}; --hours is at most {LONGEST_H}", file=sys.stderr)
        return 2
    if sys.stdin.isatty():
        print("NIK: ", end="", file=sys.stderr, flush=True)
    nik = sys.stdin.readline().strip()
    try:
        made = office.proofs.print_codes.make(nik, DocumentKind(options.kind), options.document, options.hours)
    except NoSuchDocumentError as error:
        print("; ".join((str(error), *error.choices)), file=sys.stderr)
        return 1
    if options.json:
        told = {"code": made.code, "document_id": made.document_id, "expires_at": _moment(made.expires_at)}
        print(json.dumps(told))
    else:
        print(f"code  {made.grouped}   (once, within {options.hours:g} h, for this one {options.kind})")
    return 0


def _admin_token(office: "Services", options: argparse.Namespace) -> int:
    from kiosk.office.access import ADMIN_TOKEN

    token = secrets.token_urlsafe(32)
    office.database.keep_fact(ADMIN_TOKEN, sha256(token.encode()).hexdigest())
    print(json.dumps({"token": token}) if options.json else token)
    return 0


def opened(act: Callable[["Services", argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The command that does ``act`` with the office in ``--data``."""

    def run(options: argparse.Namespace) -> int:
        from kiosk.office.reception import open_services

        try:
            office = open_services(options.data)
        except LookupError as error:
            print(error, file=sys.stderr)
            return 1
        try:
            return act(office, options)
        finally:
            office.database.close()

    return run


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "enrol-code": opened(_enrol_code),
    "kiosks": opened(_kiosks),
    "revoke": opened(_revoke),
    "alarms": opened(_alarms),
    "audit": opened(_audit),
    "print-code": opened(_print_code),
    "admin-token": opened(_admin_token),
}
