"""The content of a review's pack: what the body judges by, section by section, each object with its id.

`SECTIONS` is open: a concept that belongs into packs adds its section there. What is frozen is never computed again.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from service.domain.body import Body, sitting
from service.domain.decision import DECISION
from service.domain.deliverable import DELIVERABLE
from service.domain.indicator import INDICATOR
from service.domain.milestone import MILESTONE
from service.domain.number import json_value
from service.domain.obstacle import OBSTACLE
from service.domain.phase import PHASE
from service.domain.plan_version import PLAN_VERSION
from service.domain.review import REVIEW, Review
from service.domain.review_events import EvidenceLink
from service.domain.slippage import dates_of, lateness
from service.domain.status_report import STATUS_REPORT
from service.projections.audit_events import title_of
from service.projections.pack_reader import PackReader, last_of, referred
from service.projections.pack_status import plan_status

FORMAT = "trajectoire-review-pack/1"
Section = Callable[[PackReader], Any]


def compute(reader: PackReader) -> dict[str, Any]:
    """The whole pack as JSON values, its texts left to `reader.texts`."""
    position = reader.as_of.position
    whole: dict[str, Any] = {
        "format": FORMAT,
        "position": position,
        "known_on": reader.as_of.instant.isoformat(),
        "today": reader.as_of.today.isoformat(),
        "transformation": reader.fields(reader.transformation, "code", "name", "status", "plan_validated_on"),
    }
    whole |= {name: section(reader) for name, section in SECTIONS}
    found: dict[str, Any] = _plain(json_value(whole))
    return found


def _plain(value: Any) -> Any:
    """Numbers that are no integers travel as text, so that no library rounds them differently one day."""
    match value:
        case float():
            return repr(value)
        case dict():
            return {str(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return value


def _review(reader: PackReader) -> dict[str, Any]:
    review = reader.review
    body: Body | None = reader.find("body", review.body_id)
    phase = reader.find("phase", review.phase_id) if review.phase_id else None
    seats = sitting(body, review.planned_on) if body else []
    return {
        **reader.fields(review, "title", "planned_on", "mode", "agenda", "second_of"),
        **referred(REVIEW, review),
        "body": body
        and {
            **reader.fields(body, "name", "kind", "seats", "quorum", "second_needs_quorum"),
            "members": [each.model_dump(mode="json", include={"person_id", "seat", "standing"}) for each in seats],
        },
        "gate": phase and reader.fields(phase, "ordinal", "title", "status"),
        "recused": [each.person_id for each in review.recusals],
        "criteria": [_criterion(reader, review, number) for number in range(len(review.criteria))],
    }


def _criterion(reader: PackReader, review: Review, index: int) -> dict[str, Any]:
    criterion = review.criteria[index]
    name = f"criteria.{criterion.number}"
    waiver = criterion.waiver
    return {
        **criterion.model_dump(mode="json", include={"number", "mandatory", "met", "assessed_on"}),
        "statement": reader.text(review, "review", f"{name}.statement", criterion.statement),
        "comment": reader.text(review, "review", f"{name}.comment", criterion.comment),
        "evidence": [_evidence(reader, link) for link in criterion.evidence],
        "waiver": waiver
        and {
            **waiver.model_dump(mode="json", include={"by", "on"}),
            "reason": reader.text(review, "review", f"{name}.waiver", waiver.reason),
        },
    }


def _evidence(reader: PackReader, link: EvidenceLink) -> dict[str, Any]:
    shown = link.model_dump(mode="json", exclude_none=True)
    state = reader.find(link.kind, link.id) if link.id else None
    if state is None:
        return shown
    concept = reader.tables[link.kind].concept
    return {**shown, **referred(concept, state), "title": title_of(state), "status": state.status}


def _phases(reader: PackReader) -> list[dict[str, Any]]:
    names = ("ordinal", "title", "status", "planned_from", "planned_to", "opened_on", "ended_on")
    return [reader.fields(p, *names) for p in sorted(reader.states(PHASE), key=lambda p: p.ordinal)]


def _milestones(reader: PackReader) -> list[dict[str, Any]]:
    found = []
    for milestone in reader.states(MILESTONE):
        late = lateness(dates_of(milestone), reader.as_of.today, reader.calendar)
        dates = ("title", "status", "due_on", "baseline_on", "original_baseline_on", "reached_on", "reschedule_count")
        found.append(
            {
                **reader.fields(milestone, *dates),
                **referred(MILESTONE, milestone),
                "subject": milestone.subject.model_dump(mode="json"),
                **late.model_dump(mode="json", exclude={"late_working_days"}),
            }
        )
    return found


def _obstacles(reader: PackReader) -> list[dict[str, Any]]:
    names = ("title", "status", "nature", "impact", "urgency", "owner", "level", "level_since", "next_look_on")
    return [
        {
            **reader.fields(obstacle, *names),
            **referred(OBSTACLE, obstacle),
            "statement": reader.text(obstacle, "obstacle", "statement", obstacle.statement),
        }
        for obstacle in reader.states(OBSTACLE)
        if obstacle.is_open
    ]


def _indicators(reader: PackReader) -> list[dict[str, Any]]:
    found = []
    for indicator in reader.states(INDICATOR):
        measure = last_of(sorted(indicator.measures, key=lambda m: m.on))
        found.append(
            {
                **reader.fields(indicator, "title", "family", "unit", "direction", "status", "baseline", "targets"),
                **referred(INDICATOR, indicator),
                "last": measure and measure.model_dump(mode="json", include={"on", "value", "event_id"}),
            }
        )
    return found


def _decisions(reader: PackReader) -> list[dict[str, Any]]:
    """Those taken since the last review of the same body."""
    before = previous(reader)
    since = before.held_on if before else None
    return [
        {
            **reader.fields(decision, "title", "kind", "status", "taken_on", "applied_on", "verdict"),
            **referred(DECISION, decision),
            "chosen": reader.text(decision, "decision", "chosen", decision.chosen),
        }
        for decision in reader.states(DECISION)
        if since is None or decision.taken_on >= since
    ]


def _deliverables(reader: PackReader) -> list[dict[str, Any]]:
    found = []
    for deliverable in reader.states(DELIVERABLE):
        names = ("title", "kind", "status", "phase_id", "owner", "due_on", "submitted_on", "validated_on")
        version = last_of(deliverable.versions)
        found.append(
            {
                **reader.fields(deliverable, *names),
                **referred(DELIVERABLE, deliverable),
                "version": version and version.model_dump(mode="json", include={"number", "title", "uri", "sha256"}),
            }
        )
    return found


def _plan_versions(reader: PackReader) -> list[dict[str, Any]]:
    names = ("number", "title", "status", "content_position", "submitted_on", "validated_on")
    return [reader.fields(version, *names) for version in reader.states(PLAN_VERSION)]


def _weather(reader: PackReader) -> list[dict[str, Any]]:
    """The last declared weather of each subject."""
    last: dict[UUID, Any] = {}
    for report in sorted(reader.states(STATUS_REPORT), key=lambda r: (r.reported_on, r.id)):
        last[report.subject.id] = report
    return [
        {
            **reader.fields(report, "subject", "confidence", "reported_on", "reported_by"),
            "narrative": reader.text(report, "status_report", "narrative", report.narrative),
        }
        for report in last.values()
    ]


def previous(reader: PackReader) -> Review | None:
    """The review of the same body that was held last before this one."""
    held = [r for r in reader.states(REVIEW) if r.body_id == reader.review.body_id and r.id != reader.review.id]
    found: Review | None = last_of(
        sorted((r for r in held if r.attendance), key=lambda r: (r.held_on or r.planned_on, r.id))
    )
    return found


def _since(reader: PackReader) -> dict[str, Any]:
    """What changed since the pack of the last review, event by event."""
    before = previous(reader)
    start = before.packs[-1].position if before and before.packs else 0
    rows = reader.connection.execute(
        "SELECT e.position, e.event_id, e.topic, e.occurred_on, e.subject_kind, e.subject_id, e.subject_ref, "
        "e.subject_title FROM audit_events e WHERE e.transformation_id = %s AND e.position > %s AND e.position <= %s "
        "AND NOT EXISTS (SELECT FROM restricted_objects x WHERE x.id = e.subject_id) ORDER BY e.position",
        (reader.transformation.id, start, reader.as_of.position),
    ).fetchall()
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["topic"]] = counts.get(row["topic"], 0) + 1
    if before is None:  # the first review: everything is new, and counting it is enough
        return {"review": None, "position": 0, "counts": counts, "events": []}
    named = {**reader.fields(before, "title"), **referred(REVIEW, before), "held_on": before.held_on}
    return {"review": named, "position": start, "counts": counts, "events": [dict(row) for row in rows]}


def _conditions(reader: PackReader) -> list[dict[str, Any]]:
    """The conditions of earlier verdicts, and how each ended."""
    names = {"number", "owner", "due_on", "blocking", "met_on", "lifted_on", "lifted_by"}
    return [
        {
            "review": {"id": review.id, **referred(REVIEW, review)},
            **condition.model_dump(mode="json", include=names),
            "statement": reader.text(review, "review", f"conditions.{condition.number}.statement", condition.statement),
            "overdue": condition.overdue(reader.as_of.today),
        }
        for review in reader.states(REVIEW)
        if review.id != reader.review.id
        for condition in review.conditions
    ]


SECTIONS: tuple[tuple[str, Section], ...] = (
    ("review", _review),
    ("phases", _phases),
    ("status", plan_status),
    ("milestones", _milestones),
    ("obstacles", _obstacles),
    ("indicators", _indicators),
    ("decisions", _decisions),
    ("deliverables", _deliverables),
    ("plan_versions", _plan_versions),
    ("weather", _weather),
    ("since_last_review", _since),
    ("earlier_conditions", _conditions),
)
"""The sections of a pack, in no order that counts: canonical JSON sorts its names."""
