"""How a UPS is asked: by NUT's ``upsd`` or by apcupsd's information server. Both are a few lines of TCP.

Written by hand because that is all there is to them: one question, one answer, nothing kept between two questions, and
each with a deadline, which the clients in the package index do not have.
"""

import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from kiosk.devices.contract import PowerReading

NUT_PORT = 3493
APCUPSD_PORT = 3551
_MAX_ANSWER = 1 << 16
_NUT_VARIABLE = re.compile(r'VAR (\S{1,64}) (\S{1,64}) "((?:[^"\\]|\\.)*)"')


class UpsAwayError(Exception):
    """Nobody listens there, or it knows no such UPS."""


class UpsSilentError(Exception):
    """Somebody listens and says nothing that can be relied on."""


class UpsLink(Protocol):
    name: str

    def ask(self, deadline: float) -> PowerReading:
        """One question, answered before ``deadline`` (monotonic). Raises UpsAwayError, UpsSilentError."""
        ...


def _host_port(address: str, port: int) -> tuple[str, int]:
    """Of ``host:port``, ``host`` or nothing. Raises ValueError."""
    host, colon, number = address.rpartition(":")
    if not colon:
        return address or "127.0.0.1", port
    if not host or not number.isdecimal() or not 0 < int(number) < 65_536:
        raise ValueError(f"no host:port: {address!r}")
    return host.strip("[]"), int(number)


class _Line:
    """A connection for one question; every wait ends at the deadline."""

    def __init__(self, place: tuple[str, int], deadline: float) -> None:
        self._deadline = deadline
        self._buffer = b""
        self._total = 0
        try:
            self._socket = socket.create_connection(place, self._left())
        except TimeoutError as error:
            raise UpsSilentError("no answer in time") from error
        except OSError as error:
            raise UpsAwayError(error.strerror or "no connection") from error

    def _left(self) -> float:
        return max(0.01, self._deadline - time.monotonic())

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(data)
        except OSError as error:
            raise UpsSilentError("the connection broke") from error

    def _more(self) -> None:
        if time.monotonic() >= self._deadline:
            raise UpsSilentError("no answer in time")
        try:
            self._socket.settimeout(self._left())
            data = self._socket.recv(4096)
        except TimeoutError as error:
            raise UpsSilentError("no answer in time") from error
        except OSError as error:
            raise UpsSilentError("the connection broke") from error
        self._total += len(data)
        if not data or self._total > _MAX_ANSWER:
            raise UpsSilentError("the answer ended early" if not data else "the answer has no end")
        self._buffer += data

    def line(self) -> str:
        """Up to the next line feed."""
        while b"\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("utf-8", "replace").strip()

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self._buffer) < count:
            self._more()
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()


class _Link:
    """One connection for each question."""

    def __init__(self, name: str, place: tuple[str, int], talk: Callable[[_Line], PowerReading]) -> None:
        self.name = name
        self._place = place
        self._talk = talk

    def ask(self, deadline: float) -> PowerReading:
        """See ``UpsLink``."""
        line = _Line(self._place, deadline)
        try:
            return self._talk(line)
        finally:
            line.close()


def nut_link(address: str, ups: str) -> UpsLink:
    """For NUT's network protocol (``LIST VAR``). Raises ValueError on a bad address."""

    def talk(line: _Line) -> PowerReading:
        line.send(f"LIST VAR {ups}\n".encode("ascii"))
        variables: dict[str, str] = {}
        while True:
            words = line.line()
            if words.startswith("ERR "):
                raise _nut_error(words)
            if words == f"END LIST VAR {ups}":
                break
            found = _NUT_VARIABLE.fullmatch(words)
            if found and found[1] == ups:
                variables[found[2]] = re.sub(r"\\(.)", r"\1", found[3])
            elif words != f"BEGIN LIST VAR {ups}":
                raise UpsSilentError("no answer of upsd")
        with suppress(UpsSilentError):
            line.send(b"LOGOUT\n")
        return nut_reading(variables)

    return _Link(f"NUT {ups}", _host_port(address, NUT_PORT), talk)


def _nut_error(words: str) -> Exception:
    code = words.removeprefix("ERR ").split(" ")[0][:40]
    return UpsAwayError(code) if code in ("UNKNOWN-UPS", "ACCESS-DENIED") else UpsSilentError(code)


def nut_reading(variables: dict[str, str]) -> PowerReading:
    """What NUT's variables mean. Raises UpsSilentError where they don't say whether the mains are there."""
    flags = set(variables.get("ups.status", "").split())
    if not flags & {"OL", "OB", "FSD", "BYPASS"}:
        raise UpsSilentError("no status" if not flags else f"status {' '.join(sorted(flags))[:60]}")
    is_testing = "CAL" in flags and "FSD" not in flags
    return PowerReading(
        is_on_battery=bool(flags & {"OB", "FSD"}) and not is_testing,
        is_battery_low=("LB" in flags and "OB" in flags and not is_testing) or "FSD" in flags,
        needs_battery="RB" in flags,
        is_overloaded="OVER" in flags,
        charge=_number(variables.get("battery.charge"), 100),
        runtime_s=_number(variables.get("battery.runtime"), 864_000),
    )


def apcupsd_link(address: str) -> UpsLink:
    """For apcupsd's information server: frames of a 16-bit length and text. Raises ValueError on a bad address."""

    def talk(line: _Line) -> PowerReading:
        line.send(b"\x00\x06status")
        values: dict[str, str] = {}
        while (length := int.from_bytes(line.exactly(2))) != 0:
            key, colon, value = line.exactly(length).decode("utf-8", "replace").partition(":")
            if colon:
                values[key.strip()] = value.strip()
        return apcupsd_reading(values)

    return _Link("apcupsd", _host_port(address, APCUPSD_PORT), talk)


def apcupsd_reading(values: dict[str, str]) -> PowerReading:
    """What apcupsd's lines mean. Raises UpsSilentError while it has lost its UPS."""
    flags = set(values.get("STATUS", "").split())
    if "COMMLOST" in flags or not flags & {"ONLINE", "ONBATT", "SHUTTING"}:
        raise UpsSilentError("COMMLOST" if "COMMLOST" in flags else "no status")
    minutes = _number(values.get("TIMELEFT", "").split(" ")[0], 14_400)
    return PowerReading(
        is_on_battery=bool(flags & {"ONBATT", "SHUTTING"}),
        is_battery_low=("LOWBATT" in flags and "ONBATT" in flags) or "SHUTTING" in flags,
        needs_battery="REPLACEBATT" in flags,
        is_overloaded="OVERLOAD" in flags,
        charge=_number(values.get("BCHARGE", "").split(" ")[0], 100),
        runtime_s=minutes * 60 if minutes is not None else None,
    )


def _number(text: str | None, most: int) -> int | None:
    """A number that can be; None for all else."""
    if text is None or not re.fullmatch(r"[0-9]{1,8}(\.[0-9]{1,8})?", text):
        return None
    number = int(float(text))
    return number if number <= most else None
