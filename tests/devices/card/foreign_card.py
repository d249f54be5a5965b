"""A card that no one here wrote: the ISO 7816 card of the vsmartcard project (from apt, GPL-3, never copied).

Run as a program with the vpcd port; ``ktp`` as a second word gives it a DF 7F0A. Its own command does not start on
Python 3, so the card is put together from its library.
"""

import sys
from collections.abc import Callable

sys.path.insert(0, "/usr/lib/python3/site-packages/virtualsmartcard")

from virtualsmartcard import CardGenerator as Generator  # type: ignore[import-not-found]
from virtualsmartcard.SmartcardFilesystem import DF, MF, TransparentStructureEF  # type: ignore
from virtualsmartcard.SmartcardSAM import SAM  # type: ignore
from virtualsmartcard.VirtualSmartcard import Iso7816OS, VirtualICC  # type: ignore

UID = bytes.fromhex("04c0ffee123456")


def card(has_ktp: bool) -> tuple[object, object]:
    """Its file system and its security module."""
    mf = MF()
    df = DF(mf, 0x7F0A if has_ktp else 0x5F00, dfname=b"\xa0\x00\x00\x00\x99")
    df.append(TransparentStructureEF(df, 0x6FF0, data=b"\x00\x33" + bytes(range(51))))
    mf.append(df)
    sam = SAM(b"1234", b"1234567890")
    sam.set_MF(mf)
    return mf, sam


def behind_a_reader(execute: Callable[[object, bytes], bytes]) -> Callable[[object, bytes], bytes]:
    """Class FF is for the reader, which answers it itself; vpcd is none, and hands it to the card."""

    def answer(system: object, message: bytes) -> bytes:
        if message[:1] == b"\xff":
            return UID + b"\x90\x00" if message[1:2] == b"\xca" else b"\x6e\x00"
        return execute(system, message)

    return answer


if __name__ == "__main__":
    port, has_ktp = int(sys.argv[1]), sys.argv[2:] == ["ktp"]
    Iso7816OS.execute = behind_a_reader(Iso7816OS.execute)
    Generator.CardGenerator.getCard = lambda _self: card(has_ktp)
    VirtualICC(None, "iso7816", "127.0.0.1", port).run()
