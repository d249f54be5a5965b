"""What a citizen showed, as the office takes it."""

from pydantic import ValidationError

from kiosk import api
from kiosk.backend.contract import Proof, ProofMethod


def proof_request(proof: Proof) -> api.ProofRequest | None:
    """None when what was shown cannot be right in any office: it is answered without asking."""
    try:
        if proof.method is ProofMethod.CARD_PIN:
            return api.ProofRequest(method="card-pin", card_uid=proof.card_uid.hex(), pin=proof.pin)
        if proof.method is ProofMethod.NIK_PIN:
            return api.ProofRequest(method="nik-pin", nik=proof.nik, pin=proof.pin)
        if proof.method in (ProofMethod.CARD_BIOMETRIC, ProofMethod.NIK_BIOMETRIC):
            return api.ProofRequest(
                method="card-biometric" if proof.method is ProofMethod.CARD_BIOMETRIC else "nik-biometric",
                card_uid=proof.card_uid.hex() or None,
                nik=proof.nik or None,
                ticket=proof.ticket,
                band="strong" if proof.band == "strong" else "clear",
            )
        if proof.method is ProofMethod.PRINT_CODE:
            return api.ProofRequest(method="print-code", code=proof.token)
        return api.ProofRequest(method="qr-token", token=proof.token)
    except ValidationError:
        return None
