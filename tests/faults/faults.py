"""Every fault that the doubles and the demo office can have, by name."""

from typing import Any

from kiosk.devices.card.link import LinkState
from kiosk.devices.contract import Reason
from tests.e2e.conftest import Kiosk
from tests.faults.table import Fault

DOCUMENTS, CARDS, SLIP, READER = "document-printer", "card-printer", "slip-printer", "card-reader"


def _act(device: str, do: str, **arguments: Any) -> Any:
    return lambda kiosk: kiosk.doubles.act(device, do, **arguments)


def _trouble(device: str, trouble: str, words: str, reason: Reason) -> Fault:
    return Fault(reason.value, device, words, _act(device, "fault", reason=trouble), _act(device, "clear"), reason)


def _printer(device: str, paper: str, ink: str, cards: bool) -> dict[str, Fault]:
    empty = Reason.CARDS_EMPTY if cards else Reason.MEDIA_EMPTY
    low = Reason.CARDS_LOW if cards else Reason.MEDIA_LOW
    marker = Reason.RIBBON_EMPTY if cards else Reason.MARKER_EMPTY
    marker_low = Reason.RIBBON_LOW if cards else Reason.MARKER_LOW
    all_of = [
        _trouble(device, "media-empty", f"no {paper} left", empty),
        _trouble(device, "media-low", f"few {paper} left", low),
        _trouble(device, "media-jam", "jam", Reason.MEDIA_JAM),
        _trouble(device, "cover-open", "cover open", Reason.COVER_OPEN),
        _trouble(device, "marker-supply-empty", f"no {ink} left", marker),
        _trouble(device, "marker-supply-low", f"little {ink} left", marker_low),
        _trouble(device, "output-area-full", "output tray full", Reason.OUTPUT_FULL),
        _trouble(device, "spool-area-full", "memory full", Reason.SPOOL_FULL),
        _trouble(device, "paused", "paused at its panel", Reason.PAUSED),
        *([_trouble(device, "reject-tray-full", "reject tray full", Reason.REJECT_FULL)] if cards else []),
        _trouble(device, "x-flux-capacitor-cold", "a trouble that nobody has heard of", Reason.UNNAMED),
        Fault("away", device, "switched off", _act(device, "off"), _act(device, "clear"), Reason.AWAY),
        Fault(
            "silent",
            device,
            "takes the line and says nothing",
            _act(device, "silent"),
            _act(device, "clear"),
            Reason.SILENT,
        ),
    ]
    return {fault.name: fault for fault in all_of}


DOC = _printer(DOCUMENTS, "sheets", "toner", False)
CARD = _printer(CARDS, "blank cards", "ribbon", True)
SLIPS = {
    fault.name: fault
    for fault in [
        _trouble(SLIP, "paper-out", "roll at its end", Reason.MEDIA_EMPTY),
        _trouble(SLIP, "paper-low", "roll near its end", Reason.MEDIA_LOW),
        _trouble(SLIP, "cover-open", "cover open", Reason.COVER_OPEN),
        _trouble(SLIP, "cutter-fault", "cutter stuck", Reason.CUTTER_FAULT),
        _trouble(SLIP, "overheated", "print head too hot", Reason.OVERHEATED),
        Fault("away", SLIP, "switched off", _act(SLIP, "off"), _act(SLIP, "clear"), Reason.AWAY),
        Fault(
            "silent", SLIP, "takes the line and says nothing", _act(SLIP, "silent"), _act(SLIP, "clear"), Reason.SILENT
        ),
    ]
}


def _seems(state: LinkState, words: str, reason: Reason) -> Fault:
    return Fault(
        reason.value,
        READER,
        words,
        _act(READER, "seem", state=state.value),
        _act(READER, "seem", state="ready"),
        reason,
    )


READERS = {
    fault.name: fault
    for fault in [
        _seems(LinkState.NO_READER, "unplugged", Reason.NO_READER),
        _seems(LinkState.SERVICE_AWAY, "card service (pcscd) not running", Reason.SERVICE_AWAY),
        _seems(LinkState.NO_PERMISSION, "card service refuses the kiosk", Reason.NO_PERMISSION),
        _seems(LinkState.HELD, "held by another program", Reason.HELD_BY_ANOTHER),
        _seems(LinkState.SILENT, "its service takes the line and says nothing", Reason.SILENT),
    ]
}


def _code(name: str, words: str, text: str) -> Fault:
    return Fault(name, "scanner", words, lambda kiosk: kiosk.face.scan(text), lambda kiosk: None)


CODES = [
    _code("code-control", "a code with control characters", "https://contoh.example/\x1b[2J\x00"),
    _code("code-long", "a code of 10 kB", "9" * 10_240),
    _code("code-hidden", "a code with letters that nobody sees", "ANJ1\u202e\u200b7KQ2"),
    _code("code-foreign", "another code: a shop's, a web page's", "https://contoh.example/promo"),
]
"""What the wedge of a scanner may bring; the page asks for another code."""

OTHER_UID = "0499887766554433"[:14]


def _card(name: str, words: str, **card: Any) -> Fault:
    return Fault(name, READER, words, _act(READER, "tap", uid=OTHER_UID, **card), _act(READER, "pull"))


def _two_cards(kiosk: Kiosk) -> None:
    kiosk.doubles.act(READER, "tap", uid=OTHER_UID)
    kiosk.doubles.act(READER, "lay-beside", uid="04112233445566")


def _pulled_early(kiosk: Kiosk) -> None:
    kiosk.doubles.act(READER, "pull-after", exchanges=1)
    kiosk.doubles.act(READER, "tap", uid=OTHER_UID)


CARD_MUTE = _card("card-mute", "a card that does not answer", is_mute=True)
CARD_FOREIGN = _card("card-foreign", "another card: bank, bus, office", is_ktp=False)
CARD_SLOW = _card("card-slow", "a card that answers too slowly", delay_s=3.0)
CARD_CHANGING = _card("card-changing", "a card whose identifier changes at each tap", is_random=True)
CARD_STRANGER = _card("card-unknown", "an e-KTP that the office does not know yet")
CARD_SEVERAL = Fault("card-several", READER, "two cards at once", _two_cards, _act(READER, "pull"))
CARD_EARLY = Fault("card-pulled", READER, "card lifted while it is read", _pulled_early, _act(READER, "pull"))


def _office(mode: str, words: str, seconds: float = 0.2) -> Fault:
    return Fault(
        f"office-{mode}", "office", words, lambda k: k.office.fault(mode, seconds), lambda k: k.office.fault("none")
    )


OFFICES = {
    "gone": _office("gone", "out of reach"),
    "slow": _office("slow", "takes longer than the deadline", 30.0),
    "http-500": _office("http-500", "its server fails"),
    "html": _office("html", "a web page answers in its place"),
    "garbage": _office("garbage", "answers rubbish"),
    "refuse": _office("refuse", "refuses this kiosk"),
}
