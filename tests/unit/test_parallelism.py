"""Parallelism: what small, equal or impossible data give."""

from __future__ import annotations

import math

import pytest

from pipeline.compute.statistics.fieller import Means
from pipeline.compute.statistics.parallelism import (
    equivalence_of_ln_slopes,
    equivalence_of_slopes,
    extra_sum_of_squares,
)

LIMITS = (0.80, 1.25)


def test_extra_sum_of_squares() -> None:
    """F is the extra mean square over the residual mean square."""
    found = extra_sum_of_squares(12.0, 12, 10.0, 10)
    assert (found.extra, found.df_extra, found.f) == (2.0, 2, 1.0)
    assert found.p == pytest.approx(1.2**-5)  # closed form for two degrees of freedom
    assert found.reason is None


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ((5.0, 10, 5.0, 10), "no degrees of freedom"),
        ((5.0, 3, 5.0, 0), "no degrees of freedom"),
        ((5.0, 13, 0.0, 10), "the separate curves leave no residual"),
        ((4.0, 13, 5.0, 10), "the common fit is better"),
        ((math.nan, 13, 5.0, 10), "a value is missing or infinite"),
    ],
)
def test_no_f_has_a_reason(numbers: tuple[float, int, float, int], reason: str) -> None:
    """A fit that did not converge is not called parallel."""
    found = extra_sum_of_squares(*numbers)
    assert (found.f, found.p) == (None, None)
    assert found.reason is not None
    assert found.reason.startswith(reason)


def test_a_common_fit_that_is_better_by_rounding_costs_nothing() -> None:
    """Equal to eight digits: F is zero and p is one."""
    found = extra_sum_of_squares(10.0 - 1e-7, 13, 10.0, 10)
    assert (found.f, found.p) == (0.0, 1.0)


def test_equivalence_needs_the_whole_interval() -> None:
    """The same ratio is equivalent when precise and not shown to be when noisy."""
    precise = equivalence_of_slopes(Means(1.0, 1.02, 1e-4, 1e-4, 0.0, 30), LIMITS, 0.90)
    noisy = equivalence_of_slopes(Means(1.0, 1.02, 1e-2, 1e-2, 0.0, 30), LIMITS, 0.90)
    assert (precise.equivalent, noisy.equivalent) == (True, False)
    assert precise.ratio == noisy.ratio == pytest.approx(1 / 1.02)


def test_an_unbounded_interval_is_not_equivalence() -> None:
    """A reference slope that could be zero shows nothing; a missing error says nothing."""
    found = equivalence_of_slopes(Means(1.0, 1.0, 0.01, 4.0, 0.0, 30), LIMITS, 0.90)
    assert (found.equivalent, found.low, found.high) == (False, None, None)
    assert found.reason is not None
    unknown = equivalence_of_slopes(Means(1.0, 1.0, 0.01, 0.01, 0.0, 0), LIMITS, 0.90)
    assert unknown.equivalent is None
    assert equivalence_of_ln_slopes(0.0, -1.0, 5, LIMITS, 0.90).equivalent is None
    assert equivalence_of_ln_slopes(0.0, 1.0, 0, LIMITS, 0.90).reason == "no error of the slopes"


def test_both_ways_agree_for_precise_slopes() -> None:
    """Fieller and the logarithm differ by terms of second order only."""
    fieller = equivalence_of_slopes(Means(1.1, 1.0, 1e-4, 1e-4, 0.0, 30), LIMITS, 0.90)
    ln = equivalence_of_ln_slopes(math.log(1.1), 1e-4 / 1.21 + 1e-4, 30, LIMITS, 0.90)
    assert (ln.low, ln.high) == pytest.approx((fieller.low, fieller.high), rel=1e-3)


def test_limits_enclose_one() -> None:
    """Limits in percent are refused."""
    with pytest.raises(ValueError, match="both sides of 1"):
        equivalence_of_ln_slopes(0.0, 0.1, 5, (80, 125), 0.90)
