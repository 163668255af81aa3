"""What the service does by itself: acts of the rules, through the channel `job`, each naming the rule that wants it."""

from datetime import datetime
from uuid import UUID, uuid5

from service.domain.act import Act

NAMESPACE = UUID("6f0ed1f4-5a35-4b0c-9f5e-3f1a6e0a7c11")
SERVICE_ID = f"s_{uuid5(NAMESPACE, 'trajectoire').hex}"
"""The principal behind automatic acts: the service itself, which nobody enrols and no key opens."""
SERVICE_NAME = "Trajectoire (règle automatique)"


def rule_id(rule: str) -> UUID:
    """The causation of what a rule wants: the same for ever, so that the trail can be asked for it."""
    return uuid5(NAMESPACE, f"rule:{rule}")


def act_of(rule: str, now: datetime, transformation_id: UUID, reason: str | None = None) -> Act:
    """One act of the service, wanted by a rule."""
    return Act(
        actor=SERVICE_ID,
        now=now,
        channel="job",
        transformation_id=transformation_id,
        reason=reason,
        causation_id=rule_id(rule),
    )
