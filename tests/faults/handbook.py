"""Writes the truth table down: one section a page, one line a fault, in the words that people really read."""

import hashlib
import json
from collections.abc import Sequence

from kiosk import protocol as p
from kiosk.texts import Texts
from tests.faults.table import Row, Seen, greyed, words

HEAD = """# When something breaks: the truth table

What people at the machine read and what happens to their visit, for every page at which a fault can meet them. This
file is written by a test that drives the real core over the sockets of the doubles, brings each fault about, compares
the page with what is expected of it (`tests/faults/rows_*.py`), puts the fault right and waits for the page to be
whole again. `./dev test` fails when it differs. To write it anew:

    python -m tests.faults

Indonesian is what stands on the screen; English is what the same page says in English. *Grey* is what cannot be
pressed meanwhile. A code stands small on a page that is about the fault, and always in the log and on the technician's
page. What only lasts a moment is never shown at all: {told} s for what a device tells of itself, {lost} s for a device
that is not heard of. A page is whole again within 2 seconds of the repair, without leaving the visit.

Rows with ° run in memory: the same visit, engine and pages, but the word of the device or the end of its work is given
by the test (`tests/faults/rows_memory.py`); that the adapters say just that is tested in `tests/devices`.

{rows} rows, {pages} pages, {pictures} pictures.
"""

COLUMNS = "| What is wrong | The citizen reads | What the technician does | Code | The visit | Picture |"
NOTHING = ("*nothing of it: the page stays as it is*",)
DEVICES = {
    "card-reader": "Card reader",
    "document-printer": "Document printer",
    "card-printer": "Card printer",
    "slip-printer": "Slip printer",
    "scanner": "Scanner",
    "face": "Camera",
    "keypad": "Keypad",
    "audio": "Headphones",
    "power": "Power",
    "box": "Box",
    "machine": "The kiosk itself",
    "office": "Office",
}


def picture_of(seen: Seen) -> str:
    """Name of its picture: one for each page that looks different."""
    body = seen.model.body
    shown = [getattr(body, "tone", ""), getattr(body, "code", "")]
    content = json.dumps([seen.model.name, words(seen.model), sorted(greyed(seen.model)), shown], ensure_ascii=False)
    return f"{seen.place}-{hashlib.sha256(content.encode()).hexdigest()[:8]}.png"


def write(found: Sequence[Seen], told_s: float, lost_s: float) -> str:
    """The whole file."""
    places = list(dict.fromkeys(seen.place for seen in found))
    titles = {seen.place: seen.title for seen in found}
    head = HEAD.format(
        told=told_s,
        lost=lost_s,
        rows=len(found),
        pages=len(places),
        pictures=len({picture_of(seen) for seen in found}),
    )
    parts = [head]
    for place in sorted(places, key=ORDER.index):
        of_it = [seen for seen in found if seen.place == place]
        parts.append(f"## {titles[place]}\n\n{COLUMNS}\n|---|---|---|---|---|---|\n" + "".join(map(_line, of_it)))
    return "\n".join(parts)


ORDER = [
    *(
        "attract",
        "holding",
        "out-of-order",
        "services",
        "standard",
        "proof",
        "tap-card",
        "find",
        "nik",
        "print-code",
        "consent",
    ),
    *("queue", "number", "form", "form-confirm"),
    *("capture", "pin", "pin-sent", "scan-code", "prove", "fetch", "review", "documents", "menu"),
    *("hand-over-made", "hand-over", "prepare", "preview", "preview-card", "print-pressed"),
    *("printing-document-printer", "printing-waiting", "unclear", "printing-card-printer", "slip", "survey", "take"),
    *("interrupted", "technician"),
]
"""The order of a visit."""


def _line(seen: Seen) -> str:
    row = seen.row
    code = row.stable_code
    cells = [
        f"**{DEVICES[row.fault.device]}**: {row.fault.words}{' °' if seen.is_in_memory else ''}",
        _reads(seen),
        _both(row.staff_key),
        f"`{code}`" if code is not None else "",
        f"{row.then}.",
        f'<img src="faults/{picture_of(seen)}" width="96" alt="">',
    ]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _reads(seen: Seen) -> str:
    row = seen.row
    if row.is_quiet:
        return NOTHING[0]
    lines = [_sentences(row, "id"), f"*{_sentences(row, 'en')}*"] if row.reads else []
    labels = _labels(seen.model, row)
    if labels:
        lines.append(f"Grey: {labels}")
    return "<br>".join(lines)


def _sentences(row: Row, language: str) -> str:
    t = Texts(language)
    texts = [t(key, detail="").strip() for key in row.reads]
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts)


def _labels(page: p.Page, row: Row) -> str:
    names = {action.id: action.label for action in (page.main, page.second, page.home, page.back) if action is not None}
    if isinstance(page.body, p.MenuBody | p.AttractBody | p.DocumentsBody | p.ConsentBody):
        names |= {tile.action: tile.title for tile in page.body.tiles}
    return ", ".join(f"“{names[action]}”" for action in row.grey)


def _both(key: str) -> str:
    """Own words and English; what a device adds of its own is left out at the end and shown as … within, or behind a
    colon."""
    own, english = (_without_rest(Texts(language)(key, detail="…")) for language in ("id", "en"))
    return f"{own}<br>*{english}*"


def _without_rest(text: str) -> str:
    return text if text.endswith(": …") else text.removesuffix(" …")
