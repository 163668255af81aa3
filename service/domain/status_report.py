"""Status report (météo): the confidence that a person declares, with a narrative. What is computed is in `weather`."""

from datetime import date
from typing import Literal
from uuid import UUID

from service.domain.authority import authority
from service.domain.concept import Concept, State, created
from service.domain.event import Event, Fact, Value
from service.domain.refusal import Conflict
from service.domain.text import PersonalText

# Events

Confidence = Literal["secured", "attainable", "support_needed", "compromised"]


class ReportSubject(Value):
    """What the report is about."""

    kind: Literal["transformation", "axis", "workstream", "phase"]
    id: UUID


class StatusReported(Event):
    """Somebody declares how confident they are, and tells why."""

    TOPIC = "status_report.reported"
    subject: ReportSubject
    confidence: Confidence
    narrative: PersonalText


class StatusAcknowledged(Event):
    """A member of governance has taken note of the report."""

    TOPIC = "status_report.acknowledged"


# State


class Acknowledgement(Value):
    """Who took note, and when."""

    by: str
    on: date


class StatusReport(State):
    """A report as it stands; a newer one of the same subject takes its place in the views."""

    status: Literal["reported", "acknowledged", "withdrawn"] = "reported"
    subject: ReportSubject
    confidence: Confidence
    narrative: str
    reported_on: date
    reported_by: str
    acknowledgements: tuple[Acknowledgement, ...] = ()


class AlreadyAcknowledged(Conflict):
    """You took note of this report on {acknowledged_on}."""

    FR = "Vous avez pris acte de cette météo le {acknowledged_on}."


def evolve(report: StatusReport | None, fact: Fact) -> StatusReport:
    """The report after one more fact."""
    event = fact.event
    if isinstance(event, StatusReported):
        return StatusReport(
            **created(fact),
            subject=event.subject,
            confidence=event.confidence,
            narrative=event.narrative,
            reported_on=fact.occurred_on,
            reported_by=authority(fact),
        )
    assert report is not None  # a stream begins with its creation; `fold` has checked it
    if isinstance(event, StatusAcknowledged):
        taken = Acknowledgement(by=authority(fact), on=fact.occurred_on)
        return report.model_copy(
            update={"status": "acknowledged", "acknowledgements": (*report.acknowledgements, taken)}
        )
    return report


def check(report: StatusReport | None, fact: Fact) -> None:
    """Each person acknowledges a report once."""
    if report is None or not isinstance(fact.event, StatusAcknowledged):
        return
    for taken in report.acknowledgements:
        if taken.by == authority(fact):
            raise AlreadyAcknowledged(acknowledged_on=taken.on)


# Decisions


def report(*, subject: ReportSubject, confidence: Confidence, narrative: str) -> list[Event]:
    """Declare the confidence on a subject, with the narrative that it takes."""
    return [StatusReported(subject=subject, confidence=confidence, narrative=narrative)]


def acknowledge(report: StatusReport) -> list[Event]:
    """Take note of it."""
    return [StatusAcknowledged()]


STATUS_REPORT: Concept[StatusReport] = Concept(
    name="status_report",
    collection="status-reports",
    state=StatusReport,
    events=(StatusReported, StatusAcknowledged),
    evolve=evolve,
    check=check,
    owners=lambda report: (report.reported_by,),
    links=lambda report: (report.subject.id,),
)
