"""The visitor's phone: reads the code from a picture of the screen, opens its page and saves the document."""

import base64
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

from kiosk.demo.robot import RobotError

_TIMEOUT_S = 15.0


class NoEyesError(Exception):
    """zxing-cpp, which reads codes from pictures, is not installed: it comes with the development packages."""


def read_code(picture: Path) -> str:
    """The text of the one QR code in a picture. Raises NoEyesError, and RobotError when there is not one."""
    try:
        import zxingcpp
        from PIL import Image
    except ImportError as error:
        raise NoEyesError from error
    with Image.open(picture) as image:
        found = [str(code.text) for code in zxingcpp.read_barcodes(image.convert("L"))]
    if len(found) != 1:
        raise RobotError(f"{picture.name} shows {len(found)} codes")
    return found[0]


class _Form(HTMLParser):
    """Where the page's one form posts to."""

    def __init__(self) -> None:
        super().__init__()
        self.actions: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form" and dict(attrs).get("method") == "post":
            self.actions.append(dict(attrs).get("action") or "")


def form_action(page: str) -> str:
    """Raises RobotError unless the page has exactly one form."""
    form = _Form()
    form.feed(page)
    if len(form.actions) != 1:
        raise RobotError(f"the phone's page has {len(form.actions)} forms")
    return form.actions[0]


def download(url: str) -> bytes:
    """Open the page, press its button, and see that neither works again. Raises RobotError."""
    with requests.Session() as phone:
        phone.trust_env = False
        page = phone.get(url, timeout=_TIMEOUT_S)
        if page.status_code != 200:
            raise RobotError(f"the phone's page answers {page.status_code}")
        address = urljoin(url, form_action(page.text))
        answer = phone.post(address, timeout=_TIMEOUT_S)
        if answer.status_code != 200 or not answer.content.startswith(b"%PDF-"):
            raise RobotError(f"the phone got no document: {answer.status_code}")
        again = [phone.get(url, timeout=_TIMEOUT_S).status_code, phone.post(address, timeout=_TIMEOUT_S).status_code]
    if again != [410, 410]:
        raise RobotError(f"the code works more than once: {again}")
    return answer.content


def issued(office_url: str) -> list[tuple[str, bytes]]:
    """Kind and bytes of all that the demo's office has signed, oldest first."""
    answer = requests.get(f"{office_url}/demo/issued", timeout=_TIMEOUT_S)
    answer.raise_for_status()
    return [(one["kind"], base64.b64decode(one["base64"])) for one in answer.json()["documents"]]
