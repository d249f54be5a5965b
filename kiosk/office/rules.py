"""The office's limits in one place. Seconds and counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rules:
    attempts: int = 3
    lock_s: int = 900
    longer_locks_s: tuple[int, ...] = (3_600, 86_400)
    """The second lock of a claim in a row, the third, and every one after that."""
    quiet_s: int = 7 * 86_400
    """So long after its last wrong try, or the end of its last lock, a claim is as if nothing had been."""
    kiosk_failures: int = 40
    """Failed proofs and unknown cards that one kiosk may send in ``kiosk_window_s``."""
    kiosk_window_s: int = 600
    kiosk_day_failures: int = 400
    """The same in a day: who tries one PIN on all NIK, slowly, gets no further than this."""
    are_stores_lasting: bool = True
    """Whether a kiosk that begins a new audit chain raises an alarm; the demo's kiosks begin one at every start."""
    enrol_failures: int = 10
    """Wrong enrolment codes from everywhere together in ``kiosk_window_s``."""
    visit_s: int = 900
    print_code_s: int = 86_400
    grant_s: int = 600
    hand_over_s: int = 300
    heartbeat_s: int = 30
    key_s: int = 180 * 86_400
    """So long a repeated idempotency key is answered the same: longer than any kiosk may be without a network."""
    message_s: int = 400 * 86_400
    """Ratings, events and complaints are kept so long: a year's report, and the month in which it is written."""
    queues: Mapping[str, str] = field(default_factory=lambda: {"layanan": "A", "pengaduan": "B"})
    """The office's queues and the letter before their numbers."""
    numbers_per_kiosk: int = 2_000
    """Of one queue and day: no kiosk, however mad, leases all that there are."""
    max_request_bytes: int = 65_536
    takes_biometrics: bool = False
    """Whether a match at a kiosk may stand in the place of the PIN. Off: docs/biometrics.md says what it takes."""
    biometric_attempts: int = 4
    """References that are given out for one person until ``lock_s`` has passed or a proof went well."""
    ticket_s: int = 120

    def lock_after(self, locks: int) -> int:
        """Seconds of the lock that follows ``locks`` earlier ones."""
        ladder = (self.lock_s, *self.longer_locks_s)
        return ladder[min(max(locks, 0), len(ladder) - 1)]

    @property
    def kiosk_windows(self) -> tuple[tuple[int, int], ...]:
        """Seconds, and how many failures of one kiosk are too many in them."""
        return (self.kiosk_window_s, self.kiosk_failures), (86_400, self.kiosk_day_failures)


class Refusal(Exception):  # noqa: N818 - an answer, not an error
    """An answer other than 2xx. ``detail`` never holds personal data."""

    def __init__(self, status: int, code: str, detail: str = "", retry_after_s: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
