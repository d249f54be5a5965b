"""The folder that a run works in, with what both peers need: page models, signed papers, the peer's files."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.pages import VISIT
from benchmarks.processes import ROOT
from benchmarks.screen import Screen

PAPERS = 40
PEER = Path(__file__).parent / "peer"
DRAWN_WIDE = {"scene-touch": "machine-touch", "scene-hold-card": "hand-card", "scene-take-card": "hand-card"}
DRAWN_WIDE |= {"scene-paper-out": "machine-side", "scene-officer": "officer", "scene-slip-out": "machine-side"}


@dataclass
class Workshop:
    """Everything is made on first use, so that one metric alone does not wait for the rest."""

    folder: Path

    def __post_init__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    @property
    def log(self) -> Path:
        return self.folder / "programs.log"

    @cached_property
    def screen(self) -> Screen:
        return Screen(self.log)

    def close(self) -> None:
        if "screen" in self.__dict__:
            self.screen.close()

    @cached_property
    def office(self) -> Path:
        """The seeded office's folder; the papers lie beside it."""
        run_module("benchmarks.papers", str(self.folder), str(PAPERS))
        return self.folder / "office"

    @cached_property
    def papers(self) -> list[Path]:
        """Family cards that nobody has shown yet."""
        assert self.office.is_dir()
        return sorted(self.folder.glob("kk-*.pdf"))

    @cached_property
    def pages(self) -> Path:
        """The page models as JSON."""
        path = self.folder / "pages.json"
        run_module("benchmarks.pages", str(path))
        return path

    @cached_property
    def site(self) -> str:
        """Address of the peer's page."""
        site = self.folder / "peer"
        site.mkdir()
        for file in PEER.iterdir():
            shutil.copy(file, site)
        papers = [str(paper) for paper in self.papers]
        shutil.copy(self.folder / "sheet.png", site)
        values = {
            "PAGES": json.loads(self.pages.read_text(encoding="utf-8")),
            "DRAWINGS": _drawings(),
            "PAPERS": [Path(paper).as_uri() for paper in papers],
            "VISIT": VISIT,
        }
        text = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in values.items())
        (site / "pages.js").write_text(text, encoding="utf-8")
        return (site / "index.html").as_uri()


def run_module(name: str, *arguments: str) -> str:
    """Run a part in a process of its own and return what it printed. Raises CalledProcessError."""
    command = [sys.executable, "-m", name, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def _drawings() -> dict[str, str]:
    """The kiosk's own icons and one still of each scene, for the peer."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "assets" / "icons").glob("*.svg")}
    for name, file in DRAWN_WIDE.items():
        path = ROOT / "kiosk" / "ui" / "scenes" / f"{file}.svg"
        svg = path.read_text(encoding="utf-8") if path.is_file() else found["id-card"]
        for role in ("ink", "skin", "skinShade", "cuff", "machine", "panel", "screen", "glow", "accent", "slot"):
            svg = svg.replace(f"{{{role}}}", "#00403C" if role in ("cuff", "screen") else "#C0A890")
        found[name] = svg
    return found


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    processor = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    chromium = shutil.which("chromium")
    version = subprocess.run([chromium, "--version"], capture_output=True, text=True).stdout.strip() if chromium else ""
    import os
    import platform

    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": _system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "pyside": importlib.metadata.version("PySide6-Essentials"),
        "chromium": version,
        "load_before": os.getloadavg()[0],
    }


def _system() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return "unknown"
