"""A private upsd of the distribution with its dummy driver, in a folder and on a port of its own, without systemd."""

import os
import pwd
import socket
import subprocess
from pathlib import Path

DRIVERS = Path("/lib/nut")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Upsd:
    """``driver`` is NUT's own; ``port`` of its configuration is a ``.dev`` file or the address of what it asks."""

    def __init__(self, folder: Path, driver: str = "dummy-ups", source: str = "") -> None:
        self.folder = folder
        self.driver = driver
        self.port = free_port()
        self.device = folder / "ups.dev"
        self._source = source or str(self.device)
        self._processes: list[subprocess.Popen[bytes]] = []
        user = pwd.getpwuid(os.getuid()).pw_name
        self._user = ["-u", user]
        folder.chmod(0o750)
        self.say("OL")
        mode = "\nmode = dummy-once" if driver == "dummy-ups" else ""
        self._write("ups.conf", f"pollinterval = 1\n[ups]\ndriver = {driver}\nport = {self._source}{mode}\n")
        self._write("upsd.conf", f"LISTEN 127.0.0.1 {self.port}\n")
        self._write("upsd.users", "")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def say(self, status: str, charge: int = 97) -> None:
        """What the dummy tells from now on."""
        # In one step: the driver reads the file whenever it likes.
        fresh = self.folder / "fresh"
        fresh.write_text(f"ups.status: {status}\nbattery.charge: {charge}\nbattery.runtime: 1500\n")
        fresh.replace(self.device)

    def start(self) -> None:
        self.start_driver()
        self._run(str(DRIVERS / "upsd"), "-F", *self._user)

    def start_driver(self) -> None:
        self._run(str(DRIVERS / self.driver), "-D", "-a", "ups", *self._user)

    def stop_driver(self) -> None:
        self._end(self._processes.pop(0))

    def stop_server(self) -> None:
        self._end(self._processes.pop())

    def start_server(self) -> None:
        self._run(str(DRIVERS / "upsd"), "-F", *self._user)

    def stop(self) -> None:
        while self._processes:
            self._end(self._processes.pop())

    def _run(self, *command: str) -> None:
        place = str(self.folder)
        environment = {**os.environ, "NUT_CONFPATH": place, "NUT_STATEPATH": place, "NUT_ALTPIDPATH": place}
        with (self.folder / "nut.log").open("ab") as log:
            self._processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o640)

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
