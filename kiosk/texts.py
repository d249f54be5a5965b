"""gettext catalogues: every text that the program itself shows, prints or speaks.

``assets/texts/<language>/<domain>.po`` with stable keys as msgid. A key that no catalogue has comes back as itself
and is remembered in ``missing``, which a test reads; Indonesian is the fallback of every other language.
"""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "texts"
FALLBACK = "id"

missing: set[tuple[str, str]] = set()
"""(language, key) pairs that were asked for and not found, for the tests."""


class DuplicateTextError(Exception):
    """Two catalogues of one language define the same key."""


@cache
def _catalogue(language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=None, abort_invalid=True):
                if not message.id:
                    continue
                key = str(message.id)
                if key in texts:
                    raise DuplicateTextError(f"{language}: {key} in {path.name}")
                texts[key] = str(message.string)
    return texts


def languages() -> list[str]:
    """The languages that have a folder."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def keys(language: str) -> frozenset[str]:
    """All keys of a language."""
    return frozenset(_catalogue(language))


def has_text(language: str, key: str) -> bool:
    """Whether the language itself, not its fallback, has the key."""
    return bool(_catalogue(language).get(key))


class Texts:
    """The texts of one language. ``texts("tap.title", name=...)`` fills ``{name}``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._own = _catalogue(language)
        self._fallback = _catalogue(FALLBACK)

    def __call__(self, key: str, **values: object) -> str:
        text = self._own.get(key) or self._fallback.get(key)
        if not text:
            missing.add((self.language, key))
            return key
        return text.format_map({name: str(value) for name, value in values.items()}) if values else text
