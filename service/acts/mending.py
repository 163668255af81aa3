"""Mending mistakes: correct a recorded fact, or withdraw what was recorded by mistake."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.concept import Concept, State
from service.domain.decision import DECISION
from service.domain.mending import CorrectionInvalid, LaterFactsDepend
from service.domain.principal import kind_of, stream_of
from service.domain.refusal import Conflict, NotFound
from service.domain.transformation_events import TransformationLaunched
from service.projections.as_of import AsOf
from service.projections.links import dependents
from service.projections.phases import PHASES
from service.projections.viewer import Viewer
from service.store.unit import Unit


class StoodUpon(Conflict):
    """Withdraw or move these first."""

    FR = "Retirez-les ou déplacez-les d’abord."


def correct(unit: Unit, concept: Concept[Any], id: UUID, event_id: UUID, changes: dict[str, Any]) -> State:
    """Put fields of an earlier fact right; the old values stay in history.

    Raises `CorrectionInvalid`, `NotFound` for an unknown person, and what the fold of the mended history refuses.
    """
    _require_people(unit, changes)
    state: State = unit.correct(concept, id, event_id, changes)
    return state


PEOPLE = ("collector", "contributors", "lead", "owner", "sponsor")
"""The fields of all facts that name people: by their id, never by what they are called (AUDIT section 6)."""


def _require_people(unit: Unit, changes: dict[str, Any]) -> None:
    for name in PEOPLE:
        value = changes.get(name)
        for person in value if isinstance(value, list) else [value]:
            if isinstance(person, str):
                known = kind_of(person)
                try:
                    stream = stream_of(person)
                except NotFound:  # no id at all: it is not said again
                    raise CorrectionInvalid(pointer=f"/changes/{name}", field=name, problem="wrong_shape") from None
                unit.get(known, stream)


def recording(unit: Unit, concept: Concept[Any], id: UUID, event_id: UUID) -> str | None:
    """The act that records such a fact, where leading does not suffice for it: who may not do it does not undo it.

    What a validation, a replan or a verdict did is theirs, whatever it was done to.
    """
    fact = next((fact for fact in unit.history(id) if fact.envelope.event_id == event_id), None)
    if fact is None:
        return None
    governed = GOVERNED.get(fact.topic)
    decision_id = getattr(fact.event, "decision_id", None)
    if governed is not None or decision_id is None:
        return governed
    decision = unit.get(DECISION, decision_id)
    return "review.give_verdict" if decision.review_id else DECIDES.get(decision.kind)


DECIDES = {
    "plan_validation": "decision.take_plan_validation",
    "replan": "decision.take_replan",
    "gate_verdict": "decision.take_gate_verdict",
}
GOVERNED = {
    "transformation.launched": "transformation.launch",
    "deliverable.validated": "deliverable.validate",
    "deliverable.returned": "deliverable.return",
    "plan_version.returned": "plan_version.return",
    "direction_project.validated": "direction_project.validate",
    "direction_project.adjusted": "direction_project.adjust",
    "evaluation.validated": "evaluation.validate",
    "review.criterion_waived": "review.waive_criterion",
    "review.condition_lifted": "review.lift_condition",
    "status_report.acknowledged": "status_report.acknowledge",
}
"""The facts that only who governs records, whatever decision they name."""


def withdraw(
    unit: Unit,
    connection: Connection[DictRow],
    concept: Concept[Any],
    id: UUID,
    event_id: UUID,
    *,
    position: int,
    viewer: Viewer,
) -> State:
    """Take a fact back. A withdrawn creation takes the object with it, unless other objects stand on it.

    So does a launch, while a phase is open or was. `position` is where the read models were when the dependents were
    looked up: nothing may have come since.
    """
    history = unit.history(id)
    target = next((fact for fact in history if fact.envelope.event_id == event_id), None)
    creates = target is not None and target.originator_version == 1
    launches = target is not None and isinstance(target.event, TransformationLaunched)
    if creates or launches:
        standing = dependents(connection, id, viewer) if creates else []
        standing += _opened_phases(connection, id, unit.act.now)
        if standing:
            because = StoodUpon()
            raise LaterFactsDepend(dependents=standing, explanation=because.message(), event_ids=[]) from because
        transformation_id = history[0].envelope.transformation_id
        if transformation_id is not None:
            unit.require_quiet(transformation_id, position)
    state: State = unit.withdraw(concept, id, event_id)
    return state


def _opened_phases(connection: Connection[DictRow], transformation_id: UUID, now: datetime) -> list[str]:
    """The phases that rest on the launch of a transformation; none for the id of anything else."""
    phases = PHASES.of_transformation(connection, transformation_id, AsOf(now))
    return [f"phase {phase.ordinal}" for phase in phases if phase.status != "planned"]
