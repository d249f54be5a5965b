"""``kiosk audit verify | export``: whether the chain of entries holds, and the chain for others to check.

Export is JSON lines: one ``{"entry": TEXT}`` an entry, whose hash is SHA-256(hash before + TEXT), beginning with 32
zero bytes; then one line with the head and, where the kiosk has its key, the signature over it.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from kiosk.errors import KioskError
from kiosk.settings import Settings, load_settings
from kiosk.store import audit
from kiosk.store.checkpoints import chain_name, last_checkpoint, load_signer, signed_checkpoint
from kiosk.store.database import Store, load_key


def main(arguments: Sequence[str]) -> int:
    """Exit 0 when the chain holds, 1 when it does not or the store can't be read, 2 for usage."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(options.config) if options.config is not None else Settings()
        if not settings.store.path.exists():
            print(f"kiosk audit: no store at {settings.store.path}", file=sys.stderr)
            return 2
        # Not ``open_store``: a look with the wrong key must set nothing aside.
        store = Store(settings.store.path, load_key(options.key_file or settings.store.key_file, is_production=True))
        try:
            return _verify(store, options) if options.act == "verify" else _export(store, settings, options)
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
    export = acts.add_parser("export", help="all entries as JSON lines, with the signed head")
    export.add_argument("--out", type=Path, help="a file; default is standard output")
    for act in (verify, export):
        act.add_argument("--config", type=Path, help="kiosk.toml")
        act.add_argument("--key-file", type=Path, help="the store's key; default as kiosk.toml says")
    return parser


def _verify(store: Store, options: argparse.Namespace) -> int:
    broken, head, shown = audit.verify(store), audit.head(store), last_checkpoint(store)
    # Entries behind the last checkpoint may be cut off and the rest still fit: the checkpoint knows better.
    is_cut = head.number < shown.number
    if broken is None and not is_cut and shown.number:
        is_cut = audit.hash_of(store, shown.number) != shown.hash
    told = {
        "is_whole": broken is None and not is_cut,
        "entries": head.number,
        "head": head.hash.hex(),
        "broken_at": broken,
        "checkpoint": shown.number,
        "is_as_shown": not is_cut,
    }
    if options.json:
        print(json.dumps(told))
    elif broken is not None:
        print(f"entry {broken} does not follow from the one before: the chain is broken")
    elif is_cut:
        print(f"the chain is not the one whose end the office was shown at entry {shown.number}")
    else:
        print(f"{head.number} entries hold; head {head.hash.hex()}; shown to the office up to {shown.number}")
    return 0 if told["is_whole"] else 1


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
