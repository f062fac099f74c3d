"""Numbers are rounded as a spreadsheet rounds them: half up, from 15 digits."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.names import rounded
from pipeline.domain.rounding import fixed, scientific
from pipeline.report.words.tones import Format, number, significant


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1.7805, 3, "1.781"),
        (0.0005, 3, "0.001"),
        (-0.0005, 3, "-0.001"),
        (5e-05, 4, "0.0001"),
        (2.5, 0, "3"),
        (1.78049999999999, 3, "1.780"),
        (0.1 + 0.2 + 0.0005, 3, "0.301"),
        (1e-30, 3, "0.000"),
    ],
)
def test_a_half_is_rounded_away_from_zero(value: float, decimals: int, text: str) -> None:
    """What a person sees as a half is one, though the binary number lies beside it."""
    assert fixed(value, decimals) == text


@given(value=st.floats(-1e9, 1e9), decimals=st.integers(0, 5))
def test_every_number_is_that_of_exact_arithmetic(value: float, decimals: int) -> None:
    """The short way for most numbers gives what decimal arithmetic gives."""
    exact = Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if abs(value) < 10 ** (14 - decimals):  # the 15 digits reach that far
        assert Decimal(fixed(value, decimals)) == exact


def test_significant_digits_round_half_up_too() -> None:
    """Titers, exponents, and numbers that get a digit more by rounding."""
    assert significant(12350, 3) == "12,400"
    assert significant(9.995, 3) == "10.0"
    assert scientific(2.945e-8, 3) == "2.95e-08"
    assert scientific(9.999e-8, 3) == "1.00e-07"
    assert scientific(0.0, 3) == "0.00e+00"
    assert number(2.93974e-8, Format.GENERAL) == "2.94e\u221208"
    assert rounded(12350.0) == "12\u202f400"
