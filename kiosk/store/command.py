"""``kiosk stock show | set | add | confirm | skip``: the blank cards by the books. Works beside a core."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.settings import Settings, load_settings
from kiosk.store.blanks import BlankError, Blanks, Stock
from kiosk.store.database import load_key, open_store
from kiosk.texts import Texts


def main(arguments: Sequence[str]) -> int:
    """Exit 0 when blanks are left and sure, 1 when not or when the store refuses, 2 for what can't be loaded."""
    options = _parser().parse_args(arguments)
    texts = Texts(options.language)
    try:
        settings = load_settings(options.config) if options.config is not None else Settings()
        if options.config is None and not settings.store.path.exists():
            print(f"kiosk stock: no store at {settings.store.path}: name the machine's --config", file=sys.stderr)
            return 2
        stock = _carry_out(settings, options)
    except BlankError as error:
        print(f"kiosk stock: {error}", file=sys.stderr)
        return 2
    except KioskError as error:
        print(f"kiosk stock: {texts(f'error.{error.code}.staff')} ({error.code}) {error.detail}", file=sys.stderr)
        return 1
    low = settings.devices.card_printer.blanks_low
    print(json.dumps(as_dict(stock, low), indent=2) if options.json else "\n".join(lines(stock, texts, low)))
    return 0 if stock.left and not stock.is_unchecked else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk stock", description="Blank cards by their serials.")
    acts = parser.add_subparsers(dest="act", metavar="show|set|add|confirm|skip", required=True)
    for name, text in (
        ("show", "what is left, which serial is next, and what became of the others"),
        ("set", "say what lies in the feeder now; replaces what was recorded"),
        ("add", "record blanks that were put behind those in the feeder"),
        ("confirm", "after an unclear print: the next serial is right"),
        ("skip", "the next blank is gone or spoiled"),
    ):
        act = acts.add_parser(name, help=text, description=text)
        act.add_argument("--config", type=Path, help="kiosk.toml")
        act.add_argument("--json", action="store_true", help="for programs")
        act.add_argument("--language", default="id", choices=("id", "en"))
        if name in ("set", "add"):
            act.add_argument("first", metavar="FIRST", help="serial of the first blank, such as AB000101")
            act.add_argument("count", metavar="COUNT", type=int, help="how many, counted up from it")
    return parser


def _carry_out(settings: Settings, options: argparse.Namespace) -> Stock:
    """Raises BlankError and StoreError."""
    if options.act == "show" and not settings.store.path.exists():
        return Stock((), False, 0, 0, 0)
    is_production = settings.kiosk.is_production
    key = load_key(settings.store.key_file, is_production=is_production)
    opened = open_store(settings.store.path, key, is_production=is_production, is_owner=False)
    try:
        blanks, now = Blanks(opened.store), datetime.now(UTC)
        if options.act in ("set", "add"):
            return blanks.load(options.first, options.count, now, is_replacing=options.act == "set")
        if options.act == "confirm":
            return blanks.confirm(now)
        if options.act == "skip":
            return blanks.skip(now)
        return blanks.stock()
    finally:
        opened.store.close()


def as_dict(stock: Stock, low: int) -> dict[str, object]:
    """The stock for programs."""
    return {
        "left": stock.left,
        "next": stock.next,
        "is_low": stock.left <= low,
        "is_unchecked": stock.is_unchecked,
        "lots": [{"first": lot.first, "last": lot.last, "count": lot.count} for lot in stock.lots],
        "used": stock.used,
        "damaged": stock.damaged,
        "unknown": stock.unknown,
    }


def lines(stock: Stock, texts: Texts, low: int) -> list[str]:
    """The stock for people."""
    out = [f"{texts('blanks.next'):<20} {stock.next or texts('blanks.nothing')}"]
    out.append(texts("blanks.left", count=stock.left))
    out += [f"{texts('blanks.lot'):<20} {lot.first} - {lot.last} ({lot.count})" for lot in stock.lots]
    counts = ((name, getattr(stock, name)) for name in ("used", "damaged", "unknown"))
    out += [f"{texts(f'blanks.{name}'):<20} {count}" for name, count in counts]
    if stock.is_unchecked:
        out.append(texts("blanks.unchecked"))
    elif stock.left == 0:
        out.append(texts("reason.cards-empty.staff", detail=""))
    elif stock.left <= low:
        out.append(texts("reason.cards-low.staff", detail=""))
    return out
