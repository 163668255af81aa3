"""Numbers come back from JSON as they went in."""

import json
from decimal import Decimal

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain.number import NumberNotExact, WeightNegative, is_exact, require_exact, require_weight
from tests.domain.given import refusal_of


@pytest.mark.parametrize(
    "text", ["0", "-0", "0.000", "12.5", "-3", "999999999999999", "0.1", "1E-15", "100.000000000000000"]
)
def test_up_to_fifteen_significant_digits_are_exact(text: str) -> None:
    assert is_exact(Decimal(text))


@pytest.mark.parametrize(
    "text", ["1234567890.123456", "1E+15", "1E-16", "1E+5000", "NaN", "sNaN", "Infinity", "-Infinity"]
)
def test_longer_endless_and_undefined_numbers_are_refused(text: str) -> None:
    assert not is_exact(Decimal(text))
    assert refusal_of(NumberNotExact, lambda: require_exact(Decimal(text), "/value")).pointer == "/value"


@drawn(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_an_exact_number_survives_json(value: Decimal) -> None:
    if is_exact(value):
        assert Decimal(repr(json.loads(json.dumps(float(value))))) == value


def test_a_weight_is_not_negative() -> None:
    require_weight(Decimal(0))
    refusal_of(WeightNegative, lambda: require_weight(Decimal("-0.5")))
