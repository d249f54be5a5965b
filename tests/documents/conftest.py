from pathlib import Path

import pytest

from kiosk.documents.verify import Verifier
from tests.documents.signing import Authority, make_authority, plain_pdf, sign


@pytest.fixture(scope="session")
def authority() -> Authority:
    return make_authority("Kota Contoh")


@pytest.fixture(scope="session")
def verifier(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    path: Path = tmp_path_factory.mktemp("trust") / "root.pem"
    path.write_bytes(authority.root_pem)
    return Verifier([path])


@pytest.fixture(scope="session")
def signed(authority: Authority) -> bytes:
    return sign(plain_pdf(2), authority)
