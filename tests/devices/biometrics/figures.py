"""``python -m tests.devices.biometrics.figures``: what comparing costs, and how far scores lie apart."""

import itertools
import resource
import threading
import time

from kiosk.devices.biometrics.matcher import face_matcher, finger_matcher
from kiosk.devices.biometrics.worker_kinds import make
from kiosk.devices.contract import Picture
from kiosk.devices.simulated.sight_doubles import SightDouble
from tests.devices.biometrics import portraits as p

FINGERS = range(1, 5)


def _timed(what: str, began: float) -> None:
    print(f"{what}: {time.monotonic() - began:.2f} s")


def _whole(what: str, matcher: object, reference: bytes) -> None:
    began = time.monotonic()
    report = matcher.match(reference, 20.0, threading.Event())  # type: ignore[attr-defined]
    _timed(f"{what}: {report.end}, process and all", began)


def _score(comparer: object, picture: Picture) -> float:
    sight = comparer.look(picture.width, picture.height, picture.channels, bytes(picture.pixels))  # type: ignore[attr-defined]
    return sight.score if sight.score is not None else float("nan")


def main() -> None:
    _whole("a face", face_matcher(SightDouble([p.picture(p.astronaut())])), p.chip_photo())
    _whole("a finger", finger_matcher(SightDouble([p.picture(p.finger(1, 8, 12))])), p.template(p.finger(1)))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest worker process: {peak:.0f} MB; nothing of it is left afterwards")
    faces = make("face")
    faces.reference(p.chip_photo())
    same = [
        p.astronaut(),
        p.astronaut().convert("L"),
        p.astronaut().rotate(10, fillcolor=(90, 90, 90)),
        p.astronaut().point(lambda value: int(value * 0.5)),
    ]
    others = [p.drawn_face(), p.drawn_face((120, 80, 60), 18, 55), p.drawn_face((235, 200, 180), 26, 70)]
    print("distance, same face:", [round(_score(faces, p.picture(image)), 2) for image in same])
    print("distance, drawn faces:", [round(_score(faces, p.picture(image)), 2) for image in others])
    same_scores, other_scores = [], []
    for seed in FINGERS:
        fingers = make("finger")
        fingers.reference(p.template(p.finger(seed)))
        same_scores += [_score(fingers, p.picture(p.finger(seed, turn, noise))) for turn, noise in ((8, 12), (-12, 20))]
        other_scores += [_score(fingers, p.picture(p.finger(other))) for other in FINGERS if other != seed]
    print(f"similarity, same finger turned and noisy: {min(same_scores):.0f} to {max(same_scores):.0f}")
    print(
        f"similarity, {len(list(itertools.permutations(FINGERS, 2)))} pairs of others: at most {max(other_scores):.0f}"
    )


if __name__ == "__main__":
    main()
