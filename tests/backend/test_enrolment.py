"""Enrolment against a real office process over TLS, and what a kiosk that is not enrolled gets to hear."""

import json
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.backend.client import OfficeClient
from kiosk.backend.contract import Proof, ProofEnd, ProofMethod
from kiosk.backend.enrolment import Enrolled, UnknownAuthorityError, enrol
from kiosk.errors import BackendError, ErrorCode
from kiosk.office.database import Database
from kiosk.office.enrolment import Enrolments
from kiosk.office.rules import Rules
from kiosk.settings import CREDENTIALS, OfficeTable
from tests.backend.certificates import Certificates
from tests.office.desk import copy_of
from tests.office.test_serve import served

KIOSK = "anjungan-test"
WAIT_S = 30.0


@dataclass
class TlsOffice:
    folder: Path
    url: str
    public_url: str
    ca_sha256: str

    def code(self, kiosk: str = KIOSK, *options: str) -> str:
        if options:
            return str(self.told("enrol-code", kiosk, *options)["code"])
        database = Database(self.folder / "office.db")
        try:
            return Enrolments(database, Rules(), self.folder).make_code(kiosk)
        finally:
            database.close()

    def told(self, *words: str) -> "dict[str, str]":
        run = self.run(*words, "--json")
        found: dict[str, str] = json.loads(run.stdout)
        return found

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "kiosk.office", words[0], "--data", str(self.folder), *words[1:]]
        return subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)

    def enrol(self, folder: Path, code: str = "", kiosk: str = KIOSK, ca_sha256: str = "") -> Enrolled:
        return enrol(self.public_url, code or self.code(kiosk), kiosk, folder, ca_sha256 or self.ca_sha256)


@pytest.fixture(scope="module")
def tls_office(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsOffice]:
    folder = copy_of(seeded, tmp_path_factory.mktemp("tls") / "office")
    with served(folder, "--tls", "--demo") as office:
        ready = json.loads((folder / "ready.json").read_text(encoding="utf-8"))
        made = TlsOffice(folder, office.url, ready["public_url"], "")
        made.ca_sha256 = made.told("enrol-code", "anjungan-nobody")["ca_sha256"]
        yield made


def client_of(folder: Path, url: str, **changes: Path) -> OfficeClient:
    files = {key: folder / name for key, name in CREDENTIALS.items() if key != "audit_key"} | changes
    return OfficeClient(OfficeTable(url=url, **files))  # type: ignore[arg-type]


def refusal(client: OfficeClient) -> ErrorCode:
    with pytest.raises(BackendError) as error:
        client.probe()
    client.close()
    return error.value.code


@pytest.fixture
def enrolled(tls_office: TlsOffice, tmp_path: Path) -> tuple[Path, Enrolled]:
    folder = tmp_path / "credentials"
    return folder, tls_office.enrol(folder)


def test_an_enrolled_kiosk_is_served_and_its_files_are_its_own(
    tls_office: TlsOffice, enrolled: tuple[Path, Enrolled]
) -> None:
    folder, done = enrolled
    assert done.url == tls_office.url
    assert sorted(done.files) == sorted([*CREDENTIALS.values(), "store.key"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in done.files} == {0o600}
    assert sorted(path.name for path in folder.iterdir()) == sorted(done.files), "no half-written file stays"
    client = client_of(folder, done.url)
    client.probe()
    people = json.loads((tls_office.folder / "people.json").read_text(encoding="utf-8"))
    proof = Proof(ProofMethod.NIK_PIN, nik=people[0]["nik"], pin=people[0]["pin"])
    assert client.prove(proof).end is ProofEnd.PROVED
    client.close()


def test_nothing_is_sent_to_an_office_whose_fingerprint_was_not_given_or_is_another(
    tls_office: TlsOffice, tmp_path: Path
) -> None:
    code = tls_office.code()
    with pytest.raises(UnknownAuthorityError) as unknown:
        enrol(tls_office.public_url, code, KIOSK, tmp_path / "c", "")
    assert unknown.value.fingerprint == tls_office.ca_sha256
    with pytest.raises(BackendError) as other:
        tls_office.enrol(tmp_path / "c", code, ca_sha256="00" * 32)
    assert other.value.code is ErrorCode.OFFICE_UNTRUSTED
    assert not (tmp_path / "c").exists()
    tls_office.enrol(tmp_path / "c", code)  # it was never shown, so it is still good


def test_a_code_is_good_once_for_one_kiosk_and_for_its_time(tls_office: TlsOffice, tmp_path: Path) -> None:
    code = tls_office.code()
    replaced = tls_office.code()
    expired = tls_office.code("anjungan-02", "--hours", "0.0001")
    for spent, kiosk in ((code, KIOSK), (replaced, "anjungan-03"), (expired, "anjungan-02"), ("A" * 16, KIOSK)):
        with pytest.raises(BackendError) as refused:
            tls_office.enrol(tmp_path / "c", spent, kiosk)
        assert refused.value.code is ErrorCode.OFFICE_REFUSED
        assert "code-refused" in refused.value.detail
    assert not list((tmp_path / "c").iterdir())
    tls_office.enrol(tmp_path / "c", replaced)
    with pytest.raises(BackendError, match="code-refused"):
        tls_office.enrol(tmp_path / "d", replaced)


def test_enrolling_again_replaces_the_certificate_and_keeps_the_audit_key(
    tls_office: TlsOffice, enrolled: tuple[Path, Enrolled], tmp_path: Path
) -> None:
    folder, first = enrolled
    shutil.copytree(folder, tmp_path / "old")
    store_key = (folder / "store.key").read_text()
    second = tls_office.enrol(folder)
    assert second.audit_key == first.audit_key
    assert second.certificate_sha256 != first.certificate_sha256
    assert (folder / "store.key").read_text() == store_key
    client_of(folder, second.url).probe()
    assert refusal(client_of(tmp_path / "old", second.url)) is ErrorCode.OFFICE_REFUSED
    mixed = client_of(folder, second.url, certificate=tmp_path / "old/kiosk.crt", key=tmp_path / "old/kiosk.key")
    assert refusal(mixed) is ErrorCode.OFFICE_REFUSED, "the old certificate with the new token"


def test_certificate_and_token_of_two_kiosks_open_nothing(
    tls_office: TlsOffice, enrolled: tuple[Path, Enrolled], tmp_path: Path
) -> None:
    folder, done = enrolled
    tls_office.enrol(tmp_path / "other", kiosk="anjungan-04")
    client_of(tmp_path / "other", done.url).probe()
    assert refusal(client_of(folder, done.url, token_file=tmp_path / "other/kiosk.token")) is ErrorCode.OFFICE_REFUSED


def test_a_revoked_kiosk_is_refused_until_it_is_enrolled_again(tls_office: TlsOffice, tmp_path: Path) -> None:
    done = tls_office.enrol(tmp_path / "c", kiosk="anjungan-05")
    client_of(tmp_path / "c", done.url).probe()
    assert tls_office.run("revoke", "anjungan-05").returncode == 0
    assert tls_office.run("revoke", "anjungan-06").returncode == 1
    assert refusal(client_of(tmp_path / "c", done.url)) is ErrorCode.OFFICE_REFUSED
    assert "revoked" in tls_office.run("kiosks").stdout
    again = tls_office.enrol(tmp_path / "c", kiosk="anjungan-05")
    client_of(tmp_path / "c", again.url).probe()


def test_without_a_certificate_or_with_a_strangers_tls_itself_refuses(
    tls_office: TlsOffice, enrolled: tuple[Path, Enrolled], tmp_path: Path
) -> None:
    folder, done = enrolled
    bare = OfficeClient(OfficeTable(url=done.url, ca=folder / "office-ca.pem", token_file=folder / "kiosk.token"))
    assert refusal(bare) is ErrorCode.OFFICE_UNTRUSTED
    foreign = Certificates(tmp_path / "foreign")
    stranger = client_of(folder, done.url, certificate=foreign.client, key=foreign.client_key)
    assert refusal(stranger) is ErrorCode.OFFICE_UNTRUSTED
    wrong_ca = client_of(folder, done.url, ca=foreign.root)
    assert refusal(wrong_ca) is ErrorCode.OFFICE_UNTRUSTED


def test_the_public_door_does_nothing_of_a_kiosk(tls_office: TlsOffice, enrolled: tuple[Path, Enrolled]) -> None:
    folder, _ = enrolled
    assert refusal(client_of(folder, tls_office.public_url)) is ErrorCode.OFFICE_REFUSED
    with pytest.raises(BackendError) as error:
        enrol(tls_office.url, tls_office.code(), KIOSK, folder, tls_office.ca_sha256)
    assert error.value.code is ErrorCode.OFFICE_UNTRUSTED, "the kiosks' door asks for a certificate first"
    with pytest.raises(BackendError, match="https alone"):
        enrol("http://127.0.0.1:1", "A" * 16, KIOSK, folder, tls_office.ca_sha256)


@pytest.mark.peer
def test_openssl_is_turned_away_at_the_handshake(tls_office: TlsOffice, enrolled: tuple[Path, Enrolled]) -> None:
    """A peer that shares no code with us."""
    folder, done = enrolled
    address = done.url.removeprefix("https://")
    request = f"GET /v1/health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n"
    request += f"Authorization: Bearer {(folder / 'kiosk.token').read_text()}\r\n\r\n"

    def ask(*options: str) -> str:
        command = ["openssl", "s_client", "-connect", address, "-CAfile", str(folder / "office-ca.pem"), "-ign_eof"]
        run = subprocess.run(
            [*command, "-verify_return_error", *options], input=request, capture_output=True, text=True, timeout=WAIT_S
        )
        return run.stdout + run.stderr

    assert "certificate required" in (bare := ask())
    assert "is_done" not in bare
    assert "handshake failure" in ask("-tls1_2") or "is_done" not in ask("-tls1_2")
    assert "is_done" in ask("-cert", str(folder / "kiosk.crt"), "-key", str(folder / "kiosk.key"))


def test_a_handshake_below_tls_1_2_is_refused(tls_office: TlsOffice) -> None:
    host, port = tls_office.public_url.removeprefix("https://").split(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((host, int(port)), timeout=WAIT_S) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname=host)


def test_codes_cannot_be_guessed_in_bulk(seeded: Path, tmp_path: Path) -> None:
    folder = copy_of(seeded, tmp_path / "office")
    with served(folder, "--tls") as _:
        ready = json.loads((folder / "ready.json").read_text(encoding="utf-8"))
        office = TlsOffice(folder, ready["url"], ready["public_url"], "")
        office.ca_sha256 = office.told("enrol-code", "anjungan-nobody")["ca_sha256"]
        answers = []
        for number in range(12):
            with pytest.raises(BackendError) as refused:
                office.enrol(tmp_path / "c", f"{'A' * 14}{'BCDEFGHIJKLM'[number]}A")
            answers.append(refused.value.detail.split(",")[0])
        assert answers == ["code-refused"] * 10 + ["too-many"] * 2
        with pytest.raises(BackendError, match=r"too-many, wait [1-9]"):
            office.enrol(tmp_path / "c")


def test_the_command_says_what_it_did_and_what_to_compare(tls_office: TlsOffice, tmp_path: Path) -> None:
    def run(*options: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "kiosk.cli", "enroll", "--office", tls_office.public_url, "--kiosk", KIOSK]
        command += ["--folder", str(tmp_path / "c"), *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)

    code = tls_office.code()
    first = run("--code", code)
    assert first.returncode == 1
    assert tls_office.ca_sha256 in first.stderr
    assert run("--code", "nonsense!", "--ca-sha256", tls_office.ca_sha256).returncode == 2
    colons = ":".join(tls_office.ca_sha256[n : n + 2] for n in range(0, 64, 2)).upper()
    done = run("--code", code.lower(), "--ca-sha256", colons)
    assert done.returncode == 0, done.stderr
    assert f'url = "{tls_office.url}"' in done.stdout
    assert (tmp_path / "c/kiosk.token").read_text() not in done.stdout
    assert run("--code", code, "--ca-sha256", colons).returncode == 1
