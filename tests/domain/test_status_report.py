"""The declared weather: said by somebody, taken note of by each member of governance once."""

from uuid import UUID

from service.domain.status_report import (
    STATUS_REPORT,
    AlreadyAcknowledged,
    ReportSubject,
    StatusAcknowledged,
    StatusReported,
    acknowledge,
    report,
)
from tests.domain.given import GOVERNOR, LEAD, SPONSOR, TODAY, act, day, given, in_the_name_of

AXIS = ReportSubject(kind="axis", id=UUID("01980000-0000-7000-8000-0000000000a1"))
REPORTED = StatusReported(subject=AXIS, confidence="support_needed", narrative="Il manque un budget")


def test_a_weather_is_declared_with_a_narrative() -> None:
    state = (
        given(STATUS_REPORT)
        .when(lambda: report(subject=AXIS, confidence="support_needed", narrative="Il manque un budget"))
        .then(REPORTED)
    )
    assert (state.status, state.reported_by, state.reported_on) == ("reported", LEAD, TODAY)
    assert list(STATUS_REPORT.links(state)) == [AXIS.id]


def test_each_person_takes_note_once() -> None:
    world = given(STATUS_REPORT, REPORTED).when(acknowledge, act(GOVERNOR))
    state = world.then(StatusAcknowledged())
    assert state.status == "acknowledged"
    state = world.when(acknowledge, act(SPONSOR, on="2026-03-04")).unrefused()
    assert [(taken.by, taken.on) for taken in state.acknowledgements] == [
        (GOVERNOR, TODAY),
        (SPONSOR, day("2026-03-04")),
    ]
    world.when(acknowledge, act(LEAD, for_whom=in_the_name_of(GOVERNOR))).refused(
        AlreadyAcknowledged, acknowledged_on=TODAY
    )


def test_a_weather_is_corrected() -> None:
    state = given(STATUS_REPORT, REPORTED).correct(StatusReported, confidence="attainable").unrefused()
    assert (state.confidence, state.corrections[0].before) == ("attainable", {"confidence": "support_needed"})
