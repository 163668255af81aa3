"""One entry of the story, and the deeds that entries are made of. A deed plays one act through the shared acts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from service.acts import mending
from service.acts.actions import propose_action
from service.acts.decisions import take_decision
from service.acts.indicators import define_indicator
from service.acts.milestones import plan_milestone
from service.acts.notes import write_note
from service.acts.obstacles import raise_obstacle
from service.acts.status_reports import report_status
from service.acts.workstreams import open_workstream
from service.demonstration.stage import Deed, On, Scene, Shaped, The, Who, shaped
from service.domain.action import ACTION
from service.domain.decision import DECISION
from service.domain.event import Channel, Document, Event
from service.domain.indicator import INDICATOR
from service.domain.milestone import MILESTONE, MilestoneSubject
from service.domain.note import NOTE, NoteSubject
from service.domain.obstacle import OBSTACLE
from service.domain.status_report import STATUS_REPORT, Confidence, ReportSubject
from service.domain.workstream import WORKSTREAM
from service.projections.viewer import Viewer
from service.store.unit import Target

__all__ = ["Entry", "On", "The", "Who", "shaped"]


@dataclass(frozen=True)
class Entry:
    """On `day` (days from the anchor) `who` does something. `since`: the earlier day from which it is true.

    `named_for`: the member of governance (or the body, by its key) in whose name it is recorded, on the basis of
    `document`, or of the review that `review` names.
    """

    day: int
    who: str
    deed: Deed
    reason: str | None = None
    since: int | None = None
    channel: Channel = "web"
    named_for: str | None = None
    document: Shaped | None = None
    review: str | None = None


def do(key: str, decision: Callable[..., list[Event]], *args: Any, **fields: Any) -> Deed:
    """A decision of the domain on one object."""

    def deed(scene: Scene) -> Target:
        return scene.record(key, decision(scene.get(key), *scene.said(args), **scene.said(fields)))

    return deed


def workstream_opens(key: str, **fields: Any) -> Deed:
    def deed(scene: Scene) -> Target:
        return scene.enters(key, WORKSTREAM, open_workstream(scene.unit, scene.transformation, **scene.said(fields)))

    return deed


def proposes(key: str, **fields: Any) -> Deed:
    """An action is proposed."""

    def deed(scene: Scene) -> Target:
        return scene.enters(key, ACTION, propose_action(scene.unit, scene.transformation, **scene.said(fields)))

    return deed


def promises(key: str, of: str, **fields: Any) -> Deed:
    """A milestone is promised, of an action, a workstream or a phase."""

    def deed(scene: Scene) -> Target:
        concept, id = scene.stage.things[of]
        subject = MilestoneSubject(kind=concept.name, id=id)  # type: ignore[arg-type]  # the data name no other kind
        planned = plan_milestone(scene.unit, scene.transformation, subject=subject, **scene.said(fields))
        return scene.enters(key, MILESTONE, planned)

    return deed


def raises(key: str, **fields: Any) -> Deed:
    """An obstacle is raised."""

    def deed(scene: Scene) -> Target:
        return scene.enters(key, OBSTACLE, raise_obstacle(scene.unit, scene.transformation, **scene.said(fields)))

    return deed


def defines(key: str, **fields: Any) -> Deed:
    """An indicator is defined."""

    def deed(scene: Scene) -> Target:
        return scene.enters(key, INDICATOR, define_indicator(scene.unit, scene.transformation, **scene.said(fields)))

    return deed


def decides(key: str, **fields: Any) -> Deed:
    """A decision is taken, with all that it changes elsewhere."""

    def deed(scene: Scene) -> Target:
        with scene.connection() as connection:
            taken = take_decision(
                scene.unit,
                connection,
                scene.transformation,
                position=scene.stage.service.log.head(),
                **scene.said(fields),
            )
        return scene.enters(key, DECISION, taken)

    return deed


def reports(key: str, subject: str, confidence: Confidence, narrative: str) -> Deed:
    """The weather of the transformation, an axis, a workstream or a phase is declared."""

    def deed(scene: Scene) -> Target:
        concept, id = scene.stage.things[subject]
        about = ReportSubject.model_validate({"kind": concept.name, "id": id})
        reported = report_status(
            scene.unit, scene.transformation, subject=about, confidence=confidence, narrative=scene.said(narrative)
        )
        return scene.enters(key, STATUS_REPORT, reported)

    return deed


def notes(key: str, subject: str, text: str, **fields: Any) -> Deed:
    """A note is written beside an object."""

    def deed(scene: Scene) -> Target:
        concept, id = scene.stage.things[subject]
        about = NoteSubject(kind=concept.name, id=id)
        written = write_note(scene.unit, scene.transformation, subject=about, text=scene.said(text), **fields)
        return scene.enters(key, NOTE, written)

    return deed


def corrects(key: str, topic: str, on: int | None = None, **changes: Any) -> Deed:
    """A recorded fact is put right: the last one of its topic, or the one that is true on a day."""

    def deed(scene: Scene) -> Target:
        concept, id = scene.stage.things[key]
        wanted = {name: _wire(scene.said(value)) for name, value in changes.items()}
        fact = scene.last(key, topic, on)
        return Target(concept, mending.correct(scene.unit, concept, id, fact.envelope.event_id, wanted))

    return deed


def withdraws(key: str, topic: str, on: int | None = None) -> Deed:
    """A fact that was recorded by mistake is taken back; the creation takes its object with it."""

    def deed(scene: Scene) -> Target:
        concept, id = scene.stage.things[key]
        fact = scene.last(key, topic, on)
        with scene.connection() as connection:
            position = scene.stage.service.log.head()
            state = mending.withdraw(
                scene.unit,
                connection,
                concept,
                id,
                fact.envelope.event_id,
                position=position,
                viewer=Viewer(scene.unit.act.actor, sees_restricted=True),
            )
        return Target(concept, state)

    return deed


def _wire(value: Any) -> Any:
    """A corrected value travels as JSON."""
    return value if value is None or isinstance(value, int) else str(value)


def minutes_of(title: str, number: str, days: int) -> Shaped:
    """A record of decisions, as a document kept elsewhere. Its address leads nowhere: the case is a story."""
    return shaped(
        Document,
        title=title,
        uri=f"https://documents.demonstration.example/releves/{number}.pdf",
        sha256=number.encode().hex().ljust(64, "0"),
        dated_on=On(days),
    )
