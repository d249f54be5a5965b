"""Which services can be used here and now, and the reason in words when one cannot."""

from typing import TYPE_CHECKING

from kiosk.backend.contract import Reachability
from kiosk.core.situation import Situation
from kiosk.devices.contract import DeviceKind, Reason, Status
from kiosk.devices.reasons import entry
from kiosk.flows.doable import is_blocked, numbers_of

if TYPE_CHECKING:
    from kiosk.flows.compiled import CompiledFlow


def why_not(situation: Situation, flow: "CompiledFlow") -> str:
    """A short reason for the tile, or ``""`` when the service may start."""
    t = situation.texts
    if flow.needs_office and situation.office is Reachability.OFFLINE:
        return t("tile.office-away")
    if is_out_of_numbers(situation, flow, flow.first):
        return t("tile.no-numbers")
    for name in flow.devices:
        kind = DeviceKind(name)
        status = situation.devices.get(kind)
        if status is None:
            return t(f"tile.{kind}.away")
        if not status.is_usable:
            return device_reason(situation, status)
    return ""


def is_out_of_numbers(situation: Situation, flow: "CompiledFlow", target: str) -> bool:
    """Whether nothing that ``target`` leads to can be done, since this machine has no number of a queue left."""
    lacking = {numbers_of(queue) for queue in flow.queues if situation.numbers_left.get(queue, 0) <= 0}
    return bool(lacking) and is_blocked(flow.steps, target, lacking)


def out_of_service(situation: Situation, kind: DeviceKind) -> str:
    """Why this device does not serve now, in a citizen's words; ``""`` when it serves."""
    status = situation.devices.get(kind)
    if status is None:
        return situation.texts(f"tile.{kind}.away") + "."
    if status.is_usable:
        return ""
    reason = device_reason(situation, status)
    return reason if reason.endswith(".") else f"{reason}."


def code_of(situation: Situation, kind: DeviceKind) -> str:
    """The stable code of what is wrong with a device that does not serve; ``""`` when it serves."""
    status = situation.devices.get(kind)
    if status is not None and status.is_usable:
        return ""
    reason = status.reasons[0] if status is not None and status.reasons else Reason.AWAY
    return entry(reason).code_for(kind) or ""


_READER_SAYS = frozenset(
    {
        *(Reason.STARTING, Reason.SILENT, Reason.NOT_CONFIGURED, Reason.SERVICE_AWAY),
        *(Reason.NO_PERMISSION, Reason.HELD_BY_ANOTHER, Reason.NO_READER),
    }
)


def reader_reason(situation: Situation) -> str:
    """Why no card can be read, each reason in its own sentence; ``""`` when cards can be read."""
    status = situation.devices.get(DeviceKind.CARD_READER)
    if status is not None and status.is_usable:
        return ""
    reason = status.reasons[0] if status is not None and status.reasons else Reason.AWAY
    return situation.texts(f"reader.{reason if reason in _READER_SAYS else Reason.AWAY}")


def device_reason(situation: Situation, status: Status) -> str:
    """What a citizen reads about a device that is not usable."""
    reason = status.reasons[0] if status.reasons else Reason.AWAY
    if reason in (Reason.STARTING, Reason.AWAY, Reason.SILENT, Reason.NOT_CONFIGURED, Reason.OFFLINE):
        return situation.texts(f"tile.{status.kind}.away")
    return situation.texts(entry(reason).citizen_key_for(status.kind))
