"""``python -m kiosk.ui.make_sounds``: writes the face's three sounds. Run when a sound is to change, not at install."""

import math
import struct
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

from kiosk.ui.options import ASSETS

RATE = 22_050
"""Samples a second, mono, 16 bit: small files, and nothing above 8 kHz is in them."""

Note = tuple[float, float, float, float]
"""Start in seconds, length in seconds, pitch in hertz, loudness from 0 to 1."""

SOUNDS: dict[str, list[Note]] = {
    "tick": [(0.0, 0.045, 880.0, 0.22)],
    "done": [(0.0, 0.22, 659.3, 0.30), (0.14, 0.42, 987.8, 0.34)],
    "attention": [(0.0, 0.24, 392.0, 0.34), (0.20, 0.46, 329.6, 0.36)],
}


def samples(notes: list[Note]) -> Iterator[int]:
    """Soft tones: a sine with a little of its octave, a short attack, a long fade."""
    length = max(start + duration for start, duration, _, _ in notes)
    for place in range(int(length * RATE)):
        now = place / RATE
        total = 0.0
        for start, duration, pitch, loudness in notes:
            age = now - start
            if not 0 <= age < duration:
                continue
            envelope = min(1.0, age / 0.006) * (1 - age / duration) ** 2
            angle = 2 * math.pi * pitch * age
            total += loudness * envelope * (math.sin(angle) + 0.18 * math.sin(2 * angle))
        yield int(max(-1.0, min(1.0, total)) * 32_000)


def write(folder: Path) -> None:
    """Write one WAV file a sound into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, notes in SOUNDS.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples(notes)))


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else ASSETS / "sounds")
