"""The demo office's switch, so that the dock hurts the office by the same socket as the devices.

It speaks the office's demo door over plain HTTP and knows nothing else of it.
"""

import json
import urllib.error
import urllib.request
from enum import StrEnum
from typing import Any

DEVICE = "office"
TIMEOUT_S = 3.0


class OfficeTrouble(StrEnum):
    """What the demo office can be made to do."""

    SLOW = "slow"
    HTTP_500 = "http-500"
    HTML = "html"
    GARBAGE = "garbage"
    GONE = "gone"
    REFUSE = "refuse"
    DRIP = "drip"


class OfficeSwitch:
    """``url`` of an office that was started with its demo switches."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + "/demo/fault"
        self.trouble: OfficeTrouble | None = None

    def fault(self, trouble: OfficeTrouble, seconds: float = 3.0) -> None:
        """Make the office misbehave. Raises ValueError when it cannot be reached."""
        self._ask(trouble.value, seconds)
        self.trouble = trouble

    def clear(self) -> None:
        """Let the office work again."""
        self._ask("none", 0.0)
        self.trouble = None

    def describe(self) -> dict[str, Any]:
        """In the form of a device, for the dock."""
        reasons = [self.trouble.value] if self.trouble is not None else []
        return {
            "device": DEVICE,
            "faults": [trouble.value for trouble in OfficeTrouble],
            "state": {"is_on": True, "reasons": reasons},
        }

    def _ask(self, mode: str, seconds: float) -> None:
        body = json.dumps({"mode": mode, "seconds": seconds}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - our own office
                answer.read()
        except (OSError, urllib.error.URLError) as error:
            raise ValueError(f"the office's switch does not answer: {type(error).__name__}") from error
