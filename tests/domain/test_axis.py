"""Axis: proposed, confirmed by a decision, closed."""

from service.domain.axis import (
    AXIS,
    AxisAlreadyConfirmed,
    AxisClosed,
    AxisConfirmed,
    AxisDescribed,
    AxisLookedAt,
    AxisNotOpen,
    AxisProposed,
    close,
    confirm,
    look_at,
    propose,
    revise,
)
from service.domain.concept import NothingToChange
from service.domain.event import new_id
from tests.domain.given import TODAY, given

PROPOSED = AxisProposed(position=2, title="Outils")
DECISION = new_id()
CONFIRMED = AxisConfirmed(decision_id=DECISION)


def test_an_axis_is_proposed_in_its_place():
    state = given(AXIS).when(lambda: propose(position=2, title="Outils")).then(PROPOSED)
    assert (state.status, state.position) == ("proposed", 2)


def test_a_decision_confirms_it_once():
    state = given(AXIS, PROPOSED).when(lambda a: confirm(a, DECISION)).then(CONFIRMED)
    assert (state.status, state.decision_id, state.axis_confirmed_on) == ("confirmed", DECISION, TODAY)
    assert state.confirmed_on is None
    given(AXIS, PROPOSED, CONFIRMED).when(lambda a: confirm(a, new_id())).refused(
        AxisAlreadyConfirmed, confirmed_on=TODAY
    )


def test_to_look_at_it_confirms_nothing_but_that_nothing_changed():
    state = given(AXIS, PROPOSED).when(look_at).then(AxisLookedAt())
    assert (state.status, state.confirmed_on) == ("proposed", TODAY)


def test_its_words_and_its_place_change():
    state = given(AXIS, PROPOSED).when(lambda a: revise(a, position=1)).then(AxisDescribed(position=1))
    assert (state.position, state.title) == (1, "Outils")
    given(AXIS, PROPOSED).when(lambda a: revise(a, title="Outils")).refused(NothingToChange)


def test_a_closed_axis_stays_as_it_is():
    state = given(AXIS, PROPOSED, CONFIRMED).when(close).then(AxisClosed())
    assert (state.status, state.closed_on) == ("closed", TODAY)
    for decision in (close, look_at, lambda a: confirm(a, DECISION), lambda a: revise(a, title="X")):
        given(AXIS, PROPOSED, AxisClosed()).when(decision).refused(AxisNotOpen, title="Outils")
