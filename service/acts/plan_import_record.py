"""Recording what was drafted: places first, then people, then the rows, all in one unit of work."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from service.acts.plan_import_cells import BLOCKED, LATE, WORD_OF, status_word
from service.acts.plan_import_draft import Draft, Draughts
from service.acts.plan_import_match import Pointer, own_title, stamp_key
from service.acts.plan_import_places import Place
from service.acts.plan_import_world import World
from service.domain import axis, note, principal, workstream
from service.domain.action import ACTION, Action
from service.domain.action_course import become, propose, revise
from service.domain.action_events import (
    ActionAbandoned,
    ActionPaused,
    ActionReopened,
    ActionRescheduled,
    ActionStatusImported,
)
from service.domain.axis import AXIS, Axis
from service.domain.concept import Concept, differences
from service.domain.event import Event, new_id
from service.domain.imported import ImportStamp
from service.domain.note import NOTE, NoteSubject
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_course import raise_obstacle
from service.domain.obstacle_events import ObstacleTarget
from service.domain.principal import PERSON
from service.domain.refusal import Refusal
from service.domain.transformation import TRANSFORMATION, plan_is_validated
from service.domain.workstream import WORKSTREAM
from service.exchange.typography import say
from service.store.unit import Unit

REASON = "repris de l’import"
NEEDS_REASON = (ActionPaused, ActionAbandoned, ActionReopened)
Numbers = Callable[[Concept[Any], int], Iterator[int]]
"""Gives the next short references of a concept, a given number of them."""
Progress = Callable[[int, int], None]


class ImportRecorder:
    """Records the drafts of one import into one unit."""

    def __init__(
        self, unit: Unit, transformation_id: UUID, import_id: UUID, world: World, pointer: Pointer, numbers: Numbers
    ) -> None:
        self.unit, self.world, self.pointer, self.numbers = unit, world, pointer, numbers
        self.transformation_id, self.import_id = transformation_id, import_id
        self.baselined = plan_is_validated(unit.get(TRANSFORMATION, transformation_id))

    def record(self, draughts: Draughts, progress: Progress = lambda done, total: None) -> None:
        """Record all that writes. A row that a rule refuses gets its problem, and nothing of it is recorded."""
        self.draughts = draughts
        self.record_people()
        self.record_places([place for place in draughts.places.new if place.used])
        rows = [one for one in draughts.rows if one.writes]
        self.refs = self.numbers(ACTION, sum(one.found.action is None for one in rows))
        for one in rows:
            if one.found.action is None:
                one.id, one.ref = new_id(), next(self.refs)
        self.made = {id(one.found): one for one in rows}
        # Actions before sub-actions, which stand on them; references follow the order of the file.
        rows.sort(key=lambda one: one.row.sub_action is not None)
        for done, one in enumerate(rows, start=1):
            self.record_row(one)
            progress(done, len(rows))

    def record_people(self) -> None:
        with self.acting(transformation_id=None):
            for person in self.draughts.people.new.values():
                self.unit.create(PERSON, principal.enrol(), person.id)

    def record_places(self, places: Sequence[Place]) -> None:
        standing = [state for state in self.world.places.now() if isinstance(state, Axis)]
        position = max((state.position for state in standing), default=0)
        refs = self.numbers(WORKSTREAM, sum(not place.is_axis for place in places))
        for place in places:
            stamp = ImportStamp(import_id=self.import_id, row_key=place.row_key)
            title = place.titles[-1]
            if place.is_axis:
                position += 1
                self.unit.create(AXIS, axis.propose(position=position, title=title, row=stamp), place.id)
            else:
                above = place.parent
                events = workstream.open_(
                    ref=next(refs),
                    title=title,
                    axis_id=above.axis_id if above else None,
                    parent=None if above is None or above.is_axis else self.workstream(above),
                    row=stamp,
                )
                self.unit.create(WORKSTREAM, events, place.id)
            self.unit.claim(f"import place:{self.transformation_id}:{place.row_key}")

    def workstream(self, place: Place) -> workstream.Workstream:
        if isinstance(place.state, workstream.Workstream):
            return self.unit.adopt(WORKSTREAM, place.state)
        return self.unit.get(WORKSTREAM, place.id)

    def record_row(self, one: Draft) -> None:
        try:
            with self.unit.attempt():
                action = self.create(one) if one.found.action is None else self.change(one, one.found.action)
                self.remark(one, action)
        except Refusal as refusal:
            message = refusal.message("fr")
            advice = say("Corrigez la ligne, ou modifiez l'action dans le service.")
            one.problems.append(self.pointer.problem(one.row, own_title(one.row), refusal.code, message, advice))

    def create(self, one: Draft) -> Action:
        fields = {name: value for name, value in one.fields.items() if value is not None}
        title = fields.pop("title", one.row.title)
        stamp = ImportStamp(import_id=self.import_id, row_key=stamp_key(one.row.key))
        word = one.word if one.word and one.word != WORD_OF.get(one.status or "") else None
        proposed, *path = propose(
            ref=one.ref or 0,
            title=title,
            parent=self.parent(one),
            baselined=self.baselined,
            status=one.status or "proposed",
            imported_status=word,
            row=stamp,
            **self.placed(one),
            **self.assigned(one),
            **fields,
        )
        action = self.unit.create(ACTION, [proposed], one.id)
        self.unit.claim(f"import row:{self.transformation_id}:{stamp.row_key}")
        return self.follow(action, path)

    def parent(self, one: Draft) -> Action | None:
        if one.row.sub_action is None:
            return None
        made = self.made.get(id(one.found.parent)) if one.found.parent else None
        if made is not None and made.id is not None:
            return self.unit.get(ACTION, made.id)
        return None if one.found.parent_action is None else self.unit.adopt(ACTION, one.found.parent_action)

    def change(self, one: Draft, action: Action) -> Action:
        action = self.unit.adopt(ACTION, action)
        wanted = {**one.fields, **self.placed(one), **self.assigned(one)}
        if differences(action, **wanted):
            action = self.follow(action, revise(action, baselined=self.baselined, **wanted))
        if one.status is not None:
            action = self.follow(action, become(action, one.status))
            if (status_word(action) or "") != one.word:
                action = self.unit.record(ACTION, action.id, [ActionStatusImported(word=one.word or "")])
        return action

    def follow(self, action: Action, events: Sequence[Event]) -> Action:
        """Record events one after the other, with the reason « repris de l’import » where the rules ask for one."""
        for event in events:
            needed = isinstance(event, NEEDS_REASON) or (isinstance(event, ActionRescheduled) and action.baseline_on)
            with self.acting(reason=self.unit.act.reason or (REASON if needed else None)):
                action = self.unit.record(ACTION, action.id, [event])
        return action

    def placed(self, one: Draft) -> dict[str, Any]:
        if not one.moved:
            return {}
        place = one.place
        if place is not None and place.state is not None:
            concept: Concept[Any] = AXIS if place.is_axis else WORKSTREAM
            self.unit.adopt(concept, place.state)
        return {
            "axis_id": place.axis_id if place else None,
            "workstream_id": None if place is None or place.is_axis else place.id,
        }

    def assigned(self, one: Draft) -> dict[str, Any]:
        """The first person leads, the others contribute."""
        if one.people is None:
            return {}
        ids = self.draughts.people.ids(one.people)
        return {"lead": ids[0] if ids else None, "contributors": tuple(ids[1:])}

    def remark(self, one: Draft, action: Action) -> None:
        """What the words « En retard » and « Bloqué » bring besides the status (DOMAIN section 5)."""
        if one.word == LATE:
            text = f"Le classeur importé dit cette action «\u202f{LATE}\u202f»."
            subject = NoteSubject(kind=ACTION.name, id=action.id)
            self.unit.create(NOTE, note.write(subject=subject, text=text))
            one.remarks.append(say("Une note rappelle que le classeur dit l'action « En retard »."))
        elif one.word == BLOCKED and not {action.id, action.parent_id} & self.world.blocked:
            events = raise_obstacle(
                ref=next(self.numbers(OBSTACLE, 1)),
                title=f"Action bloquée\u202f: {action.title}"[:300],
                statement=f"Le classeur importé dit cette action «\u202f{BLOCKED}\u202f», sans dire par quoi.",
                nature="obstacle",
                impact=2,
                urgency=2,
                owner=action.lead,
                blocks=(ObstacleTarget(kind="action", id=action.id),),
            )
            self.unit.create(OBSTACLE, events)
            one.remarks.append(say("Un obstacle est signalé : le classeur dit l'action « Bloqué »."))

    @contextmanager
    def acting(self, **changes: Any) -> Iterator[None]:
        """The same act with a reason, or outside the transformation."""
        act = self.unit.act
        self.unit.act = replace(act, **changes)
        try:
            yield
        finally:
            self.unit.act = act
