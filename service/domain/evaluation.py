"""Impact evaluation (évaluation des impacts): where we started, what came of it, who carries it on, when we look again.

No transformation is closed without one that is validated.
"""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.authority import authority
from service.domain.concept import Concept, NothingToChange, State, created, differences, revised
from service.domain.event import Event, Fact, Revision
from service.domain.refusal import Conflict
from service.domain.text import PersonalText

# Events


class EvaluationDrafted(Event):
    """Somebody begins to evaluate the impacts."""

    TOPIC = "evaluation.drafted"
    title: str
    baseline: PersonalText | None = None
    result: PersonalText | None = None
    narrative: PersonalText | None = None
    carried_on_by: str | None = None
    follow_up_on: date | None = None
    indicators: tuple[UUID, ...] = ()


class EvaluationDescribed(Revision):
    """The evaluation says more, or something else."""

    TOPIC = "evaluation.described"
    title: str = ""
    baseline: PersonalText | None = None
    result: PersonalText | None = None
    narrative: PersonalText | None = None
    carried_on_by: str | None = None
    follow_up_on: date | None = None
    indicators: tuple[UUID, ...] = ()


class EvaluationValidated(Event):
    """An authority that did not write it accepts the evaluation."""

    TOPIC = "evaluation.validated"
    comment: PersonalText | None = None
    decision_id: UUID | None = None


# State

PARTS = ("baseline", "result", "narrative", "carried_on_by", "follow_up_on")
"""What a validated evaluation says."""


class Evaluation(State):
    """An evaluation as it stands: drafted or validated."""

    status: Literal["drafted", "validated", "withdrawn"] = "drafted"
    title: str
    baseline: str | None = None
    """Where things stood at the start."""
    result: str | None = None
    narrative: str | None = None
    carried_on_by: str | None = None
    """Who carries it on once the transformation is closed."""
    follow_up_on: date | None = None
    indicators: tuple[UUID, ...] = ()
    authors: tuple[str, ...] = ()
    """The authorities that wrote it, whoever typed it."""
    validated_on: date | None = None
    validated_by: str | None = None
    comment: str | None = None
    decision_id: UUID | None = None


class EvaluationSettled(Conflict):
    """The evaluation “{title}” was validated on {validated_on}: it is no longer changed."""

    FR = "L’évaluation «\u202f{title}\u202f» a été validée le {validated_on}\u202f: elle ne se modifie plus."


class EvaluationIncomplete(Conflict):
    """The evaluation “{title}” cannot be validated yet: it does not say {missing}."""

    FR = "L’évaluation «\u202f{title}\u202f» ne peut pas encore être validée\u202f: il y manque {missing}."


class AuthorCannotValidate(Conflict):
    """Who writes an evaluation does not validate it: that authority has written in “{title}”."""

    FR = "Qui écrit une évaluation ne la valide pas\u202f: cette autorité a écrit dans «\u202f{title}\u202f»."


def evolve(evaluation: Evaluation | None, fact: Fact) -> Evaluation:
    """The evaluation after one more fact."""
    event = fact.event
    if isinstance(event, EvaluationDrafted):
        return Evaluation(**created(fact), **event.model_dump(), authors=(authority(fact),))
    assert evaluation is not None  # a stream begins with its creation; `fold` has checked it
    match event:
        case EvaluationDescribed():
            authors = tuple(dict.fromkeys((*evaluation.authors, authority(fact))))
            return revised(evaluation, event).model_copy(update={"authors": authors})
        case EvaluationValidated():
            update: dict[str, Any] = {
                "status": "validated",
                "validated_on": fact.occurred_on,
                "validated_by": authority(fact),
                "comment": event.comment,
                "decision_id": event.decision_id,
            }
            return evaluation.model_copy(update=update)
    return evaluation


def check(evaluation: Evaluation | None, fact: Fact) -> None:
    """The rules of an evaluation's life (DOMAIN section 1)."""
    if evaluation is None:
        return
    title = evaluation.title
    match fact.event:
        case EvaluationDescribed() | EvaluationValidated() if evaluation.status == "validated":
            raise EvaluationSettled(title=title, validated_on=evaluation.validated_on)
        case EvaluationValidated():
            if missing := [name for name in PARTS if not getattr(evaluation, name)]:
                raise EvaluationIncomplete(title=title, missing=missing)
            if authority(fact) in evaluation.authors:
                raise AuthorCannotValidate(title=title)


# Decisions


def draft(
    *,
    title: str,
    baseline: str | None = None,
    result: str | None = None,
    narrative: str | None = None,
    carried_on_by: str | None = None,
    follow_up_on: date | None = None,
    indicators: tuple[UUID, ...] = (),
) -> list[Event]:
    """Begin an evaluation; parts may come later."""
    return [
        EvaluationDrafted(
            title=title,
            baseline=baseline,
            result=result,
            narrative=narrative,
            carried_on_by=carried_on_by,
            follow_up_on=follow_up_on,
            indicators=indicators,
        )
    ]


def revise(evaluation: Evaluation, **wanted: Any) -> list[Event]:
    """Write on. Raises `NothingToChange`."""
    changes = differences(evaluation, **wanted)
    if not changes:
        raise NothingToChange()
    return [EvaluationDescribed(**changes)]


def validate(evaluation: Evaluation, *, comment: str | None = None, decision_id: UUID | None = None) -> list[Event]:
    """Accept it, as an authority that wrote nothing in it."""
    return [EvaluationValidated(comment=comment, decision_id=decision_id)]


EVALUATION: Concept[Evaluation] = Concept(
    name="evaluation",
    collection="evaluations",
    state=Evaluation,
    events=(EvaluationDrafted, EvaluationDescribed, EvaluationValidated),
    evolve=evolve,
    check=check,
    links=lambda evaluation: (evaluation.decision_id,) if evaluation.decision_id else (),
)
