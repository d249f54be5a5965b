"""``kiosk enroll``: this machine becomes one of the office's kiosks."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.errors import BackendError
from kiosk.settings import CREDENTIALS


def main(arguments: Sequence[str]) -> int:
    """Exit 0 when enrolled, 1 when the office refused or is not the one that was meant, 2 for usage."""
    parser = argparse.ArgumentParser(
        prog="kiosk enroll",
        description="Make this machine's keys and have the office sign them, with a one-time code.",
    )
    parser.add_argument("--office", required=True, metavar="URL", help="the office's address for enrolment, https")
    parser.add_argument("--code", required=True, help="from: kiosk office enrol-code NAME")
    parser.add_argument("--kiosk", required=True, metavar="NAME", help="the name that the code was made for")
    parser.add_argument("--ca-sha256", default="", metavar="HEX", help="fingerprint of the office's CA, as shown there")
    parser.add_argument("--folder", type=Path, default=Path("/etc/anjungan"), help="where keys go (/etc/anjungan)")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args(arguments)
    from pydantic import ValidationError

    from kiosk.backend.enrolment import UnknownAuthorityError, enrol

    try:
        done = enrol(options.office, options.code, options.kiosk, options.folder, options.ca_sha256)
    except UnknownAuthorityError as error:
        print(f"kiosk enroll: the office shows a CA with sha256 {error.fingerprint}", file=sys.stderr)
        print(
            "Compare it with what the administrator reads out, then add --ca-sha256. Nothing was sent.", file=sys.stderr
        )
        return 1
    except BackendError as error:
        print(f"kiosk enroll: {error.code} {error.detail}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"kiosk enroll: {error.filename or options.folder}: {error.strerror}", file=sys.stderr)
        return 1
    except ValidationError:
        print("kiosk enroll: --code or --kiosk is malformed", file=sys.stderr)
        return 2
    told = {"url": done.url, "ca_sha256": done.ca_sha256, "certificate_sha256": done.certificate_sha256}
    told["audit_key"] = done.audit_key
    if options.json:
        print(json.dumps({**told, "folder": str(done.folder), "files": done.files}))
        return 0
    for name, value in told.items():
        print(f"{name:<20} {value}")
    print(f"written to {done.folder}: {', '.join(done.files)}\n")
    print("In kiosk.toml (under systemd the files are credentials, and the url is enough):\n[office]")
    print(f'url = "{done.url}"')
    for key, name in CREDENTIALS.items():
        print(f'{key} = "{done.folder / name}"')
    return 0
