"""Versions of the plan: begun one at a time, submitted as the plan stands, validated by the decision."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain import action_course, milestone, plan_version, transformation
from service.domain.action import ACTION
from service.domain.decision import Decision
from service.domain.event import Event
from service.domain.milestone import MILESTONE
from service.domain.plan_version import PLAN_VERSION, AnotherVersionSubmitted, PlanNotSubmitted, PlanVersion
from service.domain.transformation import TRANSFORMATION, plan_is_validated, require_running
from service.projections.actions import ACTIONS
from service.projections.as_of import AsOf
from service.projections.milestones import MILESTONES
from service.projections.plan_versions import PLAN_VERSIONS, content_of, next_number
from service.store.unit import Unit


def draft_plan_version(
    unit: Unit, connection: Connection[DictRow], transformation_id: UUID, *, title: str, summary: str | None = None
) -> PlanVersion:
    """Begin another version. Raises `PlanVersionUnderway`."""
    known = PLAN_VERSIONS.of_transformation(connection, transformation_id, AsOf(unit.act.now))
    others = tuple(unit.adopt(PLAN_VERSION, version) for version in known)
    number = next_number(connection, transformation_id)
    drafted = unit.create(PLAN_VERSION, plan_version.draft(others, number=number, title=title, summary=summary))
    unit.claim(f"{transformation_id}:plan version {number}")
    return drafted


def submit_plan_version(
    unit: Unit, connection: Connection[DictRow], version: PlanVersion, *, position: int
) -> list[Event]:
    """Pin the plan as the read models know it at `position`: nothing may have come since."""
    if version.transformation_id is None:
        raise LookupError("a version of no transformation")
    unit.require_quiet(version.transformation_id, position)
    row = connection.execute(
        "SELECT max(position) AS last FROM audit_events WHERE transformation_id = %s", (version.transformation_id,)
    ).fetchone()
    return plan_version.submit(version, row["last"] if row else position)


def validate_plan(
    unit: Unit,
    connection: Connection[DictRow],
    taken: Decision,
    transformation_id: UUID,
    *,
    position: int,
    named: UUID | None = None,
) -> None:
    """What a plan validation or a replan does: the submitted version is validated, and baselines are set.

    The first validation starts the measuring of slippage. A later one validates another version and gives a baseline
    to what has none; only a replan sets new ones (DOMAIN section 2), from the submitted version if there is one. The
    decision relies on the whole transformation at `position`. `named`: the version that the authority means. Raises
    `PlanNotSubmitted`, `AnotherVersionSubmitted`, `OwnSubmission`, `PlanNotValidated`, `TransformationNotRunning`.
    """
    whole = unit.get(TRANSFORMATION, transformation_id)
    replans = taken.kind == "replan"
    version = _submitted(unit, connection, transformation_id)
    if replans:
        unit.record(TRANSFORMATION, whole.id, transformation.replan(whole, taken.id))
    elif version is None or not plan_is_validated(whole):
        unit.record(TRANSFORMATION, whole.id, transformation.validate_plan(whole, taken.id))
    require_running(whole)
    unit.require_quiet(transformation_id, position)
    if version is not None and named not in (None, version.id):
        raise AnotherVersionSubmitted(number=version.number)
    if version is None and (not replans or named is not None):
        raise PlanNotSubmitted()
    if version is not None:
        unit.record(PLAN_VERSION, version.id, plan_version.validate(version, taken.id))
    _set_baselines(unit, connection, taken, transformation_id, version, replans=replans)


def _submitted(unit: Unit, connection: Connection[DictRow], transformation_id: UUID) -> PlanVersion | None:
    for version in PLAN_VERSIONS.of_transformation(connection, transformation_id, AsOf(unit.act.now)):
        if version.status == "submitted":
            return unit.get(PLAN_VERSION, version.id)
    return None


def _set_baselines(
    unit: Unit,
    connection: Connection[DictRow],
    taken: Decision,
    transformation_id: UUID,
    version: PlanVersion | None,
    *,
    replans: bool,
) -> None:
    """One baseline per milestone and per action with an end date (SHAPES: Baselines): the date that was submitted.

    What the submitted plan did not hold keeps its baseline, or takes its first date. What was given up has one too,
    from which it slips if it is taken up again.
    """
    now = AsOf(unit.act.now)
    content = content_of(version, now) if version is not None else now
    milestones = {m.id: m.due_on for m in MILESTONES.of_transformation(connection, transformation_id, content)}
    for promise in MILESTONES.of_transformation(connection, transformation_id, now):
        current = unit.get(MILESTONE, unit.adopt(MILESTONE, promise).id)
        if current.baseline_on is None or (replans and current.id in milestones):
            on = milestones.get(current.id) or current.forecasts[0].due_on
            unit.record(MILESTONE, current.id, milestone.set_baseline(current, taken.id, on))
    actions = {a.id: a.end_on for a in ACTIONS.of_transformation(connection, transformation_id, content)}
    for work in ACTIONS.of_transformation(connection, transformation_id, now):
        action = unit.get(ACTION, unit.adopt(ACTION, work).id)
        if action.baseline_on is None or (replans and action.id in actions):
            first = action.forecasts[0].due_on if action.forecasts else None
            unit.record(
                ACTION, action.id, action_course.set_baseline(action, taken.id, actions.get(action.id) or first)
            )
