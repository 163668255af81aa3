"""Reminders: their read model; the inbox and the outbox, which say how each reminder is brought to people."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE reminders (
    id uuid NOT NULL,
    valid_from bigint NOT NULL,
    valid_to bigint,
    changed_at timestamptz NOT NULL,
    first boolean NOT NULL,
    transformation_id uuid,
    ref integer,
    version bigint NOT NULL,
    status text NOT NULL,
    withdrawn boolean NOT NULL,
    rule text,
    recipient text,
    subject_kind text,
    subject_id uuid,
    due_on date,
    raised_on date,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX reminders_now ON reminders (id) WHERE valid_to IS NULL;
CREATE INDEX reminders_list ON reminders (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX reminders_keys ON reminders (transformation_id, valid_from) WHERE first;
CREATE INDEX reminders_subject_id ON reminders (subject_id) WHERE valid_to IS NULL;
CREATE INDEX reminders_recipient ON reminders (recipient) WHERE valid_to IS NULL;

-- How far the log was read for reminders to bring to people; whoever reads on holds the row.
CREATE TABLE reminder_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0
);
INSERT INTO reminder_head DEFAULT VALUES;

-- What people see in the service. Not versioned and not in the log: reading is nobody's fact.
CREATE TABLE inbox (
    reminder_id uuid PRIMARY KEY,
    transformation_id uuid NOT NULL,
    recipient text NOT NULL,
    series uuid NOT NULL,
    event jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    superseded_at timestamptz,
    read_at timestamptz,
    snoozed_until date
) WITH (fillfactor = 90);
CREATE INDEX inbox_recipient ON inbox (recipient, reminder_id) WHERE superseded_at IS NULL;
CREATE INDEX inbox_series ON inbox (series) WHERE superseded_at IS NULL;
CREATE TABLE inbox_acts (
    principal text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    answer text NOT NULL,
    acted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (principal, key)
);
CREATE INDEX inbox_acts_age ON inbox_acts (acted_at);

-- What is to be carried out of the service, by channel: `email` now, webhooks in their time.
CREATE TABLE deliveries (
    reminder_id uuid NOT NULL,
    channel text NOT NULL,
    transformation_id uuid NOT NULL,
    recipient text NOT NULL,
    status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'sent', 'refused', 'dropped', 'given_up')),
    not_before timestamptz NOT NULL,
    message_id text,
    lease uuid,
    leased_until timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    settled_at timestamptz,
    detail text,
    PRIMARY KEY (reminder_id, channel)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX deliveries_waiting ON deliveries (not_before, recipient) WHERE status = 'waiting';
CREATE INDEX deliveries_recipient ON deliveries (recipient) WHERE status = 'waiting';
CREATE TABLE delivery_attempts (
    reminder_id uuid NOT NULL,
    channel text NOT NULL,
    number integer NOT NULL,
    message_id text NOT NULL,
    attempted_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('sent', 'deferred', 'refused')),
    detail text NOT NULL,
    PRIMARY KEY (reminder_id, channel, number)
);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("the log is never taken back: restore a backup instead")
