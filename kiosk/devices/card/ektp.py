"""The KTP-el beyond its identifier: who is it? Only with the SAM that the State issues, by one of two ports.

``EktpIdentity`` is what the kiosk asks. A vendor whose SDK reads the card by itself stands behind it directly; one
whose SDK gives the steps of a SAM stands behind ``Sam``, and ``SamIdentity`` keeps the order of the session. No key and
no cryptography of the State's is here or ever will be: every secret step is the SAM's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Event
from time import monotonic
from typing import Protocol, TypeVar

from kiosk.devices.card.biodata import ChipIdentity, GarbledError, parse_biodata
from kiosk.devices.card.ektp_files import (
    CARD_CONTROL_BYTES,
    CHALLENGE_BYTES,
    GET_CHALLENGE,
    MAX_FILE,
    OK,
    READ_BLOCK,
    SIGNATURE_BYTES,
    EktpFile,
    external_authenticate,
    read_binary,
    select,
    uid_for_sam,
)
from kiosk.devices.card.link import CardFault, CardFaultError
from kiosk.devices.contract import CardRead
from kiosk.devices.exchange_worker import ExchangeWorker, StuckError

T = TypeVar("T")

Exchange = Callable[[bytes], bytes]
"""A command to the card and its answer with status word, bounded in time. Raises CardFaultError or StuckError."""

SAM_STEP_S = 2.0


class IdentityEnd(StrEnum):
    """How the question for an identity ended."""

    READ = "read"
    NO_SAM = "no-sam"
    SAM_FAULT = "sam-fault"
    WRONG_SAM = "wrong-sam"
    """The card does not take this SAM's proof: another scheme, an old key, or no KTP-el behind the application."""
    REFUSED = "refused"
    FORGED = "forged"
    GARBLED = "garbled"
    PULLED = "pulled"
    SWAPPED = "swapped"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class IdentityOutcome:
    """``identity`` is there only with READ. ``detail`` is for staff and holds nothing of a person."""

    end: IdentityEnd
    identity: ChipIdentity | None = None
    detail: str = ""


class CardTalk(Protocol):
    """What an identity needs of the card reader: a session with the card, or to ask for it again behind an SDK."""

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool: ...

    def converse(self, read: CardRead, deadline_s: float, talk: Callable[[Exchange], T]) -> T: ...


class EktpIdentity(Protocol):
    """The port. ``read_identity`` blocks at most for its deadline and never raises for what card or SAM do."""

    def is_there(self) -> bool:
        """Whether a SAM answers; at once."""
        ...

    def read_identity(self, reader: CardTalk, read: CardRead, deadline_s: float, cancel: Event) -> IdentityOutcome:
        """Ask the very card of ``read`` for its holder; another card that lies there by now is SWAPPED."""
        ...


class SamError(Exception):
    """The SAM itself failed or refused; the message holds nothing of a person."""


class ForgedError(Exception):
    """The SAM does not believe the card, or a file of it."""


class Sam(Protocol):
    """The steps that only a SAM can make. Each may block; each raises SamError when it can't be made."""

    def is_there(self) -> bool: ...

    def reset(self) -> None: ...

    def answer_challenge(self, card_control: bytes, uid: bytes, challenge: bytes) -> bytes:
        """The 40 bytes of EXTERNAL AUTHENTICATE. ``uid`` has eight bytes."""
        ...

    def accept_card(self, answer: bytes) -> None:
        """Check the card's own proof; session keys stay inside. Raises ForgedError."""
        ...

    def wrap(self, command: bytes) -> bytes: ...

    def unwrap(self, answer: bytes) -> bytes:
        """A secured answer to the plain one with its status word. Raises ForgedError."""
        ...

    def take_signature(self, signature: bytes) -> None:
        """The content of the digital signature file, before any other. Raises ForgedError."""
        ...

    def check_file(self, file: EktpFile, content: bytes) -> None:
        """Whether the signature covers it. Raises ForgedError."""
        ...


class _EndedError(Exception):
    def __init__(self, end: IdentityEnd, detail: str = "") -> None:
        super().__init__(detail)
        self.outcome = IdentityOutcome(end, detail=detail)


class SamIdentity:
    """The session's order over any ``Sam``. ``reads_photo`` is off unless an office has a legal ground for it."""

    def __init__(self, sam: Sam, *, reads_photo: bool = False) -> None:
        self._sam = sam
        self._reads_photo = reads_photo
        self._worker = ExchangeWorker("SAM")

    def is_there(self) -> bool:
        """See ``EktpIdentity``."""
        return self._sam.is_there()

    def stop(self) -> None:
        """Let the SAM's thread end."""
        self._worker.stop()

    def read_identity(self, reader: CardTalk, read: CardRead, deadline_s: float, cancel: Event) -> IdentityOutcome:
        """See ``EktpIdentity``."""
        if cancel.is_set():
            return IdentityOutcome(IdentityEnd.CANCELLED)
        end = monotonic() + deadline_s
        try:
            if not self._step(self._sam.is_there, end):
                return IdentityOutcome(IdentityEnd.NO_SAM)
            return reader.converse(read, deadline_s, lambda exchange: self._converse(exchange, read.uid, end, cancel))
        except _EndedError as ended:
            return ended.outcome
        except StuckError:
            return IdentityOutcome(IdentityEnd.TIMED_OUT)
        except SamError as error:
            return IdentityOutcome(IdentityEnd.SAM_FAULT, detail=str(error))
        except ForgedError as error:
            return IdentityOutcome(IdentityEnd.FORGED, detail=str(error))
        except GarbledError as error:
            return IdentityOutcome(IdentityEnd.GARBLED, detail=str(error))
        except CardFaultError as error:
            return IdentityOutcome(_END_OF_FAULT[error.fault], detail=error.detail)

    def _converse(self, exchange: Exchange, uid: bytes, end: float, cancel: Event) -> IdentityOutcome:
        """The application is selected. Photo, card control, SAM, mutual proof, signature, then what it signs."""

        sam = self._sam

        def ask(command: bytes) -> bytes:
            if cancel.is_set():
                raise _EndedError(IdentityEnd.CANCELLED)
            return exchange(command)

        def secured(command: bytes) -> bytes:
            answer = ask(self._step(lambda: sam.wrap(command), end))
            if answer[-2:] != OK:
                raise _EndedError(IdentityEnd.REFUSED, f"secured {answer[-2:].hex()}")
            return self._step(lambda: sam.unwrap(answer), end)

        photo = _read_file(ask, EktpFile.PHOTO) if self._reads_photo else b""
        _select(ask, EktpFile.CARD_CONTROL)
        card_control = _plain(ask(read_binary(0, CARD_CONTROL_BYTES)), "card control")
        self._step(sam.reset, end)
        challenge = _plain(ask(GET_CHALLENGE), "challenge")
        if len(challenge) != CHALLENGE_BYTES:
            raise GarbledError("the challenge has another length")
        proof = self._step(lambda: sam.answer_challenge(card_control, uid_for_sam(uid), challenge), end)
        answer = ask(external_authenticate(proof))
        if answer[-2:] != OK:
            raise _EndedError(IdentityEnd.WRONG_SAM, answer[-2:].hex())
        self._step(lambda: sam.accept_card(answer[:-2]), end)
        _select(secured, EktpFile.DIGITAL_SIGNATURE)
        signature = _plain(secured(read_binary(0, SIGNATURE_BYTES)), "signature")
        self._step(lambda: sam.take_signature(signature), end)
        biodata = _read_file(secured, EktpFile.BIODATA)
        self._step(lambda: sam.check_file(EktpFile.BIODATA, biodata), end)
        if photo:
            self._step(lambda: sam.check_file(EktpFile.PHOTO, photo), end)
        return IdentityOutcome(IdentityEnd.READ, replace(parse_biodata(biodata), photo=photo))

    def _step(self, step: Callable[[], T], end: float) -> T:
        left = end - monotonic()
        if left <= 0:
            raise StuckError("no time left")
        return self._worker.run(step, min(SAM_STEP_S, left))


_END_OF_FAULT = {
    CardFault.PULLED: IdentityEnd.PULLED,
    CardFault.SWAPPED: IdentityEnd.SWAPPED,
    CardFault.AWAY: IdentityEnd.PULLED,
    CardFault.MUTE: IdentityEnd.REFUSED,
    CardFault.HELD: IdentityEnd.REFUSED,
}


def _plain(answer: bytes, what: str) -> bytes:
    if answer[-2:] != OK:
        raise _EndedError(IdentityEnd.REFUSED, f"{what} {answer[-2:].hex()}")
    return answer[:-2]


def _select(ask: Exchange, file: EktpFile) -> None:
    _plain(ask(select(file)), f"select {file:04X}")


def _read_file(ask: Exchange, file: EktpFile) -> bytes:
    """A file whose first two bytes are the length of what follows."""
    _select(ask, file)
    head = _plain(ask(read_binary(0, 2)), f"length {file:04X}")
    if len(head) != 2 or not 0 < (length := int.from_bytes(head, "big")) <= MAX_FILE:
        raise GarbledError("a file with no sensible length")
    content = b""
    while len(content) < length:
        part = _plain(ask(read_binary(2 + len(content), min(READ_BLOCK, length - len(content)))), f"read {file:04X}")
        if not part or len(content) + len(part) > length:
            raise GarbledError("a file shorter or longer than it says")
        content += part
    return content
