"""An obstacle: from the word that raises it to somebody else's eye that sees it lifted, with the clocks that run."""

from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain import obstacle_clock as clock
from service.domain import obstacle_course as course
from service.domain.concept import NothingToChange, ObjectWithdrawn, ReasonRequired
from service.domain.event import new_id
from service.domain.mending import LaterFactsDepend
from service.domain.obstacle import (
    OBSTACLE,
    BeforeItsTime,
    Obstacle,
    ObstacleNotInStatus,
    ObstacleNotOpen,
    ObstacleStillOpen,
    OnlyTheOwnerSpeaks,
    OwnerCannotVerify,
    PostponedTooShort,
    ResolvedByNothing,
    severity,
)
from service.domain.obstacle_escalation import (
    AnswerDueTooSoon,
    EscalationGoesUp,
    EscalationPending,
    NoEscalationToAnswer,
    ObstacleEscalated,
    ObstacleEscalationAnswered,
)
from service.domain.obstacle_events import (
    ObstacleActivated,
    ObstacleAssessed,
    ObstacleAssigned,
    ObstacleClosed,
    ObstacleDescribed,
    ObstacleLookPlanned,
    ObstaclePostponed,
    ObstacleRaised,
    ObstacleRejected,
    ObstacleReopened,
    ObstacleResolved,
    ObstacleResumed,
    ObstacleSpoken,
    ObstacleTarget,
    ObstacleVisibilityChanged,
    ResolvedBy,
)
from tests.domain.given import (
    CONTRIBUTOR,
    GOVERNOR,
    LEAD,
    OTHER,
    TODAY,
    World,
    act,
    because,
    day,
    given,
    in_the_name_of,
    refusal_of,
    state_of,
)

ACTION_ID = UUID("01980000-0000-7000-8000-00000000000a")
OTHER_WAY = ResolvedBy(kind="other")
RESOLVED = ObstacleResolved(resolution="Un poste est ouvert", resolved_by=OTHER_WAY)
TO_DIRECTION = ObstacleEscalated(level="direction", ask="Un arbitrage", answer_due_on=day("2026-03-12"))
TO_GOVERNANCE = ObstacleEscalated(level="governance", ask="Un arbitrage", answer_due_on=day("2026-03-20"))
ANSWERED = ObstacleEscalationAnswered(answer="Oui")
POSTPONED = ObstaclePostponed(until=day("2026-04-01"))


def raised(**more: Any) -> ObstacleRaised:
    fields: dict[str, Any] = {
        "ref": 4,
        "title": "Deux postes gelés",
        "statement": "Les recrutements sont gelés jusqu’à l’été",
        "nature": "obstacle",
        "category": "people",
        "impact": 2,
        "urgency": 3,
        "owner": CONTRIBUTOR,
        "blocks": (ObstacleTarget(kind="action", id=ACTION_ID),),
        "next_look_on": day("2026-03-10"),
    }
    return ObstacleRaised(**fields | more)


def obstacle(*history: Any, **more: Any) -> World[Obstacle]:
    return given(OBSTACLE, raised(**more), *history)


def test_an_obstacle_is_raised_at_the_level_of_the_lead() -> None:
    world = given(OBSTACLE).when(
        lambda: course.raise_obstacle(
            ref=4,
            title="Deux postes gelés",
            statement="Les recrutements sont gelés jusqu’à l’été",
            nature="obstacle",
            category="people",
            impact=2,
            urgency=3,
            owner=CONTRIBUTOR,
            blocks=(ObstacleTarget(kind="action", id=ACTION_ID),),
            next_look_on=day("2026-03-10"),
        ),
        act(occurred_on="2026-02-27"),
    )
    state = world.then(raised())
    assert (state.status, state.level, state.severity) == ("raised", "lead", "high")
    assert state.raised_on == state.level_since == state.owner_since == day("2026-02-27")
    assert state.owner_spoke_on is None
    assert OBSTACLE.reference(state) == "O-4"


@pytest.mark.parametrize(
    ("products", "word"), [((1, 2), "low"), ((3, 4), "medium"), ((6,), "high"), ((9,), "critical")]
)
def test_severity_follows_the_product_of_impact_and_urgency(products: tuple[int, ...], word: str) -> None:
    grades: Any = [pair for pair in product((1, 2, 3), repeat=2) if pair[0] * pair[1] in products]
    assert grades
    assert {severity(impact, urgency) for impact, urgency in grades} == {word}


def test_a_revision_records_one_event_per_meaning() -> None:
    look, words = day("2026-03-30"), "Trois postes gelés"
    obstacle().when(
        lambda o: course.revise(
            o, title=words, urgency=2, owner=LEAD, next_look_on=look, visibility="restricted", impact=2
        )
    ).then(
        ObstacleAssessed(impact=2, urgency=2),
        ObstacleAssigned(owner=LEAD),
        ObstacleLookPlanned(next_look_on=look),
        ObstacleVisibilityChanged(visibility="restricted"),
        ObstacleDescribed(title=words),
    )


def test_a_revision_that_changes_nothing_is_refused() -> None:
    state = state_of(OBSTACLE, raised())
    refusal_of(NothingToChange, lambda: course.assess(state, impact=2, urgency=3))
    refusal_of(NothingToChange, lambda: course.assign(state, CONTRIBUTOR))
    refusal_of(NothingToChange, lambda: course.change_visibility(state, "members"))


def test_a_described_obstacle_keeps_what_was_not_sent() -> None:
    state = obstacle(ObstacleDescribed(title="Un poste gelé")).now
    assert (state.title, state.category, state.blocks[0].id) == ("Un poste gelé", "people", ACTION_ID)


def test_only_a_signalled_obstacle_is_activated() -> None:
    assert obstacle().when(course.activate).then(ObstacleActivated()).status == "active"
    obstacle(ObstacleActivated()).when(course.activate).refused(ObstacleNotInStatus, status="active", needed="raised")


def test_the_owner_s_word_ends_the_silence_and_may_move_the_next_look() -> None:
    owner = act(CONTRIBUTOR, on="2026-03-09")
    state = obstacle().when(lambda o: course.speak(o, text="On avance"), owner).then(ObstacleSpoken(text="On avance"))
    assert (state.owner_spoke_on, state.last_word) == (day("2026-03-09"), "On avance")
    assert state.next_look_on == day("2026-03-10")
    later = day("2026-03-23")
    state = obstacle().when(lambda o: course.speak(o, text="Encore", next_look_on=later), owner).unrefused()
    assert state.next_look_on == later


def test_nobody_else_speaks_for_the_owner_unless_on_their_behalf() -> None:
    obstacle().when(lambda o: course.speak(o, text="On avance")).refused(OnlyTheOwnerSpeaks, ref="O-4")
    obstacle(owner=None).when(lambda o: course.speak(o, text="On avance")).refused(OnlyTheOwnerSpeaks)
    on_behalf = act(LEAD, for_whom=in_the_name_of(CONTRIBUTOR))
    assert obstacle().when(lambda o: course.speak(o, text="On avance"), on_behalf).unrefused().owner_spoke_on == TODAY


def test_a_new_owner_starts_a_silence_of_their_own() -> None:
    history = ((ObstacleSpoken(text="Je m’en occupe"), act(CONTRIBUTOR, on="2026-03-03")),)
    state = obstacle(*history, (ObstacleAssigned(owner=LEAD), act(on="2026-03-06"))).now
    assert clock.days_silent(obstacle(*history).now, day("2026-03-13")) == 10
    assert clock.days_silent(state, day("2026-03-13")) == 7


def test_an_escalation_raises_the_level_and_waits_for_an_answer() -> None:
    state = (
        obstacle()
        .when(
            lambda o: course.escalate(o, level="direction", ask="Un arbitrage", answer_due_on=day("2026-03-12")),
            act(on="2026-03-05"),
        )
        .then(TO_DIRECTION)
    )
    assert (state.level, state.level_since, state.status) == ("direction", day("2026-03-05"), "raised")
    assert state.pending is not None
    assert (state.pending.asked_by, state.pending.due_on) == (LEAD, day("2026-03-12"))


@pytest.mark.parametrize("history", [(), (ObstacleActivated(),), (POSTPONED,)])
def test_an_obstacle_is_escalated_from_any_open_state(history: tuple[Any, ...]) -> None:
    assert obstacle(*history).when(TO_GOVERNANCE).unrefused().level == "governance"


def test_escalating_a_postponed_obstacle_brings_it_back() -> None:
    state = obstacle(POSTPONED, TO_DIRECTION).now
    assert (state.status, state.postponed_until, state.status_reason) == ("active", None, None)


@pytest.mark.parametrize("ending", [RESOLVED, ObstacleRejected()])
def test_a_lifted_or_rejected_obstacle_is_not_escalated(ending: Any) -> None:
    obstacle(ending).when(TO_DIRECTION).refused(ObstacleNotOpen)


def test_an_escalation_goes_up_and_asks_a_level_once_at_a_time() -> None:
    obstacle(TO_GOVERNANCE).when(TO_DIRECTION).refused(EscalationGoesUp, level="governance", wanted="direction")
    obstacle(TO_DIRECTION).when(TO_DIRECTION).refused(EscalationPending, due_on=day("2026-03-12"))
    again = obstacle(TO_DIRECTION, ANSWERED).when(TO_DIRECTION, act(on="2026-03-09")).unrefused()
    assert (len(again.escalations), again.level_since) == (2, TODAY)


def test_an_answer_is_not_due_before_it_is_asked_for() -> None:
    obstacle().when(TO_DIRECTION, act(on="2026-03-13")).refused(AnswerDueTooSoon)


def test_an_answer_ends_the_waiting_and_leaves_the_level() -> None:
    state = (
        obstacle(TO_DIRECTION)
        .when(lambda o: course.answer(o, answer="Oui"), act(GOVERNOR, on="2026-03-06"))
        .then(ANSWERED)
    )
    assert (state.pending, state.level) == (None, "direction")
    assert (state.escalations[0].answered_by, state.escalations[0].answered_on) == (GOVERNOR, day("2026-03-06"))


def test_without_a_pending_ask_there_is_nothing_to_answer() -> None:
    obstacle().when(ANSWERED).refused(NoEscalationToAnswer)
    obstacle(TO_DIRECTION, ANSWERED).when(ANSWERED).refused(NoEscalationToAnswer)


def test_an_unanswered_escalation_rises_to_governance_by_itself_after_its_date() -> None:
    state = obstacle(TO_DIRECTION).now
    assert course.rise(state, day("2026-03-12")) == []
    risen = obstacle(TO_DIRECTION).when(lambda o: course.rise(o, day("2026-03-13")), act(on="2026-03-13"))
    state = risen.then(ObstacleEscalated(level="governance", ask="Un arbitrage", answer_due_on=day("2026-03-23")))
    assert course.rise(state, day("2026-12-31")) == []


@pytest.mark.parametrize("history", [(), (TO_DIRECTION, ANSWERED), (TO_DIRECTION, RESOLVED), (TO_GOVERNANCE,)])
def test_nothing_rises_that_was_answered_lifted_or_is_at_the_top(history: tuple[Any, ...]) -> None:
    assert course.rise(obstacle(*history).now, day("2027-01-01")) == []


def test_a_lifted_obstacle_names_what_lifted_it() -> None:
    decision_id = new_id()
    by = ResolvedBy(kind="decision", id=decision_id)
    state = obstacle().when(lambda o: course.resolve(o, resolution="Poste ouvert", resolved_by=by)).unrefused()
    assert (state.status, state.ended_on, state.is_open) == ("resolved", TODAY, False)
    assert decision_id in OBSTACLE.links(state)
    assert ACTION_ID in OBSTACLE.links(state)
    nothing = ResolvedBy(kind="decision")
    refusal = obstacle().when(lambda o: course.resolve(o, resolution="?", resolved_by=nothing))
    assert refusal.refused(ResolvedByNothing).pointer == "/resolved_by/id"


def test_the_owner_does_not_verify_their_own_obstacle() -> None:
    obstacle(RESOLVED).when(course.close, act(CONTRIBUTOR)).refused(OwnerCannotVerify, ref="O-4")
    on_behalf = act(LEAD, for_whom=in_the_name_of(CONTRIBUTOR))
    obstacle(RESOLVED).when(course.close, on_behalf).refused(OwnerCannotVerify)
    state = obstacle(RESOLVED).when(course.close, act(OTHER, on="2026-03-04")).then(ObstacleClosed())
    assert (state.status, state.closed_on, state.verified_by) == ("closed", day("2026-03-04"), OTHER)


def test_only_a_lifted_obstacle_is_closed() -> None:
    obstacle().when(course.close, act(OTHER)).refused(ObstacleNotInStatus, needed="resolved")


def test_a_postponed_obstacle_comes_back_on_its_date() -> None:
    until = day("2026-04-01")
    state = obstacle().when(lambda o: course.postpone(o, until), because("Après le budget")).then(POSTPONED)
    assert (state.status, state.status_reason, state.is_open) == ("postponed", "Après le budget", True)
    assert not clock.postponed_back(state, day("2026-03-31"))
    assert clock.postponed_back(state, until)
    resumed = obstacle(POSTPONED).when(course.resume).then(ObstacleResumed())
    assert (resumed.status, resumed.postponed_until) == ("active", None)
    assert not clock.postponed_back(resumed, until)


def test_it_is_postponed_to_a_later_day_and_for_a_reason() -> None:
    obstacle().when(lambda o: course.postpone(o, TODAY), because("Plus tard")).refused(PostponedTooShort)
    obstacle().when(lambda o: course.postpone(o, day("2026-04-01"))).refused(ReasonRequired)
    obstacle().when(course.resume).refused(ObstacleNotInStatus, needed="postponed")


def test_rejecting_and_reopening_take_a_reason_and_a_reopening_is_counted() -> None:
    obstacle().when(course.reject).refused(ReasonRequired)
    obstacle(ObstacleRejected()).when(course.reopen).refused(ReasonRequired)
    obstacle().when(course.reopen, because("Encore là")).refused(ObstacleStillOpen)
    world = obstacle(RESOLVED, (ObstacleClosed(), act(OTHER)))
    state = world.when(course.reopen, because("Le poste est regelé")).then(ObstacleReopened())
    assert (state.status, state.reopen_count, state.status_reason) == ("active", 1, "Le poste est regelé")
    assert (state.ended_on, state.closed_on, state.resolution, state.resolved_by) == (None, None, None, None)


@pytest.mark.parametrize("ending", [RESOLVED, ObstacleRejected()])
def test_an_obstacle_that_is_no_longer_open_takes_no_more_acts(ending: Any) -> None:
    for event in (ObstacleAssessed(impact=1, urgency=1), ObstacleAssigned(owner=LEAD), RESOLVED, POSTPONED):
        obstacle(ending).when(event, because("Trop tard")).refused(ObstacleNotOpen)


def test_its_clocks_stop_when_it_is_lifted_and_run_again_when_it_is_reopened() -> None:
    state = obstacle((TO_DIRECTION, act(on="2026-03-05"))).now
    later = day("2026-03-12")
    assert (clock.age_days(state, later), clock.days_at_level(state, later), clock.days_silent(state, later)) == (
        10,
        7,
        10,
    )
    world = obstacle((TO_DIRECTION, act(on="2026-03-05")), (RESOLVED, act(on="2026-03-08")))
    assert clock.age_days(world.now, later) == 6
    assert clock.days_at_level(world.now, later) == 3
    reopened = world.when(course.reopen, because("Encore là", on="2026-03-10")).unrefused()
    assert clock.age_days(reopened, later) == 10


def test_it_is_overdue_when_the_next_look_or_the_answer_is_past_due() -> None:
    state = obstacle().now
    assert not clock.overdue(state, day("2026-03-10"))
    assert clock.overdue(state, day("2026-03-11"))
    waiting = obstacle(TO_DIRECTION, next_look_on=None).now
    assert not clock.overdue(waiting, day("2026-03-12"))
    assert clock.overdue(waiting, day("2026-03-13"))
    assert not clock.overdue(obstacle(TO_DIRECTION, ANSWERED, next_look_on=None).now, day("2027-01-01"))
    assert not clock.overdue(obstacle(RESOLVED).now, day("2027-01-01"))


def test_a_postponed_obstacle_is_not_looked_at_before_its_day() -> None:
    state = obstacle(POSTPONED).now
    assert not clock.overdue(state, day("2026-04-01"))
    assert clock.overdue(state, day("2026-04-02"))


def test_a_restricted_obstacle_knows_its_owner() -> None:
    state = obstacle(visibility="restricted").now
    assert OBSTACLE.restricted(state)
    assert list(OBSTACLE.owners(state)) == [CONTRIBUTOR]
    assert not OBSTACLE.restricted(obstacle().now)
    assert list(OBSTACLE.owners(obstacle(owner=None).now)) == []


def test_a_lifting_recorded_by_mistake_is_withdrawn_and_is_no_reopening() -> None:
    state = obstacle(RESOLVED).withdraw(ObstacleResolved).unrefused()
    assert (state.status, state.reopen_count, state.ended_on) == ("raised", 0, None)


def test_a_lifting_that_was_verified_cannot_be_withdrawn_alone() -> None:
    world = obstacle(RESOLVED, (ObstacleClosed(), act(OTHER)))
    world.withdraw(ObstacleResolved).refused(LaterFactsDepend, dependents=["obstacle.closed"])


def test_an_obstacle_recorded_by_mistake_is_withdrawn_as_a_whole() -> None:
    world = obstacle()
    assert world.withdraw(ObstacleRaised).unrefused().withdrawn
    assert not world.now.is_open
    world.when(ObstacleActivated()).refused(ObjectWithdrawn)


@drawn(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_no_clock_runs_backwards(escalated: int, lifted: int, seen: int) -> None:
    def after(days: int) -> date:
        return date.fromordinal(TODAY.toordinal() + days)

    first, second = sorted((escalated, lifted))
    far = day("2030-01-01")
    ask = ObstacleEscalated(level="direction", ask="?", answer_due_on=far)
    state = obstacle((ask, act(on=after(first))), (RESOLVED, act(on=after(second)))).now
    today = after(max(second, seen))
    assert 0 <= clock.days_at_level(state, today) <= clock.age_days(state, today) == second


def test_nothing_is_true_of_an_obstacle_before_it_was_raised() -> None:
    early = because("Retard de saisie", occurred_on="2026-02-01")
    for event in (ObstacleActivated(), TO_DIRECTION, RESOLVED, POSTPONED, ObstacleRejected()):
        obstacle().when(event, early).refused(BeforeItsTime, occurred_on=day("2026-02-01"), since=TODAY)
    world = given(OBSTACLE, (raised(), act(occurred_on="2026-01-30"))).when(TO_DIRECTION, early)
    assert clock.days_at_level(world.unrefused(), TODAY) <= clock.age_days(world.now, TODAY)


def test_an_obstacle_is_verified_and_reopened_after_it_was_lifted() -> None:
    history = (raised(), act(occurred_on="2026-02-01")), (RESOLVED, act(occurred_on="2026-02-20"))
    for event in (ObstacleClosed(), ObstacleReopened()):
        given(OBSTACLE, *history).when(event, act(GOVERNOR, occurred_on="2026-02-19", reason="Vu")).refused(
            BeforeItsTime, since=day("2026-02-20")
        )
        given(OBSTACLE, *history).when(event, act(GOVERNOR, occurred_on="2026-02-20", reason="Vu")).then(event)


def test_a_word_recorded_late_does_not_make_the_owner_silent() -> None:
    first = (raised(), act(occurred_on="2026-02-01"))
    newer = (ObstacleSpoken(text="Un poste sur deux"), act(CONTRIBUTOR, occurred_on="2026-02-25"))
    older = ObstacleSpoken(text="Rien encore", next_look_on=day("2026-03-20"))
    world = given(OBSTACLE, first, newer).when(older, act(CONTRIBUTOR, occurred_on="2026-02-10"))
    state = world.then(older)
    assert (state.owner_spoke_on, state.last_word) == (day("2026-02-25"), "Un poste sur deux")
    assert state.next_look_on == day("2026-03-20")
