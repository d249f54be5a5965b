"""Which library compares what; each is imported only by the worker that needs it."""

from typing import Protocol

from kiosk.devices.biometrics.wire import Sight
from kiosk.devices.contract.biometrics import Doubt


class Comparer(Protocol):
    def reference(self, data: bytes) -> Doubt: ...

    def look(self, width: int, height: int, channels: int, data: bytes) -> Sight: ...


def make(kind: str) -> Comparer:
    """Raises ImportError where the optional packages are missing, ValueError for another kind."""
    if kind == "face":
        from kiosk.devices.biometrics.dlib_faces import Faces

        return Faces()
    if kind == "finger":
        from kiosk.devices.biometrics.nbis_fingers import Fingers

        return Fingers()
    raise ValueError(kind)
