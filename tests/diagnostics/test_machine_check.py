"""The self-check names exactly what is missing, and nothing else."""

import datetime as dt
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kiosk.diagnostics import machine_check as m
from kiosk.diagnostics.file_systems import file_system_of
from kiosk.settings import Settings
from kiosk.texts import Texts
from tests.flows.journey import FLOWS

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def certificate(folder: Path, days: int = 300) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "anjungan-01")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / f"kiosk-{days}.crt", folder / f"kiosk-{days}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, secret


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """A machine that lacks nothing; ``change`` takes tables away from that."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.delenv("PCSCLITE_CSOCK_NAME", raising=False)
    pem, secret = certificate(tmp_path)
    for name in ("ca.pem", "root.pem", "kiosk.token"):
        (tmp_path / name).write_text("x")
    key = tmp_path / "store.key"
    key.write_text("0" * 64)
    key.chmod(0o600)
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    for path in ("proc/self", "run/pcscd", "dev", "sys/fs/cgroup/kiosk"):
        (tmp_path / "root" / path).mkdir(parents=True)
    root = tmp_path / "root"
    (root / "proc/self/mountinfo").write_text(f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path} rw - tmpfs t rw\n")
    (root / "proc/swaps").write_text("Filename Type Size Used Priority\n")
    (root / "run/pcscd/pcscd.comm").touch()
    (root / "dev/ttyUSB0").touch()
    whole = {
        "kiosk": {"is_production": True, "flows": FLOWS, "services": ["cetak-kk"]},
        "visit": {"staff_code_sha256": "0" * 64},
        "office": {
            "url": "https://office.example.invalid",
            "ca": tmp_path / "ca.pem",
            "certificate": pem,
            "key": secret,
            "token_file": tmp_path / "kiosk.token",
        },
        "documents": {"trust": [tmp_path / "root.pem"]},
        "devices": {
            "card_reader": {"kind": "pcsc"},
            "slip_printer": {"kind": "serial", "address": "/dev/ttyUSB0"},
        },
        "store": {"path": tmp_path / "state" / "kiosk.db", "key_file": key},
        "run_dir": run,
    }

    def change(**tables: object) -> Settings:
        changed = dict(whole)
        for name, table in tables.items():
            old = whole[name]
            changed[name] = {**old, **table} if isinstance(old, dict) and isinstance(table, dict) else table
        return Settings.model_validate(changed)

    return change


def found(settings: Settings, tmp_path: Path, *, is_core: bool = False) -> list[tuple[str, str]]:
    lacks = m.check_machine(settings, is_core=is_core, root=tmp_path / "root", now=NOW.timestamp)
    return [(one.lack.value, one.detail) for one in lacks]


def test_a_whole_machine_lacks_nothing(machine: Callable[..., Settings], tmp_path: Path) -> None:
    assert found(machine(), tmp_path) == []


def test_each_missing_file_is_named(machine: Callable[..., Settings], tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    table = {"ca": gone / "ca", "certificate": gone / "crt", "key": gone / "key", "token_file": gone / "token"}
    settings = machine(office=table, documents={"trust": [gone / "root"]}, store={"key_file": gone / "store.key"})
    assert found(settings, tmp_path) == [
        ("store-key", "store.key: FileNotFoundError"),
        ("trust", str(gone / "root")),
        ("office-ca", str(gone / "ca")),
        ("office-certificate", str(gone / "crt")),
        ("office-certificate", str(gone / "key")),
        ("office-token", str(gone / "token")),
    ]
    assert not (gone / "store.key").exists(), "a check makes nothing"


def test_a_plain_office_no_roots_and_no_staff_code_are_told(machine: Callable[..., Settings], tmp_path: Path) -> None:
    settings = machine(
        office={"url": "http://office.example.invalid"}, documents={"trust": []}, visit={"staff_code_sha256": ""}
    )
    assert [lack for lack, _ in found(settings, tmp_path)] == ["trust", "office-plain", "staff-code"]


def test_a_service_without_its_file_is_told(machine: Callable[..., Settings], tmp_path: Path) -> None:
    settings = machine(kiosk={"services": ["cetak-kk", "cetak-apa"]})
    assert found(settings, tmp_path) == [("flows", str(FLOWS / "cetak-apa.yaml"))]


def test_devices_that_are_not_there_are_told(machine: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "root/run/pcscd/pcscd.comm").unlink()
    (tmp_path / "root/dev/ttyUSB0").unlink()
    node = tmp_path / "root/dev/ttyUSB0"
    assert found(machine(), tmp_path) == [
        ("pcscd", str(tmp_path / "root/run/pcscd/pcscd.comm")),
        ("device-node", f"devices.slip_printer: {node}: not there"),
    ]


def test_a_certificate_that_ends_soon_or_has_another_key_is_told(
    machine: Callable[..., Settings], tmp_path: Path
) -> None:
    pem, secret = certificate(tmp_path, days=10)
    assert found(machine(office={"certificate": pem, "key": secret}), tmp_path) == [
        ("office-certificate-old", f"{pem}: 2026-12-02")
    ]
    other, _ = certificate(tmp_path, days=200)
    assert found(machine(office={"certificate": other, "key": secret}), tmp_path) == [
        ("office-certificate", f"{secret} is not the key of {other.name}")
    ]


def test_a_run_folder_on_a_disk_or_open_to_all_is_told(machine: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "root/proc/self/mountinfo").write_text("1 0 0:1 / / rw,relatime shared:1 - ext4 /dev/x rw\n")
    (tmp_path / "run").chmod(0o755)
    run = tmp_path / "run"
    assert found(machine(), tmp_path) == [("run-dir-on-disk", f"{run} (ext4)"), ("run-dir-open", f"{run} (755)")]


@pytest.mark.parametrize(
    ("swaps", "limit", "may"),
    [("", None, False), ("/dev/dm-1 partition 1 0 -2\n", "max", True), ("/dev/dm-1 partition 1 0 -2\n", "0", False)],
)
def test_swap_counts_only_when_the_core_may_use_it(
    swaps: str, limit: str | None, may: bool, machine: Callable[..., Settings], tmp_path: Path
) -> None:
    machine()
    root = tmp_path / "root"
    (root / "proc/swaps").write_text("Filename Type Size Used Priority\n" + swaps)
    (root / "proc/self/cgroup").write_text("1:name=systemd:/x\n0::/kiosk\n")
    if limit is not None:
        (root / "sys/fs/cgroup/kiosk/memory.swap.max").write_text(f"{limit}\n")
    assert m.may_swap(root) is may


def test_core_dumps_of_the_core_itself_are_told(machine: Callable[..., Settings], tmp_path: Path) -> None:
    """In a process of its own: a limit that was lowered can't be raised again."""
    program = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); from kiosk.diagnostics import "
    program += (
        "machine_check as m; from pathlib import Path; print([x.lack.value for x in m._memory(Path('/nowhere'))])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "['swap']"
    if resource.getrlimit(resource.RLIMIT_CORE)[1] not in (0, 1):
        assert "core-dumps" in [lack for lack, _ in found(machine(), tmp_path, is_core=True)]


def test_a_clock_that_lost_its_battery_is_told(machine: Callable[..., Settings], tmp_path: Path) -> None:
    lacks = m.check_machine(machine(), is_core=False, root=tmp_path / "root", now=lambda: 0.0)
    assert ("clock", "1970-01-01") in [(one.lack.value, one.detail) for one in lacks]


def test_a_clock_that_stands_before_the_kiosks_own_certificate_is_told(
    machine: Callable[..., Settings], tmp_path: Path
) -> None:
    begins = NOW - dt.timedelta(days=1)
    lacks = m.check_machine(machine(), is_core=False, root=tmp_path / "root", now=lambda: begins.timestamp() - 60)
    assert [(one.lack.value, one.detail) for one in lacks] == [("clock", f"kiosk-300.crt: {begins.isoformat()}")]


def test_the_demo_is_not_judged_as_a_machine(tmp_path: Path) -> None:
    settings = Settings.model_validate({"kiosk": {"flows": FLOWS}, "store": {"path": tmp_path / "kiosk.db"}})
    assert {lack for lack, _ in found(settings, tmp_path)} <= {"trust"}


def test_a_socket_of_ones_own_is_looked_for_where_it_is(
    machine: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "comm"))
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(tmp_path / "comm"))
        lacks = m.check_machine(machine(), is_core=False, now=NOW.timestamp)
    assert "pcscd" not in [one.lack.value for one in lacks]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("lack", list(m.Lack))
def test_every_lack_has_words_that_name_it(lack: m.Lack, language: str) -> None:
    words = Texts(language)(f"machine.{lack}", detail="the-detail")
    assert words != f"machine.{lack}"
    assert "the-detail" in words or lack is m.Lack.SWAP


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("36 35 98:0 / /run rw - tmpfs tmpfs rw", "tmpfs"),
        ("36 35 98:0 / /run/x\\040y rw - ext4 d rw", ""),
        ("garbage", ""),
        ("", ""),
    ],
)
def test_the_kernels_table_is_read_with_care(row: str, kind: str, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(row + "\n")
    assert file_system_of(Path("/run/anjungan"), table) == kind
    assert file_system_of(Path("/run/anjungan"), tmp_path / "gone") == ""
