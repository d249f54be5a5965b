"""``kiosk audit verify | export``: whether the chain of entries holds, and the chain for others to check.

Verifying also asks the office what it witnessed, where it can be reached: whoever has the disk and its keys can write a
whole new chain that fits in itself, but not what the office remembers.

Export is JSON lines: one ``{"entry": TEXT}`` an entry, whose hash is SHA-256(hash before + TEXT), beginning with 32
zero bytes; then one line with the head and, where the kiosk has its key, the signature over it.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from kiosk.access_api import AuditHead
from kiosk.errors import KioskError
from kiosk.settings import OfficeTable, Settings, load_settings
from kiosk.store import audit
from kiosk.store.checkpoints import chain_name, last_checkpoint, load_signer, signed_checkpoint
from kiosk.store.database import Store, load_key
from kiosk.store.witnessed import Agreement, compare

Ask = Callable[[OfficeTable], AuditHead]
"""Brings what the office witnessed. Raises KioskError where it can't."""

_DOUBTS = {
    Agreement.SHORTER: "the office witnessed entry {number}; this chain ends with {entries}",
    Agreement.FORKED: "entry {number} says otherwise than what the office witnessed",
    Agreement.OTHER_CHAIN: "the office witnessed another chain of this kiosk, up to its entry {number}",
    Agreement.BEHIND: "the office has but {number} entries, though {checkpoint} were shown to it and none waits",
    Agreement.ALARM: "the office agrees up to entry {number}, and an alarm about this chain stands open there",
    Agreement.NOTHING: "the office has witnessed nothing of it yet",
    Agreement.AGREES: "the office agrees up to entry {number}",
}


@dataclass(frozen=True, slots=True)
class _Office:
    """What came of asking the office: its head and how the chain agrees with it, or why nobody could be asked."""

    head: AuditHead | None = None
    agreement: Agreement | None = None
    why_not: str = ""


def main(arguments: Sequence[str], ask: Ask | None = None) -> int:
    """Exit 0 when the chain holds, 1 when it does not, agrees not with the office, or can't be read, 2 for usage.

    Without ``ask`` the office is not asked.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(options.config) if options.config is not None else Settings()
        if not settings.store.path.exists():
            print(f"kiosk audit: no store at {settings.store.path}", file=sys.stderr)
            return 2
        # Not ``open_store``: a look with the wrong key must set nothing aside.
        store = Store(settings.store.path, load_key(options.key_file or settings.store.key_file, is_production=True))
        try:
            if options.act == "export":
                return _export(store, settings, options)
            return _verify(store, options, _asked(store, settings, None if options.offline else ask))
        finally:
            store.close()
    except KioskError as error:
        print(f"kiosk audit: {error.code} {error.detail}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"kiosk audit: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk audit", description="The chain of what happened at this machine.")
    acts = parser.add_subparsers(dest="act", metavar="verify|export", required=True)
    verify = acts.add_parser("verify", help="whether every entry is as it was written, and none is missing")
    verify.add_argument("--json", action="store_true", help="for programs")
    verify.add_argument("--offline", action="store_true", help="do not ask the office what it witnessed")
    export = acts.add_parser("export", help="all entries as JSON lines, with the signed head")
    export.add_argument("--out", type=Path, help="a file; default is standard output")
    for act in (verify, export):
        act.add_argument("--config", type=Path, help="kiosk.toml")
        act.add_argument("--key-file", type=Path, help="the store's key; default as kiosk.toml says")
    return parser


def _asked(store: Store, settings: Settings, ask: Ask | None) -> _Office:
    if ask is None:
        return _Office(why_not="not asked")
    office = _Office()
    for _ in range(2):
        try:
            told = ask(settings.office)
        except KioskError as error:
            return _Office(why_not=f"{error.code} {error.detail}")
        office = _Office(told, compare(store, told))
        # A core that runs may have brought its checkpoint there between the question and our look at the outbox.
        if office.agreement is not Agreement.BEHIND:
            break
    return office


def _verify(store: Store, options: argparse.Namespace, office: _Office) -> int:
    broken, head, shown = audit.verify(store), audit.head(store), last_checkpoint(store)
    # Entries behind the last checkpoint may be cut off and the rest still fit: the checkpoint knows better.
    is_cut = head.number < shown.number
    if broken is None and not is_cut and shown.number:
        is_cut = audit.hash_of(store, shown.number) != shown.hash
    is_whole = broken is None and not is_cut
    agrees = office.agreement is None or office.agreement.is_well
    told: dict[str, object] = {
        "is_whole": is_whole,
        "entries": head.number,
        "head": head.hash.hex(),
        "broken_at": broken,
        "checkpoint": shown.number,
        "is_as_shown": not is_cut,
        "office": office.agreement.value if office.agreement is not None else None,
        "office_number": office.head.number if office.head is not None else None,
        "office_away": office.why_not or None,
    }
    if options.json:
        print(json.dumps(told))
        return 0 if is_whole and agrees else 1
    if broken is not None:
        print(f"entry {broken} does not follow from the one before: the chain is broken")
    elif is_cut:
        print(f"the chain is not the one whose end the office was shown at entry {shown.number}")
    else:
        print(f"{head.number} entries hold; head {head.hash.hex()}; shown to the office up to {shown.number}")
    if office.agreement is not None and office.head is not None:
        parts = {"number": office.head.number, "entries": head.number, "checkpoint": shown.number}
        print(_DOUBTS[office.agreement].format(**parts))
    else:
        print(f"not compared with the office ({office.why_not}): whoever holds the disk and its keys could have")
        print("written this chain anew")
    return 0 if is_whole and agrees else 1


def _export(store: Store, settings: Settings, options: argparse.Namespace) -> int:
    with store.transaction() as connection:
        chain = chain_name(connection)
    entries, head = audit.entries(store), audit.head(store)
    last: dict[str, object] = {
        "kiosk": settings.kiosk.id,
        "chain": chain,
        "number": head.number,
        "hash": head.hash.hex(),
    }
    signer = load_signer(settings.kiosk.id, settings.office.audit_key)
    if signer is not None and entries:
        genesis = audit.Head(0, audit.GENESIS)
        signed = signed_checkpoint(signer, chain, genesis, head, entries[:1], time.time())
        last |= {"at": signed.at.isoformat(), "signature": signed.signature, "public_key": signer.public}
    if options.out is None:
        _write(sys.stdout, entries, last)
    else:
        with options.out.open("w", encoding="ascii") as file:
            _write(file, entries, last)
    broken = audit.verify(store)
    if broken is not None:
        print(f"kiosk audit: entry {broken} does not follow from the one before", file=sys.stderr)
    return 0 if broken is None else 1


def _write(file: TextIO, entries: list[str], last: dict[str, object]) -> None:
    for entry in entries:
        file.write(json.dumps({"entry": entry}) + "\n")
    file.write(json.dumps(last) + "\n")
