"""Progress of an action and of many: explained, covered, and never 0 where nothing is known."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain.action import ACTION, Action
from service.domain.action_events import (
    ActionAbandoned,
    ActionCompleted,
    ActionPlanned,
    ActionProgressDeclared,
    ActionProposed,
    ActionStarted,
)
from service.domain.event import new_id
from service.domain.figure import RULES, Coverage
from service.domain.milestone import (
    MILESTONE,
    Milestone,
    MilestoneCancelled,
    MilestonePlanned,
    MilestoneReached,
    MilestoneSubject,
)
from service.domain.progress import Counted, Declared, Part, action_progress, progress_of, roll_up
from tests.domain.given import TODAY, day, state_of

STARTED = (ActionPlanned(), ActionStarted())


def action(*history: Any, **more: Any) -> Action:
    return state_of(ACTION, ActionProposed(ref=1, title="Former les équipes", **more), *history)


def milestone(*history: Any, weight: int = 1) -> Milestone:
    subject = MilestoneSubject(kind="action", id=new_id())
    planned = MilestonePlanned(ref=1, subject=subject, title="Prêt", due_on=day("2026-04-03"), weight=Decimal(weight))
    return state_of(MILESTONE, planned, *history)


def declared(percent: int) -> Action:
    return action(*STARTED, ActionProgressDeclared(percent=Decimal(percent)))


def test_a_done_action_is_complete_whatever_its_milestones_say() -> None:
    figure = progress_of(action(*STARTED, ActionCompleted()), [milestone()])
    assert (figure.value, figure.rule, figure.coverage) == (1, "done", Coverage(known=1, of=1))


def test_progress_is_the_weighted_mean_of_milestones_without_the_cancelled() -> None:
    milestones = [milestone(MilestoneReached(), weight=3), milestone(), milestone(MilestoneCancelled(), weight=9)]
    figure = progress_of(declared(90), milestones)
    assert (figure.value, figure.rule, figure.coverage) == (Decimal("0.75"), "mean_of_parts", Coverage(known=2, of=2))
    assert [part.weight for part in figure.inputs["parts"]] == [3, 1]


def test_sub_actions_count_beside_milestones_and_the_unknown_are_left_out_of_the_mean() -> None:
    known, unknown, gone = declared(50), action(), action(ActionAbandoned())
    subs = [(sub, progress_of(sub)) for sub in (known, unknown, gone)]
    figure = progress_of(action(), [milestone(MilestoneReached())], subs)
    assert (figure.value, figure.coverage) == (Decimal("0.75"), Coverage(known=2, of=3))


def test_without_parts_what_was_declared_counts_with_its_date() -> None:
    figure = progress_of(declared(40))
    assert (figure.value, figure.rule) == (Decimal("0.4"), "declared")
    assert figure.inputs["declared"] == Declared(value=Decimal("0.4"), on=TODAY)


def test_parts_of_which_nothing_is_known_leave_the_word_to_what_was_declared() -> None:
    sub = action()
    assert progress_of(declared(40), [], [(sub, progress_of(sub))]).rule == "declared"
    assert progress_of(declared(40), [milestone(MilestoneCancelled())]).rule == "declared"


def test_an_action_of_which_nothing_is_known_is_unknown_and_not_zero() -> None:
    figure = progress_of(action())
    assert (figure.value, figure.rule, figure.coverage) == (None, "nothing_known", Coverage(known=0, of=0))
    assert progress_of(declared(0)).value == 0


def counted(status: str = "in_progress", value: str | None = None, weight: int = 1) -> Counted:
    return Counted(id=new_id(), status=status, weight=Decimal(weight), value=None if value is None else Decimal(value))


def test_a_roll_up_counts_by_status_and_covers_the_known_actions() -> None:
    whole = roll_up(
        [
            counted("done", "1", 3),
            counted("in_progress", "0.5"),
            counted("planned"),
            counted("abandoned", "0.9", 9),
            counted("withdrawn", "0"),
        ]
    )
    assert whole.counts == {"done": 1, "in_progress": 1, "planned": 1, "abandoned": 1}
    assert whole.abandoned == 1
    assert whole.progress.value == Decimal("0.875")
    assert (whole.progress.rule, whole.progress.coverage) == ("mean_of_known", Coverage(known=2, of=3))


@pytest.mark.parametrize("actions", [[], [counted()], [counted("abandoned", "1")], [counted(value="1", weight=0)]])
def test_a_roll_up_of_which_nothing_is_known_is_unknown(actions: list[Counted]) -> None:
    assert (roll_up(actions).progress.value, roll_up(actions).progress.rule) == (None, "none_known")


shares = st.none() | st.decimals(0, 1, places=4)
weights = st.decimals(0, 100, places=2)


@drawn(st.booleans(), st.lists(st.tuples(shares, weights), max_size=8), shares)
def test_progress_lies_between_0_and_1_and_unknown_is_never_0(
    done: bool, parts: list[tuple[Decimal | None, Decimal]], said: Decimal | None
) -> None:
    figure = action_progress(
        done=done,
        parts=[Part(kind="sub_action", id=new_id(), weight=weight, value=value) for value, weight in parts],
        declared=None if said is None else Declared(value=said, on=TODAY),
    )
    weighs = any(value is not None and weight > 0 for value, weight in parts)
    assert (figure.value is None) == (not done and said is None and not weighs)
    assert figure.value is None or 0 <= figure.value <= 1
    assert 0 <= figure.coverage.known <= figure.coverage.of
    assert figure.rule in RULES


@drawn(st.lists(st.tuples(shares, weights), max_size=12))
def test_a_roll_up_lies_between_the_least_and_the_most_advanced(parts: list[tuple[Decimal | None, Decimal]]) -> None:
    whole = roll_up([Counted(id=new_id(), status="in_progress", weight=weight, value=value) for value, weight in parts])
    known = [value for value, weight in parts if value is not None and weight > 0]
    assert (whole.progress.value is None) == (not known)
    if whole.progress.value is not None:
        assert min(known) - Decimal("1E-20") <= whole.progress.value <= max(known) + Decimal("1E-20")
    assert whole.progress.coverage.of == len(parts)
