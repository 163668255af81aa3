"""The audit trail as the API describes it: its questions, its events, its pages."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from service.api.as_of_query import AsOfQuery
from service.api.fields import Instant
from service.api.listing import Page
from service.api.paging import PageQuery
from service.domain.event import Channel, OccurredOnBasis, OnBehalfOf
from service.domain.refusal import Invalid


class SubjectUnreadable(Invalid):
    """A subject is the id of an object, or its reference such as J-7."""

    FR = "Un sujet est l’identifiant d’un objet, ou sa référence, par exemple J-7."


class PeriodBackwards(Invalid):
    """A period begins before it ends."""

    FR = "Une période commence avant de finir."


class AuditSubject(BaseModel):
    """The object that the event happened to, as it was called then."""

    kind: str
    id: UUID
    ref: str | None
    title: str | None


class FieldChange(BaseModel):
    """One field, before and after."""

    before: JsonValue
    after: JsonValue


class AuditEvent(BaseModel):
    """One event of the trail."""

    position: int
    event_id: UUID
    type: str
    label: str = Field(description="Ce qui s’est passé, en mots.")
    recorded_at: datetime = Field(description="Connu le.")
    occurred_on: date = Field(description="Vrai le (Europe/Paris).")
    occurred_on_basis: OccurredOnBasis
    transformation_id: UUID | None
    subject: AuditSubject
    version: int
    actor: str
    role: str | None = Field(description="Le rôle de l’acteur à ce moment-là.")
    on_behalf_of: OnBehalfOf | None
    channel: Channel
    reason: str | None
    correlation_id: UUID
    causation_id: UUID
    mends: UUID | None = Field(description="Le fait que cet événement rectifie ou retire.")
    mended_by: list[UUID] = Field(description="Les événements qui rectifient ou retirent ce fait.")
    changes: dict[str, FieldChange]


class AuditEventShown(AuditEvent):
    """One event, with the names of the people it mentions."""

    people: dict[str, str]


class AuditPage(Page):
    """A page of the trail. Without a transformation: the events of the instance."""

    items: list[AuditEvent]


class AuditQuery(AsOfQuery, PageQuery):
    """Which events, in which order and shape."""

    transformation: str | None = Field(
        None, max_length=60, pattern=r"^[A-Za-z0-9-]+$", description="Identifiant ou code\u202f; sans elle, l’instance."
    )
    subject: str | None = Field(None, max_length=60, description="Un objet\u202f: identifiant, ou référence (J-7).")
    actor: str | None = Field(None, max_length=400, pattern=r"^[^\x00]*$", description="Des personnes, par virgules.")
    type: str | None = Field(None, max_length=1000, description="Un ou plusieurs types d’événements, par virgules.")
    from_: Instant | None = Field(None, alias="from", description="Connu à partir de cet instant.")
    to: Instant | None = Field(None, description="Connu jusqu’à cet instant, compris.")
    q: str | None = Field(None, min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="Texte recherché.")
    sort: Literal["position", "-position"] = Field("-position", description="-position\u202f: du plus récent.")
    format: Literal["json", "jsonl", "csv"] | None = Field(None, description="À défaut, l’en-tête Accept décide.")
