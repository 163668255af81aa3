"""What changed in a transformation between two points of history, in sentences that people would say."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from service.api.as_of_query import AsOfBeyondHead, AsOfInFuture, AsOfQuery, AsOfTwice
from service.api.dependencies import TransformationPath
from service.api.fields import Instant
from service.api.problems import READS
from service.api.reader import Incomplete, Reader
from service.api.routing import api_router
from service.api.viewing import read_view
from service.api.who import CallerDependency
from service.domain.refusal import Invalid
from service.projections.change_sentences import GROUPS, Teller, Told
from service.projections.changes import Step, Touched, names_of, reports_before, touched_between

router = api_router("changes")
INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
POINT = r"^([0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}T\S+)$"


class PointUnreadable(Invalid):
    """A point of history is an RFC 3339 instant with its offset, or a position of the log."""

    FR = "Un point de l’histoire est un instant RFC 3339 avec son décalage, ou une position du journal."


class ChangesBackwards(Invalid):
    """Changes are told forward: from={given} comes after to."""

    FR = "Les changements se racontent dans l’ordre\u202f: from={given} vient après to."


class ChangesQuery(AsOfQuery):
    """Between which two points: instants with offset, or positions. `to` is now if not given."""

    from_: str = Field(alias="from", pattern=POINT, max_length=40, description="Un instant, ou une position.")
    to: str | None = Field(None, pattern=POINT, max_length=40, description="De même\u202f; maintenant si absent.")


class ChangedSubject(BaseModel):
    """The object that changed, as it is called at the later point."""

    kind: str
    id: UUID
    ref: str | None
    title: str | None


class Change(BaseModel):
    """One change, said in a sentence, with the events that made it and who recorded them."""

    model_config = ConfigDict(extra="forbid")

    group: str = Field(description=", ".join(GROUPS))
    sentence: str
    subject: ChangedSubject
    event_ids: list[UUID]
    who: list[str] = Field(description="Qui l’a enregistré, et au nom de qui.")
    position: int = Field(description="Le premier des événements racontés.")


class ChangesFrom(BaseModel):
    """The earlier point."""

    position: int


class Changes(BaseModel):
    """The changes between two points, in a stable order: by group, then as they happened."""

    from_: ChangesFrom = Field(alias="from")
    position: int = Field(description="Le dernier événement pris en compte.")
    as_of: datetime | None
    today: date
    counts: dict[str, int] = Field(description="Combien de changements par groupe.")
    items: list[Change]
    people: dict[str, str]
    incomplete: list[Incomplete] = Field(description="Les événements qui manquent à cette réponse.")


@router.get("/transformations/{transformation}/changes", response_model=Changes, **READS)
async def list_changes(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ChangesQuery, Query()],
) -> Response:
    """What was added, closed, slipped, decided, raised, lifted, measured, corrected or withdrawn between two points."""
    start, end = _point(query.from_, "from"), query
    if query.to is not None:
        if query.as_of is not None or query.as_of_position is not None:
            raise AsOfTwice(pointer="to")
        point = _point(query.to, "to")
        if type(point) is type(start) and point < start:  # type: ignore[operator]  # both are of one type
            raise ChangesBackwards(pointer="from", given=query.from_)
        end = query.model_copy(update={"as_of_position": point} if isinstance(point, int) else {"as_of": point})

    def compute(reader: Reader) -> dict[str, Any]:
        return _changes(reader, _position(reader, start, query.from_))

    try:
        return await read_view(request, caller, transformation, end, compute)
    except (AsOfInFuture, AsOfBeyondHead) as refusal:
        if query.to is not None and refusal.pointer != "from":
            refusal.pointer = "to"  # by that name it was given
        raise


def _point(given: str, name: str) -> int | datetime:
    if given.isdigit():
        return int(given)
    try:
        return INSTANT.validate_python(given)
    except ValidationError:
        raise PointUnreadable(pointer=name) from None


def _position(reader: Reader, start: int | datetime, given: str) -> int:
    """The position that `from` means. Raises `AsOfInFuture`, `AsOfBeyondHead`, `ChangesBackwards`."""
    if isinstance(start, datetime):
        if start > reader.service.clock():
            raise AsOfInFuture(pointer="from", given=given)
        if start > reader.as_of.instant:
            raise ChangesBackwards(pointer="from", given=given)
        position: int = reader.service.log.position_at(start)
        return position
    end = reader.as_of.position if reader.as_of.position is not None else reader.service.log.head()
    if start > reader.service.log.head():
        raise AsOfBeyondHead(pointer="from", given=start, head=reader.service.log.head())
    if start > end:
        raise ChangesBackwards(pointer="from", given=given)
    return start


def _changes(reader: Reader, start: int) -> dict[str, Any]:
    connection, end = reader.connection, reader.as_of
    touched = touched_between(connection, reader.transformation_id, start, end, reader.viewer.visible("e.subject_id"))
    mentioned: dict[str, set[UUID]] = {}
    people: set[str] = set()
    for one in touched:
        subject = getattr(one.after, "subject", None)
        if subject is not None:
            mentioned.setdefault(subject.kind, set()).add(subject.id)
        if one.concept.name == "member":
            people.add(one.after.person_id)
    names = reader.names(sorted(people))
    teller = Teller(
        language=reader.language,
        calendar=reader.calendar,
        names=lambda id: names.get(id, id),
        subjects=_visible_only(reader, names_of(connection, mentioned, end)),
        reports=reports_before(connection, reader.transformation_id, start),
    )
    items = [_shown(one, told) for one in touched for told in teller.tell(one)]
    items.sort(key=lambda item: (GROUPS.index(item["group"]), item["position"]))
    return {
        "from": {"position": start},
        **reader.echo(),
        "counts": {group: n for group in GROUPS if (n := sum(item["group"] == group for item in items))},
        "items": items,
    }


def _visible_only(reader: Reader, found: dict[UUID, tuple[str, Any]]) -> dict[UUID, tuple[str, Any]]:
    """A note may be about an object that the reader does not see: its name is not told."""
    if reader.viewer.sees_restricted or not found:
        return found
    rows = reader.connection.execute(
        "SELECT id, owners FROM restricted_objects WHERE id = ANY (%s)", (list(found),)
    ).fetchall()
    hidden = {row["id"] for row in rows if reader.viewer.person not in row["owners"]}
    return {id: named for id, named in found.items() if id not in hidden}


def _shown(one: Touched, told: Told) -> dict[str, Any]:
    steps: list[Step] = one.happened(*told.participles) if told.participles else one.steps
    steps = steps or one.steps
    state = one.after
    who = dict.fromkeys(person for step in steps for person in (step.actor, step.on_behalf_of) if person)
    return {
        "group": told.group,
        "sentence": told.sentence,
        "subject": {
            "kind": one.concept.name,
            "id": one.id,
            "ref": one.concept.reference(state) if one.concept.letter and state.ref else None,
            "title": getattr(state, "title", None) or getattr(state, "name", None),
        },
        "event_ids": [step.event_id for step in steps],
        "who": list(who),
        "position": steps[0].position,
    }
