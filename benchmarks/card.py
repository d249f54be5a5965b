"""What the card adds before a page can change, on a real pcscd with vpcd.

From the return of SCardGetStatusChange that shows the card to the finished read (powered twice, application selected).
``python -m benchmarks.card N`` prints milliseconds.
"""

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from kiosk.devices.simulated.card_fronts import VpcdPlug
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.stacks import Pcscd
from kiosk.devices.simulated.virtual_card import VirtualCard

UID = bytes.fromhex("04a1b2c3d4e5f6")
WAIT_S = 10.0


def measure(taps: int) -> list[float]:
    """Milliseconds of each tap."""
    with tempfile.TemporaryDirectory(prefix="anjungan-bench-") as folder:
        service = Pcscd(Path(folder))
        # Read once by the library, at its first call.
        os.environ |= service.environment()
        service.start()
        try:
            return _taps(service, taps)
        finally:
            service.stop()


def _taps(service: Pcscd, taps: int) -> list[float]:
    from smartcard import scard

    from kiosk.devices.card.pcsc_link import PcscLink
    from kiosk.devices.card.reader import CardReader
    from kiosk.devices.contract import CardReadKind

    seen: list[float] = []
    call = scard.SCardGetStatusChange

    def noted(*words: Any) -> Any:
        answer = call(*words)
        if any(state & scard.SCARD_STATE_PRESENT and state & scard.SCARD_STATE_CHANGED for _, state, _ in answer[1]):
            seen.append(time.perf_counter())
        return answer

    scard.SCardGetStatusChange = noted
    double = CardReaderDouble()
    plug = VpcdPlug(double, service.port)
    reader = CardReader(PcscLink("Virtual PCD"))
    reader.start()
    found: list[float] = []
    try:
        for _ in range(taps):
            _until(lambda: reader.status().is_usable and not reader.presence().is_present)
            seen.clear()
            double.tap(VirtualCard(UID))
            read = reader.read(WAIT_S, threading.Event())
            ended = time.perf_counter()
            if read.kind is not CardReadKind.READ or read.uid != UID or not seen:
                raise RuntimeError(f"the card was not read: {read}")
            found.append((ended - seen[0]) * 1000)
            double.pull()
    finally:
        scard.SCardGetStatusChange = call
        reader.stop()
        plug.close()
    return found


def _until(is_so: Any) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        if time.monotonic() > end:
            raise RuntimeError("the reader did not come")
        time.sleep(0.005)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
