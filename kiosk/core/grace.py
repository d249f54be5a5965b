"""How long a fault must stand before a citizen's page speaks of it: a shorter one is a blip, and nobody is told."""

from kiosk.devices.contract import Band, Reason, Status

LOST_S = 1.5
"""The device is not heard of: a plug that wobbles, a service that restarts, a network that coughs."""
TOLD_S = 0.4
"""The device itself says what is wrong; with the adapters' own polling it stands on the screen within a second."""

_LOST = frozenset(
    {Reason.STARTING, Reason.AWAY, Reason.SILENT, Reason.SERVICE_AWAY, Reason.NO_READER, Reason.HELD_BY_ANOTHER}
)


def grace_s(shown: Status | None, heard: Status) -> float:
    """Seconds until ``heard`` may take the place of ``shown``; what serves again is shown at once."""
    if shown is None or not shown.is_usable or heard.is_usable:
        return 0.0
    is_lost = heard.band is Band.UNKNOWN or bool(_LOST & set(heard.reasons))
    return LOST_S if is_lost else TOLD_S
