"""``python -m benchmarks [names]``: measure, print the table, write ``build/bench.json``."""

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks import alone, card, interaction, memory, starts
from benchmarks.figures import Metric
from benchmarks.processes import ROOT
from benchmarks.rivals import Chromium, Ours
from benchmarks.staging import Staging
from benchmarks.workshop import Workshop, machine

STARTS = ["cold_start"]
TOUCHES = ["tap_to_frame_p50", "tap_to_frame_p99", "page_change_p50", "page_change_p99", "page_first_build"]
TOUCHES += ["first_preview"]
MEMORY = ["pss_face", "pss_total", "face_growth_2000_visits"]
ALONE = ["verify_and_submit", "core_answer", "engine_steps_per_second", "journal_commit_p99"]
DEVICES = ["card_on_screen", "printer_fault_seen", "polling_cpu"]
PRIORITY = -10
NAMES = [*STARTS, *TOUCHES, *MEMORY, *ALONE, *DEVICES]


def measure(names: set[str], workshop: Workshop) -> tuple[list[Metric], list[str]]:
    """Everything asked for, and what could not be measured."""
    staging = Staging(workshop)
    ours, peer = Ours(workshop), Chromium(workshop)
    parts: list[tuple[str, list[str], Callable[[], list[Metric]]]] = [
        ("cold starts", STARTS, lambda: starts.measure(ours, peer, staging)),
        ("touches", TOUCHES, lambda: interaction.measure((ours, peer), workshop.papers, names)),
        ("memory", MEMORY, lambda: memory.measure(ours, peer, staging, names)),
        ("verify and submit", ALONE[:1], lambda: [alone.verify_and_submit(workshop, staging)]),
        ("the core's answer", ALONE[1:2], lambda: [alone.core_answer(workshop, staging)]),
        ("engine", ALONE[2:3], lambda: [alone.engine_steps_per_second()]),
        ("journal", ALONE[3:], lambda: [alone.journal_commit_p99(workshop)]),
        ("a card", DEVICES[:1], lambda: [card.card_on_screen(workshop, staging)]),
        ("a printer's fault", DEVICES[1:2], lambda: [alone.printer_fault_seen()]),
        ("polling", DEVICES[2:], lambda: [alone.polling_cpu(staging)]),
    ]
    found: list[Metric] = []
    failures: list[str] = []
    try:
        for what, its_names, part in parts:
            if not names & set(its_names):
                continue
            _say(what)
            try:
                found += part()
            except Exception as error:  # noqa: BLE001 - the other figures are worth having
                failures.append(f"{what}: {type(error).__name__}: {error}")
                traceback.print_exc()
            finally:
                ours.close()
                peer.close()
    finally:
        staging.close()
    return found, failures


def _say(what: str) -> None:
    print(f"measuring {what} ...", file=sys.stderr, flush=True)


def table(metrics: Sequence[Metric]) -> str:
    """The figures for people; what a target is held against stands before it."""
    rows = [("metric", "ours", "peer", "unit", "ratio", "target", "reached", "runs")]
    for metric in metrics:
        sign = ">=" if metric.is_higher_better else "<="
        rows.append(
            (
                metric.name,
                _figure(metric.ours),
                _figure(metric.peer),
                metric.unit,
                "" if metric.ratio is None else f"{metric.ratio:.3f}",
                "" if metric.target is None else f"{sign} {metric.target:g}",
                {True: "yes", False: "NO", None: ""}[metric.is_reached],
                str(metric.runs),
            )
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if place in (0, 3) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 0 when every target that was measured is reached, 1 when one is not, 2 on usage."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure the kiosk, side by side with Chromium.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"metrics; all without: {', '.join(NAMES)}")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench.json")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"no metric {', '.join(unknown)}; there are {', '.join(NAMES)}")
    names = set(options.names) or set(NAMES)
    # Inherited by all that is measured, peer included: other work of this machine disturbs both less.
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    about = machine() | {"niceness": os.getpriority(os.PRIO_PROCESS, 0)}
    began = time.monotonic()
    workshop = Workshop(ROOT / "build" / "bench-work")
    try:
        metrics, failures = measure(names, workshop)
    finally:
        workshop.close()
    metrics.sort(key=lambda metric: NAMES.index(metric.name))
    about["load_after"] = os.getloadavg()[0]
    about["seconds"] = round(time.monotonic() - began)
    report: dict[str, Any] = {"metrics": {metric.name: metric.as_json() for metric in metrics}, "machine": about}
    if failures:
        report["failures"] = failures
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(table(metrics))
    programs = f"{about['system']}; {about['chromium']}; PySide6 {about['pyside']}"
    load = f"load {about['load_before']:.1f} to {about['load_after']:.1f}"
    print(f"\n{about['processor']}, {about['cores']} cores; {programs}; {about['seconds']} s; {load}")
    for failure in failures:
        print(f"NOT MEASURED {failure}", file=sys.stderr)
    return 0 if not failures and all(metric.is_reached is not False for metric in metrics) else 1


if __name__ == "__main__":
    sys.exit(main())
