"""``python -m kiosk.core``: the core's process. Listens first, imports the heavy rest when the face has painted."""

import argparse
import os
import sys
import threading
import time
from pathlib import Path

from kiosk.core.link import Link, is_core_running
from kiosk.core.loop import Loop
from kiosk.notify import Notifier
from kiosk.sealed import forbid_core_dumps, seal_memory

FACE_WAIT_S = 2.0
"""How long the heavy imports are held back for a face that is still starting."""


def _thread_crashed(crash: threading.ExceptHookArgs) -> None:
    """Type and thread alone: a message could hold what a citizen typed."""
    from kiosk.events import LogEvent, log

    name = crash.thread.name if crash.thread is not None else ""
    log(LogEvent.BUG, error=getattr(crash.exc_type, "__name__", "?"), where=name)


def _crashed(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """The end of the main thread, in one line of the log instead of a traceback with its message."""
    from kiosk.events import LogEvent, log, place_of

    del trace
    log(LogEvent.BUG, error=kind.__name__, where=place_of(error))


def _not_raised(unraisable: "sys.UnraisableHookArgs") -> None:
    """An error in a finalizer: its usual message shows the object that it happened to."""
    from kiosk.events import LogEvent, log

    log(LogEvent.BUG, error=unraisable.exc_type.__name__, where="finalizer")


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM. Exit 2 when the settings are wrong: the face says so, the log names the line.

    Exit 1 where another core listens in the run directory: its socket is not taken from it in the middle of a visit.
    """
    parser = argparse.ArgumentParser(prog="kiosk.core")
    parser.add_argument("--run-dir", type=Path, required=True, help="folder of the socket, mode 0700")
    parser.add_argument("--config", type=Path, help="kiosk.toml")
    parser.add_argument("--nice", type=int, default=0, help="lower the priority: a busy core must not cost a frame")
    parser.add_argument("--allow-robot", action="store_true", help="demo and tests; refused in production")
    parser.add_argument("--share-with-group", action="store_true", help="the face is another user of this group")
    options = parser.parse_args(arguments)

    socket = options.run_dir / "core.sock"
    if is_core_running(socket):
        print(f"kiosk.core: another core listens at {socket}", file=sys.stderr)
        return 1
    forbid_core_dumps()
    if options.nice:
        os.nice(options.nice)

    from kiosk.events import LogEvent, log, set_up_logging

    set_up_logging()
    threading.excepthook = _thread_crashed
    sys.excepthook = _crashed
    sys.unraisablehook = _not_raised
    loop = Loop()
    link = Link(
        socket,
        loop.post,
        is_robot_allowed=options.allow_robot,
        is_shared_with_group=options.share_with_group,
    )
    log(LogEvent.CORE_STARTED)
    started = time.monotonic()
    link.face_seen.wait(FACE_WAIT_S)

    from kiosk.core.app import App, load
    from kiosk.errors import KioskError

    settings, fault = load(options.config)
    # Where the socket really is: what looks at the folder of the settings must look here.
    settings = settings.model_copy(update={"run_dir": options.run_dir})
    if options.allow_robot and settings.kiosk.is_production:
        link.close()
        print("the robot is refused in production", file=sys.stderr)
        return 2
    if settings.kiosk.is_production:
        seal_memory()
    notifier = Notifier()
    loop.post(lambda: notifier.ready("the loop runs"))
    if notifier.alive_every_s is not None:
        loop.every(notifier.alive_every_s, notifier.alive)
    app = App(loop, link, settings, fault)
    threading.Thread(target=app.build, name="build", daemon=True).start()
    try:
        app.run(started)
        notifier.stopping()
    except KioskError as error:
        log(LogEvent.CORE_STOPPED, code=error.code, detail=error.detail[:300])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
