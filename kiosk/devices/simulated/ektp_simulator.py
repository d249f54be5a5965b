"""A KTP-el with its file tree, and a double of the SAM that opens it. THE SCHEME IS INVENTED, every key of it too.

It has nothing to do with the State's, which is secret and belongs in certified hardware alone. The files and the order
of the session are the publicly known ones; what proves, seals and signs is our own: HMAC over challenge and nonce,
AES-GCM with a counter for the secured messages, Ed25519 for the digital signature, bound to the card's identifier.
Enough to let tests and pages meet success, a forged file, a wrong SAM, and cards that go in the middle.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, fields
from datetime import date

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.devices.card.biodata import ChipIdentity
from kiosk.devices.card.ektp import ForgedError, SamError
from kiosk.devices.card.ektp_files import PROOF_BYTES, EktpFile, uid_for_sam
from kiosk.devices.simulated.virtual_card import NOT_FOUND, OK, UNKNOWN_INS, VirtualCard

INVENTED_SECRET = hashlib.sha256(b"anjungan demo sam, worth nothing").digest()
INVENTED_ISSUER = hashlib.sha256(b"anjungan demo issuer, worth nothing").digest()
REFUSED, NOT_ALLOWED, NO_FILE, WRONG_OFFSET = b"\x63\x00", b"\x69\x82", b"\x69\x86", b"\x6b\x00"
CARD_CONTROL = (51).to_bytes(2, "big") + hashlib.sha512(b"anjungan demo card control").digest()[:51]
_OPEN = (EktpFile.CARD_CONTROL, EktpFile.PHOTO)
_SECURED_CLASS = 0x0C


def biodata_record(person: ChipIdentity) -> bytes:
    """The 21 quoted fields of a person who is invented."""
    values = [str(getattr(person, f.name)) for f in fields(person)[:14]]
    born: date = person.birth_date
    unnamed = [*person.unnamed, "", "", "", "", ""][:5]
    values += [born.strftime("%d-%m-%Y"), *unnamed[:4], person.nationality, unnamed[4]]
    return ('"' + '","'.join(values) + '"').encode("ascii")


def signature_file(uid: bytes, biodata: bytes, issuer: bytes = INVENTED_ISSUER) -> bytes:
    """0x50 bytes: half a hash of the biodata, and the invented issuer's signature over it and the identifier."""
    half = hashlib.sha256(biodata).digest()[:16]
    return half + Ed25519PrivateKey.from_private_bytes(issuer).sign(uid_for_sam(uid) + half)


def _proof(secret: bytes, who: bytes, *parts: bytes) -> bytes:
    return hmac.digest(secret, who + b"".join(parts), "sha256")


def _nonce(counter: int, is_answer: bool) -> bytes:
    return (counter * 2 + is_answer).to_bytes(12, "big")


def with_length(content: bytes) -> bytes:
    """As the files hold it."""
    return len(content).to_bytes(2, "big") + content


@dataclass(slots=True, eq=False)
class IdentityCard(VirtualCard):
    """A virtual card with the files of a KTP-el; ``secret`` differs on a card of another scheme."""

    files: dict[int, bytes] = field(default_factory=dict, repr=False)
    secret: bytes = field(default=INVENTED_SECRET, repr=False)
    _file: int = 0
    _challenge: bytes = field(default=b"", repr=False)
    _key: bytes = field(default=b"", repr=False)
    _counter: int = 0

    @classmethod
    def of(cls, person: ChipIdentity, uid: bytes, photo: bytes = b"") -> "IdentityCard":
        """A card that our SAM double believes."""
        record = biodata_record(person)
        files = {
            EktpFile.CARD_CONTROL: CARD_CONTROL,
            EktpFile.BIODATA: with_length(record),
            EktpFile.DIGITAL_SIGNATURE: signature_file(uid, record),
        }
        if photo:
            files[EktpFile.PHOTO] = with_length(photo)
        return cls(uid, files={int(name): content for name, content in files.items()})

    def power_up(self) -> None:
        """Nothing selected, nobody proved."""
        VirtualCard.power_up(self)
        self._file, self._challenge, self._key, self._counter = 0, b"", b"", 0

    def answer(self, apdu: bytes) -> bytes:
        """The open part, and behind it the invented closed one."""
        if len(apdu) >= 4 and self._selected and apdu[0] in (0x00, _SECURED_CLASS):
            if apdu[0] == _SECURED_CLASS:
                self.seen.append(apdu)
                return self._secured(apdu)
            if apdu[1] == 0x84:
                self._challenge, self._key = secrets.token_bytes(8), b""
                return self._challenge + OK
            if apdu[1] == 0x82:
                return self._authenticate(apdu[5:])
            if apdu[1] == 0xB0 or (apdu[1] == 0xA4 and apdu[5:7] in self._names()):
                if self.delay_s:
                    self.interrupted.wait(self.delay_s)
                self.seen.append(apdu)
                return self._file_command(apdu, _OPEN)
        # slots=True makes a new class, to which a bare super() would not belong.
        return VirtualCard.answer(self, apdu)

    def _names(self) -> set[bytes]:
        return {name.to_bytes(2, "big") for name in self.files}

    def _file_command(self, apdu: bytes, allowed: tuple[int, ...]) -> bytes:
        if apdu[1] == 0xA4:
            name = int.from_bytes(apdu[5:7], "big")
            if name not in self.files:
                return NOT_FOUND
            self._file = name
            return OK
        if not self._file:
            return NO_FILE
        if self._file not in allowed:
            return NOT_ALLOWED
        content, offset = self.files[self._file], apdu[2] << 8 | apdu[3]
        count = (apdu[4] or 256) if len(apdu) > 4 else 256
        return content[offset : offset + count] + OK if offset < len(content) else WRONG_OFFSET

    def _authenticate(self, data: bytes) -> bytes:
        challenge, self._challenge = self._challenge, b""
        nonce, proof = data[:8], data[8:PROOF_BYTES]
        parts = (self.files.get(EktpFile.CARD_CONTROL, b""), uid_for_sam(self.uid), challenge, nonce)
        if not challenge or not hmac.compare_digest(proof, _proof(self.secret, b"sam", *parts)):
            return REFUSED
        self._key, self._counter = _proof(self.secret, b"key", *parts), 0
        return _proof(self.secret, b"card", *parts) + OK

    def _secured(self, apdu: bytes) -> bytes:
        if not self._key:
            return NOT_ALLOWED
        self._counter += 1
        box = AESGCM(self._key)
        try:
            inner = box.decrypt(_nonce(self._counter, False), apdu[5:], None)
        except (InvalidTag, ValueError):
            self._key = b""
            return b"\x69\x88"
        is_file = len(inner) >= 5 and inner[1] in (0xA4, 0xB0)
        answer = self._file_command(inner, tuple(self.files)) if is_file else UNKNOWN_INS
        return box.encrypt(_nonce(self._counter, True), answer, None) + OK


class SamDouble:
    """The SAM in memory. ``is_plugged``, ``breaks``: what tests turn; ``secret``: a SAM of another scheme."""

    def __init__(self, secret: bytes = INVENTED_SECRET, issuer: bytes = INVENTED_ISSUER) -> None:
        self._secret = secret
        self._issuer = Ed25519PrivateKey.from_private_bytes(issuer).public_key()
        self.is_plugged = True
        self.breaks = False
        self.steps: list[str] = []
        """The session's order, as the SAM saw it."""
        self._parts: tuple[bytes, ...] = ()
        self._uid, self._key, self._counter, self._signed = b"", b"", 0, b""

    def is_there(self) -> bool:
        """Whether it lies in its slot."""
        return self.is_plugged

    def reset(self) -> None:
        """Forget the last session."""
        self._note("reset")
        self._parts, self._uid, self._key, self._counter, self._signed = (), b"", b"", 0, b""

    def answer_challenge(self, card_control: bytes, uid: bytes, challenge: bytes) -> bytes:
        """See ``Sam``."""
        self._note("answer-challenge")
        nonce = secrets.token_bytes(8)
        self._uid, self._parts = uid, (card_control, uid, challenge, nonce)
        return nonce + _proof(self._secret, b"sam", *self._parts)

    def accept_card(self, answer: bytes) -> None:
        """See ``Sam``."""
        self._note("accept-card")
        if not self._parts or not hmac.compare_digest(answer, _proof(self._secret, b"card", *self._parts)):
            raise ForgedError("the card's proof")
        self._key = _proof(self._secret, b"key", *self._parts)

    def wrap(self, command: bytes) -> bytes:
        """See ``Sam``."""
        self._note("wrap")
        if not self._key:
            raise SamError("no session")
        self._counter += 1
        sealed = AESGCM(self._key).encrypt(_nonce(self._counter, False), command, None)
        return bytes((_SECURED_CLASS, command[1], 0, 0, len(sealed))) + sealed

    def unwrap(self, answer: bytes) -> bytes:
        """See ``Sam``."""
        self._note("unwrap")
        try:
            plain = AESGCM(self._key).decrypt(_nonce(self._counter, True), answer[:-2], None)
        except (InvalidTag, ValueError) as error:
            raise ForgedError("a secured answer") from error
        return plain

    def take_signature(self, signature: bytes) -> None:
        """See ``Sam``."""
        self._note("take-signature")
        try:
            self._issuer.verify(signature[16:], self._uid + signature[:16])
        except InvalidSignature:
            raise ForgedError("the digital signature") from None
        self._signed = signature[:16]

    def check_file(self, file: EktpFile, content: bytes) -> None:
        """See ``Sam``. The invented signature covers the biodata; of a photograph nothing is said."""
        self._note(f"check-{file.name.lower()}")
        if file is EktpFile.BIODATA and hashlib.sha256(content).digest()[:16] != self._signed:
            raise ForgedError(f"file {file:04X}")

    def _note(self, step: str) -> None:
        if self.breaks or not self.is_plugged:
            raise SamError(f"no answer to {step}")
        self.steps.append(step)
