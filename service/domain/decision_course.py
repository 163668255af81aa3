"""What people do with a decision: take, communicate, apply, supersede, revoke, contest it; and what is derived."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from service.domain.act import Act
from service.domain.authority import Visibility
from service.domain.concept import NothingToChange
from service.domain.decision import DECISION, Decision, NotYoursToContest, require_in_force
from service.domain.decision_events import (
    Authority,
    ContestationAnswered,
    DecisionApplied,
    DecisionCommunicated,
    DecisionContested,
    DecisionKind,
    DecisionRevoked,
    DecisionSuperseded,
    DecisionTaken,
    DecisionVisibilityChanged,
    Verdict,
)
from service.domain.event import Document, Event


def take(
    *,
    ref: int,
    title: str,
    chosen: str,
    kind: DecisionKind = "ordinary",
    question: str | None = None,
    options: tuple[str, ...] = (),
    rationale: str | None = None,
    dissent: str | None = None,
    authority: Authority | None = None,
    applies_from: date | None = None,
    source: Document | None = None,
    resolves: tuple[UUID, ...] = (),
    creates_actions: tuple[UUID, ...] = (),
    confirms_axes: tuple[UUID, ...] = (),
    phase_id: UUID | None = None,
    verdict: Verdict | None = None,
    review_id: UUID | None = None,
    supersedes: Decision | None = None,
    visibility: Visibility = "members",
) -> list[Event]:
    """Take a decision. What it does to others is decided there, in the same commit.

    `supersede` the old decision, `obstacle.resolve` those in `resolves`, open or hold the phase, set the baselines.
    Raises `SupersededAlready` or `DecisionNotInForce` for a `supersedes` that no longer holds.
    """
    if supersedes is not None:
        require_in_force(supersedes)
    return [
        DecisionTaken(
            ref=ref,
            kind=kind,
            title=title,
            question=question,
            options=options,
            chosen=chosen,
            rationale=rationale,
            dissent=dissent,
            authority=authority,
            applies_from=applies_from,
            source=source,
            resolves=resolves,
            creates_actions=creates_actions,
            confirms_axes=confirms_axes,
            phase_id=phase_id,
            verdict=verdict,
            review_id=review_id,
            supersedes=supersedes.id if supersedes else None,
            visibility=visibility,
        )
    ]


def supersede(decision: Decision, by: UUID) -> list[Event]:
    """The other half of the link, in the commit that takes the new decision."""
    return [DecisionSuperseded(by=by)]


def communicate(decision: Decision, audience: str) -> list[Event]:
    """Say that an audience was told. Each audience is told on its own day."""
    return [DecisionCommunicated(audience=audience)]


def apply(decision: Decision) -> list[Event]:
    """Say that it is applied, on the act's true-on date."""
    return [DecisionApplied()]


def revoke(decision: Decision) -> list[Event]:
    """Take it back without another in its place; the act must carry a reason."""
    return [DecisionRevoked()]


def contest(decision: Decision, act: Act, *, text: str, bodies: Collection[str] = ()) -> list[Event]:
    """Contest it, as the person it was recorded for or as a member of that body (`bodies`: the contester's own).

    Raises `NotYoursToContest`.
    """
    recorded_for = decision.recorded_for
    if recorded_for is None or recorded_for.id not in {act.authority, *bodies}:
        raise NotYoursToContest(ref=DECISION.reference(decision))
    return [DecisionContested(text=text)]


def answer_contestation(decision: Decision, contested_event_id: UUID, *, answer: str) -> list[Event]:
    """Answer a contestation; not by who contested."""
    return [ContestationAnswered(contested_event_id=contested_event_id, answer=answer)]


def change_visibility(decision: Decision, visibility: Visibility) -> list[Event]:
    """Show it to all members, or restrict it. Raises `NothingToChange`."""
    if visibility == decision.visibility:
        raise NothingToChange(pointer="/visibility")
    return [DecisionVisibilityChanged(visibility=visibility)]


# What is derived


def claims(decision: DecisionTaken | Decision) -> tuple[str, ...]:
    """The unique key that a final verdict claims: a gate hears one `go` (with conditions or not) or `stop`, once.

    `replan` and `hold` leave the gate to come back to, so they claim nothing.
    """
    if decision.kind == "gate_verdict" and decision.verdict in ("go", "go_with_conditions", "stop"):
        return (f"verdict:{decision.phase_id}:final",)
    return ()


def not_communicated(decision: Decision) -> bool:
    """It holds, and nobody was told yet."""
    return decision.status == "taken" and not decision.communications


def not_applied(decision: Decision, today: date) -> bool:
    """It should have been applied by today, and is not."""
    due_on = decision.applies_from or decision.taken_on
    return decision.status == "taken" and decision.applied_on is None and due_on <= today
