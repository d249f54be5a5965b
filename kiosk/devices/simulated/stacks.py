"""Real stacks under the kiosk, private and without systemd: pcscd with vpcd, ippeveprinter with its own bus, cupsd.

Each has its folder and its ports, is started as a child, and is stopped by its process id. For tests and for
``kiosk demo --real-stacks``; none of it is used in production.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

START_S = 30.0
START_ATTEMPTS = 5

PCSCD = "/usr/sbin/pcscd"
VPCD_DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
IPPEVEPRINTER = "/usr/sbin/ippeveprinter"
CUPSD = "/usr/sbin/cupsd"

_ACTIVATE = (
    "import os,sys;fd=int(sys.argv[1]);os.dup2(fd,3);os.set_inheritable(3,True);"
    "os.environ.update(LISTEN_FDS='1',LISTEN_PID=str(os.getpid()));os.execv(sys.argv[2],sys.argv[2:])"
)


class StackError(RuntimeError):
    """A program is missing or did not come up."""


def free_ports(count: int = 1) -> int:
    """The first of ``count`` neighbouring free TCP ports."""
    for _ in range(200):
        with socket.socket() as probe:
            probe.bind(("0.0.0.0", 0))  # noqa: S104 (vpcd listens on all addresses, so the port must be free on all)
            first = int(probe.getsockname()[1])
        held = []
        try:
            for port in range(first, first + count):
                sock = socket.socket()
                held.append(sock)
                sock.bind(("0.0.0.0", port))  # noqa: S104 (as above)
            return first
        except OSError:
            continue
        finally:
            for sock in held:
                sock.close()
    raise StackError("no free ports")


def is_listening(port: int) -> bool:
    """Whether something listens on that TCP port; read from the kernel, since a connection would insert a card."""
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == "0A":
                    return True
    return False


def wait_until(is_so: Callable[[], bool], what: str, timeout_s: float = START_S) -> None:
    """Wait for a condition. Raises StackError at the deadline."""
    end = time.monotonic() + timeout_s
    pause = threading.Event()
    while not is_so():
        if time.monotonic() > end:
            raise StackError(f"no {what} within {timeout_s:g} s")
        pause.wait(0.01)


class _Child:
    """A program that is stopped by its process id and leaves its last words in a file."""

    def __init__(
        self, command: list[str], log: Path, env: dict[str, str] | None = None, fds: tuple[int, ...] = ()
    ) -> None:
        if not Path(command[0]).exists():
            raise StackError(f"{command[0]} is not installed")
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, pass_fds=fds, start_new_session=True
            )

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.is_alive:
            self.process.send_signal(number)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


class Pcscd:
    """pcscd with vpcd's two slots, by socket activation: side by side with others and without root.

    Clients need ``environment()`` before they first speak PC/SC: libpcsclite reads the name once a process.
    """

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port if port is not None else free_ports(2)
        self.socket_path = self.folder / "pcscd.comm"
        self._child: _Child | None = None
        self._listener: socket.socket | None = None
        config = self.folder / "readers"
        config.mkdir(parents=True, exist_ok=True)
        self._config = config / "vpcd"
        self.plug()

    def plug(self) -> None:
        """The reader is there at the next start."""
        self._config.write_text(
            'FRIENDLYNAME "Virtual PCD"\n'
            f"DEVICENAME /dev/null:{self.port:#06x}\n"
            f"LIBPATH {VPCD_DRIVER}\n"
            f"CHANNELID {self.port:#06x}\n"
        )

    def unplug(self) -> None:
        """The service runs without a reader from the next start."""
        self._config.unlink(missing_ok=True)

    def freeze(self, is_frozen: bool = True) -> None:
        """Let it hang, and go on: it is there and answers nothing."""
        if self._child is not None:
            self._child.process.send_signal(signal.SIGSTOP if is_frozen else signal.SIGCONT)

    def environment(self) -> dict[str, str]:
        """What a client's environment must hold."""
        return {"PCSCLITE_CSOCK_NAME": str(self.socket_path)}

    def start(self) -> None:
        """Start, or start again after ``kill``. Raises StackError."""
        if self._child is not None:
            return
        self.socket_path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self.socket_path))
        listener.listen(16)
        self._listener = listener
        fd = listener.fileno()
        command = [sys.executable, "-I", "-S", "-c", _ACTIVATE, str(fd), PCSCD, "-f", "-i", "-c"]
        if not Path(PCSCD).exists() or not Path(VPCD_DRIVER).exists():
            raise StackError("pcscd or vsmartcard-vpcd is not installed")
        self._child = _Child([*command, str(self.folder / "readers")], self.folder / "pcscd.log", fds=(fd,))
        child = self._child
        if self._config.exists():
            wait_until(lambda: is_listening(self.port + 1) or not child.is_alive, "virtual reader")
        if not child.is_alive:
            self.stop()
            raise StackError("pcscd ended: " + (self.folder / "pcscd.log").read_text(errors="replace")[-400:])

    def kill(self) -> None:
        """SIGKILL, and nobody answers on the socket any more."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop in peace."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        child, self._child = self._child, None
        if child is not None:
            child.end(number)
        self.socket_path.unlink(missing_ok=True)


def _takes_connections(path: Path) -> bool:
    """Whether something accepts on that Unix socket; the file alone is there earlier."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy>
</busconfig>
"""


class EvePrinter:
    """ippeveprinter, whose sheets move in our engine; what it received stays in ``received`` byte for byte."""

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        media: str = "iso_a4_210x297mm",
        formats: str = "application/pdf,image/pwg-raster",
    ) -> None:
        self.folder = folder.resolve()
        self.formats = formats
        self.port = port if port is not None else free_ports()
        self.media = media
        self.uri = f"ipp://127.0.0.1:{self.port}/ipp/print"
        self.received = self.folder / "received"
        self._plan = self.folder / "plan.json"
        self._bus: _Child | None = None
        self._printer: _Child | None = None
        for part in (self.folder, self.received, self.folder / "spool"):
            part.mkdir(parents=True, exist_ok=True)
        engine = self.folder / "engine"
        script = Path(__file__).with_name("eve_engine.py")
        engine.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "{self.folder}" "$@"\n')
        engine.chmod(0o755)
        self.plan()

    def plan(self, **faults: Any) -> None:
        """How the sheets move from now on: ``sheet_s``, ``empty_at``, ``jam_at``, ``abort_at``, ``die_at`` (sheets)."""
        part = self._plan.with_suffix(".part")
        part.write_text(json.dumps({"sheet_s": 0.02, **faults}))
        part.replace(self._plan)

    def start(self) -> None:
        """Start, or start again after a power cut: the job history is gone then. Raises StackError."""
        bus_path = self.folder / "bus"
        if self._bus is None:
            config = self.folder / "bus.conf"
            config.write_text(_BUS.format(path=bus_path))
            bus = shutil.which("dbus-daemon") or "/usr/bin/dbus-daemon"
            self._bus = _Child([bus, f"--config-file={config}", "--nofork", "--nopidfile"], self.folder / "bus.log")
            wait_until(lambda: _takes_connections(bus_path), "private bus")
        if self._printer is not None and self._printer.is_alive:
            return
        environment = dict(os.environ) | {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus_path}"}
        command = [IPPEVEPRINTER, "-r", "off", "-n", "localhost", "-p", str(self.port)]
        command += ["-d", str(self.folder / "spool"), "-k", "-f", self.formats]
        command += ["-c", str(self.folder / "engine"), "Anjungan A4"]
        for _ in range(START_ATTEMPTS):
            # On a loaded machine it sometimes does not get its bus in time and gives up.
            self._printer = _Child(command, self.folder / "printer.log", environment)
            printer = self._printer
            wait_until(lambda printer=printer: is_listening(self.port) or not printer.is_alive, "ippeveprinter")  # type: ignore[misc]
            if printer.is_alive:
                break
        else:
            self.stop()
            raise StackError("ippeveprinter ended: " + (self.folder / "printer.log").read_text()[-400:])
        self.load_tray()

    def load_tray(self, sheets: int = 250) -> None:
        """Put our medium into the main tray by the printer's own web page; 0, 5, 25, 50, 125 or 250 sheets."""
        tray = {"size1": self.media, "type1": "stationery", "level1": sheets}
        query = urlencode(tray | {"size3": self.media, "type3": "stationery", "level3": min(sheets, 25)})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", f"/media?{query}")
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != 200:
            raise StackError(f"ippeveprinter took no paper: HTTP {status}")

    def cut_power(self) -> None:
        """SIGKILL, and the engine with it: without power no sheet moves."""
        printer, self._printer = self._printer, None
        if printer is not None:
            with suppress(ProcessLookupError):
                os.killpg(printer.process.pid, signal.SIGKILL)
            printer.end(signal.SIGKILL)

    def documents(self) -> list[bytes]:
        """What the engine got, oldest first."""
        return [path.read_bytes() for path in sorted(self.received.iterdir())]

    def finished(self) -> list[bytes]:
        """The documents of which every sheet left the engine, in that order; one that came out twice stands twice."""
        path = self.folder / "finished"
        names = path.read_text().split() if path.exists() else []
        return [(self.received / name).read_bytes() for name in names]

    def sheets(self) -> int:
        """Sheets that left the engine, over all jobs."""
        path = self.folder / "sheets"
        return len(path.read_bytes()) if path.exists() else 0

    def stop(self) -> None:
        """Stop printer and bus."""
        for child in (self._printer, self._bus):
            if child is not None:
                child.end()
        self._printer = self._bus = None


class Cupsd:
    """A private scheduler with queues onto printers that are given by their address."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port if port is not None else free_ports()
        self.uri = f"ipp://127.0.0.1:{self.port}"
        self.empties_spool = False
        """Begin each life without the jobs of the last, as ``systemd/cups.service.d/anjungan.conf`` has it."""
        self._child: _Child | None = None
        self._write()

    def _write(self) -> None:
        names = ("etc", "spool", "cache", "state", "tmp", "log", "ssl")
        for name in names:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        root, at = self.folder, {name: self.folder / name for name in names}
        group = "lp" if os.getuid() == 0 else ""
        (at["etc"] / "cups-files.conf").write_text(
            f"ServerRoot {at['etc']}\nRequestRoot {at['spool']}\nCacheDir {at['cache']}\nStateDir {at['state']}\n"
            f"TempDir {at['tmp']}\nServerBin /usr/lib/cups\nDataDir /usr/share/cups\nServerKeychain {at['ssl']}\n"
            f"AccessLog {at['log']}/access\nErrorLog {at['log']}/error\nPageLog {at['log']}/page\n"
            + (f"User lp\nGroup {group}\nSystemGroup root lpadmin\n" if group else "")
        )
        (at["etc"] / "cupsd.conf").write_text(
            f"Listen 127.0.0.1:{self.port}\nBrowsing No\nWebInterface No\nIdleExitTimeout 0\nDirtyCleanInterval 0\n"
            "LogLevel debug\nPreserveJobFiles No\nErrorPolicy abort-job\nDefaultAuthType None\n"
            "<Location />\n Order allow,deny\n Allow all\n</Location>\n"
            "<Location /admin>\n Order allow,deny\n Allow all\n</Location>\n"
            "<Policy default>\n JobPrivateAccess all\n JobPrivateValues none\n <Limit All>\n"
            "  Order allow,deny\n  Allow all\n </Limit>\n</Policy>\n"
        )
        if group:
            for path in (root, *at.values()):
                shutil.chown(path, "root", group)
            at["spool"].chmod(0o710)
            at["tmp"].chmod(0o1770)
            for name in ("cache", "state", "log"):
                at[name].chmod(0o775)

    def start(self) -> None:
        """Start it. Raises StackError."""
        etc = self.folder / "etc"
        if self.empties_spool:
            for path in (self.folder / "spool").glob("[cd][0-9]*"):
                path.unlink()
        command = [CUPSD, "-f", "-c", str(etc / "cupsd.conf"), "-s", str(etc / "cups-files.conf")]
        self._child = _Child(command, self.folder / "cupsd.log")
        child = self._child
        wait_until(lambda: is_listening(self.port) or not child.is_alive, "cupsd")
        if not child.is_alive:
            raise StackError("cupsd ended: " + (self.folder / "cupsd.log").read_text(errors="replace")[-400:])

    def environment(self) -> dict[str, str]:
        """For ``lp``, ``lpadmin`` and the like."""
        return dict(os.environ) | {"CUPS_SERVER": f"127.0.0.1:{self.port}"}

    def add_queue(self, name: str, printer_uri: str) -> str:
        """A driverless queue onto a printer; returns the queue's own address. Raises StackError."""
        done = subprocess.run(
            ["/usr/sbin/lpadmin", "-p", name, "-E", "-v", printer_uri, "-m", "everywhere"],
            env=self.environment(),
            capture_output=True,
            timeout=30,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"lpadmin: {done.stderr.decode(errors='replace')[-300:]}")
        return f"{self.uri}/printers/{name}"

    def stop(self) -> None:
        """Stop it in peace; ``start`` begins again with the same queues."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: its filters and backends go on without it, and what it held is printed again at its next start."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end(number)
