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
    texts = Texts(options.language)
    report = probe(settings, fault, texts, detail)
    if options.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(report, texts)))
    return 0 if report.is_good else 1


def lines(report: Report, texts: Texts) -> list[str]:
    """The report for people, all in the language of ``texts``."""
    out = [f"Anjungan {report.version} · {report.kiosk}"]
    for line in report.devices:
        out.append(f" {_MARKS[line.band]} {line.name:<20} {texts(f'band.{line.band}'):<18} {line.words}")
        out += [f"   {note}" for note in line.notes]
    for finding in report.findings:
        mark, band = ("+", "ok") if finding.is_good else ("x", "error")
        code = f" ({finding.code})" if finding.code else ""
        name = texts(f"diagnose.{finding.name}")
        out.append(f" {mark} {name:<20} {texts(f'band.{band}'):<18} {finding.words}{code}")
        if finding.detail:
            out.append(f"   {finding.detail}")
    if report.issues:
        out += ["", texts("staff.issues")]
        out += [f" - {issue.what}. {issue.do}" for issue in report.issues]
    return out
