"""Three-way merge: only what the file changed is applied; two different changes of a cell are shown, not settled."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.exchange.merge import Change, Prefer, is_nothing, merge_row, same
from service.exchange.plan_row import CellContent

Row = dict[str, CellContent]
samples: list[CellContent] = [None, "", "a", "b", " a ", Decimal(1), Decimal("1.0"), True, (), ("A", "B")]
cells = st.dictionaries(st.sampled_from("xyz"), st.sampled_from(samples))


def applied(service: Row, changes: Mapping[str, Change]) -> Row:
    return {**service, **{name: after for name, (_, after) in changes.items()}}


def test_a_new_row_brings_every_filled_cell() -> None:
    merge = merge_row(None, {"status": "En cours", "budget": None, "people": ()}, None)
    assert (merge.outcome, merge.changes) == ("create", {"status": (None, "En cours")})


def test_a_cell_that_only_the_file_changed_is_applied() -> None:
    merge = merge_row({"status": "À venir"}, {"status": "En cours"}, {"status": "À venir"})
    assert (merge.outcome, merge.changes) == ("change", {"status": ("À venir", "En cours")})


def test_a_cell_that_only_the_service_changed_is_left_alone() -> None:
    assert merge_row({"status": "À venir"}, {"status": "À venir"}, {"status": "En cours"}).outcome == "unchanged"


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    assert merge_row({"status": "À venir"}, {"status": "En cours"}, {"status": "En cours"}).outcome == "unchanged"


def test_two_different_changes_are_a_conflict_and_nothing_of_the_row_is_applied() -> None:
    merge = merge_row({"a": "1", "b": "1"}, {"a": "2", "b": "2"}, {"a": "3", "b": "1"})
    assert (merge.outcome, merge.changes) == ("conflict", {})
    assert merge.conflicts == {"a": ("1", "2", "3")}
    assert merge.withheld == {"b": ("1", "2")}


@pytest.mark.parametrize(
    ("prefer", "outcome", "changes"),
    [("file", "change", {"a": ("3", "2"), "b": ("1", "2")}), ("service", "change", {"b": ("1", "2")})],
)
def test_a_preference_settles_the_conflicts(prefer: Prefer, outcome: str, changes: dict[str, tuple[str, str]]) -> None:
    merge = merge_row({"a": "1", "b": "1"}, {"a": "2", "b": "2"}, {"a": "3", "b": "1"}, prefer=prefer)
    assert (merge.outcome, merge.changes, merge.conflicts) == (outcome, changes, {})
    assert merge.resolved == {"a": ("1", "2", "3")}


def test_a_place_moved_on_both_sides_is_a_conflict_even_in_other_columns() -> None:
    base: Row = {"axis": "A", "sub_axis": "W", "status": "À venir"}
    file: Row = {**base, "axis": "B", "status": "En cours"}
    service: Row = {**base, "sub_axis": "V"}
    merge = merge_row(base, file, service)
    assert merge.conflicts == {"axis": ("A", "B", "A"), "sub_axis": ("W", "W", "V")}
    assert merge.withheld == {"status": ("À venir", "En cours")}
    wished = merge_row(base, file, service, prefer="file").changes
    assert applied(service, wished) == file
    kept = merge_row(base, file, service, prefer="service").changes
    assert applied(service, kept) == {**service, "status": "En cours"}
    assert merge_row(base, {**base, "axis": "B"}, {**base, "status": "Fait"}).changes == {"axis": ("A", "B")}
    assert merge_row(base, {**base, "axis": "B"}, {**base, "axis": "B", "sub_axis": "V"}).outcome == "unchanged"


def test_a_cell_emptied_in_the_file_is_emptied() -> None:
    merge = merge_row({"budget": Decimal(5)}, {"budget": None}, {"budget": Decimal(5)})
    assert merge.changes == {"budget": (Decimal(5), None)}


def test_without_a_past_a_blank_changes_nothing_a_gap_is_filled_and_a_difference_is_a_conflict() -> None:
    file: Row = {"blank": None, "gap": "new", "both": "file", "same": " x "}
    service: Row = {"blank": "kept", "gap": None, "both": "service", "same": "x"}
    merge = merge_row(None, file, service)
    assert merge.outcome == "conflict"
    assert merge.conflicts == {"both": (None, "file", "service")}
    assert merge.withheld == {"gap": (None, "new")}


def test_columns_that_the_file_does_not_have_are_untouched() -> None:
    assert merge_row({"a": "1"}, {}, {"a": "2"}).outcome == "unchanged"


def test_the_order_of_people_counts_because_the_first_leads() -> None:
    assert not same(("A", "B"), ("B", "A"))
    assert same((" A",), ("A",))
    assert not same(True, Decimal(1))
    assert not same("1", Decimal(1))


@given(cells, cells)
def test_a_file_that_nobody_touched_changes_nothing(base: Row, service: Row) -> None:
    assert merge_row(base, base, service).outcome == "unchanged"


@given(cells, cells, cells, st.sampled_from(["file", "service"]))
def test_the_same_file_twice_changes_nothing_the_second_time(
    base: Row, file: Row, service: Row, prefer: Prefer
) -> None:
    merge = merge_row(base, file, service, prefer=prefer)
    after = applied(service, merge.changes)
    assert merge_row({**base, **file}, file, after, prefer=prefer).outcome == "unchanged"


@given(cells | st.none(), cells, cells)
def test_only_cells_that_the_file_changed_are_ever_touched(base: Row | None, file: Row, service: Row) -> None:
    merge = merge_row(base, file, service)
    for name, (before, after) in {**merge.changes, **merge.withheld}.items():
        assert same(before, service.get(name))
        assert same(after, file[name])
        assert not same(after, (base or {}).get(name))
    assert not (merge.changes and merge.conflicts)
    assert (merge.outcome == "conflict") == bool(merge.conflicts)


@given(cells)
def test_a_created_row_then_merged_with_itself_is_unchanged(file: Row) -> None:
    created = applied({}, merge_row(None, file, None).changes)
    assert all(not is_nothing(content) for content in created.values())
    assert merge_row(file, file, created).outcome == "unchanged"
