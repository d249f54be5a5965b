"""A realistic model of every page, in both languages. All people are invented; their NIK use region code 99."""

from kiosk import protocol as p
from tests.gallery.frame import say
from tests.gallery.paper_pages import paper_pages
from tests.gallery.proving_pages import proving_pages
from tests.gallery.staff_pages import staff_pages
from tests.gallery.trouble_pages import trouble_pages
from tests.gallery.waiting_pages import waiting_pages


def all_pages(language: str = "id", look: p.Look | None = None) -> list[p.Page]:
    """Every page in one language and look."""
    look = look or p.Look(language=language)
    t = say(language)
    return [
        *waiting_pages(t, look),
        *proving_pages(t, look),
        *paper_pages(t, look),
        *trouble_pages(t, look),
        *staff_pages(t, look),
    ]
