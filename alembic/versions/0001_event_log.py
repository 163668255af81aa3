"""The event log, its append function, and the tables that commit with it."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE installation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    clock text NOT NULL CHECK (clock IN ('database', 'supplied')),
    demonstration boolean NOT NULL DEFAULT false,
    log_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The column names are those of the eventsourcing library, which reads this table; the last three are ours.
CREATE TABLE events (
    notification_id bigint GENERATED ALWAYS AS IDENTITY,
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    event_id uuid NOT NULL,
    transformation_id uuid,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (originator_id, originator_version),
    CONSTRAINT events_position UNIQUE (notification_id),
    CONSTRAINT events_event_id UNIQUE (event_id)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX events_recorded_at ON events (recorded_at, notification_id);
CREATE INDEX events_transformation ON events (transformation_id, notification_id);

CREATE TABLE text_keys (
    event_id uuid NOT NULL,
    path text NOT NULL,
    master_key_id text NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (event_id, path)
);

CREATE TABLE idempotency (
    principal text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    answer jsonb NOT NULL,
    position bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE claims (
    claim text CONSTRAINT claims_pkey PRIMARY KEY,
    event_id uuid NOT NULL
);

CREATE TABLE reference_counters (
    transformation_id uuid NOT NULL,
    letter text NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (transformation_id, letter)
) WITH (fillfactor = 50);

-- The directory: everything about people that may be erased. Never in events.
CREATE TABLE people (
    id text PRIMARY KEY,
    display_name text NOT NULL,
    email text,
    language text NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en')),
    has_account boolean NOT NULL DEFAULT true,
    preferences jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX people_email ON people (lower(email));

-- A row, not a sequence: a revision is seen with the names that it stands for, never before their commit.
CREATE TABLE directory_revision (last_value bigint NOT NULL);
INSERT INTO directory_revision VALUES (1);
CREATE FUNCTION directory_moved() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    UPDATE directory_revision SET last_value = last_value + 1;
    RETURN NULL;
END
$body$;
CREATE TRIGGER people_moved AFTER INSERT OR UPDATE OR DELETE ON people
    FOR EACH STATEMENT EXECUTE FUNCTION directory_moved();

CREATE TABLE api_keys (
    id text PRIMARY KEY,
    owner text NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_on date,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX api_keys_owner ON api_keys (owner);

-- One position for all live read models, and who may move it: every new leader raises the epoch, so that an earlier one
-- that wakes up late moves nothing.
CREATE TABLE projection_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0,
    advanced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    epoch bigint NOT NULL DEFAULT 0,
    leader_pid integer,
    heartbeat_at timestamptz,
    caught_up_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 20);
INSERT INTO projection_head DEFAULT VALUES;

-- Whoever reads on a snapshot holds this table shared; a rebuilt read model takes its place while nobody does.
CREATE TABLE projection_gate (nothing boolean);

-- A stream whose event could not be projected waits here, from that event on; all others go on.
CREATE TABLE projection_set_aside (
    stream_id uuid PRIMARY KEY,
    transformation_id uuid,
    version bigint NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    problem text NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    tries integer NOT NULL DEFAULT 1,
    asked text CHECK (asked IN ('retry', 'skip')),
    decision_id bigint
);
-- What operators decided about them, for ever.
CREATE TABLE projection_decisions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_id uuid NOT NULL,
    transformation_id uuid,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('retry', 'skip')),
    principal text NOT NULL,
    reason text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (principal, key)
);
CREATE INDEX projection_decisions_skipped ON projection_decisions (event_id) WHERE decision = 'skip';
CREATE TABLE projection_skipped (
    event_id uuid PRIMARY KEY,
    stream_id uuid NOT NULL,
    transformation_id uuid,
    position bigint NOT NULL,
    topic text NOT NULL,
    decision_id bigint NOT NULL
);

-- Reading the audit trail is itself recorded, outside the transformation's log.
CREATE TABLE audit_reads (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal text NOT NULL,
    transformation_id uuid,
    what text NOT NULL,
    read_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX audit_reads_transformation ON audit_reads (transformation_id, id);
"""

# Position order is commit order: the advisory lock is taken before the first position is drawn and held until commit.
# Readers that resolve an instant take the same lock shared, so none can see less than the same read would later.
#
# One call takes the appends of many callers, numbered from 1 in `p_at`; every other array says whose row it holds. Each
# append is judged under the lock and either recorded whole or refused alone: a conflict costs its neighbours nothing.
# The caller never puts two appends that could judge each other (one stream, one claim, one key) into one call.
APPEND = """
CREATE FUNCTION append_events(
    p_at timestamptz[],
    p_append integer[], p_event_id uuid[], p_originator_id uuid[], p_originator_version bigint[],
    p_topic text[], p_state bytea[], p_transformation_id uuid[],
    p_text_append integer[], p_text_event_id uuid[], p_text_path text[], p_text_wrapped bytea[], p_master_key_id text,
    p_idem_append integer[], p_idem_principal text[], p_idem_key text[],
    p_idem_fingerprint bytea[], p_idem_answer jsonb[],
    p_claim_append integer[], p_claim text[], p_claim_event_id uuid[],
    p_released_append integer[], p_released text[],
    p_read_append integer[], p_read_stream uuid[], p_read_version bigint[],
    p_quiet_append integer[], p_quiet_transformation uuid[], p_quiet_position bigint[],
    OUT out_positions bigint[], OUT out_recorded_at timestamptz[],
    OUT out_answered integer[], OUT out_moved integer[], OUT out_taken integer[], OUT out_claim text[]
)
LANGUAGE plpgsql AS $body$
DECLARE
    v_refused integer[] := '{}';
    v_now timestamptz;
    v_last timestamptz;
    v_clock text;
BEGIN
    PERFORM pg_advisory_xact_lock(7226, 1);

    IF cardinality(p_idem_append) > 0 THEN
        DELETE FROM idempotency i USING unnest(p_idem_principal, p_idem_key) AS k(principal, key)
        WHERE i.principal = k.principal AND i.key = k.key AND i.expires_at < clock_timestamp();
        out_answered := ARRAY(
            SELECT k.append FROM unnest(p_idem_append, p_idem_principal, p_idem_key) AS k(append, principal, key)
            WHERE EXISTS (SELECT FROM idempotency i WHERE i.principal = k.principal AND i.key = k.key));
        v_refused := out_answered;
    END IF;
    out_moved := ARRAY(
        SELECT DISTINCT e.append
        FROM unnest(p_append, p_event_id, p_originator_id, p_originator_version) AS e(append, event_id, stream, version)
        WHERE e.append <> ALL (v_refused)
          AND (EXISTS (SELECT FROM events o WHERE o.originator_id = e.stream AND o.originator_version = e.version)
               OR EXISTS (SELECT FROM events o WHERE o.event_id = e.event_id)));
    IF cardinality(p_read_append) > 0 THEN
        out_moved := out_moved || ARRAY(
            SELECT DISTINCT r.append
            FROM unnest(p_read_append, p_read_stream, p_read_version) AS r(append, stream, version)
            WHERE r.append <> ALL (v_refused) AND r.version
                <> COALESCE((SELECT max(e.originator_version) FROM events e WHERE e.originator_id = r.stream), 0));
    END IF;
    IF cardinality(p_quiet_append) > 0 THEN
        out_moved := out_moved || ARRAY(
            SELECT DISTINCT q.append
            FROM unnest(p_quiet_append, p_quiet_transformation, p_quiet_position) AS q(append, transformation, at)
            WHERE q.append <> ALL (v_refused) AND EXISTS (
                SELECT FROM events e WHERE e.transformation_id = q.transformation AND e.notification_id > q.at));
    END IF;
    v_refused := v_refused || out_moved;
    IF cardinality(p_claim_append) > 0 THEN
        SELECT array_agg(c.append), array_agg(c.claim) INTO out_taken, out_claim
        FROM unnest(p_claim_append, p_claim) AS c(append, claim)
        WHERE c.append <> ALL (v_refused) AND EXISTS (SELECT FROM claims o WHERE o.claim = c.claim) AND NOT EXISTS (
            SELECT FROM unnest(p_released_append, p_released) AS r(append, claim)
            WHERE r.append = c.append AND r.claim = c.claim);
        v_refused := v_refused || COALESCE(out_taken, '{}');
    END IF;

    SELECT clock INTO v_clock FROM installation;
    IF v_clock = 'supplied' THEN
        IF array_position(p_at, NULL) IS NOT NULL THEN
            RAISE EXCEPTION 'this installation has a supplied clock: the caller gives the instant'
                USING ERRCODE = 'TR002';
        END IF;
    ELSE
        v_now := clock_timestamp();
    END IF;
    SELECT e.recorded_at INTO v_last FROM events e ORDER BY e.notification_id DESC LIMIT 1;

    IF cardinality(p_released_append) > 0 THEN
        DELETE FROM claims c USING unnest(p_released_append, p_released) AS r(append, claim)
        WHERE c.claim = r.claim AND r.append <> ALL (v_refused);
    END IF;
    IF cardinality(p_claim_append) > 0 THEN
        INSERT INTO claims
        SELECT c.claim, c.event_id FROM unnest(p_claim_append, p_claim, p_claim_event_id) AS c(append, claim, event_id)
        WHERE c.append <> ALL (v_refused);
    END IF;
    IF cardinality(p_text_append) > 0 THEN
        INSERT INTO text_keys (event_id, path, wrapped, master_key_id)
        SELECT t.event_id, t.path, t.wrapped, p_master_key_id
        FROM unnest(p_text_append, p_text_event_id, p_text_path, p_text_wrapped) AS t(append, event_id, path, wrapped)
        WHERE t.append <> ALL (v_refused);
    END IF;
    WITH inserted AS (
        INSERT INTO events (originator_id, originator_version, topic, state, event_id, transformation_id, recorded_at)
        SELECT e.originator_id, e.originator_version, e.topic, e.state, e.event_id, e.transformation_id,
            GREATEST(v_last, COALESCE(v_now, max(p_at[e.append]) OVER (ORDER BY e.n)))
        FROM unnest(p_append, p_event_id, p_originator_id, p_originator_version, p_topic, p_state, p_transformation_id)
            WITH ORDINALITY
            AS e(append, event_id, originator_id, originator_version, topic, state, transformation_id, n)
        WHERE e.append <> ALL (v_refused)
        ORDER BY e.n
        RETURNING notification_id, events.event_id, events.recorded_at
    ), answered AS (
        INSERT INTO idempotency (principal, key, fingerprint, answer, position, expires_at)
        SELECT k.principal, k.key, k.fingerprint, k.answer, COALESCE(l.position, 0),
            clock_timestamp() + interval '48 hours'
        FROM unnest(p_idem_append, p_idem_principal, p_idem_key, p_idem_fingerprint, p_idem_answer)
            AS k(append, principal, key, fingerprint, answer)
        LEFT JOIN (
            SELECT n.append, max(i.notification_id) AS position
            FROM inserted i JOIN unnest(p_append, p_event_id) AS n(append, event_id) ON n.event_id = i.event_id
            GROUP BY n.append
        ) l ON l.append = k.append
        WHERE k.append <> ALL (v_refused)
    )
    SELECT array_agg(i.notification_id ORDER BY i.notification_id), array_agg(i.recorded_at ORDER BY i.notification_id)
    INTO out_positions, out_recorded_at FROM inserted i;
    IF out_positions IS NOT NULL THEN
        PERFORM pg_notify('events', '');
    END IF;
END
$body$;

-- The counter need not be flushed: an event that carries the reference is committed later in the same log of writes, so
-- whatever loses the counter has lost the event too.
CREATE FUNCTION take_references(p_transformation_id uuid, p_letter text, p_count integer) RETURNS integer
LANGUAGE plpgsql AS $body$
DECLARE
    v_last integer;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO reference_counters AS c VALUES (p_transformation_id, p_letter, p_count)
    ON CONFLICT (transformation_id, letter) DO UPDATE SET last = c.last + excluded.last
    RETURNING last INTO v_last;
    RETURN v_last;
END
$body$;

CREATE FUNCTION position_at(p_instant timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7226, 1);
    RETURN COALESCE((SELECT e.notification_id FROM events e WHERE e.recorded_at <= p_instant
                     ORDER BY e.recorded_at DESC, e.notification_id DESC LIMIT 1), 0);
END
$body$;

CREATE FUNCTION refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'the log of events is never rewritten (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = 'TR003';
END
$body$;
CREATE TRIGGER events_are_immutable BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER decisions_are_immutable BEFORE UPDATE OR DELETE ON projection_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER events_are_never_truncated BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(APPEND)


def downgrade() -> None:
    raise NotImplementedError("the log is never taken back: restore a backup instead")
