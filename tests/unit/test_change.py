"""Geometric means and changes of titers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.compute.statistics.change import Change, MeasuredTiter, change, geometric_summary


def changed(before: MeasuredTiter, after: MeasuredTiter, covariance: float = 0.0) -> Change:
    """At 95 %, with four-fold as the change that always counts."""
    return change(before, after, confidence=0.95, least_fold=4.0, ln_covariance=covariance)


def test_geometric_mean_and_cv() -> None:
    """Mean of logarithms; CV from the SD of logarithms."""
    found = geometric_summary(np.array([100.0, 400.0]))
    assert found.mean == pytest.approx(200.0)
    s2 = math.log(4) ** 2 / 2
    assert found.cv_percent == pytest.approx(100 * math.sqrt(math.exp(s2) - 1))
    assert found.n == 2


def test_no_geometric_cv_has_a_reason() -> None:
    """One value, no value, equal values, zero and negative values."""
    one = geometric_summary(np.array([200.0]))
    assert one.mean == pytest.approx(200.0)
    assert one.cv_percent is None
    assert one.reason == "one value has no CV"
    assert geometric_summary(np.array([])).reason == "no value"
    assert geometric_summary(np.full(3, 0.1)).cv_percent == 0.0
    for bad in (0.0, -5.0, math.nan):
        found = geometric_summary(np.array([200.0, bad]))
        assert (found.mean, found.cv_percent) == (None, None)
        assert found.reason


def test_a_fall_in_three_ways() -> None:
    """8000 to 2000: a quarter, -75 %, two steps down."""
    found = changed(MeasuredTiter(8000.0, 0.1), MeasuredTiter(2000.0, 0.1))
    assert found.fold == pytest.approx(0.25)
    assert found.percent == pytest.approx(-75.0)
    assert found.log2_steps == pytest.approx(-2.0)
    half = 1.959963984540054 * math.sqrt(0.02)
    assert found.fold_interval == pytest.approx((0.25 * math.exp(-half), 0.25 * math.exp(half)))
    assert found.percent_interval == pytest.approx(
        (100 * (0.25 * math.exp(-half) - 1), 100 * (0.25 * math.exp(half) - 1))
    )
    assert found.log2_interval == pytest.approx((-2 - half / math.log(2), -2 + half / math.log(2)))
    assert (found.by_interval, found.by_fold, found.significant) == (True, True, True)


def test_either_rule_makes_a_change_significant() -> None:
    """A small change by precision, a large one by its size, neither for a small imprecise one."""
    precise = changed(MeasuredTiter(1000.0, 0.05), MeasuredTiter(1300.0, 0.05))
    assert (precise.by_interval, precise.by_fold, precise.significant) == (True, False, True)
    noisy = changed(MeasuredTiter(1000.0, 2.0), MeasuredTiter(5000.0, 2.0))
    assert (noisy.by_interval, noisy.by_fold, noisy.significant) == (False, True, True)
    neither = changed(MeasuredTiter(1000.0, 0.2), MeasuredTiter(1300.0, 0.2))
    assert neither.significant is False


def test_exactly_four_fold_counts_both_ways() -> None:
    """The limit itself belongs to the changes, whatever rounding does."""
    for low in (0.1, 0.3, 100.0, 1000 / 3):
        one, other = MeasuredTiter(low, None), MeasuredTiter(4 * low, None)
        assert changed(one, other).by_fold
        assert changed(other, one).by_fold


def test_without_an_error_only_the_fold_can_tell() -> None:
    """A large change counts; a small one is unknown, not absent."""
    found = changed(MeasuredTiter(1000.0, None), MeasuredTiter(1300.0, 0.1))
    assert (found.by_interval, found.fold_interval, found.significant) == (None, None, None)
    assert found.fold == pytest.approx(1.3)
    assert found.reason == "a titer has no standard error"
    assert changed(MeasuredTiter(1000.0, None), MeasuredTiter(8000.0, 0.1)).significant is True


def test_a_common_curve_error_cancels() -> None:
    """Two titers of one plate share an error, so their change is better known than either."""
    before, after = MeasuredTiter(1000.0, 0.2), MeasuredTiter(1300.0, 0.2)
    assert changed(before, after).significant is False
    assert changed(before, after, covariance=0.039).significant is True
    assert changed(before, before, covariance=0.04).fold_interval == pytest.approx((1.0, 1.0))
    assert changed(before, after, covariance=0.05).fold_interval is None


def test_few_degrees_of_freedom_widen_the_interval() -> None:
    """Welch: equal errors with 3 degrees of freedom each have 6."""
    found = changed(MeasuredTiter(1000.0, 0.1, 3), MeasuredTiter(1000.0, 0.1, 3))
    assert found.fold_interval is not None
    assert found.fold_interval[1] == pytest.approx(math.exp(2.446911851 * math.sqrt(0.02)))
    found = changed(MeasuredTiter(1000.0, 0.1, 0), MeasuredTiter(1000.0, 0.1, 3))
    assert found.reason == "no degrees of freedom for the error"


def test_errors_of_zero() -> None:
    """Titers known without error: any difference is a change, none is none."""
    exact = MeasuredTiter(1000.0, 0.0)
    assert changed(exact, exact).significant is False
    assert changed(exact, MeasuredTiter(1001.0, 0.0)).significant is True


def test_titers_that_are_no_titers() -> None:
    """Zero, negative and missing titers have no change, and a reason."""
    for bad in (0.0, -1.0, math.nan):
        found = changed(MeasuredTiter(bad, 0.1), MeasuredTiter(100.0, 0.1))
        assert (found.fold, found.significant) == (None, None)
        assert found.reason
    assert changed(MeasuredTiter(1.0, math.nan), MeasuredTiter(1.0, 0.1)).fold_interval is None
    assert changed(MeasuredTiter(1.0, -0.1), MeasuredTiter(1.0, 0.1)).fold_interval is None


def test_the_least_fold_is_above_one() -> None:
    """0.25 is a way to write four-fold that would count everything."""
    with pytest.raises(ValueError, match="above 1"):
        change(MeasuredTiter(1.0, 0.1), MeasuredTiter(1.0, 0.1), confidence=0.95, least_fold=0.25)
