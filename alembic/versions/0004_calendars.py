"""The addresses of personal calendars: a row of the directory, gone with its person. Preferences have their column."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
-- Whoever holds the secret reads the calendar of this person, within the rights that the person has on that day.
CREATE TABLE calendar_addresses (
    person_id text PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    secret_hash bytea NOT NULL,
    opened_at timestamptz NOT NULL,
    last_used_on date,
    CONSTRAINT calendar_addresses_secret UNIQUE (secret_hash)
);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("the log is never taken back: restore a backup instead")
