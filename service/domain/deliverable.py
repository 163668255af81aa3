"""Deliverable (livrable): what a phase is to hand over. A document, in versions, or an outcome, by its criteria."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, NothingToChange, ReasonRequired, State, created, differences, revised
from service.domain.deliverable_events import (
    EVENTS,
    DeliverableDescribed,
    DeliverableDrafted,
    DeliverableKind,
    DeliverableReopened,
    DeliverableReturned,
    DeliverableSubmitted,
    DeliverableValidated,
    DeliverableVersionAdded,
)
from service.domain.event import Event, Fact, Value
from service.domain.refusal import Conflict, Invalid
from service.domain.submission import Submission, answered, require_another_authority, require_in_turn, submitted


class DeliverableVersion(Value):
    """One version of the document."""

    number: int
    title: str
    uri: str | None = None
    sha256: str | None = None
    added_by: str
    added_on: date


class Deliverable(State):
    """A deliverable as it stands: drafted, submitted, validated or returned."""

    status: Literal["drafted", "submitted", "validated", "returned", "withdrawn"] = "drafted"
    kind: DeliverableKind
    title: str
    description: str | None = None
    phase_id: UUID | None = None
    owner: str | None = None
    due_on: date | None = None
    criteria: tuple[str, ...] = ()
    indicators: tuple[UUID, ...] = ()
    versions: tuple[DeliverableVersion, ...] = ()
    submissions: tuple[Submission, ...] = ()
    submitted_on: date | None = None
    """Since when it awaits its validation."""
    validated_on: date | None = None
    validated_version: int | None = None
    comment: str | None = None
    reopen_count: int = 0


class DeliverableNotOpen(Conflict):
    """Deliverable {ref} is {status}: it can be worked on while it is drafted or returned."""

    FR = (
        "Le livrable {ref} est au statut «\u202f{status}\u202f»\u202f: "
        "on y travaille tant qu’il est à l’état de projet, ou après son renvoi."
    )


class DeliverableNotSubmitted(Conflict):
    """Deliverable {ref} is {status}: only a submitted deliverable can be validated or returned."""

    FR = (
        "Le livrable {ref} est au statut «\u202f{status}\u202f»\u202f: "
        "seul un livrable soumis peut être validé ou renvoyé."
    )


class DeliverableNotValidated(Conflict):
    """Deliverable {ref} is {status}: only a validated deliverable is taken up again."""

    FR = "Le livrable {ref} est au statut «\u202f{status}\u202f»\u202f: seul un livrable validé se reprend."


class NothingToSubmit(Conflict):
    """Deliverable {ref} has nothing to submit yet: a document needs a version, an outcome its criteria."""

    FR = (
        "Le livrable {ref} n’a encore rien à soumettre\u202f: "
        "il faut une version à un document, des critères à un résultat."
    )


class SameVersionAgain(Conflict):
    """Version {number} of deliverable {ref} was returned: submit another version of the document."""

    FR = "La version {number} du livrable {ref} a été renvoyée\u202f: soumettez une autre version du document."


class OutcomeHasNoVersion(Conflict):
    """Deliverable {ref} is an outcome: it has criteria and indicators, no versions of a document."""

    FR = "Le livrable {ref} est un résultat\u202f: il a des critères et des indicateurs, pas de version de document."


class DocumentHasNoCriteria(Invalid):
    """A deliverable that is a document is submitted by its versions; criteria and indicators belong to an outcome."""

    FR = (
        "Un livrable qui est un document se soumet par ses versions\u202f; "
        "les critères et les indicateurs vont à un résultat."
    )


def evolve(deliverable: Deliverable | None, fact: Fact) -> Deliverable:
    """The deliverable after one more fact."""
    event = fact.event
    if isinstance(event, DeliverableDrafted):
        return Deliverable(**created(fact), **{name: getattr(event, name) for name in DeliverableDrafted.model_fields})
    assert deliverable is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case DeliverableDescribed():
            return revised(deliverable, event)
        case DeliverableVersionAdded():
            version = DeliverableVersion(**event.model_dump(), added_by=fact.envelope.actor, added_on=fact.occurred_on)
            update = {"versions": (*deliverable.versions, version)}
        case DeliverableSubmitted():
            update = {
                "status": "submitted",
                "submissions": submitted(deliverable.submissions, fact, event.number),
                "submitted_on": fact.occurred_on,
            }
        case DeliverableValidated():
            said = answered(deliverable.submissions, fact, "validated", decision_id=event.decision_id)
            update = {
                "status": "validated",
                "submissions": said,
                "submitted_on": None,
                "validated_on": fact.occurred_on,
                "validated_version": said[-1].version,
                "comment": event.comment,
            }
        case DeliverableReturned():
            said = answered(deliverable.submissions, fact, "returned", to_adjust=event.to_adjust)
            update = {"status": "returned", "submissions": said, "submitted_on": None}
        case DeliverableReopened():
            update = {
                "status": "drafted",
                "validated_on": None,
                "validated_version": None,
                "comment": None,
                "reopen_count": deliverable.reopen_count + 1,
            }
        case _:
            return deliverable
    return deliverable.model_copy(update=update)


def check(deliverable: Deliverable | None, fact: Fact) -> None:
    """The rules of a deliverable's life (DOMAIN section 1)."""
    event = fact.event
    if isinstance(event, DeliverableDrafted) and event.kind == "document" and (event.criteria or event.indicators):
        raise DocumentHasNoCriteria(pointer="/criteria" if event.criteria else "/indicators")
    if deliverable is None:
        return
    ref = DELIVERABLE.reference(deliverable)
    facts = {"ref": ref, "status": deliverable.status}
    match event:
        case DeliverableDescribed() | DeliverableVersionAdded() | DeliverableSubmitted() if deliverable.status not in (
            "drafted",
            "returned",
        ):
            raise DeliverableNotOpen(**facts)
        case DeliverableDescribed() if deliverable.kind == "document" and (event.criteria or event.indicators):
            raise DocumentHasNoCriteria(pointer="/criteria" if event.criteria else "/indicators")
        case DeliverableVersionAdded() if deliverable.kind == "outcome":
            raise OutcomeHasNoVersion(ref=ref)
        case DeliverableSubmitted():
            _require_substance(deliverable, event)
        case DeliverableValidated() | DeliverableReturned() if deliverable.status != "submitted":
            raise DeliverableNotSubmitted(**facts)
        case DeliverableValidated() | DeliverableReturned():
            require_in_turn(ref, deliverable.submissions, fact)
            if isinstance(event, DeliverableValidated):
                require_another_authority(ref, deliverable.submissions, fact)
        case DeliverableReopened():
            if deliverable.status != "validated":
                raise DeliverableNotValidated(**facts)
            if not fact.envelope.reason:
                raise ReasonRequired()


def _require_substance(deliverable: Deliverable, event: DeliverableSubmitted) -> None:
    ref = DELIVERABLE.reference(deliverable)
    if deliverable.kind == "outcome":
        if not deliverable.criteria:
            raise NothingToSubmit(ref=ref)
        return
    if event.number is None or event.number not in {version.number for version in deliverable.versions}:
        raise NothingToSubmit(ref=ref)
    if deliverable.status == "returned" and event.number == deliverable.submissions[-1].version:
        raise SameVersionAgain(ref=ref, number=event.number)


# Decisions


def draft(
    *,
    ref: int,
    kind: DeliverableKind,
    title: str,
    description: str | None = None,
    phase_id: UUID | None = None,
    owner: str | None = None,
    due_on: date | None = None,
    criteria: tuple[str, ...] = (),
    indicators: tuple[UUID, ...] = (),
) -> list[Event]:
    """Say what is expected. Raises `DocumentHasNoCriteria`."""
    return [
        DeliverableDrafted(
            ref=ref,
            kind=kind,
            title=title,
            description=description,
            phase_id=phase_id,
            owner=owner,
            due_on=due_on,
            criteria=criteria,
            indicators=indicators,
        )
    ]


def revise(deliverable: Deliverable, **wanted: Any) -> list[Event]:
    """Change what is expected. Raises `NothingToChange`."""
    changes = differences(deliverable, **wanted)
    if not changes:
        raise NothingToChange()
    return [DeliverableDescribed(**changes)]


def add_version(
    deliverable: Deliverable, *, title: str, uri: str | None = None, sha256: str | None = None
) -> list[Event]:
    """The document has another version, numbered from 1."""
    number = deliverable.versions[-1].number + 1 if deliverable.versions else 1
    return [DeliverableVersionAdded(number=number, title=title, uri=uri, sha256=sha256)]


def submit(deliverable: Deliverable) -> list[Event]:
    """Put it before the authority: of a document, its last version."""
    return [DeliverableSubmitted(number=deliverable.versions[-1].number if deliverable.versions else None)]


def validate(deliverable: Deliverable, *, comment: str | None = None, decision_id: UUID | None = None) -> list[Event]:
    """Accept it, as an authority that did not submit it."""
    return [DeliverableValidated(comment=comment, decision_id=decision_id)]


def send_back(deliverable: Deliverable, to_adjust: str) -> list[Event]:
    """Return it and say what to adjust."""
    return [DeliverableReturned(to_adjust=to_adjust)]


def reopen(deliverable: Deliverable) -> list[Event]:
    """Take a validated deliverable up again; the act must carry a reason."""
    return [DeliverableReopened()]


def _links(deliverable: Deliverable) -> tuple[UUID, ...]:
    decisions = (submission.decision_id for submission in deliverable.submissions)
    return tuple(id for id in (deliverable.phase_id, *decisions) if id is not None)


DELIVERABLE: Concept[Deliverable] = Concept(
    name="deliverable",
    collection="deliverables",
    letter="L",
    state=Deliverable,
    events=EVENTS,
    evolve=evolve,
    check=check,
    owners=lambda deliverable: (deliverable.owner,) if deliverable.owner else (),
    links=_links,
)
