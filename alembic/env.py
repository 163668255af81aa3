"""Alembic's entry: migrations run on the connection that `service.store.migrations` gives, under its advisory lock."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
