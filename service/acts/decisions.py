"""Taking a decision with all that it does, in one commit: phases, baselines, axes, obstacles, what it replaces."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import TypeAdapter, ValidationError

from service.acts.bodies import DecidedBySomebodyElse, speaks_for
from service.acts.places import standing
from service.acts.plan_versions import validate_plan
from service.domain import axis, decision_course, gate, obstacle_course, transformation
from service.domain.action import ACTION
from service.domain.authority import Visibility
from service.domain.axis import AXIS
from service.domain.body import BODY
from service.domain.concept import Concept, concepts
from service.domain.decision import DECISION, Decision
from service.domain.decision_events import Authority, DecisionSuperseded
from service.domain.event import Event
from service.domain.mending import CorrectionInvalid, effective
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_events import ResolvedBy
from service.domain.phase import PHASE
from service.domain.refusal import Conflict
from service.domain.review_refusals import GateNeedsReview
from service.domain.transformation import TRANSFORMATION, Transformation
from service.projections.as_of import AsOf
from service.projections.phases import PHASES
from service.store.unit import Unit


class RestrictedObstacleNamedOpenly(Conflict):
    """Obstacle {ref} is restricted, and all members would see the decision that lifts it. Restrict the decision, or
    lift the obstacle by an act of its own."""

    FR = (
        "L’obstacle {ref} est restreint, et tous les membres verraient la décision qui le lève. "
        "Restreignez la décision, ou levez l’obstacle par un acte distinct."
    )


class GateHasItsVerdict(Conflict):
    """This gate has heard its final verdict, by decision {by}. If that was a mistake, withdraw it first."""

    FR = (
        "Ce passage a déjà reçu son verdict final, par la décision {by}. "
        "Si c’était une erreur, retirez d’abord cette décision."
    )


class DecisionHadEffects(Conflict):
    """Decision {ref} had effects that still count, on: {on}. Withdraw these first, or take another decision that
    replaces it."""

    FR = (
        "La décision {ref} a eu des effets qui comptent toujours, sur\u202f: {on}. "
        "Retirez-les d’abord, ou prenez une autre décision qui la remplace."
    )


class SupersededByAnother(Conflict):
    """Decision {ref} was superseded by {by}: withdraw {by}, and {ref} is in force again."""

    FR = "La décision {ref} a été remplacée par {by}\u202f: retirez {by}, et {ref} sera de nouveau en vigueur."


def take_decision(
    unit: Unit,
    connection: Connection[DictRow],
    of: Transformation,
    *,
    position: int,
    title: str,
    kind: str = "ordinary",
    supersedes: UUID | None = None,
    resolves: Iterable[UUID] = (),
    creates_actions: Iterable[UUID] = (),
    confirms_axes: Iterable[UUID] = (),
    phase_id: UUID | None = None,
    plan_version_id: UUID | None = None,
    authority: Authority | None = None,
    visibility: Visibility = "members",
    review_id: UUID | None = None,
    **fields: Any,
) -> Decision:
    """Take a decision; the other `fields` are those of `decision_course.take` but the reference.

    A plan validation or a replan validates the submitted version of the plan and sets baselines, a gate verdict moves
    the phases: they rely on all objects of the transformation as the read models knew them at `position`, so nothing
    may have come since. `plan_version_id`: the version that the authority means. What it resolves must be
    open. Raises the refusal of whatever rule of those objects forbids its part, `RestrictedObstacleNamedOpenly`,
    `DecidedBySomebodyElse`, and `NotFound` for an object of another transformation. At the gate of a body, `review_id`
    is the held review that judges it (`service.acts.verdicts`); without one `GateNeedsReview` is raised.
    """
    lifted, axes, made = (tuple(dict.fromkeys(ids)) for ids in (resolves, confirms_axes, creates_actions))
    replaced = standing(unit, DECISION, supersedes, of.id) if supersedes is not None else None
    passed = (phase_id,) if phase_id is not None else ()
    named: dict[str, tuple[UUID, ...]] = {"obstacle": lifted, "axis": axes, "action": made, "phase": passed}
    for what, ids in named.items():
        concept: Concept[Any] = concepts[what]
        for id in ids:
            standing(unit, concept, id, of.id)
    if kind == "gate_verdict" and phase_id is not None and review_id is None:
        _require_sponsors_gate(unit, phase_id)
    if visibility == "members":
        require_nothing_restricted(unit, lifted)
    events = decision_course.take(
        ref=unit.reference(DECISION, of.id),
        title=title,
        kind=kind,  # type: ignore[arg-type]  # checked by the event
        authority=_authority(unit, of.id, authority),
        resolves=lifted,
        creates_actions=made,
        confirms_axes=axes,
        phase_id=phase_id,
        review_id=review_id,
        supersedes=replaced,
        visibility=visibility,
        **fields,
    )
    taken = unit.create(DECISION, events)
    for claim in decision_course.claims(taken):
        _require_unheard(connection, claim)
        unit.claim(claim)
    if replaced is not None:
        unit.record(DECISION, replaced.id, decision_course.supersede(replaced, taken.id))
    match taken.kind:
        case "plan_validation" | "replan":
            validate_plan(unit, connection, taken, of.id, position=position, named=plan_version_id)
        case "gate_verdict":
            _apply_verdict(unit, connection, taken, of.id, position)
    for id in axes:
        unit.record(AXIS, id, axis.confirm(unit.get(AXIS, id), taken.id))
    for id in lifted:
        by = ResolvedBy(kind="decision", id=taken.id)
        unit.record(OBSTACLE, id, obstacle_course.resolve(unit.get(OBSTACLE, id), resolution=title, resolved_by=by))
    return unit.get(DECISION, taken.id)


def show_decision(unit: Unit, decision: Decision, visibility: Visibility) -> list[Event]:
    """Show it to all members, or restrict it. Raises `RestrictedObstacleNamedOpenly`, `NothingToChange`."""
    if visibility == "members":
        require_nothing_restricted(unit, decision.resolves)
    return decision_course.change_visibility(decision, visibility)


def require_nothing_restricted(unit: Unit, obstacles: Iterable[UUID]) -> None:
    """Raises `RestrictedObstacleNamedOpenly` where what all members would see names what only some may."""
    for id in obstacles:
        obstacle = unit.get(OBSTACLE, id)
        if obstacle.visibility == "restricted" and not obstacle.withdrawn:
            raise RestrictedObstacleNamedOpenly(ref=OBSTACLE.reference(obstacle))


HAVE_EFFECTS = frozenset({"kind", "verdict", "resolves", "confirms_axes", "supersedes", "by", "authority"})
"""Fields that others acted on in the same commit, which no correction reaches, or that the act was grounded for."""


def check_correction(unit: Unit, id: UUID, event_id: UUID, changes: dict[str, Any]) -> None:
    """What a decision did is withdrawn or decided anew, not reworded; what it names must stand.

    Raises `CorrectionInvalid`, `RestrictedObstacleNamedOpenly`, `NotFound`, `ObjectWithdrawn`.
    """
    for name in sorted(HAVE_EFFECTS & changes.keys()):
        raise CorrectionInvalid(pointer=f"/changes/{name}", field=name, problem="fixed_field")
    decision = unit.get(DECISION, id)
    if changes.get("visibility") == "members":
        require_nothing_restricted(unit, decision.resolves)
    try:
        made = _IDS.validate_python(changes.get("creates_actions") or ())
    except ValidationError:
        return  # the correction itself says that the field has the wrong shape
    for action_id in made:
        standing(unit, ACTION, action_id, decision.transformation_id)


_IDS = TypeAdapter(tuple[UUID, ...])


def clear_the_way(unit: Unit, connection: Connection[DictRow], id: UUID, event_id: UUID) -> None:
    """Before a decision goes: nothing that it did may count any more, and the one that it superseded is put in force
    again, in the same commit, so that both always say the same. Raises `DecisionHadEffects`, `SupersededByAnother`.

    Links do not tell all of it (a second decision may have taken over a baseline or a phase since), the trail does.
    """
    history = unit.history(id)
    if history[0].envelope.event_id != event_id:
        target = next((fact.event for fact in history if fact.envelope.event_id == event_id), None)
        if isinstance(target, DecisionSuperseded):
            ref, by = (DECISION.reference(unit.get(DECISION, each)) for each in (id, target.by))
            raise SupersededByAnother(ref=ref, by=by)
        return
    decision = unit.get(DECISION, id)
    effects = connection.execute(EFFECTS, {"decision": id, "taken": event_id}).fetchall()
    if effects:
        on = list(dict.fromkeys(row["subject_ref"] or row["subject_title"] or row["subject_kind"] for row in effects))
        raise DecisionHadEffects(ref=DECISION.reference(decision), on=on[:20], count=len(on))
    if decision.supersedes is not None and not unit.get(DECISION, decision.supersedes).withdrawn:
        for fact in effective(unit.history(decision.supersedes)):
            if isinstance(fact.event, DecisionSuperseded) and fact.event.by == id:
                unit.withdraw(DECISION, decision.supersedes, fact.envelope.event_id)


EFFECTS = """
    SELECT a.subject_kind, a.subject_ref, a.subject_title FROM audit_events a
    WHERE a.causation_id = %(taken)s AND a.subject_id <> %(decision)s AND a.topic <> 'decision.superseded'
    AND a.transformation_id = (SELECT transformation_id FROM audit_events WHERE event_id = %(taken)s)
    AND NOT EXISTS (
        SELECT FROM audit_events w WHERE w.mended_event_id = a.event_id AND w.topic = a.subject_kind || '.withdrawn'
    )
    AND NOT EXISTS (SELECT FROM audit_events w WHERE w.subject_id = a.subject_id AND w.changes ? 'withdrawn')
    ORDER BY a.position"""
"""What the commit of a decision recorded on others, as far as neither the fact nor its object was withdrawn."""


def _require_sponsors_gate(unit: Unit, phase_id: UUID) -> None:
    """Raises `GateNeedsReview` where the gate belongs to a body."""
    passed = unit.get(PHASE, phase_id)
    if passed.gate_body_id is not None:
        raise GateNeedsReview(ordinal=passed.ordinal, body=unit.get(BODY, passed.gate_body_id).name)


def _authority(unit: Unit, transformation_id: UUID, given: Authority | None) -> Authority:
    """Who decided: the one it is recorded for, else a body that the actor sits in, else the actor.

    Raises `DecidedBySomebodyElse`, `NotSeated`, `BodyIsDissolved`, `NotFound`.
    """
    act = unit.act
    behalf = act.on_behalf_of
    if behalf is not None:
        stated = Authority(kind=behalf.kind, id=behalf.id)
    elif given is not None and given.kind == "body":
        speaks_for(unit, given.id, transformation_id, act.actor, act.true_on)
        stated = Authority(kind="body", id=given.id)
    else:
        stated = Authority(kind="person", id=act.actor)
    if given is not None and (given.kind, given.id) != (stated.kind, stated.id):
        raise DecidedBySomebodyElse(pointer="/authority")
    return stated


def _require_unheard(connection: Connection[DictRow], claim: str) -> None:
    """The claim alone would refuse too, without saying by which decision the gate was passed."""
    query = "SELECT a.subject_ref FROM claims c JOIN audit_events a USING (event_id) WHERE c.claim = %s"
    if heard := connection.execute(query, (claim,)).fetchone():
        raise GateHasItsVerdict(by=heard["subject_ref"])


def _apply_verdict(
    unit: Unit, connection: Connection[DictRow], taken: Decision, transformation_id: UUID, position: int
) -> None:
    """Move the phases. `stop`, or `go` at the last gate, begins the closing of the transformation."""
    if taken.phase_id is None or taken.verdict is None:
        return  # refused by the decision's own check
    unit.require_quiet(transformation_id, position)
    known = PHASES.of_transformation(connection, transformation_id, AsOf(unit.act.now))
    phases = [unit.get(PHASE, unit.adopt(PHASE, each).id) for each in known]
    current = unit.get(PHASE, taken.phase_id)
    following = gate.next_of(current, phases)
    for changed, events in gate.apply_verdict(taken.verdict, current, following, taken.id):
        unit.record(PHASE, changed.id, events)
    if taken.verdict == "stop" or (taken.verdict in ("go", "go_with_conditions") and following is None):
        whole = unit.get(TRANSFORMATION, transformation_id)
        unit.record(TRANSFORMATION, whole.id, transformation.start_closing(whole, taken.id))
