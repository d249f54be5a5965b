"""A seeded office behind a real socket, in a thread of the test, with its inside in reach."""

import contextlib
import json
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from kiosk import api
from kiosk.office.app import Services, build_app, open_services
from kiosk.office.guards import FaultMode, Faults
from kiosk.office.rules import Rules
from kiosk.office.serve import Options, listen_on, make_server

WAIT_S = 20.0


@dataclass(slots=True)
class Desk:
    """One office and a session that speaks as its kiosk does."""

    services: Services
    url: str
    folder: Path
    faults: Faults
    people: dict[str, dict[str, Any]]
    http: requests.Session

    @property
    def token_file(self) -> Path:
        return self.folder / "kiosk.token"

    def get(self, path: str, **named: Any) -> requests.Response:
        return self.http.get(self.url + path, timeout=WAIT_S, **named)

    def post(self, path: str, **named: Any) -> requests.Response:
        return self.http.post(self.url + path, timeout=WAIT_S, **named)

    def prove(self, slug: str = "everything", **changes: Any) -> dict[str, Any]:
        who = self.people[slug]
        body = {"method": "nik-pin", "nik": who["nik"], "pin": who["pin"]} | changes
        answer = self.post("/v1/proofs", json=body)
        answer.raise_for_status()
        return dict(answer.json())

    def visit(self, slug: str = "everything") -> dict[str, str]:
        """The header that this person's visit goes by."""
        answer = self.prove(slug)
        assert answer["end"] == "proved", answer
        return {api.VISIT_HEADER: answer["token"]}

    def document(self, visit: dict[str, str], kind: str = "kk") -> dict[str, Any]:
        documents = self.get("/v1/documents", headers=visit)
        documents.raise_for_status()
        return dict(next(one for one in documents.json() if one["kind"] == kind))

    def grant(self, visit: dict[str, str], document_id: str, key: str = "key-00000001") -> requests.Response:
        headers = visit | {api.KEY_HEADER: key}
        return self.post("/v1/grants", json={"document_id": document_id}, headers=headers)

    def settle(self, grant_id: str, end: str, key: str, **more: Any) -> requests.Response:
        body = {"grant_id": grant_id, "print_id": "print-0001", "end": end, "evidence": "impressions"}
        body |= {"at": "2026-11-22T08:00:00+07:00"} | more
        return self.post("/v1/settlements", json=body, headers={api.KEY_HEADER: key})


class Hall:
    """One server for many tests: each puts its own office behind it."""

    def __init__(self) -> None:
        self._faults = Faults()
        self._app = build_app(None, self._faults)
        listener = listen_on("127.0.0.1", 0)
        self._listener = listener
        self._url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = make_server(self._app, listener, Options(Path()), self._faults)
        run = {"sockets": [listener]}
        self._thread = threading.Thread(target=self._server.run, kwargs=run, name="office-under-test", daemon=True)
        self._thread.start()
        until = time.monotonic() + WAIT_S
        while not self._server.started and time.monotonic() < until:
            threading.Event().wait(0.005)
        assert self._server.started

    @contextlib.contextmanager
    def desk(self, folder: Path, rules: Rules | None = None) -> Iterator[Desk]:
        """Serve ``folder`` until the block ends."""
        services = open_services(folder, rules)
        services.base_url = self._url
        self._app.state.services = services
        self._faults.mode, self._faults.seconds = FaultMode.NONE, 0.0
        people = {one["slug"]: one for one in json.loads((folder / "people.json").read_text(encoding="utf-8"))}
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {(folder / 'kiosk.token').read_text(encoding='ascii')}"
        try:
            yield Desk(services, self._url, folder, self._faults, people, session)
        finally:
            session.close()
            self._faults.mode = FaultMode.NONE
            services.database.close()

    def close(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(WAIT_S)
        self._listener.close()


def copy_of(seeded: Path, folder: Path) -> Path:
    """An office of the test's own."""
    shutil.copytree(seeded, folder)
    return folder
