"""Asks the office what it witnessed of this kiosk's audit chain: ``kiosk audit verify``."""

from kiosk.access_api import AuditHead
from kiosk.backend.client import OfficeClient, _Call
from kiosk.settings import OfficeTable


class _WitnessClient(OfficeClient):
    def audit_head(self) -> AuditHead:
        return self._ask(_Call("GET", "/audit/head", is_repeatable=True), AuditHead)


def ask_head(table: OfficeTable) -> AuditHead:
    """One question over a connection of its own. Raises BackendError, SettingsError for a token that can't be read."""
    client = _WitnessClient(table)
    try:
        return client.audit_head()
    finally:
        client.close()
