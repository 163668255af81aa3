"""Random legal histories, and what the tests believe of them: a naive fold of their own."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from psycopg.sql import SQL

from service.acts.principals import enrol_person
from service.acts.transformations import grant_member, prepare_transformation
from service.domain import (
    action_course,
    axis,
    body,
    decision_course,
    deliverable,
    direction_project,
    evaluation,
    gate,
    group,
    indicator_course,
    milestone,
    note,
    obstacle_course,
    phase,
    review_course,
    status_report,
    transformation,
    workstream,
)
from service.domain.act import Act
from service.domain.action import ACTION
from service.domain.all_concepts import ALL_CONCEPTS
from service.domain.axis import AXIS
from service.domain.body import BODY
from service.domain.concept import Concept
from service.domain.decision import DECISION
from service.domain.deliverable import DELIVERABLE
from service.domain.direction_project import DIRECTION_PROJECT
from service.domain.evaluation import EVALUATION
from service.domain.event import Event, Fact, Revision
from service.domain.group import GROUP
from service.domain.indicator import INDICATOR
from service.domain.mending import Corrected, Withdrawn
from service.domain.milestone import MILESTONE, MilestoneSubject
from service.domain.note import NOTE, NoteSubject
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_events import ResolvedBy
from service.domain.phase import PHASE
from service.domain.principal import PERSON
from service.domain.refusal import Refusal
from service.domain.review import REVIEW
from service.domain.review_events import ReviewHeld
from service.domain.status_report import STATUS_REPORT, ReportSubject
from service.domain.transformation import TRANSFORMATION
from service.domain.workstream import WORKSTREAM
from service.projections import all_tables
from service.projections.as_of import AsOf
from service.projections.audit_events import AuditEvents
from service.projections.engine import Projector
from service.projections.links import Links
from service.projections.restricted import RestrictedObjects
from service.store.database import Database
from service.store.directory import Directory
from service.store.log import EventLog
from service.store.recording import Recorder
from service.store.texts import TextVault
from service.store.unit import Outcome, Target, Unit

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 6, 1)
Step = tuple[int, int, int, int]
"""What to do, to which object, by whom, how many hours later."""
paths = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 30), st.integers(0, 2), st.integers(0, 40)), min_size=3, max_size=25
)


class House:
    """The log and the read models over one database, without HTTP."""

    def __init__(self, dsn: str) -> None:
        self.database = Database(dsn, pool_size=12)
        self.database.open()
        self.log = EventLog(self.database, TextVault(b"k" * 32))
        self.recorder = Recorder(self.log)
        self.directory = Directory(self.database)
        self.projector = self.new_projector()
        self.now = START
        self.people = [self.enrol(name) for name in ("Lead", "Sponsor", "Contributor")]

    def new_projector(self) -> Projector:
        return Projector(self.log, all_tables.TABLES, [RestrictedObjects(), Links(), AuditEvents()])

    def close(self) -> None:
        self.database.close()

    def act(self, who: int = 0, **more: Any) -> Act:
        return Act(actor=self.people[who] if hasattr(self, "people") else "p_" + "0" * 32, now=self.now, **more)

    def enrol(self, name: str) -> str:
        def work(unit: Unit) -> Target:
            return Target(PERSON, enrol_person(unit, self.directory, name))

        outcome = self.recorder.execute(self.act(), work)
        return "p_" + outcome.id.hex

    def facts_of(self, stream: UUID) -> list[Fact]:
        return self.log.history(stream)


class Life:
    """One transformation whose history a path makes."""

    def __init__(self, house: House, code: str) -> None:
        self.house = house
        self.objects: list[tuple[Concept[Any], UUID]] = []
        lead, sponsor, contributor = house.people

        def prepare(unit: Unit) -> Target:
            made = prepare_transformation(
                unit, code=code, name="Direction", lead=lead, sponsor=sponsor, template="direction-4-phases"
            )
            grant_member(unit, made.id, contributor, "contributor")
            return Target(TRANSFORMATION, made)

        outcome = house.recorder.execute(house.act(), prepare)
        self.id = outcome.id
        (steering, *_) = [f for f in outcome.facts if f.topic == "body.constituted"]
        self.body = BODY.evolve(None, steering)
        self.phases = [f.originator_id for f in outcome.facts if f.topic == "phase.planned"]
        self.objects = [(TRANSFORMATION, self.id), (PHASE, self.phases[0])]
        self.objects += [(BODY, self.body.id)]
        self.objects += [(AXIS, f.originator_id) for f in outcome.facts if f.topic == "axis.proposed"][:1]
        self.refused = 0

    def walk(self, path: Sequence[Step]) -> "Life":
        for choice, which, who, later in path:
            self.house.now += timedelta(hours=later)
            try:
                self.step(choice, which, who)
            except Refusal:
                self.refused += 1
        return self

    def step(self, choice: int, which: int, who: int) -> Outcome:
        """One act: a creation, an edit, a correction or a withdrawal. Raises the refusal of the rule against it."""
        act = self.house.act(who, transformation_id=self.id, reason="Il le faut")
        if choice < len(CREATIONS):
            concept, decide = CREATIONS[choice]

            def create(unit: Unit) -> Target:
                ref = {"ref": unit.reference(concept, self.id)} if concept.letter else {}
                return Target(concept, unit.create(concept, decide(self, which, **ref)))

            outcome = self.house.recorder.execute(act, create)
            self.objects.append((concept, outcome.id))
            return outcome
        concept, id = self.objects[which % len(self.objects)]
        if choice < len(CREATIONS) + 6:
            return self.house.recorder.execute(act, lambda unit: Target(concept, self._mend(unit, concept, id, choice)))

        def edit(unit: Unit) -> Target:
            state = unit.get(concept, id)
            if concept is TRANSFORMATION and choice % 2:
                phases = [unit.get(PHASE, p) for p in self.phases]
                for changed, events in gate.open_first(state, phases):
                    unit.record(TRANSFORMATION if changed.id == id else PHASE, changed.id, events)
                return Target(concept, unit.get(concept, id))
            acts = ACTS[concept.name]
            return Target(concept, unit.record(concept, id, acts[choice % len(acts)](state, which)))

        return self.house.recorder.execute(act, edit)

    def _mend(self, unit: Unit, concept: Concept[Any], id: UUID, choice: int) -> Any:
        facts = unit.history(id)
        target = facts[choice % len(facts)]
        if choice % 3 and (concept is not TRANSFORMATION or target is not facts[0]):  # nothing happens in what is gone
            return unit.withdraw(concept, id, target.envelope.event_id)
        fields = type(target.event).model_fields
        wishes = {"title": "Corrigé", "due_on": "2026-07-14", "name": "Corrigée", "statement": "Autre énoncé"}
        changes = {name: value for name, value in wishes.items() if name in fields}
        changes = changes or {"occurred_on": "2026-01-05"}
        return unit.correct(concept, id, target.envelope.event_id, changes)

    def facts(self) -> list[Fact]:
        """Every fact of the transformation, in the order of the log."""
        query = "SELECT DISTINCT originator_id FROM events WHERE transformation_id = %s"
        streams = [row["originator_id"] for row in self.house.database.all(query, (self.id,))]
        return sorted((fact for stream in streams for fact in self.house.facts_of(stream)), key=lambda f: f.position)


def _resolved(state: Any, n: int) -> Sequence[Event]:
    return obstacle_course.resolve(state, resolution="Levé", resolved_by=ResolvedBy(kind="other"))


def _shown_to(n: int) -> Any:
    return "restricted" if n % 2 else "members"


CREATIONS: tuple[tuple[Concept[Any], Callable[..., Sequence[Event]]], ...] = (
    (ACTION, lambda life, n, ref: action_course.propose(ref=ref, title=f"Action {n}", description="Texte", end_on=DAY)),
    (WORKSTREAM, lambda life, n, ref: workstream.open_(ref=ref, title=f"Chantier {n}", objectives=("Un", "Deux"))),
    (
        MILESTONE,
        lambda life, n, ref: milestone.plan(
            ref=ref,
            subject=MilestoneSubject(kind="phase", id=life.phases[n % 4]),
            title=f"Jalon {n}",
            due_on=DAY + timedelta(days=n),
            baselined=bool(n % 2),
        ),
    ),
    (
        OBSTACLE,
        lambda life, n, ref: obstacle_course.raise_obstacle(
            ref=ref,
            title=f"Obstacle {n}",
            statement="Quelqu’un bloque",
            nature="obstacle",
            impact=3,
            urgency=2,
            owner=life.house.people[2],
            visibility=_shown_to(n),
        ),
    ),
    (
        INDICATOR,
        lambda life, n, ref: indicator_course.define(
            ref=ref, title=f"Indicateur {n}", family="doing", unit="%", direction="up", cadence="monthly"
        ),
    ),
    (
        DECISION,
        lambda life, n, ref: decision_course.take(
            ref=ref, title=f"Décision {n}", chosen="Oui", rationale="Parce que", visibility=_shown_to(n)
        ),
    ),
    (
        NOTE,
        lambda life, n: note.write(
            subject=NoteSubject(kind="transformation", id=life.id), text="Une note", visibility=_shown_to(n)
        ),
    ),
    (
        STATUS_REPORT,
        lambda life, n: status_report.report(
            subject=ReportSubject(kind="phase", id=life.phases[n % 4]), confidence="attainable", narrative="Ça va"
        ),
    ),
    (DELIVERABLE, lambda life, n, ref: deliverable.draft(ref=ref, kind="document", title=f"Livrable {n}")),
    (DIRECTION_PROJECT, lambda life, n: direction_project.draft(title=f"Projet {n}", **PROJECT)),
    (EVALUATION, lambda life, n: evaluation.draft(title=f"Évaluation {n}", baseline="Au départ")),
)

PROJECT: dict[str, Any] = {"why": "Le sens", "how": "Ensemble", "vision": "Un métier", "missions": ("Écrire",)}
CREATIONS += (
    (GROUP, lambda life, n: group.form(name=f"Groupe {n}", kind="partner" if n % 2 else "staff")),
    (BODY, lambda life, n: body.constitute(name=f"Instance {n}", mission="Suivre", seats=("Un", "Deux", "Trois"))),
    (
        REVIEW,
        lambda life, n, ref: review_course.schedule(
            ref=ref,
            body=life.body,
            title=f"Point {n}",
            planned_on=START.date() + timedelta(days=n),
            criteria=("Tous ont été entendus",),
        ),
    ),
)

ACTS: dict[str, tuple[Callable[[Any, int], Sequence[Event]], ...]] = {
    "transformation": (
        lambda t, n: transformation.revise(t, name=f"Nom {n}", description="Décrite"),
        lambda t, n: transformation.set_calendar(t, closed_days=(DAY + timedelta(days=n),)),
        lambda t, n: transformation.confirm(t),
    ),
    "deliverable": (
        lambda d, n: deliverable.add_version(d, title=f"Version {n}"),
        lambda d, n: deliverable.submit(d),
        lambda d, n: deliverable.send_back(d, "À compléter"),
        lambda d, n: deliverable.validate(d),
    ),
    "direction_project": (
        lambda p, n: direction_project.revise(p, ambitions=(f"Durer {n}",)),
        lambda p, n: direction_project.submit(p),
        lambda p, n: direction_project.adjust(p, "Moins long"),
        lambda p, n: direction_project.validate(p),
    ),
    "evaluation": (
        lambda e, n: evaluation.revise(e, result=f"Résultat {n}", narrative="Le récit"),
        lambda e, n: evaluation.revise(e, carried_on_by="p_" + "1" * 32, follow_up_on=DAY),
        lambda e, n: evaluation.validate(e),
    ),
    "phase": (
        lambda p, n: phase.revise(p, title=f"Phase {n}", planned_to=DAY + timedelta(days=n)),
        lambda p, n: phase.confirm(p),
    ),
    "axis": (lambda a, n: axis.revise(a, title=f"Axe {n}"), lambda a, n: axis.close(a), lambda a, n: axis.look_at(a)),
    "action": (
        lambda a, n: action_course.plan(a),
        lambda a, n: action_course.start(a),
        lambda a, n: action_course.declare_progress(a, Decimal(n)),
        lambda a, n: action_course.complete(a),
        lambda a, n: action_course.revise(a, title=f"Action bis {n}", end_on=DAY + timedelta(days=n), priority="high"),
        lambda a, n: action_course.pause(a),
        lambda a, n: action_course.reopen(a),
    ),
    "workstream": (
        lambda w, n: workstream.revise(w, title=f"Chantier bis {n}"),
        lambda w, n: workstream.prioritise(w, 1 + n),
        lambda w, n: workstream.close(w),
        lambda w, n: workstream.reopen(w),
    ),
    "milestone": (
        lambda m, n: milestone.reschedule(m, DAY + timedelta(days=2 * n)),
        lambda m, n: milestone.reach(m),
        lambda m, n: milestone.reopen(m),
        lambda m, n: milestone.revise(m, title=f"Jalon bis {n}", due_on=DAY),
    ),
    "obstacle": (
        lambda o, n: obstacle_course.activate(o),
        lambda o, n: obstacle_course.assess(o, impact=1, urgency=3),
        lambda o, n: obstacle_course.escalate(o, level="direction", ask="Un avis", answer_due_on=DAY),
        _resolved,
        lambda o, n: obstacle_course.change_visibility(o, _shown_to(n)),
        lambda o, n: obstacle_course.reopen(o),
    ),
    "indicator": (
        lambda i, n: indicator_course.measure(i, value=Decimal(n), comment="Relevé"),
        lambda i, n: indicator_course.revise(i, title=f"Indicateur bis {n}"),
        lambda i, n: indicator_course.confirm(i),
    ),
    "group": (
        lambda g, n: group.count(g, n),
        lambda g, n: group.revise(g, name=f"Groupe bis {n}"),
        lambda g, n: group.dissolve(g),
    ),
    "body": (
        lambda b, n: body.appoint(b, f"p_{n:032x}", seat=1 + n % 3),
        lambda b, n: body.leave(b, f"p_{n:032x}"),
        lambda b, n: body.revise(b, name=f"Instance bis {n}", quorum=1 + n % 3),
    ),
    "review": (
        lambda r, n: review_course.freeze_pack(r, position=n, canonical="{}", texts={"review/statement": "Un texte"}),
        lambda r, n: [ReviewHeld(required=1, present=n % 3, filled=3, seated=("p_" + "0" * 32,), minutes="Dit")],
        lambda r, n: review_course.assess_criterion(r, 1, met=bool(n % 2), comment="Vu"),
        lambda r, n: review_course.close(r, conclusions="Tout est dit"),
        lambda r, n: review_course.contest(r, "Non"),
        lambda r, n: review_course.reschedule(r, DAY + timedelta(days=n)),
    ),
    "decision": (
        lambda d, n: decision_course.communicate(d, "Les équipes"),
        lambda d, n: decision_course.apply(d),
        lambda d, n: decision_course.change_visibility(d, _shown_to(n)),
    ),
    "note": (lambda x, n: note.change_visibility(x, _shown_to(n)),),
    "status_report": (lambda r, n: status_report.acknowledge(r),),
}


# What the tests believe


def believed(facts: Sequence[Fact]) -> dict[str, dict[str, Any]]:
    """The state of every object after these facts of the log, by id, folded naively."""
    streams: dict[UUID, list[Fact]] = {}
    for fact in facts:
        streams.setdefault(fact.originator_id, []).append(fact)
    return {str(id): _naive(history) for id, history in streams.items()}


def _naive(history: Sequence[Fact]) -> dict[str, Any]:
    concept = next(c for c in ALL_CONCEPTS if isinstance(history[0].event, c.events[0]))
    taken_back = [f.event.target_event_id for f in history if isinstance(f.event, Withdrawn)]
    state: Any = None
    for fact in history:
        if isinstance(fact.event, Corrected | Withdrawn):
            continue
        if fact.envelope.event_id in taken_back and fact is not history[0]:
            continue
        for later in history:
            if isinstance(later.event, Corrected) and later.event.target_event_id == fact.envelope.event_id:
                fact = _put_right(fact, later.event)
        state = concept.evolve(state, fact)
    shown: dict[str, Any] = state.model_dump(mode="json")
    shown["version"] = len(history)
    if history[0].envelope.event_id in taken_back:
        shown["withdrawn"], shown["status"] = True, "withdrawn"
    shown["corrections"] = sum(isinstance(f.event, Corrected) for f in history)
    return shown


def _put_right(fact: Fact, correction: Corrected) -> Fact:
    values = {**correction.changes, **correction.texts}
    envelope = fact.envelope.model_dump()
    if "occurred_on" in values:
        envelope["occurred_on"] = values.pop("occurred_on")
        envelope["occurred_on_basis"] = "stated"
    data = fact.event.model_dump(exclude_unset=isinstance(fact.event, Revision))
    return Fact(
        fact.originator_id,
        fact.originator_version,
        type(fact.event).model_validate(data | values),
        type(fact.envelope).model_validate(envelope),
        fact.position,
        fact.recorded_at,
    )


def read_back(house: House, transformation_id: UUID, position: int | None) -> dict[str, dict[str, Any]]:
    """What the tables say of every object of the transformation, withdrawn ones too, as of a position."""
    found = {}
    with house.database.snapshot() as connection:
        for table in all_tables.TABLES:
            as_of = AsOf(house.now, position)
            owned = SQL("t.transformation_id = {}").format(transformation_id)
            rows = table.rows_of(transformation_id, as_of, owned)
            for row in connection.execute(SQL("SELECT r.state, r.version FROM {} r").format(rows)):
                state = {**row["state"], "corrections": len(row["state"]["corrections"])}
                assert row["version"] == state["version"]
                found[state["id"]] = state
    return found
