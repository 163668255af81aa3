"""Decisions over HTTP: the numbered register; validating the plan, replanning and passing a gate are decisions too."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts import decisions as acts
from service.acts.bodies import seats_of
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, AuthorityId, Day, DocumentBody, Text, Title, content
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import require_seen
from service.domain import decision_course as course
from service.domain.act import paris_date
from service.domain.authority import Visibility
from service.domain.body import BODY, sitting
from service.domain.decision import DECISION, Decision
from service.domain.decision_events import Authority, DecisionKind, Verdict
from service.domain.event import Event
from service.domain.obstacle import OBSTACLE
from service.projections.as_of import AsOf
from service.projections.decisions import DECISIONS
from service.store.unit import Unit

router = api_router("decisions")
CONCEPT = DECISION
DecisionShown = representation(
    DECISION,
    not_communicated=(bool, "En vigueur, et personne n’en a encore été informé."),
    not_applied=(bool, "Devrait être appliquée à ce jour, et ne l’est pas."),
    contested=(bool, "Une contestation attend sa réponse."),
)
ACT_OF: dict[DecisionKind, str] = {
    "ordinary": "decision.take",
    "arbitration": "decision.take",
    "plan_validation": "decision.take_plan_validation",
    "replan": "decision.take_replan",
    "gate_verdict": "decision.take_gate_verdict",
}
RELIES_ON_ALL = ("plan_validation", "replan", "gate_verdict")
Ids = Annotated[tuple[UUID, ...], Field(max_length=100)]


def present(state: Decision, reader: Reader) -> dict[str, Any]:
    """A decision with what is still to be done about it; it names nothing that the reader may not see."""
    derived: dict[str, Any] = {
        "not_communicated": course.not_communicated(state),
        "not_applied": course.not_applied(state, reader.as_of.today),
        "contested": state.contested,
    }
    if hidden := reader.hidden([*state.resolves, state.supersedes, state.superseded_by]):
        derived["resolves"] = [id for id in state.resolves if id not in hidden]
        for name in ("supersedes", "superseded_by"):
            derived[name] = None if (other := getattr(state, name)) in hidden else other
    return shown(DECISION, state, derived)


class AuthorityBody(Authority):
    """Who decided: a person (`p_…`) or a body (UUID)."""

    id: AuthorityId


class TakeDecision(ActBody):
    """Decide. `occurred_on` is the day it was decided; `on_behalf_of` names who did, if another records it."""

    kind: DecisionKind = "ordinary"
    title: Title
    chosen: Text
    question: Text | None = None
    options: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    rationale: Text | None = None
    dissent: Text | None = None
    authority: AuthorityBody | None = None
    applies_from: Day | None = None
    source: DocumentBody | None = None
    resolves: Ids = ()
    creates_actions: Ids = ()
    confirms_axes: Ids = ()
    phase_id: UUID | None = None
    verdict: Verdict | None = None
    plan_version_id: UUID | None = Field(
        None, description="La version du plan que l’autorité a sous les yeux\u202f: refusée si une autre attend."
    )
    supersedes: UUID | None = None
    visibility: Visibility = "members"


class ReviseDecision(ActBody):
    """Who may see it. Its words are put right by a correction, its sense changed by another decision."""

    visibility: Visibility


class CommunicateDecision(ActBody):
    """Who was told; each audience on its own day."""

    audience: Text


class ContestDecision(ActBody):
    """What the authority says it did not decide so."""

    text: Text


class AnswerContestation(ActBody):
    """The answer to one contestation, named by its event."""

    contested_event_id: UUID
    answer: Text


@router.post("/transformations/{transformation}/decisions", response_model=DecisionShown, **CREATES)
async def take_a_decision(transformation: TransformationPath, body: TakeDecision, write: Create) -> Response:
    """Take a decision, with all that it does to phases, baselines, axes, obstacles and the decision it replaces."""
    service = write.service

    def decide(unit: Unit, member: Membership) -> Decision:
        require_seen(unit, member, OBSTACLE, body.resolves)
        if body.supersedes is not None:
            require_seen(unit, member, DECISION, [body.supersedes])
            owners = set(DECISION.owners(unit.get(DECISION, body.supersedes)))
            write.permit("decision.supersede", body, member, owners)
        if body.kind in RELIES_ON_ALL:
            service.gate.wait(service.log.head(), service.settings.consistency_wait)
        with service.database.snapshot() as connection:
            row = connection.execute("SELECT position FROM projection_head").fetchone()
            position = row["position"] if row else 0
            return acts.take_decision(unit, connection, member.transformation, position=position, **content(body))

    return await write.create(transformation, ACT_OF[body.kind], body, decide, DECISION)


@router.get("/transformations/{transformation}/decisions", response_model=page_of(DecisionShown), **READS)
async def list_decisions(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(DECISIONS)],
) -> Response:
    """The decision register of a transformation."""
    return await list_objects(request, caller, transformation, DECISION, query, present, DecisionShown)


@router.get("/decisions/{id}", response_model=DecisionShown, **READS)
async def get_decision(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One decision."""
    return await read_object(request, caller, DECISION, id, query, present)


@router.post("/decisions/{id}/revise", response_model=DecisionShown, **ACTS)
async def revise_decision(id: UUID, body: ReviseDecision, write: Act) -> Response:
    """Show it to all members, or restrict it."""
    return await write.act(
        DECISION, id, "decision.revise", body, lambda d, unit: acts.show_decision(unit, d, body.visibility)
    )


@router.post("/decisions/{id}/communicate", response_model=DecisionShown, **ACTS)
async def communicate_decision(id: UUID, body: CommunicateDecision, write: Act) -> Response:
    """Say that an audience was told."""
    return await write.act(
        DECISION, id, "decision.communicate", body, lambda d, unit: course.communicate(d, body.audience)
    )


@router.post("/decisions/{id}/apply", response_model=DecisionShown, **ACTS)
async def apply_decision(id: UUID, body: ActBody, write: Act) -> Response:
    """Say that it is applied."""
    return await write.act(DECISION, id, "decision.apply", body, lambda d, unit: course.apply(d))


@router.post("/decisions/{id}/revoke", response_model=DecisionShown, **ACTS)
async def revoke_decision(id: UUID, body: ActBody, write: Act) -> Response:
    """It no longer holds, and nothing takes its place; the reason is required. To replace it, take another."""
    return await write.act(DECISION, id, "decision.revoke", body, lambda d, unit: course.revoke(d))


@router.post("/decisions/{id}/contest", response_model=DecisionShown, **ACTS)
async def contest_decision(id: UUID, body: ContestDecision, write: Create) -> Response:
    """The authority it was recorded for says that it did not decide so."""

    def decide(decision: Decision, unit: Unit) -> Sequence[Event]:
        member = write.member(decision.transformation_id or id)
        with write.service.database.connection() as connection:
            seats = seats_of(connection, member.transformation.id, unit.act.authority, AsOf(unit.act.now))
        return course.contest(decision, unit.act, text=body.text, bodies=seats)

    def members(decision: Decision, unit: Unit) -> set[str]:
        recorded_for = decision.recorded_for
        if recorded_for is None or recorded_for.kind != "body":
            return set()
        body_of = unit.get(BODY, UUID(recorded_for.id))
        return {each.person_id for each in sitting(body_of, paris_date(unit.act.now))}

    return await write.act(DECISION, id, "decision.contest", body, decide, if_match=False, owners=members)


@router.post("/decisions/{id}/answer-contestation", response_model=DecisionShown, **ACTS)
async def answer_contestation(id: UUID, body: AnswerContestation, write: Act) -> Response:
    """Answer a contestation; not by who contested."""
    return await write.act(
        DECISION,
        id,
        "decision.answer_contestation",
        body,
        lambda d, unit: course.answer_contestation(d, body.contested_event_id, answer=body.answer),
    )


mend_routes(
    router,
    DECISION,
    DecisionShown,
    (TakeDecision, CommunicateDecision, ContestDecision, AnswerContestation),
    Guards(correct=acts.check_correction, withdraw=acts.clear_the_way),
)
