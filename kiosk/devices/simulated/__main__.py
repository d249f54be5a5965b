"""``python -m kiosk.devices.simulated --run-dir DIR``."""

import sys

from kiosk.devices.simulated.control import main

sys.exit(main())
