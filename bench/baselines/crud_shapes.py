"""The response and request models of the CRUD application."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Coverage(BaseModel):
    known: int
    of: int


class Figure(BaseModel):
    rule: str
    inputs: dict[str, Any]
    coverage: Coverage
    value: float | None


class Named(BaseModel):
    kind: str
    id: UUID
    ref: str | None
    title: str


class Reason(BaseModel):
    code: str
    weather: str
    sentence: str
    subjects: list[Named]
    facts: dict[str, Any]


class Computed(BaseModel):
    value: str
    reasons: list[Reason]


class Declared(BaseModel):
    report_id: UUID
    confidence: str
    narrative: str
    by: str
    on: date
    acknowledged: bool
    acknowledgements: list[dict[str, Any]]


class Gap(BaseModel):
    declared: str
    computed: str
    steps: int
    sentence: str


class Weather(BaseModel):
    declared: Declared | None
    computed: Computed
    disagreement: Gap | None


class Target(BaseModel):
    kind: str
    id: UUID


class Obstacle(BaseModel):
    id: UUID
    ref: str
    title: str
    status: str
    nature: str
    category: str
    severity: str
    level: str
    owner: str | None
    blocks: list[Target]
    raised_on: date
    age_days: int
    days_at_level: int
    days_silent: int
    look_on: date | None
    answer_due_on: date | None
    overdue: bool


class LastChange(BaseModel):
    position: int
    topic: str
    what: str
    recorded_at: datetime
    occurred_on: date
    actor: str
    subject_kind: str
    subject_id: UUID
    subject_ref: str | None
    subject_title: str | None


class Part(BaseModel):
    counts: dict[str, int]
    open: int
    abandoned: int
    late: int
    overdue: int
    blocked: int
    progress: Figure
    weather: Weather
    open_obstacles: list[Obstacle]
    last_change: LastChange | None


class Workstream(Part):
    id: UUID
    ref: str
    title: str
    status: str
    priority: int | None
    workstreams: list["Workstream"]


class Axis(Part):
    id: UUID
    position: int
    title: str
    status: str
    workstreams: list[Workstream]


class WithoutAxis(Part):
    workstreams: list[Workstream]


class Phase(Part):
    id: UUID
    ordinal: int
    title: str
    status: str
    planned_from: date | None
    planned_to: date | None
    opened_on: date | None
    ended_on: date | None


class Slippage(BaseModel):
    calendar_days: int
    working_days: int
    baseline_on: date
    compared_on: date
    rule: str


class Action(BaseModel):
    id: UUID
    ref: str
    title: str
    status: str
    lead: str | None
    axis_id: UUID | None
    workstream_id: UUID | None
    phase_id: UUID | None
    parent_id: UUID | None
    focus: str | None
    horizon: str | None
    priority: str | None
    weight: float
    start_on: date | None
    end_on: date | None
    progress: Figure
    late: bool
    overdue: bool
    slippage: Slippage | None
    original_slippage: Slippage | None
    blocked: bool
    blockers: list[UUID]


class Plan(BaseModel):
    id: UUID
    code: str
    name: str
    status: str
    plan_validated_on: date | None
    total: Part
    axes: list[Axis]
    without_axis: WithoutAxis
    phases: list[Phase]
    without_phase: Part
    actions: list[Action]
    position: int
    as_of: datetime | None
    today: date
    people: dict[str, str]


class Subject(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["action", "phase"]
    id: UUID


class NewMilestone(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject: Subject
    title: str = Field(min_length=1, max_length=200)
    due_on: date
    description: str | None = Field(None, max_length=10_000)
    weight: float = Field(1, ge=0)


class Milestone(BaseModel):
    id: UUID
    ref: str
    subject: Subject
    title: str
    description: str | None
    due_on: date
    baseline_on: date | None
    weight: float
    status: str
    version: int
