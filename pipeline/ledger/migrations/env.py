"""What alembic runs: the migrations, on the connection and inside the transaction of the ledger."""

from __future__ import annotations

from alembic import context

from pipeline.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
context.run_migrations()
