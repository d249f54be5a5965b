"""Family cards signed by the embedded office, for previews, checks and prints. A process of its own."""

import subprocess
import sys
from pathlib import Path

PEOPLE = 400
SEED = 71


def main() -> None:
    """``python -m benchmarks.papers FOLDER COUNT``: ``office/``, ``kk-NN.pdf`` and ``sheet.png`` in the folder."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    office = folder / "office"
    if not (office / "people.json").exists():
        office.mkdir(parents=True, exist_ok=True)
        seed = [sys.executable, "-m", "kiosk.office", "seed", "--data", str(office), "--people", str(PEOPLE)]
        subprocess.run([*seed, "--seed", str(SEED)], check=True, stdout=subprocess.DEVNULL)

    from sqlalchemy import select

    from kiosk.documents.preview import render_page
    from kiosk.office import database as db
    from kiosk.office.issuer import Issuer, Signer

    database = db.Database(office / "office.db")
    issuer = Issuer(database, Signer(office))
    with database.reading() as connection:
        wanted = select(db.document.c.id).where(db.document.c.kind == "kk").order_by(db.document.c.id).limit(count + 1)
        ids = list(connection.execute(wanted).scalars())
    for number, document in enumerate(ids):
        pdf = issuer.issue(document).pdf
        if number == 0:
            # The preview that stands on both peers' page in the walks; the others are seen once, as new documents.
            (folder / "sheet.png").write_bytes(render_page(pdf, 0, 900))
        else:
            (folder / f"kk-{number:02d}.pdf").write_bytes(pdf)


if __name__ == "__main__":
    main()
