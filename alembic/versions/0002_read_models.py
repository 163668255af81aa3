"""The read models: one versioned table per concept, and the tables of the trail, of links and of restrictions."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE persons (
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
    person_id text,
    administrator boolean,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX persons_now ON persons (id) WHERE valid_to IS NULL;
CREATE INDEX persons_list ON persons (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX persons_keys ON persons (transformation_id, valid_from) WHERE first;
CREATE INDEX persons_person_id ON persons (person_id) WHERE valid_to IS NULL;

CREATE TABLE services (
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
    service_id text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX services_now ON services (id) WHERE valid_to IS NULL;
CREATE INDEX services_list ON services (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX services_keys ON services (transformation_id, valid_from) WHERE first;

CREATE TABLE keys (
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
    key_id text,
    owner text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX keys_now ON keys (id) WHERE valid_to IS NULL;
CREATE INDEX keys_list ON keys (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX keys_keys ON keys (transformation_id, valid_from) WHERE first;
CREATE INDEX keys_key_id ON keys (key_id) WHERE valid_to IS NULL;

CREATE TABLE transformations (
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
    code text,
    name text,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX transformations_now ON transformations (id) WHERE valid_to IS NULL;
CREATE INDEX transformations_list ON transformations (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX transformations_keys ON transformations (transformation_id, valid_from) WHERE first;
CREATE INDEX transformations_code ON transformations (code) WHERE valid_to IS NULL;

CREATE TABLE members (
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
    person_id text,
    role text,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX members_now ON members (id) WHERE valid_to IS NULL;
CREATE INDEX members_list ON members (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX members_keys ON members (transformation_id, valid_from) WHERE first;
CREATE INDEX members_person_id ON members (person_id) WHERE valid_to IS NULL;
CREATE INDEX members_past_1 ON members (transformation_id, person_id, valid_from);

CREATE TABLE groups (
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
    name text,
    kind text,
    parent_id uuid,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX groups_now ON groups (id) WHERE valid_to IS NULL;
CREATE INDEX groups_list ON groups (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX groups_keys ON groups (transformation_id, valid_from) WHERE first;

CREATE TABLE bodies (
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
    name text,
    kind text,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX bodies_now ON bodies (id) WHERE valid_to IS NULL;
CREATE INDEX bodies_list ON bodies (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX bodies_keys ON bodies (transformation_id, valid_from) WHERE first;

CREATE TABLE phases (
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
    ordinal integer,
    planned_from date,
    planned_to date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX phases_now ON phases (id) WHERE valid_to IS NULL;
CREATE INDEX phases_list ON phases (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX phases_keys ON phases (transformation_id, valid_from) WHERE first;

CREATE TABLE axes (
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
    position integer,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX axes_now ON axes (id) WHERE valid_to IS NULL;
CREATE INDEX axes_list ON axes (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX axes_keys ON axes (transformation_id, valid_from) WHERE first;

CREATE TABLE workstreams (
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
    axis_id uuid,
    parent_id uuid,
    priority integer,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX workstreams_now ON workstreams (id) WHERE valid_to IS NULL;
CREATE INDEX workstreams_list ON workstreams (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX workstreams_keys ON workstreams (transformation_id, valid_from) WHERE first;

CREATE TABLE actions (
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
    axis_id uuid,
    workstream_id uuid,
    phase_id uuid,
    parent_id uuid,
    lead text,
    focus text,
    horizon text,
    priority text,
    start_on date,
    end_on date,
    search text,
    person_ids text[],
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX actions_now ON actions (id) WHERE valid_to IS NULL;
CREATE INDEX actions_list ON actions (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX actions_keys ON actions (transformation_id, valid_from) WHERE first;
CREATE INDEX actions_parent_id ON actions (parent_id) WHERE valid_to IS NULL;

CREATE TABLE milestones (
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
    subject_kind text,
    subject_id uuid,
    due_on date,
    baseline_on date,
    reached_on date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX milestones_now ON milestones (id) WHERE valid_to IS NULL;
CREATE INDEX milestones_list ON milestones (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX milestones_keys ON milestones (transformation_id, valid_from) WHERE first;
CREATE INDEX milestones_subject_id ON milestones (subject_id) WHERE valid_to IS NULL;

CREATE TABLE obstacles (
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
    nature text,
    category text,
    severity text,
    level text,
    owner text,
    raised_on date,
    next_look_on date,
    visibility text,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX obstacles_now ON obstacles (id) WHERE valid_to IS NULL;
CREATE INDEX obstacles_list ON obstacles (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX obstacles_keys ON obstacles (transformation_id, valid_from) WHERE first;

CREATE TABLE indicators (
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
    family text,
    direction text,
    cadence text,
    owner text,
    external_id text,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX indicators_now ON indicators (id) WHERE valid_to IS NULL;
CREATE INDEX indicators_list ON indicators (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX indicators_keys ON indicators (transformation_id, valid_from) WHERE first;

CREATE TABLE decisions (
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
    kind text,
    taken_on date,
    applies_from date,
    applied_on date,
    phase_id uuid,
    verdict text,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX decisions_now ON decisions (id) WHERE valid_to IS NULL;
CREATE INDEX decisions_list ON decisions (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX decisions_keys ON decisions (transformation_id, valid_from) WHERE first;

CREATE TABLE deliverables (
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
    kind text,
    phase_id uuid,
    owner text,
    due_on date,
    submitted_on date,
    validated_on date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX deliverables_now ON deliverables (id) WHERE valid_to IS NULL;
CREATE INDEX deliverables_list ON deliverables (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX deliverables_keys ON deliverables (transformation_id, valid_from) WHERE first;
CREATE INDEX deliverables_phase_id ON deliverables (phase_id) WHERE valid_to IS NULL;

CREATE TABLE plan_versions (
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
    number integer,
    submitted_on date,
    validated_on date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX plan_versions_now ON plan_versions (id) WHERE valid_to IS NULL;
CREATE INDEX plan_versions_list ON plan_versions (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX plan_versions_keys ON plan_versions (transformation_id, valid_from) WHERE first;

CREATE TABLE direction_projects (
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
    number integer,
    submitted_on date,
    validated_on date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX direction_projects_now ON direction_projects (id) WHERE valid_to IS NULL;
CREATE INDEX direction_projects_list ON direction_projects (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX direction_projects_keys ON direction_projects (transformation_id, valid_from) WHERE first;

CREATE TABLE evaluations (
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
    validated_on date,
    follow_up_on date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX evaluations_now ON evaluations (id) WHERE valid_to IS NULL;
CREATE INDEX evaluations_list ON evaluations (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX evaluations_keys ON evaluations (transformation_id, valid_from) WHERE first;

CREATE TABLE reviews (
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
    body_id uuid,
    phase_id uuid,
    planned_on date,
    held_on date,
    verdict text,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX reviews_now ON reviews (id) WHERE valid_to IS NULL;
CREATE INDEX reviews_list ON reviews (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX reviews_keys ON reviews (transformation_id, valid_from) WHERE first;

CREATE TABLE status_reports (
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
    subject_kind text,
    subject_id uuid,
    confidence text,
    reported_on date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX status_reports_now ON status_reports (id) WHERE valid_to IS NULL;
CREATE INDEX status_reports_list ON status_reports (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX status_reports_keys ON status_reports (transformation_id, valid_from) WHERE first;

CREATE TABLE notes (
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
    subject_kind text,
    subject_id uuid,
    author text,
    written_on date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX notes_now ON notes (id) WHERE valid_to IS NULL;
CREATE INDEX notes_list ON notes (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX notes_keys ON notes (transformation_id, valid_from) WHERE first;
CREATE INDEX notes_subject_id ON notes (subject_id) WHERE valid_to IS NULL;

CREATE TABLE imports (
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
    sha256 text,
    applied_on date,
    search text,
    state jsonb NOT NULL,
    PRIMARY KEY (id, valid_from)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX imports_now ON imports (id) WHERE valid_to IS NULL;
CREATE INDEX imports_list ON imports (transformation_id, id) WHERE valid_to IS NULL;
CREATE INDEX imports_keys ON imports (transformation_id, valid_from) WHERE first;

CREATE TABLE restricted_objects (
    id uuid PRIMARY KEY,
    transformation_id uuid,
    owners text[] NOT NULL
);

CREATE TABLE object_links (
    from_id uuid NOT NULL,
    to_id uuid NOT NULL,
    from_kind text NOT NULL,
    from_ref text NOT NULL,
    PRIMARY KEY (from_id, to_id)
);
CREATE INDEX object_links_to ON object_links (to_id);

CREATE TABLE audit_events (
    position bigint PRIMARY KEY,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    occurred_on date NOT NULL,
    occurred_on_basis text NOT NULL,
    transformation_id uuid,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    subject_ref text,
    subject_title text,
    version bigint NOT NULL,
    topic text NOT NULL,
    actor text NOT NULL,
    on_behalf_of jsonb,
    channel text NOT NULL,
    reason text,
    correlation_id uuid NOT NULL,
    causation_id uuid NOT NULL,
    mended_event_id uuid,
    changes jsonb NOT NULL
);
CREATE UNIQUE INDEX audit_events_event ON audit_events (event_id);
CREATE INDEX audit_events_transformation ON audit_events (transformation_id, position);
CREATE INDEX audit_events_subject ON audit_events (subject_id, position);
CREATE INDEX audit_events_actor ON audit_events (actor, position);
CREATE INDEX audit_events_mended ON audit_events (mended_event_id) WHERE mended_event_id IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("the log is never taken back: restore a backup instead")
