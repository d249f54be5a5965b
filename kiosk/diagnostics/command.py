"""``kiosk diagnose``: exit 0 when nothing needs doing, 1 otherwise."""

import argparse
import json

from kiosk.diagnostics.report import Report, probe
from kiosk.errors import ErrorCode, SettingsError
from kiosk.settings import Settings, load_settings
from kiosk.texts import Texts

_MARKS = {"ok": "+", "warning": "!", "error": "x", "unknown": "?"}


def main(options: argparse.Namespace) -> int:
    """Probe and print."""
    settings, fault, detail = Settings(), None, ""
    if options.config is not None:
        try:
            settings = load_settings(options.config)
        except SettingsError as error:
            fault, detail = ErrorCode.SETTINGS_BROKEN, error.detail
    report = probe(settings, fault, Texts(options.language))
    if options.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(report)))
        if detail:
            print(detail)
    return 0 if report.is_good else 1


def lines(report: Report) -> list[str]:
    """The report for people."""
    out = [f"Anjungan {report.version} · {report.kiosk}"]
    for line in report.devices:
        out.append(f" {_MARKS[line.band]} {line.name:<22} {line.band:<8} {line.words}")
    for finding in report.findings:
        mark = "+" if finding.is_good else "x"
        code = f" ({finding.code})" if finding.code else ""
        out.append(f" {mark} {finding.name:<22} {'ok' if finding.is_good else 'error':<8} {finding.words}{code}")
    return out
