"""Fieller's interval: its three shapes and what cannot be answered."""

from __future__ import annotations

import math

import pytest

from pipeline.compute.statistics.fieller import (
    ConfidenceSet,
    Means,
    fieller_interval,
)


def test_a_clear_denominator_gives_an_interval() -> None:
    """G is small, the interval encloses the ratio, and nothing needs a reason."""
    found = fieller_interval(Means(6.0, 3.0, 0.04, 0.01, 0.0, 20), 0.95)
    assert found.shape is ConfidenceSet.FINITE
    assert found.finite is not None
    assert found.finite[0] < 2.0 < found.finite[1]
    assert found.reason is None
    assert found.g is not None
    assert found.g < 0.01


def test_a_weak_denominator_excludes_only_a_middle_piece() -> None:
    """The numerator differs from zero, the denominator does not: the ratio is not between two numbers."""
    found = fieller_interval(Means(6.0, 1.0, 0.04, 1.0, 0.0, 20), 0.95)
    assert found.shape is ConfidenceSet.COMPLEMENT
    assert found.low is not None
    assert found.high is not None
    assert not found.low < 6.0 < found.high
    assert found.finite is None
    assert found.reason is not None


def test_two_weak_means_say_nothing() -> None:
    """Neither differs from zero: every ratio agrees with the data."""
    found = fieller_interval(Means(0.1, 0.1, 1.0, 1.0, 0.0, 20), 0.95)
    assert (found.shape, found.low, found.high) == (ConfidenceSet.WHOLE_LINE, None, None)
    assert found.ratio == pytest.approx(1.0)
    assert found.reason is not None


def test_a_zero_denominator_has_no_ratio_but_may_have_limits() -> None:
    """A mean of exactly zero with an error excludes small ratios; without an error there is no statement."""
    found = fieller_interval(Means(5.0, 0.0, 0.01, 0.01, 0.0, 20), 0.95)
    assert (found.ratio, found.shape) == (None, ConfidenceSet.COMPLEMENT)
    assert found.low == pytest.approx(-(found.high or 0))
    found = fieller_interval(Means(5.0, 0.0, 0.01, 0.0, 0.0, 20), 0.95)
    assert (found.ratio, found.shape, found.reason) == (None, None, "the denominator is zero")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_one_end_at_infinity(sign: float) -> None:
    """With g = 1 to the last digits one end is open or out of sight; the other is an ordinary number."""
    variance = (2.0 / 1.9599639845400538) ** 2  # g = 1 for a denominator of 2 with a normal error
    found = fieller_interval(Means(sign * 9.0, 2.0, 0.01, variance, 0.0, math.inf), 0.95)
    ends = [end for end in (found.low, found.high) if end is not None and abs(end) < 1e6]
    assert ends == [pytest.approx(sign * 2.25, abs=0.01)]


def test_known_means_have_no_width() -> None:
    """Errors of zero give the ratio itself, also for a numerator of zero and for negative means."""
    assert fieller_interval(Means(0.0, 4.0, 0.0, 0.0, 0.0, 5), 0.95).finite == (0.0, 0.0)
    assert fieller_interval(Means(-3.0, 1.5, 0.0, 0.0, 0.0, 5), 0.95).finite == (-2.0, -2.0)


@pytest.mark.parametrize(
    "means",
    [
        Means(math.nan, 1.0, 0.1, 0.1, 0.0, 5),
        Means(1.0, 1.0, -0.1, 0.1, 0.0, 5),
        Means(1.0, 1.0, 0.1, 0.1, 0.2, 5),
        Means(1.0, 1.0, 0.1, 0.1, 0.0, 0),
        Means(1.0, 1.0, 0.1, math.inf, 0.0, 5),
    ],
)
def test_impossible_errors_have_a_reason(means: Means) -> None:
    """No interval, no NaN, a reason."""
    found = fieller_interval(means, 0.95)
    assert (found.shape, found.low, found.high) == (None, None, None)
    assert found.reason
    assert found.ratio is None or math.isfinite(found.ratio)


def test_confidence_is_a_probability() -> None:
    """95 instead of 0.95 is refused."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        fieller_interval(Means(1.0, 1.0, 0.1, 0.1, 0.0, 5), 95)
