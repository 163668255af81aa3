"""Governance bodies: seats, members and alternates, quorum, cadence."""

from datetime import date

import pytest

from service.domain.body import (
    BODY,
    BodyIsDissolved,
    BodyStillConvened,
    NoSuchSeatHolder,
    NotSeated,
    SeatedAlready,
    SeatOccupied,
    SeatsBelowQuorum,
    SeatTaken,
    SeatUnknown,
    appoint,
    constitute,
    dissolve,
    leave,
    occurrences,
    require_seated,
    revise,
    sits,
)
from service.domain.body_events import (
    BodyConstituted,
    BodyDescribed,
    BodyDissolved,
    BodyMemberAppointed,
    BodyMemberLeft,
    BodyRulesSet,
    Cadence,
)
from service.domain.concept import NothingToChange, ReasonRequired
from service.domain.mending import CorrectionInvalid
from service.domain.quorum import count
from tests.domain.given import (
    CONTRIBUTOR,
    GOVERNOR,
    LEAD,
    OTHER,
    SPONSOR,
    TODAY,
    act,
    because,
    day,
    given,
    refusal_of,
    state_of,
)

SEATS = ("Commanditaire", "Direction", "Partenaires")
CONSTITUTED = BodyConstituted(name="Comité", seats=SEATS)
IN = BodyMemberAppointed


def test_it_is_constituted_with_enough_seats_for_its_quorum():
    given(BODY).when(lambda: constitute(name="Comité", seats=SEATS)).then(CONSTITUTED)
    given(BODY).when(lambda: constitute(name="C", seats=SEATS, quorum=4)).refused(SeatsBelowQuorum, seats=3, quorum=4)


def test_its_rules_and_its_words_change_apart():
    cadence = Cadence(every=6, unit="week")
    world = given(BODY, CONSTITUTED)
    body = world.when(lambda b: revise(b, name="Comité de suivi", quorum=2, cadence=cadence)).then(
        BodyRulesSet(quorum=2, cadence=cadence), BodyDescribed(name="Comité de suivi")
    )
    assert (body.quorum, body.seats) == (2, SEATS)
    given(BODY, CONSTITUTED).when(lambda b: revise(b, quorum=4)).refused(SeatsBelowQuorum)
    given(BODY, CONSTITUTED).when(lambda b: revise(b, name="Comité")).refused(NothingToChange)
    seated = given(BODY, CONSTITUTED, IN(person_id=LEAD, seat=3))
    seated.when(lambda b: revise(b, seats=SEATS[:2])).refused(SeatOccupied, seat=3)


def test_a_seat_has_one_titular_and_one_alternate():
    world = given(BODY, CONSTITUTED)
    world.when(lambda b: appoint(b, LEAD, seat=1)).then(IN(person_id=LEAD, seat=1))
    world.when(lambda b: appoint(b, SPONSOR, seat=1, standing="alternate")).unrefused()
    for person, seat, refusal in ((OTHER, 1, SeatTaken), (LEAD, 2, SeatedAlready), (OTHER, 4, SeatUnknown)):
        given(BODY, CONSTITUTED, IN(person_id=LEAD, seat=1)).when(
            lambda b, p=person, s=seat: appoint(b, p, seat=s)
        ).refused(refusal)


def test_who_left_no_longer_sits_from_that_day_on():
    left = (BodyMemberLeft(person_id=LEAD), act(occurred_on="2026-02-10"))
    world = given(BODY, CONSTITUTED, (IN(person_id=LEAD, seat=1), act(occurred_on="2026-02-02")), left)
    assert [sits(world.now, LEAD, day(on)) for on in ("2026-02-01", "2026-02-09", "2026-02-10")] == [False, True, False]
    refusal_of(NotSeated, lambda: require_seated(world.now, LEAD, TODAY))
    world.when(lambda b: leave(b, LEAD)).refused(NoSuchSeatHolder)
    # a seat that was held then is not given twice for the same days
    early = given(BODY, CONSTITUTED, (IN(person_id=LEAD, seat=1), act(occurred_on="2026-02-02")), left)
    early.when(lambda b: appoint(b, OTHER, seat=1), act(occurred_on="2026-02-05")).refused(SeatTaken)
    given(BODY, CONSTITUTED, IN(person_id=LEAD, seat=1)).when(
        lambda b: leave(b, LEAD), act(occurred_on="2026-01-05")
    ).refused(NotSeated)


def test_a_dissolved_body_no_longer_acts():
    given(BODY, CONSTITUTED).when(lambda b: dissolve(b)).refused(ReasonRequired)
    world = given(BODY, CONSTITUTED, IN(person_id=LEAD, seat=1))
    body = world.when(lambda b: dissolve(b), because("Plus d’objet")).then(BodyDissolved())
    assert not sits(body, LEAD, TODAY)
    world.when(lambda b: appoint(b, OTHER, seat=2)).refused(BodyIsDissolved)
    refusal_of(BodyIsDissolved, lambda: require_seated(body, LEAD, TODAY))


FULL = (
    CONSTITUTED,
    IN(person_id=LEAD, seat=1),
    IN(person_id=SPONSOR, seat=2),
    IN(person_id=GOVERNOR, seat=3),
    IN(person_id=OTHER, seat=1, standing="alternate"),
)


@pytest.mark.parametrize(
    ("attended", "recused", "required", "present"),
    [
        ((LEAD, SPONSOR), (), 2, 2),
        ((OTHER, SPONSOR), (), 2, 2),  # the alternate for the absent titular
        ((LEAD, OTHER), (), 2, 1),  # one seat is one voice
        ((SPONSOR, GOVERNOR), (LEAD,), 2, 2),  # the seat of a recused member leaves both counts
        ((OTHER, SPONSOR), (LEAD,), 2, 1),  # … and its alternate does not bring it back
        ((SPONSOR,), (OTHER,), 2, 1),  # absent titular, recused alternate
        ((GOVERNOR,), (LEAD, SPONSOR), 1, 1),
        ((CONTRIBUTOR,), (), 2, 0),  # who has no seat does not count
    ],
)
def test_the_quorum_is_more_than_half_of_the_seats_that_stay(attended, recused, required, present):
    quorum = count(state_of(BODY, *FULL), TODAY, attended=attended, recused=recused)
    assert (quorum.required, quorum.present, quorum.reached) == (required, present, present >= required)


def test_a_vacant_seat_is_not_filled_and_a_number_is_a_number():
    two = state_of(BODY, *FULL[:3])
    assert count(two, TODAY, attended=(), recused=()).required == 2
    assert count(two, TODAY, attended=(), recused=()).filled == 2
    fixed = state_of(BODY, BodyConstituted(name="C", seats=SEATS, quorum=3), *FULL[1:3])
    assert count(fixed, TODAY, attended=(LEAD, SPONSOR), recused=()).reached is False


def test_a_second_convening_needs_none_if_the_rules_say_so():
    easy = state_of(BODY, BodyConstituted(name="C", seats=SEATS, second_needs_quorum=False), *FULL[1:])
    assert not count(easy, TODAY, attended=(), recused=(), second=True).reached  # nobody decides when nobody is there
    assert count(easy, TODAY, attended=(LEAD,), recused=(), second=True).required == 0
    assert count(easy, TODAY, attended=(LEAD,), recused=()).required == 2
    assert count(state_of(BODY, *FULL), TODAY, attended=(LEAD,), recused=(), second=True).required == 2


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (Cadence(every=6, unit="week"), ["2026-01-31", "2026-03-14", "2026-04-25"]),
        (Cadence(every=1, unit="month"), ["2026-01-31", "2026-02-28", "2026-03-31"]),
        (Cadence(every=6, unit="month"), ["2026-01-31", "2026-07-31", "2027-01-31"]),
    ],
)
def test_a_cadence_gives_its_days(cadence, days):
    assert occurrences(cadence, date(2026, 1, 31), 3) == [day(each) for each in days]


def test_a_body_is_not_dissolved_while_something_waits_for_it():
    world = given(BODY, CONSTITUTED)
    world.when(lambda b: dissolve(b, ["R-2", "phase 1"]), because("Fusion")).refused(
        BodyStillConvened, pending=["R-2", "phase 1"]
    )


def test_no_correction_makes_a_quorum_of_nobody():
    given(BODY, CONSTITUTED).correct(BodyConstituted, quorum=0).refused(CorrectionInvalid)
