"""Revisions of the store's schema, carried out by Alembic on our own encrypted connection, in one transaction.

To change a table: change ``kiosk.store.schema``, raise its ``SCHEMA_VERSION`` by one, and add
``versions/r<number>_<what>.py`` with ``revision = "<number, four digits>"``, ``down_revision`` the one before, and
``upgrade()``. The tests hold that what the revisions make equals the tables of ``schema``. A revision that stands in a
release is never changed. There is no way down: an older program refuses a newer store.
"""
