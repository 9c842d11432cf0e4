"""How figures are shown: rounded half away from zero, marks for what is missing, no miss that looks like a hit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.publication import numbers


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.285, 2, "0.29"),  # a double lies below 0.285; what was computed is meant
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (0.125, 2, "0.13"),
        (-0.001, 2, "0.00"),  # no minus before nothing
        (68.8677672169418, 2, "68.87"),
        (1204400.0, 0, "1,204,400"),
        (99.995, 2, "100.00"),
    ],
)
def test_rounds_half_away_from_zero(value, decimals, text):
    assert numbers.shown(value, decimals) == text


@pytest.mark.parametrize(("status", "mark"), [("L", "…"), ("O", "…"), ("M", "—"), (None, "—")])
def test_a_missing_figure_is_a_mark_and_never_a_number(status, mark):
    assert numbers.shown(None, 2, status) == mark


def test_a_hidden_figure_has_a_mark_of_its_own():
    hidden = numbers.shown(None, 2, "Q")
    assert hidden not in {numbers.shown(None, 2, other) for other in ("L", "O", "M", None)}
    assert not any(character.isdigit() for character in hidden)


def test_zero_is_shown_as_zero():
    assert numbers.shown(0.0, 1) == "0.0"
    assert numbers.plain(0.0) == "0"


@pytest.mark.parametrize(
    ("value", "target", "text"),
    [(59.999, 60.0, "59.999"), (60.0, 60.0, "60.00"), (59.994, 60.0, "59.99"), (70.0004, 70.0, "70.0004")],
)
def test_rounding_does_not_turn_a_miss_into_a_hit(value, target, text):
    assert numbers.against(value, 2, target) == text


@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=6), st.integers(0, 4))
def test_rounding_moves_a_figure_by_at_most_half_a_place(value, decimals):
    shown = Decimal(numbers.shown(float(value), decimals).replace(",", ""))
    assert abs(shown - Decimal(repr(float(value)))) <= Decimal(5).scaleb(-decimals - 1)


@pytest.mark.parametrize(("value", "text"), [(129.0, "129"), (216959.8, "216,959.8"), (None, "—"), (1500.0, "1,500")])
def test_a_counted_quantity_has_as_many_digits_as_it_needs(value, text):
    assert numbers.plain(value) == text
