"""Direction project (projet de direction): why, how, vision, missions, ambitions; written in versions."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, NothingToChange, State, created, differences, revised
from service.domain.event import Event, Fact, Revision, Value
from service.domain.refusal import Conflict
from service.domain.submission import Submission, answered, require_another_authority, require_in_turn, submitted
from service.domain.text import PersonalText

# Events


class DirectionProjectDrafted(Event):
    """The directorate begins to write its project: its first version."""

    TOPIC = "direction_project.drafted"
    title: str
    why: PersonalText | None = None
    how: PersonalText | None = None
    vision: PersonalText | None = None
    missions: tuple[PersonalText, ...] = ()
    ambitions: tuple[PersonalText, ...] = ()


class DirectionProjectRewritten(Revision):
    """The version in the making says something else."""

    TOPIC = "direction_project.rewritten"
    title: str = ""
    why: PersonalText | None = None
    how: PersonalText | None = None
    vision: PersonalText | None = None
    missions: tuple[PersonalText, ...] = ()
    ambitions: tuple[PersonalText, ...] = ()


class DirectionProjectVersionBegun(Event):
    """Another version is begun from the last one, which stays as it was submitted."""

    TOPIC = "direction_project.version_begun"
    number: int


class DirectionProjectSubmitted(Event):
    """This version is put before the authority."""

    TOPIC = "direction_project.submitted"
    number: int


class DirectionProjectAdjusted(Event):
    """The authority wants the submitted version adjusted, and says what."""

    TOPIC = "direction_project.adjusted"
    to_adjust: PersonalText


class DirectionProjectValidated(Event):
    """An authority other than the one that submitted accepts the version."""

    TOPIC = "direction_project.validated"
    comment: PersonalText | None = None
    decision_id: UUID | None = None


# State

ProjectStatus = Literal["drafted", "submitted", "validated", "adjusted", "withdrawn"]
TEXTS = ("why", "how", "vision", "missions", "ambitions")
"""The parts of a project: none is missing from what is submitted."""


class ProjectVersion(Value):
    """An earlier version, as it was submitted."""

    number: int
    status: ProjectStatus
    title: str
    why: str | None = None
    how: str | None = None
    vision: str | None = None
    missions: tuple[str, ...] = ()
    ambitions: tuple[str, ...] = ()


class DirectionProject(State):
    """The project as it stands: the version in the making or last submitted, and the earlier ones."""

    status: ProjectStatus = "drafted"
    number: int = 1
    title: str
    why: str | None = None
    how: str | None = None
    vision: str | None = None
    missions: tuple[str, ...] = ()
    ambitions: tuple[str, ...] = ()
    earlier: tuple[ProjectVersion, ...] = ()
    submissions: tuple[Submission, ...] = ()
    submitted_on: date | None = None
    """Since when it awaits its validation."""
    validated_on: date | None = None
    """When the last validated version was."""
    validated_version: int | None = None
    comment: str | None = None

    def as_version(self) -> ProjectVersion:
        """The present version, as it is compared and kept."""
        return ProjectVersion(**{name: getattr(self, name) for name in ProjectVersion.model_fields})


class ProjectNotDrafted(Conflict):
    """Version {number} of the direction project is {status}: it is written while it is drafted."""

    FR = (
        "La version {number} du projet de direction est au statut «\u202f{status}\u202f»\u202f: "
        "elle s’écrit tant qu’elle est en projet."
    )


class ProjectNotSubmitted(Conflict):
    """Version {number} of the direction project is {status}: only a submitted version is validated or adjusted."""

    FR = (
        "La version {number} du projet de direction est au statut «\u202f{status}\u202f»\u202f: "
        "seule une version soumise est validée, ou à ajuster."
    )


class ProjectVersionUnderway(Conflict):
    """Version {number} of the direction project is {status}: another is begun once this one has its answer."""

    FR = (
        "La version {number} du projet de direction est au statut «\u202f{status}\u202f»\u202f: "
        "une autre se commence une fois que celle-ci a reçu sa réponse."
    )


class ProjectIncomplete(Conflict):
    """The direction project cannot be submitted yet: it does not say {missing}."""

    FR = "Le projet de direction ne peut pas encore être soumis\u202f: il y manque {missing}."


def evolve(project: DirectionProject | None, fact: Fact) -> DirectionProject:
    """The project after one more fact."""
    event = fact.event
    if isinstance(event, DirectionProjectDrafted):
        return DirectionProject(**created(fact), **event.model_dump())
    assert project is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case DirectionProjectRewritten():
            return revised(project, event)
        case DirectionProjectVersionBegun():
            update = {
                "status": "drafted",
                "number": event.number,
                "earlier": (*project.earlier, project.as_version()),
                "comment": None,
            }
        case DirectionProjectSubmitted():
            update = {
                "status": "submitted",
                "submissions": submitted(project.submissions, fact, event.number),
                "submitted_on": fact.occurred_on,
            }
        case DirectionProjectAdjusted():
            said = answered(project.submissions, fact, "adjusted", to_adjust=event.to_adjust)
            update = {"status": "adjusted", "submissions": said, "submitted_on": None}
        case DirectionProjectValidated():
            said = answered(project.submissions, fact, "validated", decision_id=event.decision_id)
            update = {
                "status": "validated",
                "submissions": said,
                "submitted_on": None,
                "validated_on": fact.occurred_on,
                "validated_version": project.number,
                "comment": event.comment,
            }
        case _:
            return project
    return project.model_copy(update=update)


def check(project: DirectionProject | None, fact: Fact) -> None:
    """The rules of a project's life (DOMAIN section 1)."""
    if project is None:
        return
    facts = {"number": project.number, "status": project.status}
    match fact.event:
        case DirectionProjectRewritten() | DirectionProjectSubmitted() if project.status != "drafted":
            raise ProjectNotDrafted(**facts)
        case DirectionProjectSubmitted():
            if missing := [name for name in TEXTS if not getattr(project, name)]:
                raise ProjectIncomplete(missing=missing)
        case DirectionProjectVersionBegun() if project.status not in ("adjusted", "validated"):
            raise ProjectVersionUnderway(**facts)
        case DirectionProjectAdjusted() | DirectionProjectValidated() if project.status != "submitted":
            raise ProjectNotSubmitted(**facts)
        case DirectionProjectAdjusted() | DirectionProjectValidated():
            require_in_turn(project.title, project.submissions, fact)
            if isinstance(fact.event, DirectionProjectValidated):
                require_another_authority(project.title, project.submissions, fact)


# Decisions


def draft(
    *,
    title: str,
    why: str | None = None,
    how: str | None = None,
    vision: str | None = None,
    missions: tuple[str, ...] = (),
    ambitions: tuple[str, ...] = (),
) -> list[Event]:
    """Begin to write; parts may come later."""
    return [
        DirectionProjectDrafted(title=title, why=why, how=how, vision=vision, missions=missions, ambitions=ambitions)
    ]


def revise(project: DirectionProject, **wanted: Any) -> list[Event]:
    """Write on. After an answer of the authority that begins the next version. Raises `NothingToChange`."""
    changes = differences(project, **wanted)
    if not changes:
        raise NothingToChange()
    begins = project.status in ("adjusted", "validated")
    begun: list[Event] = [DirectionProjectVersionBegun(number=project.number + 1)] if begins else []
    return [*begun, DirectionProjectRewritten(**changes)]


def submit(project: DirectionProject) -> list[Event]:
    """Put the version before the authority. Raises `ProjectIncomplete` while a part is missing."""
    return [DirectionProjectSubmitted(number=project.number)]


def adjust(project: DirectionProject, to_adjust: str) -> list[Event]:
    """Ask for adjustments, which the next version makes."""
    return [DirectionProjectAdjusted(to_adjust=to_adjust)]


def validate(project: DirectionProject, *, comment: str | None = None, decision_id: UUID | None = None) -> list[Event]:
    """Accept the version, as an authority that did not submit it."""
    return [DirectionProjectValidated(comment=comment, decision_id=decision_id)]


def version_of(project: DirectionProject, number: int) -> ProjectVersion | None:
    """A version by its number, the present one included."""
    return next((version for version in (*project.earlier, project.as_version()) if version.number == number), None)


DIRECTION_PROJECT: Concept[DirectionProject] = Concept(
    name="direction_project",
    collection="direction-projects",
    state=DirectionProject,
    events=(
        DirectionProjectDrafted,
        DirectionProjectRewritten,
        DirectionProjectVersionBegun,
        DirectionProjectSubmitted,
        DirectionProjectAdjusted,
        DirectionProjectValidated,
    ),
    evolve=evolve,
    check=check,
    links=lambda project: tuple(s.decision_id for s in project.submissions if s.decision_id is not None),
)
