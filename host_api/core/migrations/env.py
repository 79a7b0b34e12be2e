"""Alembic environment: always on the connection and in the transaction that the host API hands over."""

from alembic import context
from sqlalchemy.engine import Connection

from host_api.services.catalogue import METADATA

_connection = context.config.attributes.get("connection")
if not isinstance(_connection, Connection):
    raise RuntimeError("migrations run through host_api.core.schema_migration")

context.configure(connection=_connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
