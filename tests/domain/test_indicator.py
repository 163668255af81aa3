"""An indicator: defined, measured, put right; its values proposed by one and accepted by another."""

from decimal import Decimal
from typing import Any

import pytest

from service.domain import indicator_course as course
from service.domain.concept import NothingToChange, ReasonRequired
from service.domain.event import new_id
from service.domain.indicator import (
    INDICATOR,
    AlreadyMeasured,
    Indicator,
    IndicatorNoLongerFollowed,
    ProposalSettled,
    ProposalUnknown,
    ProposerCannotAccept,
)
from service.domain.indicator_events import (
    DatedValue,
    IndicatorConfirmed,
    IndicatorDefined,
    IndicatorDescribed,
    IndicatorMeasured,
    IndicatorReassigned,
    IndicatorRebaselined,
    IndicatorRetargeted,
    IndicatorRetired,
    IndicatorSubject,
    IndicatorValueAccepted,
    IndicatorValueProposed,
    IndicatorValueRefused,
)
from service.domain.indicator_shape import (
    DelayNegative,
    TargetAboveBaseline,
    TargetBelowBaseline,
    TargetNotAfterBaseline,
    ToleranceNegative,
    TwoTargetsOneDay,
)
from service.domain.mending import LaterFactsDepend
from service.domain.number import NumberNotExact, WeightNegative
from service.domain.refusal import Invalid
from tests.domain.given import (
    CONTRIBUTOR,
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
)


def at(value: str, on: str) -> DatedValue:
    return DatedValue(value=Decimal(value), on=day(on))


BASELINE = at("20", "2026-01-01")
TARGETS = (at("30", "2026-06-30"), at("60", "2026-12-31"))


def defined(**more: Any) -> IndicatorDefined:
    fields: dict[str, Any] = {
        "ref": 2,
        "title": "Dossiers traités dans le mois",
        "family": "doing",
        "unit": "%",
        "direction": "up",
        "baseline": BASELINE,
        "targets": TARGETS,
        "cadence": "monthly",
        "owner": LEAD,
        "collector": CONTRIBUTOR,
    }
    return IndicatorDefined(**fields | more)


def indicator(*history: Any, **more: Any) -> World[Indicator]:
    return given(INDICATOR, defined(**more), *history)


def measured(value: str, on: str = "2026-02-28") -> tuple[IndicatorMeasured, Any]:
    return IndicatorMeasured(value=Decimal(value)), act(occurred_on=on)


def test_an_indicator_is_defined_with_its_baseline_and_targets_in_the_order_of_their_days() -> None:
    subject = IndicatorSubject(kind="axis", id=new_id())
    state = (
        given(INDICATOR)
        .when(
            lambda: course.define(
                ref=2,
                title="Dossiers traités dans le mois",
                family="doing",
                unit="%",
                direction="up",
                cadence="monthly",
                baseline=BASELINE,
                targets=TARGETS[::-1],
                owner=LEAD,
                collector=CONTRIBUTOR,
                subject=subject,
                external_id="IND-012",
            )
        )
        .then(defined(targets=TARGETS[::-1], subject=subject, external_id="IND-012"))
    )
    assert state.targets == TARGETS
    assert (state.status, state.defined_on, state.weight) == ("defined", TODAY, 1)
    assert list(INDICATOR.links(state)) == [subject.id]
    assert list(INDICATOR.owners(state)) == [LEAD, CONTRIBUTOR]
    assert INDICATOR.reference(state) == "I-2"


@pytest.mark.parametrize(
    ("wrong", "refusal", "pointer"),
    [
        ({"targets": (at("20", "2026-06-30"),)}, TargetBelowBaseline, "/targets/0/value"),
        ({"targets": (TARGETS[0], at("19", "2026-12-31"))}, TargetBelowBaseline, "/targets/1/value"),
        ({"direction": "down"}, TargetAboveBaseline, "/targets/0/value"),
        ({"direction": "down", "targets": (at("20", "2026-06-30"),)}, TargetAboveBaseline, "/targets/0/value"),
        ({"targets": (at("30", "2026-01-01"),)}, TargetNotAfterBaseline, "/targets/0/on"),
        ({"targets": (TARGETS[0], TARGETS[0])}, TwoTargetsOneDay, "/targets/1/on"),
        ({"tolerance": Decimal(-1)}, ToleranceNegative, "/tolerance"),
        ({"availability_delay_days": -1}, DelayNegative, "/availability_delay_days"),
        ({"weight": Decimal(-1)}, WeightNegative, "/weight"),
        ({"baseline": at("1.234567890123456", "2026-01-01")}, NumberNotExact, "/baseline/value"),
        ({"targets": (at("1E+20", "2026-06-30"),)}, NumberNotExact, "/targets/0/value"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(wrong: Any, refusal: type[Invalid], pointer: str) -> None:
    assert given(INDICATOR).when([defined(**wrong)]).refused(refusal).pointer == pointer


def test_only_what_is_to_be_held_may_target_its_baseline() -> None:
    indicator(direction="hold", targets=(at("20", "2026-12-31"),)).unrefused()
    indicator(direction="hold", targets=()).unrefused()


def test_a_baseline_may_come_later() -> None:
    world = indicator(baseline=None)
    assert world.when(lambda i: course.rebaseline(i, BASELINE)).unrefused().baseline == BASELINE
    indicator(baseline=None).when(lambda i: course.rebaseline(i, at("40", "2026-01-01"))).refused(TargetBelowBaseline)


def test_a_revision_records_one_event_per_meaning() -> None:
    targets = (at("70", "2026-12-31"),)
    indicator().when(
        lambda i: course.revise(i, title="Dossiers", targets=targets, owner=OTHER, weight=Decimal(2))
    ).then(
        IndicatorDescribed(title="Dossiers", weight=Decimal(2)),
        IndicatorRetargeted(targets=targets),
        IndicatorReassigned(owner=OTHER),
    )


def test_the_same_targets_in_another_order_change_nothing() -> None:
    refusal_of(NothingToChange, lambda: course.retarget(indicator().now, TARGETS[::-1]))
    refusal_of(NothingToChange, lambda: course.reassign(indicator().now, owner=LEAD))


def test_direction_baseline_and_targets_can_turn_together() -> None:
    baseline, targets = at("90", "2026-01-01"), (at("50", "2026-12-31"),)
    state = (
        indicator()
        .when(lambda i: course.revise(i, direction="down", baseline=baseline, targets=targets))
        .then(
            IndicatorRetargeted(targets=()),
            IndicatorDescribed(direction="down"),
            IndicatorRebaselined(baseline=baseline),
            IndicatorRetargeted(targets=targets),
        )
    )
    assert (state.direction, state.baseline, state.targets) == ("down", baseline, targets)


def test_targets_that_stay_right_are_set_back() -> None:
    baseline = at("90", "2026-01-01")
    state = indicator().when(lambda i: course.revise(i, direction="down", baseline=baseline)).unrefused()
    assert (state.direction, state.targets) == ("down", TARGETS)


def test_a_revision_that_ends_wrong_is_refused() -> None:
    indicator().when(lambda i: course.revise(i, direction="down")).refused(TargetAboveBaseline)
    indicator().when(lambda i: course.rebaseline(i, at("40", "2026-01-01"))).refused(TargetBelowBaseline)


def test_a_value_is_true_on_the_day_it_was_measured() -> None:
    world = indicator().when(
        lambda i: course.measure(i, value=Decimal("25.5"), comment="Hors congés"), act(occurred_on="2026-02-28")
    )
    state = world.then(IndicatorMeasured(value=Decimal("25.5"), comment="Hors congés"))
    (measure,) = state.measures
    assert (measure.value, measure.on, measure.by, measure.comment) == (
        Decimal("25.5"),
        day("2026-02-28"),
        LEAD,
        "Hors congés",
    )
    assert measure.event_id == world.event_id(IndicatorMeasured)


def test_values_stand_in_the_order_of_their_days() -> None:
    state = indicator(measured("30"), measured("22", "2026-01-31"), measured("18", "2025-12-31")).now
    assert [measure.value for measure in state.measures] == [18, 22, 30]


def test_a_second_value_of_the_same_day_is_refused_and_names_the_fact_to_correct() -> None:
    world = indicator(measured("25"))
    known = world.event_id(IndicatorMeasured)
    again = act(occurred_on="2026-02-28")
    world.when(lambda i: course.measure(i, value=Decimal(26)), again).refused(
        AlreadyMeasured, on=day("2026-02-28"), value=Decimal(25), event_id=known
    )
    indicator(measured("25")).when(lambda i: course.propose_value(i, value=Decimal(26)), again).refused(AlreadyMeasured)


def test_a_value_is_corrected_or_withdrawn() -> None:
    state = indicator(measured("25")).correct(IndicatorMeasured, value="26", occurred_on="2026-02-27").unrefused()
    assert [(m.value, m.on) for m in state.measures] == [(26, day("2026-02-27"))]
    assert state.corrections[0].before == {"value": 25, "occurred_on": "2026-02-28"}
    world = indicator(measured("25")).withdraw(IndicatorMeasured)
    assert world.unrefused().measures == ()
    assert world.when(IndicatorMeasured(value=Decimal(27)), act(occurred_on="2026-02-28")).unrefused().measures


def test_a_correction_cannot_move_a_value_onto_another() -> None:
    world = indicator(measured("25"), measured("30", "2026-03-01"))
    world.correct(IndicatorMeasured, occurred_on="2026-02-28").refused(AlreadyMeasured)


def test_a_correction_of_the_definition_keeps_to_its_rules() -> None:
    indicator().correct(IndicatorDefined, direction="down").refused(TargetAboveBaseline)
    indicator(measured("25")).correct(IndicatorMeasured, value="1E+30").refused(NumberNotExact)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1234567890123456", "0.1234567890123456"])
def test_a_value_that_is_no_exact_number_is_refused(text: str) -> None:
    indicator().when(lambda i: course.measure(i, value=Decimal(text))).refused(NumberNotExact)
    indicator().when(lambda i: course.propose_value(i, value=Decimal(text))).refused(NumberNotExact)


def proposed() -> World[Indicator]:
    return indicator((IndicatorValueProposed(value=Decimal(28)), act(CONTRIBUTOR, occurred_on="2026-02-20")))


def test_a_proposed_value_counts_once_it_is_accepted_on_its_own_day() -> None:
    world = proposed()
    assert world.now.measures == ()
    event_id = world.event_id(IndicatorValueProposed)
    state = world.when(lambda i: course.accept_value(i, event_id)).then(
        IndicatorValueAccepted(proposal_event_id=event_id)
    )
    assert [(m.value, m.on, m.by, m.event_id) for m in state.measures] == [
        (28, day("2026-02-20"), CONTRIBUTOR, event_id)
    ]
    assert (state.proposals[0].status, state.proposals[0].settled_by) == ("accepted", LEAD)


def test_who_proposed_a_value_cannot_accept_it() -> None:
    world = proposed()
    event_id = world.event_id(IndicatorValueProposed)
    world.when(lambda i: course.accept_value(i, event_id), act(CONTRIBUTOR)).refused(ProposerCannotAccept, ref="I-2")
    on_behalf = act(LEAD, for_whom=in_the_name_of(CONTRIBUTOR))
    proposed().when(lambda i: course.accept_value(i, i.proposals[0].event_id), on_behalf).refused(ProposerCannotAccept)


def test_refusing_a_value_takes_a_reason() -> None:
    proposed().when(lambda i: course.refuse_value(i, i.proposals[0].event_id)).refused(ReasonRequired)
    world = proposed()
    event_id = world.event_id(IndicatorValueProposed)
    state = world.when(lambda i: course.refuse_value(i, event_id), because("Périmètre faux")).then(
        IndicatorValueRefused(proposal_event_id=event_id)
    )
    assert (state.measures, state.proposals[0].reason) == ((), "Périmètre faux")
    world.when(lambda i: course.accept_value(i, event_id)).refused(ProposalSettled, status="refused")


def test_a_value_is_accepted_once_and_only_if_the_day_is_free() -> None:
    indicator().when(lambda i: course.accept_value(i, new_id())).refused(ProposalUnknown)
    world = proposed().when(IndicatorMeasured(value=Decimal(27)), act(occurred_on="2026-02-20"))
    world.when(lambda i: course.accept_value(i, i.proposals[0].event_id)).refused(AlreadyMeasured)


def test_an_accepted_proposal_is_corrected_at_its_source_and_not_withdrawn_alone() -> None:
    world = proposed().when(lambda i: course.accept_value(i, i.proposals[0].event_id))
    assert world.correct(IndicatorValueProposed, value="29").unrefused().measures[0].value == 29
    world.withdraw(IndicatorValueProposed).refused(LaterFactsDepend, dependents=["indicator.value_accepted"])


def test_a_retired_indicator_takes_no_more_values() -> None:
    indicator().when(course.retire).refused(ReasonRequired)
    world = indicator()
    state = world.when(course.retire, because("Remplacé par I-7")).then(IndicatorRetired())
    assert (state.status, state.retired_on, state.retired_because) == ("retired", TODAY, "Remplacé par I-7")
    world.when(lambda i: course.measure(i, value=Decimal(1))).refused(IndicatorNoLongerFollowed, retired_on=TODAY)


def test_somebody_looked_and_nothing_changed() -> None:
    assert indicator().when(course.confirm, act(on="2026-03-05")).then(IndicatorConfirmed()).confirmed_on == day(
        "2026-03-05"
    )
