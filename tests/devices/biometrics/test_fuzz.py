"""Random pictures and references, by the hundred, straight at the libraries: never a match, never a crash."""

import random
from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kiosk.devices.biometrics import verdict
from kiosk.devices.biometrics.wire import ANSWER, Sight, packed, unpacked
from kiosk.devices.biometrics.worker_kinds import make
from kiosk.devices.contract import Doubt
from tests.devices.biometrics import portraits as p

ROUNDS = 60


@cache
def known(kind: str) -> Any:
    """With a good reference, so that only the picture can save us."""
    comparer = make(kind)
    assert comparer.reference(p.chip_photo() if kind == "face" else p.template(p.finger(1))) is Doubt.NONE
    return comparer


def _pixels(luck: random.Random, count: int) -> bytes:
    style = luck.randrange(4)
    if style == 0:
        return luck.randbytes(count)
    if style == 1:
        return bytes([luck.randrange(256)]) * count
    if style == 2:
        period = luck.randrange(2, 40)
        return (bytes(period) + b"\xff" * period) * (count // (2 * period)) + bytes(count % (2 * period))
    grains = np.random.default_rng(luck.randrange(2**32)).normal(128, luck.choice([5, 40, 90]), count)
    return bytes(grains.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("kind", ["face", "finger"])
def test_random_pictures_never_match(kind: str) -> None:
    luck = random.Random(20261122)
    thresholds = verdict.FACE if kind == "face" else verdict.FINGER
    for _ in range(ROUNDS):
        width, height, channels = luck.randrange(1, 330), luck.randrange(1, 330), luck.choice([1, 3])
        sight = known(kind).look(width, height, channels, _pixels(luck, width * height * channels))
        assert sight.score is None or not thresholds.is_same(sight.score)


@pytest.mark.parametrize("kind", ["face", "finger"])
@pytest.mark.parametrize(
    ("width", "height", "channels", "size"),
    [
        (0, 0, 1, 0),
        (1, 1, 2, 2),
        (2**31, 2**31, 3, 9),
        (9000, 1, 1, 9000),
        (300, 300, 3, 90_000),
        (300, 300, 4, 360_000),
    ],
)
def test_numbers_that_do_not_fit_are_nobody(kind: str, width: int, height: int, channels: int, size: int) -> None:
    assert known(kind).look(width, height, channels, b"\x7f" * size) == Sight(Doubt.NOBODY)


@pytest.mark.parametrize("kind", ["face", "finger"])
def test_damaged_references_are_unusable_or_the_same_person_still(kind: str) -> None:
    """A flipped bit may leave a usable reference; it must not make anybody else match."""
    luck = random.Random(7)
    good = p.chip_photo() if kind == "face" else p.template(p.finger(1))
    stranger = p.picture(p.drawn_face() if kind == "face" else p.finger(2))
    thresholds = verdict.FACE if kind == "face" else verdict.FINGER
    comparer = make(kind)
    for _ in range(ROUNDS // 2):
        data = bytearray(good)
        for _ in range(luck.choice([1, 4, 40])):
            data[luck.randrange(len(data))] = luck.randrange(256)
        bad = bytes(data[: luck.choice([len(data), luck.randrange(len(data))])])
        if comparer.reference(bad) is Doubt.NONE:
            sight = comparer.look(stranger.width, stranger.height, stranger.channels, bytes(stranger.pixels))
            assert sight.score is None or not thresholds.is_same(sight.score)


def test_many_faces_are_several() -> None:
    crowd = Image.new("RGB", (800, 480), (150, 160, 170))
    for number in range(4):
        crowd.paste(p.drawn_face().resize((190, 228)), (5 + number * 198, 120))
    taken = p.picture(crowd)
    assert known("face").look(taken.width, taken.height, 3, bytes(taken.pixels)).doubt is Doubt.SEVERAL


def test_answers_cross_the_pipe_as_they_were() -> None:
    for doubt in Doubt:
        assert unpacked(packed(Sight(doubt))) == Sight(doubt)
    assert unpacked(packed(Sight(Doubt.NONE, 0.25))) == Sight(Doubt.NONE, 0.25)
    with pytest.raises(ValueError, match="no such doubt"):
        unpacked(ANSWER.pack(200, False, 0.0))
