"""``python -m kiosk.office``: seed an office, serve it, and say which kiosks may speak to it."""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

from kiosk.office import access_command as office_access
from kiosk.office import desk_command


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 fine, 1 could not be done, 2 usage."""
    parser = argparse.ArgumentParser(prog="kiosk office", description="the embedded reference office")
    commands = parser.add_subparsers(dest="command", required=True)
    seeding = commands.add_parser("seed", help="fill a folder with an invented, reproducible population")
    seeding.add_argument("--data", type=Path, required=True)
    seeding.add_argument("--people", type=int, default=5000)
    seeding.add_argument("--seed", type=int, default=7)
    seeding.add_argument("--kiosk", default="anjungan-demo-01", help="name of the kiosk that gets the token")
    seeding.add_argument("--pin-cost", choices=("demo", "full"), default="demo", help="cost of every PIN hash")
    seeding.add_argument("--replace", action="store_true", help="remove the office that the folder holds")
    serving = commands.add_parser("serve", help="serve a seeded folder")
    serving.add_argument("--data", type=Path, required=True)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8099, help="0 lets the system choose")
    serving.add_argument("--ready-file", type=Path, help="gets {url, pid} when requests are answered")
    serving.add_argument("--public-url", default="", help="how phones reach this office; default as the kiosk does")
    serving.add_argument("--tls-cert", type=Path)
    serving.add_argument("--tls-key", type=Path)
    serving.add_argument("--client-ca", type=Path, help="ask kiosks for a certificate of this CA")
    serving.add_argument("--tls", action="store_true", help="the office's own CA; kiosks by certificate alone")
    serving.add_argument("--public-port", type=int, default=0, help="with --tls: phones and enrolment; 0: any")
    serving.add_argument("--name", dest="names", action="append", default=[], help="name or address of this server")
    serving.add_argument(
        "--demo", action="store_true", help="let /demo hurt this office, and keep issued PDFs as files"
    )
    serving.add_argument(
        "--biometrics",
        action="store_true",
        help="take a face or finger, compared at the kiosk, in the place of a PIN",
    )
    office_access.add_parsers(commands)
    desk_command.add_parser(commands)
    commands.add_parser("openapi", help="print the API's schema, as docs/openapi.json holds it")
    arguments = parser.parse_args(argv)
    own = {"seed": _seed, "serve": _serve, "openapi": _openapi}
    run = {**own, **office_access.COMMANDS, **desk_command.COMMANDS}[arguments.command]
    return run(arguments)


def _openapi(_arguments: argparse.Namespace) -> int:
    from kiosk.office.app import openapi

    print(json.dumps(openapi(), indent=1, ensure_ascii=False))
    return 0


def _seed(arguments: argparse.Namespace) -> int:
    from kiosk.office.pins import PinCost
    from kiosk.office.seed import AlreadySeededError, seed

    if not 1 <= arguments.people <= 200_000:
        print("--people must be 1 to 200000", file=sys.stderr)
        return 2
    if arguments.replace:
        for name in ("office.db", "office.db-wal", "office.db-shm", "people.json", "kiosk.token", "audit.key"):
            (arguments.data / name).unlink(missing_ok=True)
        for name in ("ca", "tls"):
            shutil.rmtree(arguments.data / name, ignore_errors=True)
    start = time.monotonic()
    try:
        demo = seed(
            arguments.data,
            arguments.people,
            arguments.seed,
            cost=PinCost(arguments.pin_cost),
            kiosk=arguments.kiosk,
        )
    except AlreadySeededError as error:
        print(f"{error}; --replace makes a new one", file=sys.stderr)
        return 1
    took = time.monotonic() - start
    print(f"{arguments.people} people, {len(demo)} of them in people.json, {took:.1f} s")
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    if arguments.tls and (arguments.tls_cert or arguments.client_ca):
        print("--tls brings its own certificates", file=sys.stderr)
        return 2
    if bool(arguments.tls_cert) != bool(arguments.tls_key) or (arguments.client_ca and not arguments.tls_cert):
        print("--tls-cert and --tls-key belong together; --client-ca needs both", file=sys.stderr)
        return 2
    from kiosk.office.serve import Options, serve

    options = {name: value for name, value in vars(arguments).items() if name != "command"}
    options["names"] = tuple(arguments.names)
    return serve(Options(**options))


if __name__ == "__main__":
    sys.exit(main())
