"""Groups: named, moved, counted on a day, dissolved."""

from service.domain.concept import NothingToChange, ReasonRequired
from service.domain.event import new_id
from service.domain.group import (
    GROUP,
    GroupCounted,
    GroupDescribed,
    GroupDissolved,
    GroupFormed,
    GroupHasParts,
    GroupInsideItself,
    GroupIsDissolved,
    GroupPlaced,
    HeadcountGiven,
    count,
    dissolve,
    form,
    headcount_on,
    place,
    revise,
)
from tests.domain.given import act, because, day, given, refusal_of, state_of

FORMED = GroupFormed(name="Agents")


def test_a_group_is_formed_inside_another():
    whole = state_of(GROUP, FORMED)
    group = (
        given(GROUP)
        .when(lambda: form(name="Relecture", parent=whole))
        .then(GroupFormed(name="Relecture", parent_id=whole.id))
    )
    assert GROUP.links(group) == (whole.id,)
    ended = state_of(GROUP, FORMED, GroupDissolved())
    refusal_of(GroupIsDissolved, lambda: form(name="Relecture", parent=ended))


def test_its_name_and_kind_change():
    group = (
        given(GROUP, FORMED)
        .when(lambda g: revise(g, name="Agents", kind="partner"))
        .then(GroupDescribed(kind="partner"))
    )
    assert (group.name, group.kind) == ("Agents", "partner")
    given(GROUP, FORMED).when(lambda g: revise(g, name="Agents")).refused(NothingToChange)


def test_it_moves_and_never_into_itself():
    parent = state_of(GROUP, FORMED)
    given(GROUP, FORMED).when(lambda g: place(g, parent)).then(GroupPlaced(parent_id=parent.id))
    world = given(GROUP, FORMED)
    refusal_of(GroupInsideItself, lambda: place(world.now, parent, [world.id]))
    world.when(GroupPlaced(parent_id=world.id)).refused(GroupInsideItself)
    refusal_of(NothingToChange, lambda: place(parent, None))


def test_a_headcount_has_a_day_and_each_day_one():
    world = given(GROUP, FORMED, (GroupCounted(headcount=40), act(occurred_on="2026-02-02")))
    group = world.when(lambda g: count(g, 38)).then(GroupCounted(headcount=38))
    assert [headcount_on(group, day(on)) for on in ("2026-01-01", "2026-02-28", "2026-03-02")] == [None, 40, 38]
    world.when(lambda g: count(g, 39)).refused(HeadcountGiven, count=38)


def test_it_is_dissolved_for_a_reason_once_empty():
    part = state_of(GROUP, GroupFormed(name="Relecture", parent_id=new_id()))
    refusal_of(GroupHasParts, lambda: dissolve(state_of(GROUP, FORMED), [part]))
    given(GROUP, FORMED).when(lambda g: dissolve(g)).refused(ReasonRequired)
    group = given(GROUP, FORMED).when(lambda g: dissolve(g), because("Fusion")).then(GroupDissolved())
    assert (group.status, group.dissolved_because) == ("dissolved", "Fusion")
    given(GROUP, FORMED, GroupDissolved()).when(lambda g: count(g, 3)).refused(GroupIsDissolved)
