"""From a fetched family card to the printer: signature check, Create-Job, Send-Document. A process of its own."""

import hashlib
import json
import sys
import time
from pathlib import Path

WARM = 3


def main() -> None:
    """``python -m benchmarks.printing OFFICE URI PDF...``: prints the milliseconds of each as JSON."""
    from kiosk.devices.contract import DeviceKind
    from kiosk.devices.printing.document_printer import IppPrinter
    from kiosk.documents.verified import ExpectedSize
    from kiosk.documents.verify import Verifier

    office, uri, *papers = sys.argv[1:]
    verifier = Verifier([Path(office) / "ca" / "root.pem"])
    printer = IppPrinter(uri, "iso_a4_210x297mm", DeviceKind.DOCUMENT_PRINTER)
    found: list[dict[str, float]] = []
    for number, paper in enumerate(papers):
        pdf = Path(paper).read_bytes()
        granted = hashlib.sha256(pdf).hexdigest()
        name = f"bench-{number}"
        began = time.perf_counter()
        document = verifier.verify(pdf, expected_sha256=granted, size=ExpectedSize.A4)
        verified = time.perf_counter()
        job = printer.create(name, document.pages, 5.0)
        printer.send(job, document.data, 5.0)
        sent = time.perf_counter()
        found.append({"verify": (verified - began) * 1000, "submit": (sent - verified) * 1000})
        end = time.monotonic() + 5
        while not printer.poll(job).state.is_final:
            if time.monotonic() > end:
                raise TimeoutError(name)
            time.sleep(0.005)
    print(json.dumps(found[WARM:]))


if __name__ == "__main__":
    main()
