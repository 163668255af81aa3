"""Workstream: opened under an axis or deeper, ranked, moved, closed and taken up again."""

from service.domain.concept import NothingToChange, ReasonRequired
from service.domain.event import new_id
from service.domain.workstream import (
    WORKSTREAM,
    WorkstreamClosed,
    WorkstreamConfirmed,
    WorkstreamDescribed,
    WorkstreamInsideItself,
    WorkstreamNotOpen,
    WorkstreamOfAnotherAxis,
    WorkstreamOpened,
    WorkstreamPlaced,
    WorkstreamPrioritised,
    WorkstreamReopened,
    WorkstreamStillOpen,
    close,
    confirm,
    open_,
    place,
    prioritise,
    reopen,
    revise,
)
from tests.domain.given import TODAY, act, because, given, refusal_of, state_of

AXIS, OTHER_AXIS = new_id(), new_id()
OPENED = WorkstreamOpened(ref=4, axis_id=AXIS, title="Relecture assistée")


def test_a_workstream_is_opened_under_an_axis():
    state = given(WORKSTREAM).when(lambda: open_(ref=4, title="Relecture assistée", axis_id=AXIS)).then(OPENED)
    assert (state.status, WORKSTREAM.reference(state)) == ("open", "X-4")
    assert WORKSTREAM.links(state) == (AXIS,)


def test_under_another_workstream_it_takes_its_axis():
    parent = state_of(WORKSTREAM, OPENED)
    state = given(WORKSTREAM).when(lambda: open_(ref=5, title="Pilote", parent=parent)).unrefused()
    assert (state.axis_id, state.parent_id) == (AXIS, parent.id)
    refusal_of(WorkstreamOfAnotherAxis, lambda: open_(ref=5, title="Pilote", parent=parent, axis_id=OTHER_AXIS))
    closed = state_of(WORKSTREAM, OPENED, WorkstreamClosed())
    refusal_of(WorkstreamNotOpen, lambda: open_(ref=5, title="Pilote", parent=closed))


def test_its_words_change_and_its_rank_says_which_workshop_gave_it():
    goals = ("Diviser par deux le délai de relecture avant décembre",)
    state = (
        given(WORKSTREAM, OPENED)
        .when(lambda w: revise(w, objectives=goals))
        .then(WorkstreamDescribed(objectives=goals))
    )
    assert state.objectives == goals
    state = (
        given(WORKSTREAM, OPENED)
        .when(lambda w: prioritise(w, 1, source="Atelier du 3 février"))
        .then(WorkstreamPrioritised(priority=1, source="Atelier du 3 février"))
    )
    assert (state.priority, state.priority_source) == (1, "Atelier du 3 février")


def test_it_moves_with_its_parts():
    workstream = state_of(WORKSTREAM, OPENED)
    part = state_of(
        WORKSTREAM, WorkstreamOpened(ref=5, axis_id=AXIS, parent_id=workstream.id, title="Pilote"), WorkstreamClosed()
    )
    assert place(workstream, axis_id=OTHER_AXIS, parts=[part]) == [
        (workstream, [WorkstreamPlaced(axis_id=OTHER_AXIS)]),
        (part, [WorkstreamPlaced(axis_id=OTHER_AXIS)]),
    ]
    moved = WorkstreamPlaced(axis_id=OTHER_AXIS)
    assert given(WORKSTREAM, OPENED).when([moved]).then(moved).axis_id == OTHER_AXIS
    assert given(WORKSTREAM, OPENED, WorkstreamClosed()).when([moved]).then(moved).status == "closed"
    refusal_of(NothingToChange, lambda: place(workstream, axis_id=AXIS))


def test_it_never_stands_under_itself_or_its_own_parts():
    workstream = state_of(WORKSTREAM, OPENED)
    part = state_of(WORKSTREAM, WorkstreamOpened(ref=5, axis_id=AXIS, parent_id=workstream.id, title="Pilote"))
    refusal_of(WorkstreamInsideItself, lambda: place(workstream, parent=workstream))
    refusal_of(WorkstreamInsideItself, lambda: place(workstream, parent=part, above=[workstream.id]))


def test_it_is_closed_and_reopened_for_a_reason():
    given(WORKSTREAM, OPENED).when(close).refused(ReasonRequired)
    state = given(WORKSTREAM, OPENED).when(close, because("Fondu dans X-2")).then(WorkstreamClosed())
    assert (state.status, state.closing_reason, state.closed_on) == ("closed", "Fondu dans X-2", TODAY)
    closed = (OPENED, WorkstreamClosed())
    given(WORKSTREAM, *closed).when(lambda w: revise(w, title="X")).refused(WorkstreamNotOpen, ref="X-4")
    given(WORKSTREAM, *closed).when(close, because("Encore")).refused(WorkstreamNotOpen)
    given(WORKSTREAM, *closed).when(reopen).refused(ReasonRequired)
    state = given(WORKSTREAM, *closed).when(reopen, because("Repris")).then(WorkstreamReopened())
    assert (state.status, state.reopen_count, state.closing_reason) == ("open", 1, None)
    given(WORKSTREAM, OPENED).when(reopen, because("Repris")).refused(WorkstreamStillOpen)


def test_nothing_changed_is_one_click():
    state = given(WORKSTREAM, OPENED).when(confirm, act(on="2026-04-01")).then(WorkstreamConfirmed())
    assert state.confirmed_on.isoformat() == "2026-04-01"
