"""Every concept of the domain. Importing this module registers all events and all concepts."""

from typing import Any

from service.domain.action import ACTION
from service.domain.axis import AXIS
from service.domain.body import BODY
from service.domain.concept import Concept
from service.domain.decision import DECISION
from service.domain.deliverable import DELIVERABLE
from service.domain.direction_project import DIRECTION_PROJECT
from service.domain.evaluation import EVALUATION
from service.domain.group import GROUP
from service.domain.import_run import IMPORT_RUN
from service.domain.indicator import INDICATOR
from service.domain.key import KEY
from service.domain.member import MEMBER
from service.domain.milestone import MILESTONE
from service.domain.note import NOTE
from service.domain.obstacle import OBSTACLE
from service.domain.phase import PHASE
from service.domain.plan_version import PLAN_VERSION
from service.domain.principal import PERSON, SERVICE
from service.domain.reminder import REMINDER
from service.domain.review import REVIEW
from service.domain.status_report import STATUS_REPORT
from service.domain.transformation import TRANSFORMATION
from service.domain.workstream import WORKSTREAM

ALL_CONCEPTS: tuple[Concept[Any], ...] = (
    PERSON,
    SERVICE,
    KEY,
    TRANSFORMATION,
    MEMBER,
    GROUP,
    BODY,
    PHASE,
    AXIS,
    WORKSTREAM,
    ACTION,
    MILESTONE,
    OBSTACLE,
    INDICATOR,
    DECISION,
    DELIVERABLE,
    PLAN_VERSION,
    DIRECTION_PROJECT,
    EVALUATION,
    REVIEW,
    STATUS_REPORT,
    NOTE,
    IMPORT_RUN,
    REMINDER,
)
