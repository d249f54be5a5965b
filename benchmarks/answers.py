"""How long the real core takes from a touch that reaches it to the page model that answers it. A process of its own."""

import json
import sys
import time
from pathlib import Path

from kiosk import protocol as p
from tests.e2e.paper_face import PaperFace

WARM = 3


def main() -> None:
    """``python -m benchmarks.answers SOCKET ROUNDS``: prints the milliseconds of each page change as JSON."""
    face = PaperFace(Path(sys.argv[1]))
    face.wait_page("attract", timeout_s=60)
    samples: list[float] = []

    def press(action: str, *names: str) -> p.Page:
        began = time.perf_counter()
        face.press(f"#{action}")
        page = face.wait_page(*names)
        samples.append((time.perf_counter() - began) * 1000)
        return page

    rounds = int(sys.argv[2])
    for number in range(rounds + WARM):
        if number == WARM:
            samples.clear()
        press("start", "services")
        standard = press("service:cetak-kk", "standard")
        assert standard.main is not None
        press(standard.main.id, "proof")
        nik = press("choose:nik", "nik")
        assert nik.back is not None
        proof = press(nik.back.id, "proof")
        assert proof.home is not None
        press(proof.home.id, "attract", "take")
        face.wait_page("attract", timeout_s=30)
    face.close()
    print(json.dumps(samples))


if __name__ == "__main__":
    main()
