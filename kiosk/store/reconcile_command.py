"""``kiosk reconcile [CODE came-out|not-out|damaged]``: prints that ended unknown, and what staff found of one.

Works beside a running core, as ``kiosk stock`` does: SQLite lets one of the two write at a time, and the core's outbox
finds the settlement within half a minute. Without a core it is told at the next start.

An answer is given once, so at a terminal it is asked after; elsewhere it wants ``--yes``.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.settings import Settings, load_settings
from kiosk.store.database import load_key, open_store
from kiosk.store.journal import Journal
from kiosk.store.prints import Finding, JournalOrderError, PrintRecord, short_code
from kiosk.texts import Texts

BY_COMMAND = "command-line"
"""Who answered, as the audit chain has it: whoever may run commands on this machine."""


class _NoSuchPrintError(Exception):
    """Nothing can be noted; ``key`` of the text that says why."""


class _NotSureError(Exception):
    """Whoever was asked did not say yes."""


def main(arguments: Sequence[str]) -> int:
    """Exit 0 when nothing waits or the answer was noted, 2 for a bad code or a missing ``--yes``.

    1 when prints wait, the store refuses, or the question was not answered with yes.
    """
    options = _parser().parse_args(arguments)
    texts = Texts(options.language)
    if (options.code is None) != (options.found is None):
        print("kiosk reconcile: give a code and what was found, or neither", file=sys.stderr)
        return 2
    try:
        settings = load_settings(options.config) if options.config is not None else Settings()
        waiting, noted = _carry_out(settings, options, texts)
    except _NotSureError:
        print(texts("reconcile.not-noted"), file=sys.stderr)
        return 1
    except _NoSuchPrintError as error:
        print(f"kiosk reconcile: {texts(str(error))}", file=sys.stderr)
        return 2
    except KioskError as error:
        print(f"kiosk reconcile: {texts(f'error.{error.code}.staff')} ({error.code}) {error.detail}", file=sys.stderr)
        return 1
    if options.json:
        told = {"noted": noted.print_id if noted else None, "unknown": [as_dict(record) for record in waiting]}
        print(json.dumps(told, indent=2))
    else:
        for line in _lines(waiting, texts, Finding(options.found) if noted else None):
            print(line)
    return 0 if noted is not None or not waiting else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk reconcile", description="Prints that ended unknown; with a code, what staff found of one."
    )
    parser.add_argument("code", metavar="CODE", nargs="?", help="of a print, as the list and the screen have it")
    parser.add_argument("found", nargs="?", choices=[finding.value for finding in Finding], help="what staff found")
    parser.add_argument("--yes", action="store_true", help="do not ask whether the answer is sure")
    parser.add_argument("--config", type=Path, help="kiosk.toml")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--language", default="id", choices=("id", "en"))
    return parser


def _carry_out(
    settings: Settings, options: argparse.Namespace, texts: Texts
) -> tuple[list[PrintRecord], PrintRecord | None]:
    """What waits, and the print that was answered. Raises StoreError, ``_NoSuchPrintError``, ``_NotSureError``."""
    if not settings.store.path.exists():
        if options.code is not None:
            raise _NoSuchPrintError("reconcile.no-such")
        return [], None
    is_production = settings.kiosk.is_production
    key = load_key(settings.store.key_file, is_production=is_production)
    opened = open_store(settings.store.path, key, is_production=is_production, is_owner=False)
    try:
        journal = Journal(opened.store)
        if options.code is None:
            return journal.unknown_prints(), None
        record = _chosen(journal.unknown_prints(), options.code)
        if not options.yes:
            _ask(record, Finding(options.found), texts)
        try:
            journal.found(record.print_id, Finding(options.found), BY_COMMAND, datetime.now(UTC))
        except JournalOrderError:
            # Answered at the screen in this very moment.
            raise _NoSuchPrintError("reconcile.no-such") from None
        return journal.unknown_prints(), record
    finally:
        opened.store.close()


def _chosen(waiting: list[PrintRecord], code: str) -> PrintRecord:
    """By its whole id or the end of it."""
    fitting = [record for record in waiting if len(code) >= 4 and record.print_id.lower().endswith(code.lower())]
    if len(fitting) != 1:
        raise _NoSuchPrintError("reconcile.several" if fitting else "reconcile.no-such")
    return fitting[0]


def _ask(record: PrintRecord, found: Finding, texts: Texts) -> None:
    """Raises ``_NotSureError`` for anything but a yes, ``_NoSuchPrintError`` where nobody can be asked."""
    if not sys.stdin.isatty():
        raise _NoSuchPrintError("reconcile.needs-yes")
    print(_line(record, texts), file=sys.stderr)
    print(f"{texts(f'prints.say-{found}')}. {texts(f'prints.means-{found}')}", file=sys.stderr)
    print(texts("reconcile.ask"), end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "ya", "yes"):
        raise _NotSureError


def as_dict(record: PrintRecord) -> dict[str, object]:
    """A print that waits, for programs."""
    verdict = record.verdict
    return {
        "print_id": record.print_id,
        "code": short_code(record.print_id),
        "printer": record.printer,
        "began_at": datetime.fromtimestamp(record.created_at, UTC).isoformat(timespec="seconds"),
        "pages": record.pages,
        "pages_counted": verdict.pages_out if verdict is not None else None,
        "reason": verdict.reason if verdict is not None else None,
        "is_granted": record.grant_id is not None,
    }


def _lines(waiting: list[PrintRecord], texts: Texts, noted: Finding | None) -> list[str]:
    out = [texts(f"prints.noted-{noted}")] if noted is not None else []
    out += [_line(record, texts) for record in waiting]
    return out or [texts("reconcile.none")]


def _line(record: PrintRecord, texts: Texts) -> str:
    counted = record.verdict.pages_out if record.verdict is not None else None
    words = texts("prints.counted", count=counted) if counted is not None else texts("prints.uncounted")
    at = datetime.fromtimestamp(record.created_at).astimezone().isoformat(" ", "minutes")
    facts = texts("prints.facts", code=short_code(record.print_id), pages=record.pages, counted=words)
    return f"{short_code(record.print_id)}  {at}  {record.printer:<5} {facts}"
