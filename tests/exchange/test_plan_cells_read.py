"""One cell at a time: what people write in the columns of a plan, what it means, and what it is answered."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.exchange.amounts import french_number, read_decimal, read_money
from service.exchange.choices import PRIORITIES, STATUSES, read_boolean, read_choice
from service.exchange.dates import french_date, read_date
from service.exchange.grid import CellValue
from service.exchange.plan_cells import as_text, clean_text, split_names
from service.exchange.problem import Unreadable, shown


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (date(2025, 12, 1), date(2025, 12, 1)),
        (datetime(2025, 12, 1, 8, 30), date(2025, 12, 1)),
        ("2025-12-01", date(2025, 12, 1)),
        ("2025-12-01T00:00:00Z", date(2025, 12, 1)),
        ("08/08/2025", date(2025, 8, 8)),
        (" 8 / 8 / 2025 ", date(2025, 8, 8)),
        ("08.08.2025", date(2025, 8, 8)),
        ("08-08-2025", date(2025, 8, 8)),
        ("1er décembre 2025", date(2025, 12, 1)),
        ("29 février 2024", date(2024, 2, 29)),
        (47727, date(2030, 9, 1)),
        (47727.0, date(2030, 9, 1)),
        ("47727", date(2030, 9, 1)),
        (2101, date(1905, 10, 1)),
    ],
)
def test_a_date_is_read_however_it_is_written(written: CellValue, meant: date) -> None:
    assert read_date(written) == meant


def test_serial_dates_of_a_macintosh_workbook_start_in_1904() -> None:
    assert read_date(47727 - 1462, uses_1904=True) == date(2030, 9, 1)


@pytest.mark.parametrize(
    ("written", "code", "advice"),
    [
        (1900, "year_alone", "01/01/1900"),
        (2025, "year_alone", "31/12/2025"),
        (2100.0, "year_alone", "31/12/2100"),
        ("2025", "year_alone", "31/12/2025"),
        ("31/02/2025", "no_such_date", "Le mois de février 2025 finit le 28."),
        ("2025-02-30", "no_such_date", "février 2025 finit le 28"),
        ("12/31/2025", "no_such_date", "31/12/2025"),
        ("00/00/2025", "no_such_date", "JJ/MM/AAAA"),
        ("31/12/25", "short_year", "JJ/MM/AAAA"),
        ("31/12/0225", "date_out_of_range", "1900"),
        (date(1800, 1, 1), "date_out_of_range", "1900"),
        ("bientôt", "not_a_date", "JJ/MM/AAAA"),
        ("décembre 2025", "not_a_date", "JJ/MM/AAAA"),
        (-3, "not_a_date", "JJ/MM/AAAA"),
        (10**9, "not_a_date", "JJ/MM/AAAA"),
        (float("nan"), "not_a_date", "JJ/MM/AAAA"),
        (True, "not_a_date", "JJ/MM/AAAA"),
        (time(8, 0), "not_a_date", "JJ/MM/AAAA"),
        (timedelta(hours=30), "not_a_date", "JJ/MM/AAAA"),
    ],
)
def test_what_is_not_a_date_is_told_why(written: CellValue, code: str, advice: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_date(written)
    assert caught.value.code == code
    assert advice in caught.value.suggestion


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_date_that_we_write_is_read_back(day: date) -> None:
    assert read_date(french_date(day)) == read_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (1000, "1000"),
        (0, "0"),
        (0.1 + 0.2, "0.3"),
        ("1 000,50 €", "1000.5"),
        ("1\u202f000,50\u00a0€ HT", "1000.5"),
        ("1000.50", "1000.5"),
        ("1.000,50", "1000.5"),
        ("1,000.50", "1000.5"),
        ("1.000.000", "1000000"),
        ("124566 euros", "124566"),
        ("0,500", "0.5"),
        ("12,5", "12.5"),
        (10**12, "1000000000000"),
    ],
)
def test_an_amount_is_read_however_it_is_written(written: CellValue, meant: str) -> None:
    assert read_money(written) == Decimal(meant)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Entre 200 et 500", "not_a_number"),
        ("200-500", "not_a_number"),
        ("50 k€", "not_a_number"),
        ("à définir", "not_a_number"),
        ("1,2,3", "not_a_number"),
        ("1.00,5,0", "not_a_number"),
        ("9" * 200, "not_a_number"),
        ("€", "not_a_number"),
        (True, "not_a_number"),
        (date(2025, 1, 1), "not_a_number"),
        (float("inf"), "not_a_number"),
        (-5, "negative_amount"),
        ("-5 €", "negative_amount"),
        ("\u22125", "negative_amount"),
        (10**12 + 1, "absurd_amount"),
        (1e300, "absurd_amount"),
        ("1 000 000 000 001", "absurd_amount"),
        ("1.000", "ambiguous_amount"),
        ("1,000", "ambiguous_amount"),
        ("1,2345678901234567", "too_many_digits"),
    ],
)
def test_what_is_not_an_amount_is_told_why(written: CellValue, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_money(written)
    assert caught.value.code == code


def test_a_value_of_an_indicator_may_be_negative_and_its_only_separator_marks_decimals() -> None:
    assert read_decimal("-12,345") == Decimal("-12.345")
    assert read_decimal("12.345") == Decimal("12.345")
    assert read_decimal(-0.0) == 0


def test_a_value_has_at_most_15_significant_digits() -> None:
    assert read_decimal("123456789,012345") == Decimal("123456789.012345")
    for written in ("123456789,0123456", "1000000000000000", 1e15, 1e300):
        with pytest.raises(Unreadable) as caught:
            read_decimal(written)
        assert caught.value.code == "too_many_digits"


@given(st.decimals(-(10**9), 10**9, places=6))
def test_every_number_that_we_write_is_read_back(number: Decimal) -> None:
    assert read_decimal(french_number(number)) == number


@pytest.mark.parametrize("written", ["À venir", "à venir ", "A VENIR", "a\u00a0venir", "À  venir"])
def test_case_accents_and_spaces_of_a_status_do_not_count(written: str) -> None:
    assert read_choice(written, STATUSES) == "À venir"


def test_a_status_in_the_feminine_is_understood() -> None:
    assert read_choice("Réalisée", STATUSES) == "Réalisé"
    assert read_choice("élevée", PRIORITIES) == "Élevé"


@pytest.mark.parametrize(
    ("written", "near"),
    [("En cour", "En cours"), ("Blocké", "Bloqué"), ("terminé", "Réalisé"), ("Annulé", "Abandonné")],
)
def test_an_unknown_status_is_answered_with_the_nearest(written: str, near: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_choice(written, STATUSES)
    assert caught.value.suggestion.startswith(f"Vouliez-vous dire «\u202f{near}\u202f»\u202f? ")


def test_a_status_like_no_other_is_answered_with_the_list() -> None:
    with pytest.raises(Unreadable) as caught:
        read_choice("xyz", STATUSES)
    assert "À venir, À discuter, En cours" in caught.value.suggestion


@pytest.mark.parametrize("written", ["VRAI", "vrai", "True", "1", 1, 1.0, "oui", True])
def test_yes_is_written_in_many_ways(written: str | float | bool) -> None:
    assert read_boolean(written) is True


@pytest.mark.parametrize("written", ["FAUX", "False", "0", 0, "non", False])
def test_no_is_written_in_many_ways(written: str | float | bool) -> None:
    assert read_boolean(written) is False


@pytest.mark.parametrize("written", ["peut-être", "2", 2.5])
def test_neither_yes_nor_no_is_refused(written: str | float) -> None:
    with pytest.raises(Unreadable):
        read_boolean(written)


def test_people_are_separated_by_commas_semicolons_and_line_breaks_and_come_once() -> None:
    assert split_names("Marie PAUL, Pierre  GWEN;\nRenée CHARLES,, marie paul") == (
        "Marie PAUL",
        "Pierre GWEN",
        "Renée CHARLES",
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2024.0, "2024"),
        (0.5, "0,5"),
        (1e20, "100000000000000000000"),
        (True, "VRAI"),
        (date(2025, 8, 8), "08/08/2025"),
        (datetime(2025, 8, 8, 12, 5), "08/08/2025 12:05"),
        (time(8, 5), "08:05"),
        (timedelta(hours=30, minutes=5), "30:05"),
        (None, ""),
    ],
)
def test_a_typed_cell_in_a_text_column_reads_as_a_french_excel_shows_it(value: CellValue, text: str) -> None:
    assert as_text(value) == text


def test_line_breaks_of_word_processors_become_plain_ones() -> None:
    assert clean_text(" un\x0bdeux\u2028trois ") == "un\ndeux\ntrois"


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\ud800", "\uffff"])
def test_invisible_control_characters_are_refused(character: str) -> None:
    with pytest.raises(Unreadable) as caught:
        clean_text(f"un{character}deux")
    assert caught.value.code == "control_character"
    assert f"U+{ord(character):04X}" in caught.value.message


def test_a_cell_is_never_longer_than_excel_allows() -> None:
    assert len(clean_text("x" * 32_767)) == 32_767
    with pytest.raises(Unreadable) as caught:
        clean_text("x" * 100_000)
    assert caught.value.code == "cell_too_long"
    assert "100\u202f000 caractères, pour 32\u202f767 au plus" in caught.value.message


def test_a_value_is_quoted_in_80_characters_on_one_line() -> None:
    assert shown("un\ndeux\x07") == "un deux\ufffd"
    assert len(shown("x" * 100_000)) == 80
    assert shown("x" * 81).endswith("…")
    assert shown("x" * 80) == "x" * 80
