"""What has no peer: verify and submit, the core's answer, engine steps, journal commits. Each in a fresh process."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Metric, percentile
from benchmarks.processes import ROOT, start, stop
from benchmarks.staging import Staging
from benchmarks.workshop import Workshop, run_module

PRINTS = 500
ANSWER_ROUNDS = 20


def verify_and_submit(workshop: Workshop, staging: Staging) -> Metric:
    """An office-signed family card through the gate and into the printer's hands."""
    staging.ensure()
    papers = [str(paper) for paper in workshop.papers]
    rounds = json.loads(
        run_module("benchmarks.printing", str(workshop.office), staging.doubles["document_printer"], *papers)
    )
    whole = [entry["verify"] + entry["submit"] for entry in rounds]
    return Metric(
        "verify_and_submit",
        "ms",
        percentile(whole, 0.5),
        len(whole),
        target=60.0,
        ours_range=(min(whole), max(whole)),
        more={
            "p99": percentile(whole, 0.99),
            "verify_p50": percentile([entry["verify"] for entry in rounds], 0.5),
            "submit_p50": percentile([entry["submit"] for entry in rounds], 0.5),
        },
    )


def core_answer(workshop: Workshop, staging: Staging) -> Metric:
    """What the real core adds to a page change: a touch that reaches it, to the page model that answers."""
    run = Path(tempfile.mkdtemp(prefix="anjungan-bench-"))
    config = staging.config(run)
    command = [sys.executable, "-m", "kiosk.core", "--run-dir", str(run), "--config", str(config)]
    core = start(command, workshop.log)
    try:
        samples = json.loads(run_module("benchmarks.answers", str(run / "core.sock"), str(ANSWER_ROUNDS)))
    finally:
        stop(core)
        shutil.rmtree(run, ignore_errors=True)
    return Metric(
        "core_answer",
        "ms",
        percentile(samples, 0.5),
        len(samples),
        ours_range=(min(samples), max(samples)),
        more={"p99": percentile(samples, 0.99)},
    )


def engine_steps_per_second() -> Metric:
    """Whole visits of the shipped flows through the pure engine, on one core."""
    code = "from benchmarks.engine import measure; print(measure())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Metric("engine_steps_per_second", "steps/s", float(done.stdout), 5, target=50_000.0, is_higher_better=True)


def journal_commit_p99(workshop: Workshop) -> Metric:
    """Every step of whole prints, durable in the encrypted store before the next."""
    found = json.loads(run_module("benchmarks.journal", str(PRINTS), str(workshop.folder)))
    samples, flushes = found["commits"], found["flushes"]
    return Metric(
        "journal_commit_p99",
        "ms",
        percentile(samples, 0.99),
        len(samples),
        target=1.0,
        ours_range=(min(samples), max(samples)),
        more={
            "p50": percentile(samples, 0.5),
            "bare_flush_p50": percentile(flushes, 0.5),
            "bare_flush_p99": percentile(flushes, 0.99),
        },
    )


def printer_fault_seen() -> Metric:
    """From a jam at the printer to the status that greys the tile."""
    samples = json.loads(run_module("benchmarks.devices", "faults"))
    return Metric(
        "printer_fault_seen",
        "ms",
        percentile(samples, 0.99),
        len(samples),
        target=1000.0,
        ours_range=(min(samples), max(samples)),
        more={"p50": percentile(samples, 0.5)},
    )


def polling_cpu(staging: Staging) -> Metric:
    """What asking all devices costs while nobody is there."""
    staging.ensure()
    found = json.loads(run_module("benchmarks.devices", "polling", json.dumps(staging.doubles)))
    return Metric("polling_cpu", "% of a core", found["per_cent"], 1, target=2.0)
