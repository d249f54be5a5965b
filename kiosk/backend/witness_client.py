"""Asks the office what it witnessed of this kiosk's audit chain: ``kiosk audit verify``."""

from contextlib import closing

from kiosk.access_api import AuditHead
from kiosk.backend.client import OfficeClient
from kiosk.settings import OfficeTable


def ask_head(table: OfficeTable) -> AuditHead:
    """One question over a connection of its own. Raises BackendError, SettingsError for a token that can't be read."""
    with closing(OfficeClient(table)) as client:
        return client.audit_head()
