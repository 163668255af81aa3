"""One wrong row among many: what it recorded is taken back, the rest of the unit stands. And what cells mean."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from service.acts.import_refusals import ENGLISH, REFUSALS
from service.acts.plan_import_cells import filled_levels, funders_of, levels_of
from service.domain import note
from service.domain.act import Act
from service.domain.action_events import Funder
from service.domain.event import new_id
from service.domain.note import NOTE, Note, NoteSubject
from service.domain.refusal import Conflict
from service.exchange.plan_columns import AMOUNTS, FUNDERS
from service.exchange.refusal import WorkbookRefused
from service.store.unit import Unit

ABOUT = NoteSubject(kind="action", id=new_id())
NO_LOG: Any = None


def test_a_refused_attempt_leaves_nothing_and_what_was_there_before_stands() -> None:
    unit = Unit(NO_LOG, Act(actor="p_" + "1" * 32, now=datetime(2026, 3, 2, tzinfo=UTC)))
    kept = unit.create(NOTE, note.write(subject=ABOUT, text="Gardée"))
    unit.claim("gardée")
    with pytest.raises(Conflict):
        try_in_vain(unit, kept)
    assert [fact.originator_id for fact in unit.facts] == [kept.id]
    assert unit.get(NOTE, kept.id) == kept
    assert [claim for claim, _ in unit.claims] == ["gardée"]
    after = unit.record(NOTE, kept.id, note.change_visibility(kept, "restricted"))
    assert (after.version, after.visibility) == (2, "restricted")


def try_in_vain(unit: Unit, kept: Note) -> None:
    with unit.attempt():
        unit.record(NOTE, kept.id, note.change_visibility(kept, "restricted"))
        unit.create(NOTE, note.write(subject=ABOUT, text="Reprise"))
        unit.claim("reprise")
        raise Conflict


def test_every_reason_to_refuse_a_file_has_a_refusal_with_its_own_code_in_two_languages() -> None:
    assert set(REFUSALS) == set(WorkbookRefused.__subclasses__()) == set(ENGLISH)
    codes = {refusal.code for refusal in REFUSALS.values()}
    assert codes == {kind.code.replace("_", "-") for kind in REFUSALS}
    for kind, refusal in REFUSALS.items():
        facts = {"format": ".ods", "size": 30, "limit": 20, "sheet": "A", "expected": "B", "found": "C", "row": 3}
        shown = refusal(**facts)
        assert kind(**facts).message in shown.message("fr")
        assert "{" not in shown.message("en") + shown.message("fr")


def test_a_pair_left_blank_between_two_funders_keeps_its_place() -> None:
    region, state = Funder(name="Région", amount=Decimal(5)), Funder(name="État")
    made = funders_of({FUNDERS[2]: "État"}, (region,))
    assert made == (region, Funder(name=""), state)
    assert funders_of({FUNDERS[2]: None}, made) == (region,)
    assert funders_of({AMOUNTS[0]: None}, (region, state)) == (Funder(name="Région"), state)


def test_a_fourth_funder_that_the_workbook_cannot_show_is_kept() -> None:
    four = tuple(Funder(name=name) for name in "abcd")
    assert funders_of({FUNDERS[0]: "z"}, four)[0].name == "z"
    assert funders_of({FUNDERS[0]: "z"}, four)[3].name == "d"


@pytest.mark.parametrize(
    ("titles", "filled", "has_axis", "levels"),
    [
        (["A", "B"], (), True, ["A", "B", None]),
        (["A", "B"], (1, 3), True, ["A", None, "B"]),
        (["B"], (), False, [None, "B", None]),
        (["A", "B", "C", "D"], (), True, ["A", "B", "C › D"]),
        (["A"], (1, 3), True, ["A", None, None]),
    ],
)
def test_a_place_is_told_in_three_columns(
    titles: list[str], filled: tuple[int, ...], has_axis: bool, levels: list[str | None]
) -> None:
    assert levels_of(titles, filled, has_axis=has_axis) == levels


def test_only_levels_that_leave_a_column_blank_are_remembered() -> None:
    assert filled_levels(["A", "B", None]) == ()
    assert filled_levels(["A", None, "B"]) == (1, 3)
    assert filled_levels([None, None, None]) == ()
