"""What was promised by when, what became of it, and how far it slipped: the milestones in the order of their dates."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from pydantic import Field

from service.domain.event import Document, Value
from service.domain.milestone import MILESTONE, Forecast, Milestone
from service.domain.refusal import Language
from service.domain.slippage import Slippage, dates_of, lateness
from service.domain.words import MONTHS
from service.domain.working_time import WorkingCalendar
from service.projections.named import Named

ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class TimelineMilestone(Value):
    """A milestone on the timeline: first promise, each new forecast with its reason, real date."""

    id: UUID
    ref: str
    title: str
    status: str
    subject: Named | None = Field(description="Ce dont c’est un jalon.")
    due_on: date = Field(description="La date prévue aujourd’hui.")
    baseline_on: date | None = Field(description="La date de référence en vigueur.")
    original_baseline_on: date | None = Field(description="La première date de référence, gardée pour toujours.")
    reached_on: date | None
    forecasts: tuple[Forecast, ...] = Field(description="Chaque date annoncée, quand, et pourquoi.")
    reschedule_count: int
    reopen_count: int
    late: bool
    overdue: bool
    late_working_days: int
    slippage: Slippage | None = Field(description="Écart à la date de référence en vigueur.")
    original_slippage: Slippage | None = Field(description="Écart à la date de référence d’origine.")
    evidence: tuple[Document, ...]


class TimelineMonth(Value):
    """The milestones due in one month."""

    month: str = Field(description="`AAAA-MM`.")
    label: str = Field(description="«\u202fmars 2026\u202f».")
    milestones: tuple[TimelineMilestone, ...]


class MilestoneTimeline(Value):
    """The milestones by month of their due date; months without any are left out."""

    counts: dict[str, int] = Field(description="Le nombre de jalons par statut.")
    late: int
    overdue: int
    rescheduled: int = Field(description="Ceux dont la date a été décalée au moins une fois.")
    months: tuple[TimelineMonth, ...]


def compute(
    milestones: Sequence[Milestone],
    subjects: Mapping[UUID, Named],
    today: date,
    calendar: WorkingCalendar,
    language: Language = "fr",
) -> MilestoneTimeline:
    """The timeline on a day. `subjects` names the actions, workstreams and phases."""
    placed = [_placed(m, subjects, today, calendar) for m in sorted(milestones, key=lambda m: (m.due_on, m.ref or 0))]
    return MilestoneTimeline(
        counts=dict(Counter(m.status for m in placed)),
        late=sum(m.late for m in placed),
        overdue=sum(m.overdue for m in placed),
        rescheduled=sum(m.reschedule_count > 0 for m in placed),
        months=tuple(
            TimelineMonth(
                month=f"{year:04}-{month:02}", label=month_label(year, month, language), milestones=tuple(group)
            )
            for (year, month), group in groupby(placed, key=lambda m: (m.due_on.year, m.due_on.month))
        ),
    )


def month_label(year: int, month: int, language: Language) -> str:
    """« mars 2026 », “March 2026”."""
    return f"{(MONTHS if language == 'fr' else ENGLISH_MONTHS)[month - 1]} {year}"


def _placed(
    milestone: Milestone, subjects: Mapping[UUID, Named], today: date, calendar: WorkingCalendar
) -> TimelineMilestone:
    own = ("id", "title", "status", "due_on", "baseline_on", "original_baseline_on", "reached_on", "forecasts")
    counted = ("reschedule_count", "reopen_count", "evidence")
    return TimelineMilestone(
        ref=MILESTONE.reference(milestone),
        subject=subjects.get(milestone.subject.id),
        **{name: getattr(milestone, name) for name in (*own, *counted)},
        **dict(lateness(dates_of(milestone), today, calendar)),
    )
