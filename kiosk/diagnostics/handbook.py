"""The handbook of error codes, made from the codes and the texts: ``python -m kiosk.diagnostics.handbook``.

The program is its own source, so that the paper never says something else than the screen.
"""

import sys

from kiosk.errors import ErrorCode
from kiosk.texts import Texts

_GROUPS = {
    "OFF": "The office",
    "IDN": "Showing who one is",
    "CRD": "Card reader and card",
    "DOC": "Documents and signatures",
    "PRN": "Document printer and card printer",
    "SLP": "Slip printer",
    "BIO": "Face and finger",
    "SCN": "Code scanner",
    "KEY": "Keypad",
    "AUD": "Sound and headphones",
    "PWR": "Power supply",
    "BOX": "Cabinet",
    "NUM": "Queue numbers",
    "STO": "The kiosk's own store",
    "FLW": "Flows",
    "CFG": "Settings",
    "SYS": "The machine itself",
}

_HEAD = """# Error codes

A code stands small on the screen, on the slip and in the log. It never changes its meaning and is never used again.

This file is generated; change the texts in `assets/texts` and run

    python -m kiosk.diagnostics.handbook > docs/errors.md
"""


def handbook() -> str:
    """The whole handbook as Markdown, in both languages. Raises KeyError for a group without a name."""
    english, indonesian = Texts("en"), Texts("id")
    parts = [_HEAD]
    group = ""
    for code in ErrorCode:
        prefix = code.value.partition("-")[0]
        if prefix != group:
            group = prefix
            parts.append(f"\n## {group}: {_GROUPS[group]}\n")
        parts.append(f"\n### {code.value}\n\n`{code.name}`\n\n| | English | Indonesia |\n|---|---|---|\n")
        for label, part in (
            ("The citizen reads", "what"),
            ("The citizen does", "do"),
            ("The technician does", "staff"),
        ):
            key = f"error.{code}.{part}"
            parts.append(f"| {label} | {_cell(english(key))} | {_cell(indonesian(key))} |\n")
    return "".join(parts)


def _cell(text: str) -> str:
    """Text that stays in its cell of the table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(handbook())
