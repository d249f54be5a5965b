"""What may be said of a trouble: the words of Qt, of a library or of the system, without anything that a person is.

A net under the allow-list, not a licence: what is known to be personal is never handed to it.
"""

import re

LONGEST = 300
WITHHELD = "…"

_QUOTED = re.compile(r"(['\"“`])(?:(?!\1)[^\n]){1,200}\1|“[^”\n]{1,200}”")
_NUMBER = re.compile(r"\d(?:[ ./:-]?\d){5,}")
_HEX = re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}\b")
_CAPITALS = re.compile(r"\b[A-Z][A-Z'.]{2,}(?:[ ,]+[A-Z][A-Z'.]*)+")
_LONG_WORD = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_OWN_FILE = re.compile(r"\b(?:file|qrc):[^\s:]*/")
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+]*://\S+|\S+@\S+\.\S+")
_HAS_DIGIT_AND_CASES = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])|[+=]")


def scrub(text: str) -> str:
    """One line, at most 300 characters, without quoted values, numbers of 6 digits or more, addresses and names.

    Words in capitals that follow each other count as a name, a long word of mixed signs as a token. A file's name and
    line stay.
    """
    line = _OWN_FILE.sub("", " ".join(text.split()))
    for pattern in (_ADDRESS, _QUOTED, _NUMBER, _HEX, _CAPITALS):
        line = pattern.sub(WITHHELD, line)
    line = _LONG_WORD.sub(lambda found: WITHHELD if _HAS_DIGIT_AND_CASES.search(found[0]) else found[0], line)
    return line[:LONGEST]
