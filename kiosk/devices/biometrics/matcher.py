"""Matchers over a source of pictures and a worker process: what stands behind ``FaceMatcher`` and ``FingerMatcher``."""

import importlib.util
import threading
import time
from collections.abc import Callable
from threading import Event
from typing import Protocol

from kiosk.devices.biometrics import verdict
from kiosk.devices.biometrics.process import LateError, Worker, WorkerGoneError
from kiosk.devices.contract.base import DeviceKind, Reason
from kiosk.devices.contract.biometrics import (
    Doubt,
    FingerSensor,
    FrameSource,
    MatchEnd,
    MatchReport,
    Picture,
)
from kiosk.devices.status import Clock
from kiosk.devices.watching import WatchedDevice

LOOK_S = 0.5
"""Between two looks whether the sensor is there."""

FRAME_S = 3.0
"""Longest wait for one live frame; a camera that gives none for so long is away."""


class Eye(Protocol):
    """What gives pictures: a camera or a finger sensor, bound to one call."""

    def is_there(self) -> bool: ...

    def take(self, deadline_s: float, cancel: Event) -> Picture | None: ...

    def close(self) -> None: ...


class CameraEye:
    """A frame source as an eye."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source

    def is_there(self) -> bool:
        return self._source.is_there()

    def take(self, deadline_s: float, cancel: Event) -> Picture | None:
        return self._source.frame(min(deadline_s, FRAME_S), cancel)

    def close(self) -> None:
        """The camera is on during a comparison and at no other time."""
        self._source.close()


class SensorEye:
    """A finger sensor as an eye: it waits for a finger as long as it may."""

    def __init__(self, sensor: FingerSensor) -> None:
        self._sensor = sensor

    def is_there(self) -> bool:
        return self._sensor.is_there()

    def take(self, deadline_s: float, cancel: Event) -> Picture | None:
        return self._sensor.capture(deadline_s, cancel)

    def close(self) -> None:
        """A sensor is only read while a finger is asked for."""


class Matcher(WatchedDevice):
    """One comparison at a time; each has a process of its own, which ends with it.

    ``status`` tells whether sensor and packages are there; the packages are imported by the worker alone.
    """

    def __init__(
        self,
        kind: DeviceKind,
        name: str,
        eye: Eye,
        thresholds: verdict.Thresholds,
        need: int,
        package: str,
        clock: Clock = time.monotonic,
        worker: Callable[[str], Worker] = Worker,
    ) -> None:
        super().__init__(kind, name, clock)
        self._eye = eye
        self._thresholds = thresholds
        self._need = need
        self._package = package
        self._worker = worker
        self._one = threading.Lock()

    def match(self, reference: bytes | None, deadline_s: float, cancel: Event) -> MatchReport:
        """See ``FaceMatcher.match``. A second call while one runs is CANCELLED at once."""
        if not self._one.acquire(blocking=False):
            return MatchReport(MatchEnd.CANCELLED)
        try:
            return self._match(reference, time.monotonic() + deadline_s, cancel)
        finally:
            self._eye.close()
            self._one.release()

    def _match(self, reference: bytes | None, end: float, cancel: Event) -> MatchReport:
        if cancel.is_set():
            return MatchReport(MatchEnd.CANCELLED)
        if not self._has_package() or not self._eye.is_there():
            return MatchReport(MatchEnd.NO_DEVICE)
        try:
            with self._worker(self.kind.value) as worker:
                worker.wait_ready(end, cancel)
                return self._compare(worker, reference, end, cancel)
        except LateError:
            return MatchReport(MatchEnd.CANCELLED if cancel.is_set() else MatchEnd.TIMED_OUT)
        except (WorkerGoneError, OSError):
            return MatchReport(MatchEnd.NO_DEVICE)

    def _compare(self, worker: Worker, reference: bytes | None, end: float, cancel: Event) -> MatchReport:
        knows = reference is not None
        if reference is not None and worker.reference(reference, end, cancel) is not Doubt.NONE:
            return MatchReport(MatchEnd.NOT_SURE, Doubt.REFERENCE_UNUSABLE)
        tally = verdict.Tally(self._thresholds, self._need, knows_reference=knows)
        has_seen = False
        while (left := end - time.monotonic()) > 0:
            picture = self._eye.take(left, cancel)
            if cancel.is_set():
                if picture is not None:
                    picture.wipe()
                return MatchReport(MatchEnd.CANCELLED)
            if picture is None:
                if not self._eye.is_there():
                    return MatchReport(MatchEnd.NO_DEVICE)
                continue
            try:
                sight = worker.look(picture, end, cancel)
            except LateError:
                if cancel.is_set() or not has_seen:
                    raise
                break
            finally:
                picture.wipe()
            has_seen = True
            report = tally.add(sight)
            if report is not None:
                return report
        return tally.at_the_end() if has_seen else MatchReport(MatchEnd.TIMED_OUT)

    def _has_package(self) -> bool:
        return importlib.util.find_spec(self._package) is not None

    def _turn(self, stopping: threading.Event) -> None:
        if not self._has_package():
            self._board.report(
                [Reason.NOT_CONFIGURED], f"package {self._package} is missing: install the extra biometrics"
            )
        elif not self._eye.is_there():
            self._board.report([Reason.AWAY], "no pictures from the sensor")
        else:
            self._board.report([])
        stopping.wait(LOOK_S)


def face_matcher(
    source: FrameSource,
    name: str = "camera",
    thresholds: verdict.Thresholds = verdict.FACE,
    clock: Clock = time.monotonic,
) -> Matcher:
    """dlib over a camera: two frames in a row must agree."""
    return Matcher(DeviceKind.FACE, name, CameraEye(source), thresholds, 2, "dlib", clock)


def finger_matcher(
    sensor: FingerSensor,
    name: str = "finger sensor",
    thresholds: verdict.Thresholds = verdict.FINGER,
    clock: Clock = time.monotonic,
) -> Matcher:
    """NIST's programs over a finger sensor: one finger laid on once decides, or leaves doubt."""
    return Matcher(DeviceKind.FINGER, name, SensorEye(sensor), thresholds, 1, "nbis", clock)
