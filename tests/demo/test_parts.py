"""The robot's parts that need no screen: its phone's eyes and fingers, whom it sends, how it judges a visit."""

from pathlib import Path

import pytest
import segno

from kiosk.demo.people import person_of, person_with
from kiosk.demo.phone import form_action, read_code
from kiosk.demo.robot import RobotError
from kiosk.demo.tour import outcome_of


def test_a_code_is_read_off_a_picture_and_a_picture_without_one_is_refused(tmp_path: Path) -> None:
    picture = tmp_path / "screen.png"
    segno.make("http://127.0.0.1:1/h/abc").save(str(picture), scale=6, border=4)
    assert read_code(picture) == "http://127.0.0.1:1/h/abc"
    from PIL import Image

    Image.new("L", (200, 200), 255).save(picture)
    with pytest.raises(RobotError):
        read_code(picture)


def test_the_one_form_is_found() -> None:
    assert form_action('<p><form method="post" action="/h/x?lang=id"><button>Unduh</button></form>') == "/h/x?lang=id"
    for page in (
        "<p>nothing</p>",
        '<form method="get" action="/a"></form>',
        '<form method="post" action="/"></form>' * 2,
    ):
        with pytest.raises(RobotError):
            form_action(page)


def person(slug: str, *documents: str, uid: str = "04") -> dict[str, object]:
    return {"slug": slug, "uid": uid, "pin": "1", "documents": list(documents)}


def test_only_people_with_nothing_to_stumble_over_are_sent() -> None:
    people = [person("locked", "kk"), person("everything", "kk", "ktp-el"), person("long-name", "kk")]
    assert person_with(people, "kk")["slug"] == "everything"
    assert person_with(people, "kk", skip=1)["slug"] == "long-name"
    with pytest.raises(RobotError):
        person_with(people, "kk", skip=2)
    assert person_of(people, "locked") == people[0]
    assert person_of(people, "unknown-card") is None


@pytest.mark.parametrize(
    ("pages", "outcome"),
    [
        (["attract", "printing", "take"], "done"),
        (["attract", "number-slip", "number"], "done"),
        (["attract", "counter-trouble", "outcome"], "failed"),
        (["attract", "outcome"], "failed"),
        (["attract", "device-fault", "take"], "failed"),
        (["attract"], "failed"),
    ],
)
def test_a_visit_is_done_when_it_ends_with_things_to_take_and_met_no_trouble(pages: list[str], outcome: str) -> None:
    assert outcome_of(pages) == outcome
