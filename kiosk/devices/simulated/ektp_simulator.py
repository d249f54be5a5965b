"""A KTP-el with an identity and the SAM that opens it. THE SCHEME IS INVENTED and has nothing to do with the real one.

Both sides prove to know a common secret over the identifier and a challenge; the record then comes sealed with a key
of this session alone. Enough to let the pages and the tests meet success, a forged card, a refusal and a pulled card.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from threading import Event

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.devices.card.ektp import ChipIdentity, Exchange, IdentityEnd, IdentityOutcome
from kiosk.devices.simulated.virtual_card import OK, VirtualCard

DEMO_SECRET = hashlib.sha256(b"anjungan demo sam, worth nothing").digest()
NOT_NOW, REFUSED = b"\x69\x85", b"\x63\x00"
BLOCK = 200


def _proof(secret: bytes, who: bytes, uid: bytes, challenge: bytes) -> bytes:
    return hmac.digest(secret, who + uid + challenge, "sha256")[:16]


@dataclass(slots=True, eq=False)
class IdentityCard(VirtualCard):
    """A virtual card with a record; ``secret`` differs on a forged one."""

    identity: dict[str, str] = field(default_factory=dict, repr=False)
    secret: bytes = field(default=DEMO_SECRET, repr=False)
    _challenge: bytes = field(default=b"", repr=False)
    _sealed: bytes = field(default=b"", repr=False)

    def answer(self, apdu: bytes) -> bytes:
        """The open part, and behind it the invented closed one."""
        if len(apdu) >= 4 and self._selected:
            if apdu[1] == 0x84:
                self._challenge, self._sealed = secrets.token_bytes(8), b""
                return self._challenge + OK
            if apdu[1] == 0x82:
                return self._authenticate(apdu[5:])
            if apdu[:2] == b"\x80\xb0":
                return self._sealed[(start := apdu[2] * BLOCK) : start + BLOCK] + OK if self._sealed else NOT_NOW
        # slots=True makes a new class, to which a bare super() would not belong.
        return VirtualCard.answer(self, apdu)

    def _authenticate(self, proof: bytes) -> bytes:
        challenge, self._challenge = self._challenge, b""
        if not challenge or not hmac.compare_digest(proof, _proof(DEMO_SECRET, b"sam", self.uid, challenge)):
            return REFUSED
        key = hmac.digest(self.secret, b"key" + self.uid + challenge, "sha256")
        record = json.dumps(self.identity).encode()
        self._sealed = AESGCM(key).encrypt(b"\0" * 12, record, self.uid)
        return _proof(self.secret, b"card", self.uid, challenge) + OK


class SimulatedSam:
    """Opens ``IdentityCard``s that share its secret."""

    def is_there(self) -> bool:
        """Always: it is only software."""
        return True

    def converse(self, exchange: Exchange, uid: bytes, cancel: Event) -> IdentityOutcome:
        """See ``EktpIdentity``."""
        challenge = exchange(bytes.fromhex("0084000008"))
        if challenge[-2:] != OK or len(challenge) != 10:
            return IdentityOutcome(IdentityEnd.REFUSED)
        proof = _proof(DEMO_SECRET, b"sam", uid, challenge[:-2])
        answer = exchange(bytes.fromhex("0082000010") + proof)
        if answer[-2:] != OK:
            return IdentityOutcome(IdentityEnd.REFUSED)
        if not hmac.compare_digest(answer[:-2], _proof(DEMO_SECRET, b"card", uid, challenge[:-2])):
            return IdentityOutcome(IdentityEnd.FORGED)
        sealed = b""
        for block in range(255):
            if cancel.is_set():
                return IdentityOutcome(IdentityEnd.CANCELLED)
            part = exchange(bytes((0x80, 0xB0, block, 0, 0)))
            sealed += part[:-2]
            if len(part) - 2 < BLOCK:
                break
        key = hmac.digest(DEMO_SECRET, b"key" + uid + challenge[:-2], "sha256")
        try:
            record = json.loads(AESGCM(key).decrypt(b"\0" * 12, sealed, uid))
            return IdentityOutcome(IdentityEnd.READ, ChipIdentity(**record))
        except (InvalidTag, ValueError, TypeError):
            return IdentityOutcome(IdentityEnd.FORGED)
