"""Office, printers and slip printer at their worst: true sentences, nothing twice, and service goes on."""

import base64
import http.client
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from kiosk import protocol as p
from tests.e2e.conftest import Kiosk
from tests.e2e.test_services import begin, rate_and_leave, sign_in

pytestmark = pytest.mark.e2e


def to_preview(kiosk: Kiosk) -> p.Page:
    begin(kiosk.face, "cetak-kk")
    sign_in(kiosk, kiosk.office.person("kk"))
    page = kiosk.face.wait_page("documents", "preview", "device-fault", "offline", "outcome")
    if isinstance(page.body, p.DocumentsBody):
        kiosk.face.press(f"#{page.body.tiles[0].action}")
        page = kiosk.face.wait_page("preview", "device-fault", "offline", "outcome")
    return page


def lines(page: p.Page) -> str:
    assert isinstance(page.body, p.OutcomeBody)
    return " ".join(page.body.lines)


@pytest.mark.parametrize(
    ("mode", "code"), [("gone", "OFF-01"), ("http-500", "OFF-06"), ("html", "OFF-04"), ("garbage", "OFF-04")]
)
def test_an_office_at_its_worst_is_named_and_tried_again(kiosk: Kiosk, mode: str, code: str) -> None:
    begin(kiosk.face, "cetak-kk")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Tempelkan KTP-el")
    kiosk.face.wait_page("tap-card")
    kiosk.tap(kiosk.office.person("kk"))
    kiosk.face.wait_page("pin")
    kiosk.office.fault(mode)
    kiosk.face.submit("submit", pin=kiosk.office.person("kk")["pin"])
    page = kiosk.face.wait_page("offline", timeout_s=30)
    assert isinstance(page.body, p.OutcomeBody)
    assert page.body.code == code
    assert "Tidak ada yang hilang." in page.body.lines
    kiosk.office.fault("none")
    kiosk.face.press("Coba lagi")
    page = kiosk.face.wait_page("pin", "documents", "preview", timeout_s=30)
    if page.name == "pin":
        kiosk.face.submit("submit", pin=kiosk.office.person("kk")["pin"])
        kiosk.face.wait_page("documents", "preview", timeout_s=30)


def test_an_office_that_is_away_greys_the_tiles_with_the_reason_and_comes_back(kiosk: Kiosk) -> None:
    face = kiosk.face
    face.wait_page("attract")
    kiosk.office.fault("gone")

    def grey(page: p.Page) -> bool:
        # A number and a complaint need no office.
        return isinstance(page.body, p.AttractBody) and {
            tile.action for tile in page.body.tiles if "Kantor sedang tidak terhubung" in tile.reason
        } == {f"service:{name}" for name in ("cetak-kk", "cek-data", "unduh-akta", "cetak-ktp")}

    page = face.wait(grey, "grey tiles", 60)
    assert page.strip.network is p.Tone.CAUTION
    kiosk.office.fault("none")
    face.wait(
        lambda page: isinstance(page.body, p.AttractBody) and all(tile.is_enabled for tile in page.body.tiles),
        "the tiles back",
        60,
    )


@contextmanager
def altering_proxy(target: str, alter: Callable[[bytes], bytes]) -> Iterator[str]:
    """An office on the way of which somebody changes the documents."""
    host = urlsplit(target).netloc

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            upstream = http.client.HTTPConnection(host, timeout=20)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            upstream.request(self.command, self.path, body, headers)
            answer = upstream.getresponse()
            data = answer.read()
            kind = answer.getheader("Content-Type", "")
            if kind.startswith("application/pdf"):
                data = alter(data)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "content-sha256"):
                    self.send_header(name, value)
            if kind.startswith("application/pdf"):
                import hashlib

                self.send_header("Content-SHA256", hashlib.sha256(data).hexdigest())
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            upstream.close()

        do_GET = do_POST = do_PUT = do_DELETE = _pass

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_a_document_altered_by_one_byte_is_refused_before_a_byte_reaches_the_printer(
    start_kiosk: Callable[..., Kiosk],
) -> None:
    from tests.e2e.conftest import Office

    def flip(data: bytes) -> bytes:
        at = len(data) // 2
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    first = start_kiosk()
    office: Office = first.office
    with altering_proxy(office.url, flip) as url:
        kiosk = start_kiosk(url=url)
        page = to_preview(kiosk)
        assert page.name == "outcome"
        assert isinstance(page.body, p.OutcomeBody)
        assert page.body.code in ("DOC-02", "DOC-04", "DOC-05", "OFF-04")
        assert kiosk.printed() == []
        kiosk.wait_until(lambda: office.state()["documents"].get("taken", 0) == 0, "the document to be free again")


def test_a_printer_without_paper_greys_its_tiles_alone(kiosk: Kiosk) -> None:
    kiosk.doubles.act("document-printer", "fault", reason="media-empty")

    def is_grey(page: p.Page) -> bool:
        if not isinstance(page.body, p.AttractBody):
            return False
        tiles = {tile.action: tile for tile in page.body.tiles}
        return not tiles["service:cetak-kk"].is_enabled and tiles["service:cetak-ktp"].is_enabled

    page = kiosk.face.wait(is_grey, "the grey tile")
    assert isinstance(page.body, p.AttractBody)
    assert "kertas" in page.body.tiles[0].reason.lower()


def test_paper_that_runs_out_in_the_middle_waits_for_the_officer_and_goes_on(
    start_kiosk: Callable[..., Kiosk],
) -> None:
    kiosk = start_kiosk(speed=4.0)
    assert to_preview(kiosk).name == "preview"
    kiosk.doubles.act("document-printer", "fault", reason="media-empty", at_sheet=1)
    kiosk.face.press("Cetak sekarang")
    page = kiosk.face.wait(lambda page: isinstance(page.body, p.PrintingBody) and page.body.notice != "", "the notice")
    assert isinstance(page.body, p.PrintingBody)
    assert "petugas" in page.body.notice
    assert page.home is None
    assert page.back is None
    kiosk.doubles.act("document-printer", "clear")
    rate_and_leave(kiosk)
    (document,) = kiosk.printed()
    assert base64.b64decode(document["base64"]).startswith(b"%PDF")


def test_a_printer_that_loses_power_in_the_middle_ends_unknown_and_is_never_offered_again(
    start_kiosk: Callable[..., Kiosk],
) -> None:
    kiosk = start_kiosk(speed=4.0)
    assert to_preview(kiosk).name == "preview"
    kiosk.doubles.act("document-printer", "cut-power", at_sheet=1)
    kiosk.face.press("Cetak sekarang")
    page = kiosk.face.wait_page("outcome", "survey", timeout_s=60)
    assert page.name == "outcome"
    assert isinstance(page.body, p.OutcomeBody)
    assert page.body.tone is p.Tone.CAUTION
    assert "petugas" in lines(page).lower()
    kiosk.pull()
    kiosk.face.press("Selesai")
    kiosk.face.wait_page("attract")
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("with-staff", 0) == 1, "the settlement")
    kiosk.doubles.act("document-printer", "on")


def test_a_silent_slip_printer_does_not_stop_the_service(kiosk: Kiosk) -> None:
    assert to_preview(kiosk).name == "preview"
    kiosk.doubles.act("slip-printer", "silent")
    kiosk.face.press("Cetak sekarang")
    kiosk.face.wait_page("survey", timeout_s=40)
    kiosk.face.press("Lewati")
    page = kiosk.face.wait_page("take")
    assert isinstance(page.body, p.TakeBody)
    assert p.SceneKind.SLIP_OUT not in [scene.kind for scene in page.body.scenes]
    kiosk.pull()
    kiosk.face.press("#main")
    kiosk.face.wait_page("attract")
