"""The pages that both peers show: one of every kind, in the order of a visit, with the control that leads on.

Run as a process of its own, which ends before anything is measured: the gallery's models load Qt.
"""

import sys
from pathlib import Path

ROUND = {
    "attract": "start",
    "services": "service:cetak-kk",
    "standard": "main",
    "tap-card": "choose:nik",
    "nik": "back",
    "pin": "back",
    "busy": "help",
    "documents": "choose:doc-akta-kelahiran-0001",
    "review": "main",
    "preview": "main",
    "printing": "help",
    "outcome": "main",
    "survey": "rate:4",
    "take": "main",
    "hand-over": "main",
    "still-here": "stay",
    "help": "close",
    "technician": "staff:leave",
}
"""Name of the page -> the control to press on it."""

VISIT = ["attract", "services", "tap-card", "pin", "preview", "take"]
"""The pages of one short visit, for the walks that look for growth."""


def main() -> None:
    """``python -m benchmarks.pages OUT``: the models as JSON; ``starting`` (the page without a core) comes last."""
    import msgspec

    from kiosk import protocol as p
    from tests.gallery.models import all_pages

    known = {page.name: page for page in all_pages("id")}
    first = Path(__file__).resolve().parents[1] / "assets" / "first-page.json"
    # Both peers start with an empty field.
    nik = known["nik"]
    known["nik"] = msgspec.structs.replace(nik, body=msgspec.structs.replace(nik.body, value=""))
    pages = [msgspec.structs.replace(known[name], direction=p.Direction.FORWARD) for name in ROUND]
    pages.append(msgspec.json.decode(first.read_bytes(), type=p.Page))
    Path(sys.argv[1]).write_bytes(msgspec.json.encode(pages))


if __name__ == "__main__":
    main()
