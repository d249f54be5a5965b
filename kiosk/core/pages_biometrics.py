"""Pages of a second proof by face or finger: may we, and look here. No picture of a person is ever on the screen."""

from kiosk import protocol as p
from kiosk.core.flow_frame import FlowFrame
from kiosk.devices.contract import DeviceKind
from kiosk.flows import compiled as c
from kiosk.flows.effects import BiometricKind
from kiosk.flows.moves import WORK_LIMIT_S
from kiosk.flows.second_proof import offered


def consent(f: FlowFrame) -> p.Page:
    """First what happens, then the answers, the PIN as large as the others."""
    assert isinstance(f.step, c.IdentifyStep)
    open_now = offered(f.step, f.state)
    kinds = [kind for kind in f.step.biometrics if kind in open_now or _has_gone(f, kind)]
    first = kinds[0] if len(kinds) == 1 else None
    lines = [p.Fact(f.t(f"consent.{kind}.what"), "", kind.value) for kind in kinds]
    lines.append(p.Fact(f.t("consent.nothing-stored"), "", "privacy"))
    lines.append(p.Fact(f.t("consent.right"), "", "law"))
    answers = [
        p.Tile(
            f"choose:{kind}",
            f.t(f"consent.{kind}.yes"),
            f.t(f"consent.{kind}.yes-line"),
            kind.value,
            is_enabled=kind in open_now,
            reason="" if kind in open_now else f.t(f"tile.{kind}.away"),
        )
        for kind in kinds
    ]
    answers.append(p.Tile("choose:pin", f.t("consent.pin"), f.t("consent.pin-line"), "keypad"))
    notice = f.t(f"again.{f.state.hint}") if f.state.hint else ""
    return f.page(
        "consent",
        f.t(f"consent.{first}.title" if first else "consent.title"),
        p.ConsentBody(lines, answers, notice),
        lead=f.t("consent.lead"),
    )


def _has_gone(f: FlowFrame, kind: BiometricKind) -> bool:
    """Whether the device went away while people read: its answer turns grey and says why."""
    status = f.situation.devices.get(DeviceKind(kind.value))
    return status is not None and not status.is_usable


def capture(f: FlowFrame) -> p.Page:
    """The person stands before the camera or lays a finger on; the PIN stays one touch away."""
    kind = f.state.biometric or BiometricKind.FACE
    body = p.CaptureBody(kind.value, f.t(f"capture.{kind}.hint"), round(WORK_LIMIT_S["compare"] * 1000))
    return f.page(
        "capture",
        f.t(f"capture.{kind}.title"),
        body,
        lead=f.t(f"capture.{kind}.lead"),
        second=p.Action("second", f.t("capture.use-pin"), "keypad"),
    )
