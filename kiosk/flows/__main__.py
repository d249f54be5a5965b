"""``python -m kiosk.flows``: the same as ``kiosk flows``."""

import sys

from kiosk.flows.command import main

if __name__ == "__main__":
    sys.exit(main())
