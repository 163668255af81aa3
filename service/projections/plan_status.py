"""The shapes of the plan's status: one part of it, and the whole by axis and workstream, by phase, and « Sans axe »."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from service.domain.action_events import Focus, Horizon, Priority
from service.domain.event import Value
from service.domain.figure import Figure
from service.domain.slippage import Slippage
from service.projections.last_changes import LastChange
from service.projections.obstacle_clocks import ObstacleLine
from service.projections.plan_weather import PartWeather


class PartStatus(Value):
    """How one part of the plan stands. Only top-level actions are counted; sub-actions feed their parent."""

    counts: dict[str, int] = Field(description="Le nombre d’actions à chaque statut, sans les sous-actions.")
    open: int = Field(description="Les actions ni réalisées ni abandonnées.")
    abandoned: int = Field(description="Les actions abandonnées, hors de l’avancement.")
    late: int = Field(description="Les actions en retard.")
    overdue: int = Field(description="Les actions dont la date de fin est passée.")
    blocked: int = Field(description="Les actions ouvertes qu’un obstacle ouvert bloque.")
    progress: Figure = Field(description="L’avancement, sa règle, ce qu’il prend en compte\u202f; inconnu n’est pas 0.")
    weather: PartWeather
    open_obstacles: tuple[ObstacleLine, ...] = Field(description="Les plus graves d’abord.")
    last_change: LastChange | None = Field(description="Ce qui a changé en dernier.")


class WorkstreamPart(PartStatus):
    """A workstream with all that is below it."""

    id: UUID
    ref: str
    title: str
    status: str
    priority: int | None
    workstreams: tuple["WorkstreamPart", ...]


class AxisPart(PartStatus):
    """An axis with its workstreams."""

    id: UUID
    position: int
    title: str
    status: str
    workstreams: tuple[WorkstreamPart, ...]


class WithoutAxisPart(PartStatus):
    """« Sans axe »: the actions and the workstreams that stand under no axis."""

    workstreams: tuple[WorkstreamPart, ...]


class PhasePart(PartStatus):
    """A phase with the actions that are placed in it."""

    id: UUID
    ordinal: int
    title: str
    status: str
    planned_from: date | None
    planned_to: date | None
    opened_on: date | None
    ended_on: date | None


class ActionRow(Value):
    """One action of the plan, in its place."""

    id: UUID
    ref: str
    title: str
    status: str
    lead: str | None
    axis_id: UUID | None = Field(description="Son axe, ou celui de son chantier.")
    workstream_id: UUID | None
    phase_id: UUID | None
    parent_id: UUID | None
    focus: Focus | None
    horizon: Horizon | None
    priority: Priority | None
    weight: Decimal
    start_on: date | None
    end_on: date | None
    progress: Figure
    late: bool
    overdue: bool
    slippage: Slippage | None
    original_slippage: Slippage | None
    blocked: bool
    blockers: tuple[UUID, ...]


class ActionPlan(Value):
    """The status of a transformation's plan."""

    id: UUID
    code: str
    name: str
    status: str
    plan_validated_on: date | None
    total: PartStatus
    axes: tuple[AxisPart, ...]
    without_axis: WithoutAxisPart = Field(description="«\u202fSans axe\u202f».")
    phases: tuple[PhasePart, ...]
    without_phase: PartStatus
    actions: tuple[ActionRow, ...] | None = Field(description="Les actions, avec `include=actions`.")
