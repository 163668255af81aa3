"""The rotation of API keys: beside the secret of a key its last old one, and until when that opens."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = """
-- `rotation` counts the rotations of the key that this row has heard of.
ALTER TABLE api_keys
    ADD COLUMN rotation integer NOT NULL DEFAULT 0,
    ADD COLUMN old_secret_hash bytea,
    ADD COLUMN old_secret_until timestamptz;
"""


def upgrade() -> None:
    op.execute(COLUMNS)


def downgrade() -> None:
    raise NotImplementedError("the log is never taken back: restore a backup instead")
