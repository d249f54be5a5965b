"""What a queue's scheduler keeps, read from the files that it really runs with: made-up ones and a private cupsd's."""

from pathlib import Path

import pytest

from kiosk.devices.simulated.stacks import Cupsd
from kiosk.diagnostics import machine_check as m
from kiosk.diagnostics.spool_check import SpoolFault, running_with, spool_faults
from kiosk.settings import Settings
from tests.devices.stacks import cupsd  # noqa: F401 (fixture)

URI = "ipp://localhost:631/printers/a4"
CONF = Path("/etc/cups/cupsd.conf")
GOOD = "Listen localhost:631\nPreserveJobFiles No\nPreserveJobHistory Yes\n"
FILES = "RequestRoot /spool\nTempDir /spool/tmp\n"
ON_DISK = "1 0 0:1 / / rw - ext4 /dev/sda rw\n"
IN_MEMORY = ON_DISK + "2 1 0:2 / /spool rw - tmpfs tmpfs rw\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine whose queue keeps nothing."""
    for folder in ("etc/cups", "proc/self", "proc/77"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/cups/cupsd.conf").write_text(GOOD)
    (tmp_path / "etc/cups/cups-files.conf").write_text(FILES)
    (tmp_path / "proc/self/mountinfo").write_text(IN_MEMORY)
    (tmp_path / "proc/77/cmdline").write_text("/usr/sbin/cupsd\0-l\0")
    return tmp_path


def told(root: Path, uri: str = URI, conf: Path = CONF) -> list[tuple[str, str]]:
    return [(fault.value, detail) for fault, detail in spool_faults(uri, conf, root)]


def test_a_queue_that_keeps_nothing_lacks_nothing(root: Path) -> None:
    assert told(root) == []
    (root / "proc/77/cmdline").unlink()  # as in the sandbox, which sees no other process
    assert told(root) == []


@pytest.mark.parametrize(
    ("conf", "expected"),
    [
        ("", ("spool-keeps", f"{CONF}: PreserveJobFiles 86400")),
        ("#PreserveJobFiles No\n", ("spool-keeps", f"{CONF}: PreserveJobFiles 86400")),
        ("PreserveJobFiles No\nPreserveJobFiles Yes\n", ("spool-keeps", f"{CONF}: PreserveJobFiles Yes")),
        ("PreserveJobFiles 60 # a minute\n", ("spool-keeps", f"{CONF}: PreserveJobFiles 60")),
        ("preservejobfiles off\nPreserveJobHistory no\n", ("spool-forgets", f"{CONF}: PreserveJobHistory no")),
    ],
)
def test_what_a_scheduler_would_keep_or_forget(root: Path, conf: str, expected: tuple[str, str]) -> None:
    (root / "etc/cups/cupsd.conf").write_text("Listen localhost:631\n" + conf)
    assert told(root) == [expected]


def test_a_spool_or_a_place_of_filters_on_a_disk_is_told(root: Path) -> None:
    (root / "proc/self/mountinfo").write_text(ON_DISK)
    assert told(root) == [
        ("spool-on-disk", "RequestRoot /spool (ext4)"),
        ("spool-on-disk", "TempDir /spool/tmp (ext4)"),
    ]
    (root / "proc/self/mountinfo").write_text(IN_MEMORY)
    (root / "etc/cups/cups-files.conf").write_text("RequestRoot /spool\nTempDir /var/tmp\n")
    assert told(root) == [("spool-on-disk", "TempDir /var/tmp (ext4)")]
    (root / "etc/cups/cups-files.conf").unlink()
    assert [detail for _, detail in told(root)] == [
        "RequestRoot /var/spool/cups (ext4)",
        "TempDir /var/spool/cups/tmp (ext4)",
    ]


def test_what_cannot_be_looked_at_is_said_so(root: Path) -> None:
    assert told(root, "ipp://printhost.example.invalid/printers/a4") == [
        ("spool-unchecked", "printhost.example.invalid: another machine")
    ]
    (root / "proc/77/cmdline").unlink()
    assert told(root, conf=Path("/nowhere/cupsd.conf"))[0] == ("spool-unchecked", "/nowhere/cupsd.conf")


def test_the_files_that_the_scheduler_runs_with_count_not_those_that_were_named(root: Path) -> None:
    other = root / "opt/cups"
    other.mkdir(parents=True)
    (other / "cupsd.conf").write_text("Port 631\n")
    (other / "places.conf").write_text(FILES)
    (root / "etc/cups/cupsd.conf").write_text(GOOD.replace("631", "6310"))
    (root / "proc/77/cmdline").write_text("cupsd\0-f\0-c\0/opt/cups/cupsd.conf\0-s\0/opt/cups/places.conf\0")
    assert told(root) == [
        ("spool-unchecked", "spool_conf = /etc/cups/cupsd.conf, cupsd -c /opt/cups/cupsd.conf"),
        ("spool-keeps", "/opt/cups/cupsd.conf: PreserveJobFiles 86400"),
    ]


@pytest.mark.peer
def test_a_private_scheduler_is_found_and_judged_by_its_own_files(cupsd: Cupsd) -> None:  # noqa: F811 (the fixture)
    """A real cupsd beside others of this machine: its own files are found by the port of the queue."""
    conf = cupsd.folder / "etc" / "cupsd.conf"
    here = Path("/")
    assert running_with(cupsd.port, here) == (conf, conf.with_name("cups-files.conf"))
    uri = f"{cupsd.uri}/printers/a4"
    faults = list(spool_faults(uri, conf, here))
    assert [fault for fault, _ in faults if fault is not SpoolFault.ON_DISK] == []
    conf.write_text(conf.read_text().replace("PreserveJobFiles No", "PreserveJobFiles Yes\nPreserveJobHistory No"))
    cupsd.stop()
    cupsd.start()
    settings = Settings.model_validate(
        {
            "kiosk": {"is_production": True},
            "devices": {"document_printer": {"kind": "cups", "uri": uri, "spool_conf": conf}},
        }
    )
    found = [(one.lack, one.detail) for one in m.check_machine(settings, is_core=False)]
    assert (m.Lack.SPOOL_KEEPS, f"{conf}: PreserveJobFiles Yes") in found
    assert (m.Lack.SPOOL_FORGETS, f"{conf}: PreserveJobHistory No") in found
