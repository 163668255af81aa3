"""Plan version (version du plan d’action): the whole plan, put before the authority as it stood at one position.

The version holds no copy of the plan: it pins a position of the log, at which every read shows its content again.
"""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, NothingToChange, State, created, differences, revised
from service.domain.event import Event, Fact, Revision
from service.domain.refusal import Conflict
from service.domain.submission import Submission, answered, require_another_authority, require_in_turn, submitted
from service.domain.text import PersonalText

# Events


class PlanVersionDrafted(Event):
    """Another version of the plan is begun."""

    TOPIC = "plan_version.drafted"
    number: int
    title: str
    summary: PersonalText | None = None


class PlanVersionDescribed(Revision):
    """The title or the summary of a version changed."""

    TOPIC = "plan_version.described"
    title: str = ""
    summary: PersonalText | None = None


class PlanVersionSubmitted(Event):
    """The plan as it stood at this position of the log is put before the authority."""

    TOPIC = "plan_version.submitted"
    content_position: int


class PlanVersionReturned(Event):
    """The authority sends the plan back and says what to adjust."""

    TOPIC = "plan_version.returned"
    to_adjust: PersonalText


class PlanVersionValidated(Event):
    """A decision validated the plan as it was submitted."""

    TOPIC = "plan_version.validated"
    decision_id: UUID


# State


class PlanVersion(State):
    """A version as it stands: drafted, submitted, validated or returned."""

    status: Literal["drafted", "submitted", "validated", "returned", "withdrawn"] = "drafted"
    number: int
    title: str
    summary: str | None = None
    content_position: int | None = None
    """Where in the log the submitted plan stands; while the version is drafted, its content is the plan as it is."""
    submissions: tuple[Submission, ...] = ()
    submitted_on: date | None = None
    """Since when it awaits its validation."""
    validated_on: date | None = None
    decision_id: UUID | None = None


class PlanVersionNotOpen(Conflict):
    """Version {number} of the plan is {status}: it can be worded and submitted while it is drafted or returned."""

    FR = (
        "La version {number} du plan est au statut «\u202f{status}\u202f»\u202f: "
        "elle se rédige et se soumet tant qu’elle est en projet, ou après son renvoi."
    )


class PlanVersionNotSubmitted(Conflict):
    """Version {number} of the plan is {status}: only a submitted version can be validated or sent back."""

    FR = (
        "La version {number} du plan est au statut «\u202f{status}\u202f»\u202f: "
        "seule une version soumise peut être validée ou renvoyée."
    )


class PlanVersionUnderway(Conflict):
    """Version {number} of the plan is {status}: a plan has one version in the making at a time."""

    FR = (
        "La version {number} du plan est au statut «\u202f{status}\u202f»\u202f: "
        "un plan n’a qu’une version en préparation à la fois."
    )


class PlanNotSubmitted(Conflict):
    """No version of the plan awaits validation: draft one and submit it first."""

    FR = "Aucune version du plan n’attend de validation\u202f: rédigez-en une et soumettez-la d’abord."


class AnotherVersionSubmitted(Conflict):
    """The version that awaits validation is version {number} of the plan, not the one that you name."""

    FR = "La version qui attend sa validation est la version {number} du plan, et non celle que vous nommez."


def evolve(version: PlanVersion | None, fact: Fact) -> PlanVersion:
    """The version after one more fact."""
    event = fact.event
    if isinstance(event, PlanVersionDrafted):
        return PlanVersion(**created(fact), **event.model_dump())
    assert version is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case PlanVersionDescribed():
            return revised(version, event)
        case PlanVersionSubmitted():
            update = {
                "status": "submitted",
                "content_position": event.content_position,
                "submissions": submitted(version.submissions, fact, version.number),
                "submitted_on": fact.occurred_on,
            }
        case PlanVersionReturned():
            said = answered(version.submissions, fact, "returned", to_adjust=event.to_adjust)
            update = {"status": "returned", "submissions": said, "submitted_on": None, "content_position": None}
        case PlanVersionValidated():
            said = answered(version.submissions, fact, "validated", decision_id=event.decision_id)
            update = {
                "status": "validated",
                "submissions": said,
                "submitted_on": None,
                "validated_on": fact.occurred_on,
                "decision_id": event.decision_id,
            }
        case _:
            return version
    return version.model_copy(update=update)


def check(version: PlanVersion | None, fact: Fact) -> None:
    """The rules of a version's life (DOMAIN section 1)."""
    if version is None:
        return
    facts = {"number": version.number, "status": version.status}
    match fact.event:
        case PlanVersionDescribed() | PlanVersionSubmitted() if version.status not in ("drafted", "returned"):
            raise PlanVersionNotOpen(**facts)
        case PlanVersionReturned() | PlanVersionValidated() if version.status != "submitted":
            raise PlanVersionNotSubmitted(**facts)
        case PlanVersionReturned() | PlanVersionValidated():
            require_in_turn(version.title, version.submissions, fact)
            if isinstance(fact.event, PlanVersionValidated):
                require_another_authority(version.title, version.submissions, fact)


# Decisions


def draft(others: tuple[PlanVersion, ...], *, number: int, title: str, summary: str | None = None) -> list[Event]:
    """Begin another version; `others` are those that stand. Raises `PlanVersionUnderway`."""
    for other in others:
        if other.status != "validated":
            raise PlanVersionUnderway(number=other.number, status=other.status)
    return [PlanVersionDrafted(number=number, title=title, summary=summary)]


def revise(version: PlanVersion, **wanted: Any) -> list[Event]:
    """Change its title or its summary. Raises `NothingToChange`."""
    changes = differences(version, **wanted)
    if not changes:
        raise NothingToChange()
    return [PlanVersionDescribed(**changes)]


def submit(version: PlanVersion, content_position: int) -> list[Event]:
    """Put the plan before the authority as it stands at this position."""
    return [PlanVersionSubmitted(content_position=content_position)]


def send_back(version: PlanVersion, to_adjust: str) -> list[Event]:
    """Return it and say what to adjust."""
    return [PlanVersionReturned(to_adjust=to_adjust)]


def validate(version: PlanVersion, decision_id: UUID) -> list[Event]:
    """Validate it, in the commit of the decision that also sets the baselines."""
    return [PlanVersionValidated(decision_id=decision_id)]


PLAN_VERSION: Concept[PlanVersion] = Concept(
    name="plan_version",
    collection="plan-versions",
    state=PlanVersion,
    events=(
        PlanVersionDrafted,
        PlanVersionDescribed,
        PlanVersionSubmitted,
        PlanVersionReturned,
        PlanVersionValidated,
    ),
    evolve=evolve,
    check=check,
    links=lambda version: (version.decision_id,) if version.decision_id else (),
)
