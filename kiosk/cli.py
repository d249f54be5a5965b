"""The ``kiosk`` command. Exit codes: 0 fine, 1 found problems, 2 usage.

Parts are imported when their command is chosen: ``kiosk run`` must start the face before anything heavy is loaded.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

Command = Callable[[argparse.Namespace], int]


def _version(options: argparse.Namespace) -> int:
    from kiosk import __version__

    print(f"Anjungan {__version__}")
    return 0


def _run(options: argparse.Namespace) -> int:
    from kiosk.supervisor import run

    if options.config is not None and not options.config.is_file():
        print(f"kiosk run: no such file: {options.config}", file=sys.stderr)
        return 2
    run_dir = options.run_dir or Path(os.environ.get("RUNTIME_DIRECTORY") or tempfile.mkdtemp(prefix="anjungan-"))
    if (run_dir / "core.sock").exists():
        from kiosk.core.link import is_core_running

        if is_core_running(run_dir / "core.sock"):
            print(f"kiosk run: a kiosk runs already with {run_dir}", file=sys.stderr)
            return 1
    run(run_dir, options.config, ["--windowed"] if options.windowed else None)
    return 0


def _face(options: argparse.Namespace) -> int:
    """Becomes the face, so that what watches this process watches that one."""
    from kiosk.supervisor import face_child

    child = face_child(options.run_dir, options.config)
    os.execve(child.command[0], child.command, child.environment)  # noqa: S606 - our own command line


def _demo(options: argparse.Namespace) -> int:
    from kiosk.demo.command import main

    return main(options)


def _flows(options: argparse.Namespace) -> int:
    from kiosk.flows.command import main

    return main(options.arguments)


def _office(options: argparse.Namespace) -> int:
    try:
        from kiosk.office.__main__ import main
    except ModuleNotFoundError as error:
        print(f"kiosk office needs the extra: pip install 'anjungan[office]' ({error.name})", file=sys.stderr)
        return 2
    return main(options.arguments)


def _stock(options: argparse.Namespace) -> int:
    from kiosk.store.command import main

    return main(options.arguments)


def _reconcile(options: argparse.Namespace) -> int:
    from kiosk.store.reconcile_command import main

    return main(options.arguments)


def _wipe(options: argparse.Namespace) -> int:
    from kiosk.core.decommission import main

    return main(options.arguments)


def _audit(options: argparse.Namespace) -> int:
    from kiosk.backend.witness_client import ask_head
    from kiosk.store.audit_command import main

    return main(options.arguments, ask_head)


def _enroll(options: argparse.Namespace) -> int:
    from kiosk.backend.enrol_command import main

    return main(options.arguments)


def _diagnose(options: argparse.Namespace) -> int:
    from kiosk.diagnostics.command import main

    return main(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk", description="A self-service kiosk for civil registration.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, text: str, command: Command) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(call=command)
        return sub

    run = add("run", "run the kiosk: face and core, kept alive", _run)
    run.add_argument("--config", type=Path, help="kiosk.toml")
    run.add_argument("--run-dir", type=Path, help="folder of the sockets, on tmpfs")
    run.add_argument("--windowed", action="store_true", help="in a window with a cursor, not full screen")

    face = add("face", "the screen alone, as kiosk.service starts it", _face)
    face.add_argument("--config", type=Path, help="kiosk.toml, for the size of the screen")
    face.add_argument("--run-dir", type=Path, required=True, help="folder of the core's socket")

    demo = add("demo", "office, simulated devices and kiosk on this machine", _demo)
    demo.add_argument("--robot", action="store_true", help="a robot visitor does all services and leaves pictures")
    demo.add_argument("--real-stacks", action="store_true", help="pcscd and ippeveprinter instead of our own doubles")
    demo.add_argument("--landscape", action="store_true", help="1920 x 1080")
    demo.add_argument("--people", type=int, default=400, help="how many people the office invents (default 400)")
    demo.add_argument("--out", type=Path, default=Path("demo-output"), help="where results go (default demo-output)")

    diagnose = add("diagnose", "every device, the office and the store: what works and what does not", _diagnose)
    diagnose.add_argument("--config", type=Path, help="kiosk.toml")
    diagnose.add_argument("--json", action="store_true", help="for programs")
    diagnose.add_argument("--language", default="id", choices=("id", "en"))

    for name, text, command in (
        ("flows", "check flow files: kiosk flows check PATH", _flows),
        ("reconcile", "prints that ended unknown: kiosk reconcile [CODE came-out|not-out|damaged]", _reconcile),
        ("wipe", "the machine's last command: kiosk wipe --yes", _wipe),
        ("stock", "the blank cards: kiosk stock show | set FIRST COUNT", _stock),
        ("audit", "the chain of what happened here: kiosk audit verify | export", _audit),
        ("enroll", "become one of the office's kiosks, with its one-time code", _enroll),
        ("office", "the embedded office: kiosk office serve | seed", _office),
    ):
        sub = add(name, text, command)
        sub.add_argument("arguments", nargs=argparse.REMAINDER)
    add("version", "the version", _version)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code; argparse exits with 2 by itself."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # These have parsers of their own: --help must reach them.
    if given[:1] == ["flows"]:
        return _flows(argparse.Namespace(arguments=given[1:]))
    if given[:1] == ["reconcile"]:
        return _reconcile(argparse.Namespace(arguments=given[1:]))
    if given[:1] == ["wipe"]:
        return _wipe(argparse.Namespace(arguments=given[1:]))
    if given[:1] == ["audit"]:
        return _audit(argparse.Namespace(arguments=given[1:]))
    if given[:1] == ["enroll"]:
        return _enroll(argparse.Namespace(arguments=given[1:]))
    if given[:1] == ["stock"]:
        return _stock(argparse.Namespace(arguments=given[1:]))
    if given[:1] == ["office"]:
        return _office(argparse.Namespace(arguments=given[1:]))
    options = _parser().parse_args(given)
    call: Command = options.call
    return call(options)


if __name__ == "__main__":
    sys.exit(main())
