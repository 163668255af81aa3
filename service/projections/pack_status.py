"""How the plan stands, as a pack tells it: progress with its rule and coverage, and both weathers, by axis."""

from typing import Any

from service.domain.action import ACTION
from service.domain.axis import AXIS
from service.domain.indicator import INDICATOR
from service.domain.milestone import MILESTONE
from service.domain.obstacle import OBSTACLE
from service.domain.phase import PHASE
from service.domain.status_report import STATUS_REPORT
from service.domain.transformation import TRANSFORMATION
from service.domain.workstream import WORKSTREAM
from service.projections import action_plan
from service.projections.pack_reader import PackReader
from service.projections.plan import Plan
from service.projections.plan_status import PartStatus


def plan_status(reader: PackReader) -> dict[str, Any]:
    """The plan as a whole and each axis."""
    plan = Plan(
        transformation=reader.known(TRANSFORMATION)[0],
        axes=reader.known(AXIS),
        workstreams=reader.known(WORKSTREAM),
        phases=reader.known(PHASE),
        actions=reader.known(ACTION),
        milestones=reader.known(MILESTONE),
        obstacles=reader.known(OBSTACLE),
        indicators=reader.known(INDICATOR),
        reports=reader.known(STATUS_REPORT),
    )
    whole = action_plan.compute(plan, reader.as_of.today, reader.calendar, lambda positions: {})
    return {
        "total": _part(whole.total),
        "axes": [{"id": axis.id, "title": axis.title, "status": axis.status, **_part(axis)} for axis in whole.axes],
        "without_axis": _part(whole.without_axis),
    }


def _part(part: PartStatus) -> dict[str, Any]:
    progress, weather = part.progress, part.weather
    return {
        **part.model_dump(mode="json", include={"counts", "open", "abandoned", "late", "overdue", "blocked"}),
        "progress": progress.model_dump(mode="json", include={"value", "rule", "coverage"}),
        "weather": {
            "declared": weather.declared and weather.declared.confidence,
            "computed": weather.computed.value,
            "reasons": [
                {"code": reason.code, "subjects": [subject.id for subject in reason.subjects]}
                for reason in weather.computed.reasons
            ],
        },
    }
