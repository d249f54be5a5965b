"""The world around a real kiosk: a seeded office and zero-latency doubles, each a process of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.processes import start, stop
from benchmarks.workshop import Workshop
from kiosk.demo.stage import ROOT, demo_config, load_blanks, wait_for_json


class Staging:
    """Started on first use. None of its processes is counted in any figure."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._processes: list[subprocess.Popen[bytes]] = []
        self.url = ""
        self.doubles: dict[str, Any] = {}

    @property
    def folder(self) -> Path:
        return self._workshop.folder / "stage"

    def ensure(self) -> None:
        if self._processes:
            return
        self.folder.mkdir()
        ready = self.folder / "office.json"
        office = str(self._workshop.office)
        serve = [sys.executable, "-m", "kiosk.office", "serve", "--data", office, "--port", "0", "--demo"]
        self._processes.append(start([*serve, "--ready-file", str(ready)], self._workshop.log))
        self.url = wait_for_json(ready, self._processes[-1])["url"]
        simulated = [sys.executable, "-m", "kiosk.devices.simulated", "--run-dir", str(self.folder), "--speed", "0"]
        self._processes.append(start(simulated, self._workshop.log))
        self.doubles = wait_for_json(self.folder / "doubles.json", self._processes[-1])

    def config(self, run: Path) -> Path:
        """A ``kiosk.toml`` for a kiosk that runs in ``run``."""
        self.ensure()
        path = run / "kiosk.toml"
        text = demo_config(
            self._workshop.office,
            self.url,
            self.doubles,
            is_landscape=False,
            visit={},
            run=run,
            flows=ROOT / "config" / "flows",
        )
        path.write_text(text, encoding="utf-8")
        load_blanks(path)
        return path

    def close(self) -> None:
        for process in reversed(self._processes):
            stop(process)
        self._processes.clear()
