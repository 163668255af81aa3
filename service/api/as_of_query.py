"""What reads ask of the past, and the point in history that this is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import BaseModel, ConfigDict, Field

from service.api.fields import Instant
from service.domain.refusal import Invalid
from service.projections.as_of import AsOf


class AsOfInFuture(Invalid):
    """The past ends now: {given} is later."""

    FR = "Le passé s’arrête maintenant\u202f: {given} est plus tard."


class AsOfBeyondHead(Invalid):
    """The log ends at position {head}: {given} is beyond it."""

    FR = "Le journal s’arrête à la position {head}\u202f: {given} est au-delà."


class AsOfTwice(Invalid):
    """Give as_of or as_of_position, not both."""

    FR = "Donnez as_of ou as_of_position, pas les deux."


class Nothing(BaseModel):
    """A read without parameters: any is refused."""

    model_config = ConfigDict(extra="forbid")


class AsOfQuery(BaseModel):
    """Every read of a transformation's data may ask for the past."""

    model_config = ConfigDict(extra="forbid")

    as_of: Instant | None = Field(None, description="RFC 3339 avec décalage\u202f: l’état connu à cet instant.")
    as_of_position: int | None = Field(None, ge=1, le=2**53, description="L’état après cet événement du journal.")


def resolve(service: Any, query: AsOfQuery) -> AsOf:
    """The point in history that a query asks for; waits until the read models have reached it.

    Raises `AsOfInFuture`, `AsOfBeyondHead`, `AsOfTwice`.
    """
    now: datetime = service.clock()
    if query.as_of is not None and query.as_of_position is not None:
        raise AsOfTwice(pointer="as_of")
    if query.as_of is None and query.as_of_position is None:
        return AsOf(instant=now)
    if query.as_of is not None:
        if query.as_of > now:
            raise AsOfInFuture(pointer="as_of", given=query.as_of.isoformat())
        position, instant = service.log.position_at(query.as_of), query.as_of
    else:
        position = query.as_of_position or 0
        head = service.log.head()
        if position > head:
            raise AsOfBeyondHead(pointer="as_of_position", given=position, head=head)
        instant = service.log.instant_of(position)
    service.gate.wait(position, service.settings.consistency_wait)
    return AsOf(instant=instant, position=position)


def last_change(connection: Connection[DictRow], transformation_id: UUID, as_of: AsOf) -> int:
    """The position of the last event of a transformation, as of a point."""
    row = connection.execute(
        "SELECT COALESCE(max(position), 0) AS position FROM audit_events "
        "WHERE transformation_id = %s AND position <= %s",
        (transformation_id, as_of.position if as_of.position is not None else 2**62),
    ).fetchone()
    return int(row["position"]) if row else 0
