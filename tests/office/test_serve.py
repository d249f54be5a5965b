"""The office as a process of its own: how it starts, tells where it is, speaks TLS, is hurt, and ends."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from kiosk.office.guards import FaultMode
from kiosk.office.serve import listen_on
from tests.backend.certificates import Certificates
from tests.office.desk import Desk, copy_of

WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    process: "subprocess.Popen[str]"


@contextmanager
def served(folder: Path, *options: str | Path) -> Iterator[Served]:
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "kiosk.office", "serve", "--data", folder, "--port", "0", "--ready-file", ready]
    process = subprocess.Popen(
        [*map(str, command), *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + WAIT_S
    while not ready.exists() and process.poll() is None and time.monotonic() < until:
        threading.Event().wait(0.02)
    try:
        assert ready.exists(), process.communicate()[1]
        told = json.loads(ready.read_text(encoding="utf-8"))
        assert told["pid"] == process.pid
        yield Served(told["url"], process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WAIT_S)


@pytest.fixture
def folder(seeded: Path, tmp_path: Path) -> Path:
    return copy_of(seeded, tmp_path / "office")


def headers(folder: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {(folder / 'kiosk.token').read_text()}"}


def test_process_serves_on_loopback_and_ends_on_term(folder: Path) -> None:
    with served(folder) as office:
        assert office.url.startswith("http://127.0.0.1:")
        assert requests.get(f"{office.url}/v1/health", headers=headers(folder), timeout=WAIT_S).json() == {
            "is_done": True
        }
        assert requests.get(f"{office.url}/demo/state", timeout=WAIT_S).status_code == 404
        office.process.send_signal(signal.SIGTERM)
        out, err = office.process.communicate(timeout=WAIT_S)
    assert office.process.returncode in (0, -signal.SIGTERM)
    assert err == ""
    assert out == f"office at {office.url}\n"


def test_unseeded_folder_and_half_a_tls_are_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kiosk.office", "serve", "--data", str(tmp_path)]
    unseeded = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    assert unseeded.returncode == 1
    assert "seed it first" in unseeded.stderr
    half = subprocess.run([*command, "--tls-cert", "x.pem"], capture_output=True, text=True, timeout=WAIT_S)
    assert half.returncode == 2
    assert "belong together" in half.stderr


def test_demo_keeps_each_issued_document_as_a_file(folder: Path) -> None:
    people = json.loads((folder / "people.json").read_text(encoding="utf-8"))
    who = people[0]
    with served(folder, "--demo") as office:
        session = requests.Session()
        session.headers.update(headers(folder))
        proof = {"method": "nik-pin", "nik": who["nik"], "pin": who["pin"]}
        token = session.post(f"{office.url}/v1/proofs", json=proof, timeout=WAIT_S).json()["token"]
        session.headers["Visit-Token"] = token
        documents = session.get(f"{office.url}/v1/documents", timeout=WAIT_S).json()
        card = next(one for one in documents if one["kind"] == "kk")
        grant = session.post(
            f"{office.url}/v1/grants",
            json={"document_id": card["id"]},
            headers={"Idempotency-Key": "key-00000001"},
            timeout=WAIT_S,
        ).json()
        fetched = session.get(f"{office.url}/v1/grants/{grant['id']}/document", timeout=WAIT_S).content
        session.close()
    assert (folder / f"kk-{card['id']}.pdf").read_bytes() == fetched


@pytest.mark.peer
def test_curl_meets_the_office_over_mutual_tls(folder: Path, tmp_path: Path) -> None:
    made = Certificates(tmp_path / "tls")
    options = ("--tls-cert", made.server, "--tls-key", made.server_key, "--client-ca", made.root)
    config = tmp_path / "headers"
    config.write_text(f'header = "Authorization: {headers(folder)["Authorization"]}"\n')
    with served(folder, *options) as office:
        assert office.url.startswith("https://")
        curl = ["curl", "-sS", "--max-time", "20", "--cacert", str(made.root), "-K", str(config)]
        client = ["--cert", str(made.client), "--key", str(made.client_key)]
        known = subprocess.run(
            [*curl, *client, f"{office.url}/v1/health"], capture_output=True, text=True, timeout=WAIT_S
        )
        stranger = subprocess.run([*curl, f"{office.url}/v1/health"], capture_output=True, text=True, timeout=WAIT_S)
    assert json.loads(known.stdout) == {"is_done": True}
    assert stranger.returncode != 0
    assert stranger.stdout == ""


def set_fault(desk: Desk, mode: FaultMode, seconds: float = 0.0) -> None:
    answer = requests.post(f"{desk.url}/demo/fault", json={"mode": mode, "seconds": seconds}, timeout=WAIT_S)
    assert answer.json() == {"mode": mode, "seconds": seconds}


def test_faults_hurt_everything_but_their_own_switch(desk: Desk) -> None:
    set_fault(desk, FaultMode.HTTP_500)
    assert desk.get("/v1/health").status_code == 500
    set_fault(desk, FaultMode.REFUSE)
    assert desk.get("/v1/health").status_code == 403
    set_fault(desk, FaultMode.HTML)
    assert "<html>" in desk.get("/v1/health").text
    set_fault(desk, FaultMode.GARBAGE)
    with pytest.raises(ValueError):
        desk.get("/v1/health").json()
    set_fault(desk, FaultMode.GONE)
    with pytest.raises(requests.ConnectionError):
        desk.get("/v1/health")
    set_fault(desk, FaultMode.SLOW, 0.2)
    start = time.monotonic()
    assert desk.get("/v1/health").ok
    assert time.monotonic() - start >= 0.2
    set_fault(desk, FaultMode.DRIP, 0.01)
    start = time.monotonic()
    assert desk.get("/v1/health").json() == {"is_done": True}
    assert time.monotonic() - start >= 0.01 * len('{"is_done":true}')
    set_fault(desk, FaultMode.NONE)
    assert desk.get("/v1/health").ok


def test_demo_renews_and_unlocks(desk: Desk) -> None:
    visit = desk.visit()
    grant = desk.grant(visit, desk.document(visit)["id"]).json()
    assert desk.settle(grant["id"], "printed", "settle-0001").ok
    assert desk.post("/demo/renew").ok
    assert desk.document(visit)["can_print"] is True
    bad = "000000" if desk.people["spouse"]["pin"] != "000000" else "111111"
    for _ in range(3):
        desk.prove("spouse", pin=bad)
    assert desk.prove("spouse")["end"] == "locked"
    assert desk.post("/demo/unlock").ok
    assert desk.prove("spouse")["end"] == "proved"


def test_answers_do_not_wait_for_delayed_acks() -> None:
    async def accepted_option() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def meet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            met = writer.get_extra_info("socket")
            found.set_result(met.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = listen_on("127.0.0.1", 0)
        async with await asyncio.start_server(meet, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            option = await asyncio.wait_for(found, WAIT_S)
            writer.close()
        return option

    assert asyncio.run(accepted_option()) != 0, "Nagle costs 40 ms an answer"


def test_two_processes_serve_one_folder(folder: Path) -> None:
    with served(folder) as one:
        (folder / "ready.json").unlink()
        with served(folder) as other:
            assert one.url != other.url
            for office in (one, other):
                answer = requests.get(f"{office.url}/v1/health", headers=headers(folder), timeout=WAIT_S)
                assert answer.json() == {"is_done": True}
