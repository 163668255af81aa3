"""Obstacles over HTTP: the register, and an obstacle's way from being raised to being verified as lifted."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts import obstacles as acts
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, Graded, PersonId, Text, Title, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import require_seen
from service.domain import obstacle_clock as clock
from service.domain import obstacle_course as course
from service.domain.authority import Visibility
from service.domain.concept import concepts
from service.domain.event import Event
from service.domain.obstacle import OBSTACLE, Obstacle
from service.domain.obstacle_escalation import Escalation, EscalationLevel
from service.domain.obstacle_events import Category, Nature, ObstacleTarget, ResolvedBy, Severity
from service.projections.obstacles import OBSTACLES
from service.store.unit import Unit

router = api_router("obstacles")
CONCEPT = OBSTACLE
ObstacleShown = representation(
    OBSTACLE,
    severity=(Severity, "Impact × urgence\u202f: 1-2 low, 3-4 medium, 6 high, 9 critical."),
    age_days=(int, "Jours depuis le signalement, jusqu’à la levée ou l’écart."),
    days_at_level=(int, "Jours au niveau actuel."),
    days_silent=(int, "Jours depuis la dernière parole de qui le porte."),
    look_on=(date | None, "Le jour où le regarder de nouveau\u202f: fin du report, sinon prochain regard."),
    answer_due_on=(date | None, "Le jour où la réponse à l’escalade est attendue."),
    overdue=(bool, "Le prochain regard ou la réponse attendue est dépassé."),
    back=(bool, "Reporté, et revenu à son jour\u202f: personne ne l’a encore repris."),
    pending=(Escalation | None, "L’escalade qui attend sa réponse."),
)
Blocks = Annotated[tuple[ObstacleTarget, ...], Field(max_length=50)]


def present(state: Obstacle, reader: Reader) -> dict[str, Any]:
    """An obstacle with its severity and its clocks at the day of the read."""
    today = reader.as_of.today
    derived: dict[str, Any] = {
        "severity": state.severity,
        "age_days": clock.age_days(state, today),
        "days_at_level": clock.days_at_level(state, today),
        "days_silent": clock.days_silent(state, today),
        "look_on": clock.look_on(state),
        "answer_due_on": clock.answer_due_on(state),
        "overdue": clock.overdue(state, today),
        "back": clock.postponed_back(state, today),
        "pending": state.pending,
    }
    if state.resolved_by and reader.hidden([state.resolved_by.id]):
        derived["resolved_by"] = ResolvedBy(kind=state.resolved_by.kind)
    return shown(OBSTACLE, state, derived)


class RaiseObstacle(ActBody):
    """Say what stands in the way, or may come to. Who may not see restricted objects owns the one they raise."""

    title: Title
    statement: Text
    nature: Nature
    impact: Graded
    urgency: Graded
    category: Category = "other"
    owner: PersonId | None = None
    blocks: Blocks = ()
    next_look_on: Day | None = None
    visibility: Visibility = "members"


class ReviseObstacle(ActBody):
    """The fields to change; null clears the next look. The owner is changed by `assign`."""

    title: Title = left_alone()
    statement: Text = left_alone()
    nature: Nature = left_alone()
    impact: Graded = left_alone()
    urgency: Graded = left_alone()
    category: Category = left_alone()
    blocks: Blocks = left_alone()
    next_look_on: Day | None = None
    visibility: Visibility = left_alone()


class AssessObstacle(ActBody):
    """Weigh it again."""

    impact: Graded
    urgency: Graded


class AssignObstacle(ActBody):
    """Its owner from now on; null leaves it without."""

    owner: PersonId | None


class EscalateObstacle(ActBody):
    """What is asked of the direction or of governance, and by which day."""

    level: EscalationLevel
    ask: Text
    answer_due_on: Day


class AnswerEscalation(ActBody):
    """The answer to the pending ask."""

    answer: Text


class SpeakOnObstacle(ActBody):
    """The owner's word on where it stands, and the day of the next look."""

    text: Text
    next_look_on: Day | None = None


class ResolveObstacle(ActBody):
    """How it was lifted, and by what."""

    resolution: Text
    resolved_by: ResolvedBy


class PostponeObstacle(ActBody):
    """The day on which it comes back; the reason is required."""

    until: Day


@router.post("/transformations/{transformation}/obstacles", response_model=ObstacleShown, **CREATES)
async def raise_an_obstacle(transformation: TransformationPath, body: RaiseObstacle, write: Create) -> Response:
    """Say what stands in the way of an action, a milestone, a workstream, a phase or an axis."""

    def decide(unit: Unit, member: Membership) -> Obstacle:
        fields = content(body)
        if body.visibility == "restricted" and body.owner is None and not member.viewer.sees_restricted:
            fields["owner"] = unit.act.authority  # else they would lose sight of what they just said
        return acts.raise_obstacle(unit, member.transformation, **fields)

    return await write.create(transformation, "obstacle.raise", body, decide, OBSTACLE)


@router.get("/transformations/{transformation}/obstacles", response_model=page_of(ObstacleShown), **READS)
async def list_obstacles(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(OBSTACLES)],
) -> Response:
    """The obstacle register of a transformation."""
    return await list_objects(request, caller, transformation, OBSTACLE, query, present, ObstacleShown)


@router.get("/obstacles/{id}", response_model=ObstacleShown, **READS)
async def get_obstacle(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One obstacle."""
    return await read_object(request, caller, OBSTACLE, id, query, present)


@router.post("/obstacles/{id}/revise", response_model=ObstacleShown, **ACTS)
async def revise_obstacle(id: UUID, body: ReviseObstacle, write: Act) -> Response:
    """Change its words, its weight, what it blocks, its next look or who sees it: one event per meaning."""

    def decide(obstacle: Obstacle, unit: Unit) -> list[Event]:
        wanted = changes(body)
        if "blocks" in wanted:
            wanted["blocks"] = acts.check_targets(unit, obstacle.transformation_id, body.blocks)
        return course.revise(obstacle, **wanted)

    return await write.act(OBSTACLE, id, "obstacle.revise", body, decide)


@router.post("/obstacles/{id}/assess", response_model=ObstacleShown, **ACTS)
async def assess_obstacle(id: UUID, body: AssessObstacle, write: Act) -> Response:
    """Weigh impact and urgency again."""
    return await write.act(
        OBSTACLE,
        id,
        "obstacle.assess",
        body,
        lambda o, unit: course.assess(o, impact=body.impact, urgency=body.urgency),
    )


@router.post("/obstacles/{id}/assign", response_model=ObstacleShown, **ACTS)
async def assign_obstacle(id: UUID, body: AssignObstacle, write: Act) -> Response:
    """Give it another owner, whose silence counts from now."""

    def decide(obstacle: Obstacle, unit: Unit) -> list[Event]:
        acts.check_owner(unit, body.owner)
        return course.assign(obstacle, body.owner)

    return await write.act(OBSTACLE, id, "obstacle.assign", body, decide)


@router.post("/obstacles/{id}/activate", response_model=ObstacleShown, **ACTS)
async def activate_obstacle(id: UUID, body: ActBody, write: Act) -> Response:
    """Start to deal with what was signalled."""
    return await write.act(OBSTACLE, id, "obstacle.activate", body, lambda o, unit: course.activate(o))


@router.post("/obstacles/{id}/escalate", response_model=ObstacleShown, **ACTS)
async def escalate_obstacle(id: UUID, body: EscalateObstacle, write: Act) -> Response:
    """Ask the direction or governance for something by a day."""
    return await write.act(OBSTACLE, id, "obstacle.escalate", body, lambda o, unit: course.escalate(o, **content(body)))


@router.post("/obstacles/{id}/answer", response_model=ObstacleShown, **ACTS)
async def answer_escalation(id: UUID, body: AnswerEscalation, write: Act) -> Response:
    """Answer the pending ask; the obstacle stays at its level."""
    return await write.act(OBSTACLE, id, "obstacle.answer", body, lambda o, unit: course.answer(o, answer=body.answer))


@router.post("/obstacles/{id}/speak", response_model=ObstacleShown, **ACTS)
async def speak_on_obstacle(id: UUID, body: SpeakOnObstacle, write: Create) -> Response:
    """The owner's word: the silence is over."""
    return await write.act(
        OBSTACLE, id, "obstacle.speak", body, lambda o, unit: course.speak(o, **content(body)), if_match=False
    )


@router.post("/obstacles/{id}/resolve", response_model=ObstacleShown, **ACTS)
async def resolve_obstacle(id: UUID, body: ResolveObstacle, write: Act) -> Response:
    """Say that it is lifted, how and by what; somebody other than its owner is to verify it."""

    def decide(obstacle: Obstacle, unit: Unit) -> list[Event]:
        by = body.resolved_by
        acts.check_lifter(unit, obstacle.transformation_id, by)
        if by.kind != "other" and by.id is not None:
            member = write.member(obstacle.transformation_id or id)
            require_seen(unit, member, concepts[by.kind], [by.id])
        return course.resolve(obstacle, resolution=body.resolution, resolved_by=by)

    return await write.act(OBSTACLE, id, "obstacle.resolve", body, decide)


@router.post("/obstacles/{id}/verify", response_model=ObstacleShown, **ACTS)
async def verify_obstacle(id: UUID, body: ActBody, write: Act) -> Response:
    """Verify that it is lifted, and close it; not by its owner."""
    return await write.act(OBSTACLE, id, "obstacle.verify", body, lambda o, unit: course.close(o))


@router.post("/obstacles/{id}/postpone", response_model=ObstacleShown, **ACTS)
async def postpone_obstacle(id: UUID, body: PostponeObstacle, write: Act) -> Response:
    """Set it aside until a day; the reason is required."""
    return await write.act(OBSTACLE, id, "obstacle.postpone", body, lambda o, unit: course.postpone(o, body.until))


@router.post("/obstacles/{id}/resume", response_model=ObstacleShown, **ACTS)
async def resume_obstacle(id: UUID, body: ActBody, write: Act) -> Response:
    """Deal with a postponed obstacle again."""
    return await write.act(OBSTACLE, id, "obstacle.resume", body, lambda o, unit: course.resume(o))


@router.post("/obstacles/{id}/reject", response_model=ObstacleShown, **ACTS)
async def reject_obstacle(id: UUID, body: ActBody, write: Act) -> Response:
    """Find that it is none; the reason is required."""
    return await write.act(OBSTACLE, id, "obstacle.reject", body, lambda o, unit: course.reject(o))


@router.post("/obstacles/{id}/reopen", response_model=ObstacleShown, **ACTS)
async def reopen_obstacle(id: UUID, body: ActBody, write: Act) -> Response:
    """Say that it is in the way again; the reason is required. It is counted."""
    return await write.act(OBSTACLE, id, "obstacle.reopen", body, lambda o, unit: course.reopen(o))


mend_routes(
    router,
    OBSTACLE,
    ObstacleShown,
    (RaiseObstacle, EscalateObstacle, AnswerEscalation, SpeakOnObstacle, ResolveObstacle, PostponeObstacle),
    Guards(correct=acts.check_correction),
)
