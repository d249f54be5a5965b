"""How soon a printer's fault is known, and what it costs to go on asking all devices. A process of its own."""

import json
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

SAMPLES = 100
PRINTERS = 5
WARM_S = 3.0
POLLING_S = 15.0
GIVE_UP_S = 5.0


def fault_seen() -> float:
    """Milliseconds from a jam at a simulated printer to the adapter's listener; raises TimeoutError."""
    from kiosk.devices.contract import Band, Reason, Status
    from kiosk.devices.printing.document_printer import IDLE_POLL_S, IppPrinter
    from kiosk.devices.simulated.ipp_front import IppServer
    from kiosk.devices.simulated.printer_double import PrinterDouble, Trouble

    double = PrinterDouble()
    server = IppServer(double)
    printer = IppPrinter(server.uri, double.media)
    is_ready, is_seen = threading.Event(), threading.Event()
    seen: list[float] = []

    def told(status: Status) -> None:
        if status.band is Band.OK:
            is_ready.set()
        elif Reason.MEDIA_JAM in status.reasons and not is_seen.is_set():
            seen.append(time.perf_counter())
            is_seen.set()

    printer.listen(told)
    printer.start()
    try:
        if not is_ready.wait(GIVE_UP_S):
            raise TimeoutError("no printer")
        # Any moment of the adapter's pause is as likely as any other.
        time.sleep(random.uniform(IDLE_POLL_S, 2 * IDLE_POLL_S))
        began = time.perf_counter()
        double.fault(Trouble.MEDIA_JAM)
        if not is_seen.wait(GIVE_UP_S):
            raise TimeoutError("the fault")
        return (seen[0] - began) * 1000
    finally:
        printer.stop()
        server.close()
        double.close()


def polling_cpu(addresses: dict[str, str]) -> dict[str, float]:
    """Per cent of one core that the adapters of all devices take while nothing happens."""
    from kiosk.devices.build import build_devices
    from kiosk.settings import DevicesTable

    devices = build_devices(
        DevicesTable.model_validate(
            {
                "card_reader": {"kind": "socket", "address": addresses["card_reader"]},
                "document_printer": {"kind": "ipp", "uri": addresses["document_printer"]},
                "card_printer": {"kind": "ipp", "uri": addresses["card_printer"], "media": "iso_id-1_54x85.6mm"},
                "slip_printer": {"kind": "tcp", "address": addresses["slip_printer"]},
                "scanner": {"kind": "wedge"},
            }
        )
    )
    devices.start()
    try:
        time.sleep(WARM_S)
        asked = (devices.card_reader, devices.document_printer, devices.card_printer, devices.slip_printer)
        silent = [device.kind.value for device in asked if not device.status().is_usable]
        if silent:
            raise RuntimeError(f"not ready: {silent}")
        began, used = time.perf_counter(), time.process_time()
        time.sleep(POLLING_S)
        return {"per_cent": (time.process_time() - used) / (time.perf_counter() - began) * 100}
    finally:
        devices.stop()


def main() -> None:
    """``python -m benchmarks.devices faults`` or ``... polling '{"card_reader": ...}'``: prints JSON."""
    found: Any
    if sys.argv[1] == "faults":
        with ThreadPoolExecutor(PRINTERS) as pool:
            found = list(pool.map(lambda _: fault_seen(), range(SAMPLES)))
    else:
        found = polling_cpu(json.loads(sys.argv[2]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
