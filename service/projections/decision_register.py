"""What was decided, in the order of numbers; who was not told yet, what is not applied, what is contested."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from pydantic import Field

from service.domain.authority import Visibility
from service.domain.decision import DECISION, CommunicatedTo, Contestation, Decision
from service.domain.decision_course import not_applied, not_communicated
from service.domain.decision_events import Authority, DecisionKind, Verdict
from service.domain.event import Document, Value
from service.domain.mending import Correction
from service.projections.named import Named


class RegisteredDecision(Value):
    """An entry of the register. What one may not see is not named: neither superseded nor superseding."""

    id: UUID
    ref: str
    kind: DecisionKind
    title: str
    status: str
    question: str | None
    options: tuple[str, ...]
    chosen: str
    rationale: str | None
    dissent: str | None
    authority: Authority | None
    taken_on: date
    recorded_by: str
    recorded_for: Authority | None
    applies_from: date | None
    applied_on: date | None
    source: Document | None
    phase: Named | None
    verdict: Verdict | None
    visibility: Visibility
    communications: tuple[CommunicatedTo, ...]
    contestations: tuple[Contestation, ...]
    not_communicated: bool = Field(description="Elle vaut, et personne n’en a été informé.")
    not_applied: bool = Field(description="Elle devrait être appliquée, et ne l’est pas.")
    contested: bool = Field(description="Une contestation attend sa réponse.")
    supersedes: Named | None
    superseded_by: Named | None
    revoked_on: date | None
    revoked_because: str | None
    resolves: tuple[Named, ...] = Field(description="Les obstacles qu’elle lève.")
    creates_actions: tuple[Named, ...]
    confirms_axes: tuple[Named, ...]
    corrections: tuple[Correction, ...] = Field(description="Ce qu’une rectification a remplacé reste lisible.")


class DecisionRegister(Value):
    """The numbered register."""

    counts: dict[str, int] = Field(description="Le nombre de décisions par statut.")
    not_communicated: int
    not_applied: int
    contested: int
    decisions: tuple[RegisteredDecision, ...]


def compute(decisions: Iterable[Decision], names: Mapping[UUID, Named], today: date) -> DecisionRegister:
    """The register on a day. `names` holds all that decisions refer to, as far as one may see it."""
    shown = tuple(_shown(d, names, today) for d in sorted(decisions, key=lambda d: (d.ref or 0, d.id)))
    return DecisionRegister(
        counts=dict(Counter(decision.status for decision in shown)),
        not_communicated=sum(decision.not_communicated for decision in shown),
        not_applied=sum(decision.not_applied for decision in shown),
        contested=sum(decision.contested for decision in shown),
        decisions=shown,
    )


OWN = (
    "id", "kind", "title", "status", "question", "options", "chosen", "rationale", "dissent", "authority", "taken_on",
    "recorded_by", "recorded_for", "applies_from", "applied_on", "source", "verdict", "visibility", "communications",
    "contestations", "contested", "revoked_on", "revoked_because", "corrections",
)  # fmt: skip


def _shown(decision: Decision, names: Mapping[UUID, Named], today: date) -> RegisteredDecision:
    def all_named(ids: Iterable[UUID]) -> tuple[Named, ...]:
        return tuple(names[id] for id in ids if id in names)

    return RegisteredDecision(
        **{name: getattr(decision, name) for name in OWN},
        ref=DECISION.reference(decision),
        phase=names.get(decision.phase_id) if decision.phase_id else None,
        not_communicated=not_communicated(decision),
        not_applied=not_applied(decision, today),
        supersedes=names.get(decision.supersedes) if decision.supersedes else None,
        superseded_by=names.get(decision.superseded_by) if decision.superseded_by else None,
        resolves=all_named(decision.resolves),
        creates_actions=all_named(decision.creates_actions),
        confirms_axes=all_named(decision.confirms_axes),
    )
