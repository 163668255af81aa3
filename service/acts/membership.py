"""Who somebody is in a transformation, for what does not come in through the API."""

from typing import Any
from uuid import UUID

from service.domain.act import Role
from service.domain.permissions import require
from service.domain.refusal import NotFound


def role_for(service: Any, transformation_id: UUID, code: str, person: str, act: str) -> Role:
    """The role in which a member may do this act, once all that was recorded can be read.

    Raises `NotFound`, as for a code that nobody gave, for who is no member, an administrator too; `NotAllowed` for a
    role that does not permit it.
    """
    service.gate.wait(service.log.head(), service.settings.consistency_wait)
    row = service.database.one(
        "SELECT role FROM members WHERE transformation_id = %s AND person_id = %s AND valid_to IS NULL "
        "AND status = 'granted'",
        (transformation_id, person),
    )
    if row is None:
        raise NotFound(what="transformation", id=code)
    require(act, row["role"])
    role: Role = row["role"]
    return role
