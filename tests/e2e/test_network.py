"""A whole visit through a network that fails at every one of its calls: true pages, one paper, and on it goes."""

import base64
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from kiosk import protocol as p
from tests.e2e.conftest import Kiosk, Office
from tests.e2e.test_services import begin, rate_and_leave
from tests.proxy.fault_proxy import Fault, FaultProxy

pytestmark = pytest.mark.e2e

ENTRY = ("/v1/cards/find ", "/v1/proofs ")
CALLS = {
    "cetak-kk": (*ENTRY, "/v1/documents ", "/v1/grants ", "/document "),
    "cetak-ktp": (*ENTRY, "/v1/documents ", "/v1/grants ", "/document "),
    "cek-data": (*ENTRY, "/v1/person ", "/v1/family "),
}
"""Until the preview; the settlement comes afterwards."""

KINDS = {"cetak-kk": ("kk",), "cetak-ktp": ("ktp-el",), "cek-data": ()}
ACTS = ("tap-card", "pin", "documents", "review", "menu", "preview", "offline", "outcome", "proof")
CODES = {
    Fault.RESET_AFTER: "OFF-01",
    Fault.HTML: "OFF-04",
}


@pytest.fixture
def network(office: Office) -> Iterator[FaultProxy]:
    with FaultProxy(int(office.url.rpartition(":")[2])) as opened:
        yield opened


class Walk:
    """Goes through a service by what stands on the screen; every call of its ``CALLS`` meets the fault once."""

    def __init__(self, kiosk: Kiosk, network: FaultProxy, service: str, fault: Fault) -> None:
        self.kiosk = kiosk
        self.network = network
        self.service = service
        self.fault = fault
        self.person = kiosk.office.person(*KINDS[service])
        self.codes: dict[str, str] = {}
        self._left = list(CALLS[service])
        self._arm()

    def _arm(self) -> None:
        if self._left:
            call = self._left[0]
            self.network.arm(self.fault, only=lambda line: call in line)
        else:
            self.network.heal()

    def to_preview(self) -> None:
        face = self.kiosk.face
        begin(face, self.service)
        face.wait_page("proof")
        face.press("Tempelkan KTP-el")
        last = -1
        for _ in range(60):
            page = face.wait(partial(_is_new, last), "a page to act on", 40)
            if page.name == "preview":
                assert not self._left, f"never met: {self._left}"
                return
            last = self._act(page)
        raise AssertionError(f"no way to the preview: {face.names}")

    def _act(self, page: p.Page) -> int:
        """Do what the page asks for; the serial of the page that was acted on."""
        face = self.kiosk.face
        if page.name == "tap-card":
            self.kiosk.pull()
            self.kiosk.tap(self.person)
        elif page.name == "proof":
            face.press("Tempelkan KTP-el")
        elif page.name == "pin":
            face.submit("submit", pin=self.person["pin"])
        elif page.name == "review":
            face.press("#main")
        elif page.name == "menu":
            face.press("#choose:print")
        elif page.name == "documents":
            assert isinstance(page.body, p.DocumentsBody)
            face.press(f"#{page.body.tiles[0].action}")
        else:
            assert page.name == "offline", face.names
            assert isinstance(page.body, p.OutcomeBody)
            assert "Tidak ada yang hilang." in page.body.lines
            if self._left and self.network.hits:
                self.codes[self._left.pop(0)] = page.body.code
                self._arm()
            else:
                assert page.body.code == "OFF-01", "the breaker is still open"
            # As a person would: again when the strip says that the office is back.
            face.wait(lambda page: page.strip.network is not p.Tone.CAUTION, "the office to be back", 40)
            return face.press("Coba lagi").serial
        return page.serial


def _is_new(last: int, page: p.Page) -> bool:
    """Whether another page calls for an act."""
    return page.serial > last and page.name in ACTS


@pytest.mark.parametrize(
    ("service", "fault"),
    [
        ("cetak-kk", Fault.RESET_AFTER),
        ("cetak-kk", Fault.HTML),
        ("cetak-ktp", Fault.RESET_AFTER),
        ("cek-data", Fault.RESET_AFTER),
    ],
)
def test_a_visit_with_a_fault_at_each_call_prints_once_and_settles(
    start_kiosk: Callable[..., Kiosk], network: FaultProxy, service: str, fault: Fault
) -> None:
    kiosk = start_kiosk(url=network.url)
    walk = Walk(kiosk, network, service, fault)
    walk.to_preview()
    assert walk.codes == dict.fromkeys(CALLS[service], CODES[fault])
    # The last call of all: nobody waits for it, and it must arrive.
    network.arm(fault, only=lambda line: "/v1/settlements " in line)
    kiosk.face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    (document,) = kiosk.printed("card-printer" if service == "cetak-ktp" else "document-printer")
    assert base64.b64decode(document["base64"]).startswith(b"%PDF")
    assert kiosk.face.pictures == {}
    if service == "cek-data":
        network.heal()
        return
    kiosk.wait_until(lambda: network.hits > 0, "the settlement to meet the fault")
    network.heal()
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("printed", 0) == 1, "the settlement", 60)
    assert kiosk.office.state()["documents"].get("taken", 0) == 0
    assert kiosk.office.state()["documents"].get("with-staff", 0) == 0
