"""Cut points from few, equal, negative or impossible values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.compute.statistics.cutpoints import (
    CutPoint,
    CutPointMethod,
    Tail,
    cut_point,
    least_n_by_rank,
)
from pipeline.compute.statistics.inference import Array

NORMAL, LN, RANK = CutPointMethod.PREDICTION, CutPointMethod.LN_PREDICTION, CutPointMethod.RANK


def screening(values: Array, method: CutPointMethod, tail: Tail = Tail.UPPER, least_n: int = 2) -> CutPoint:
    """At 5 % false positives."""
    return cut_point(values, false_positive=0.05, method=method, least_n=least_n, tail=tail)


def test_fewest_negatives_by_rank() -> None:
    """The largest of 19 is exceeded once in 20, the largest of 99 once in 100."""
    assert [least_n_by_rank(rate) for rate in (0.05, 0.01, 0.10, 0.03, 0.9)] == [19, 99, 9, 33, 1]


def test_by_rank() -> None:
    """19 negatives at 5 %: the largest. 39: the second largest. 18: none, with the number that is needed."""
    assert screening(np.arange(19.0), RANK).value == 18.0
    assert screening(np.arange(39.0), RANK).value == 37.0
    found = screening(np.arange(18.0), RANK)
    assert (found.value, found.n, found.least_n) == (None, 18, 19)
    assert found.reason == "18 negatives; at least 19 are needed"
    confirmatory = cut_point(np.arange(99.0), false_positive=0.01, method=RANK, least_n=50)
    assert (confirmatory.value, confirmatory.least_n, confirmatory.factor) == (98.0, 99, None)


def test_the_laboratory_may_ask_for_more() -> None:
    """50 negatives wanted, 19 there: none."""
    assert screening(np.arange(19.0), RANK, least_n=50).value is None
    assert screening(np.arange(1.0, 20.0), LN, least_n=50).reason == "19 negatives; at least 50 are needed"


@pytest.mark.parametrize("method", [NORMAL, LN, RANK])
def test_too_few_and_impossible_values(method: CutPointMethod) -> None:
    """One negative has no SD; a missing value is not left out silently."""
    assert screening(np.array([0.1]), method).value is None
    assert screening(np.array([]), method).value is None
    found = screening(np.array([0.1] * 20 + [math.nan]), method)
    assert (found.value, found.reason) == (None, "a value is missing or infinite")


def test_logarithms() -> None:
    """The prediction limit of the logarithms, back on the scale of the values; none for zero or less."""
    values = np.exp(np.array([0.1, 0.2, 0.3, 0.4]))
    found = screening(values, LN)
    sd = float(np.std([0.1, 0.2, 0.3, 0.4], ddof=1))
    assert found.value == pytest.approx(math.exp(0.25 + 2.63114 * sd), rel=1e-6)
    assert found.factor == pytest.approx(2.63114, rel=1e-6)
    assert screening(np.array([0.1, 0.0, 0.2]), LN).reason == "a value at or below zero has no logarithm"
    assert screening(np.array([0.1, -0.1, 0.2]), NORMAL).value is not None


def test_equal_negatives() -> None:
    """Without scatter the cut point is the value itself."""
    for method in (NORMAL, LN, RANK):
        assert screening(np.full(20, 0.1), method).value == pytest.approx(0.1)


@pytest.mark.parametrize("method", [NORMAL, RANK])
def test_the_lower_tail_mirrors_the_upper(method: CutPointMethod) -> None:
    """For what falls in a positive."""
    values = np.linspace(0.3, 0.9, 25) ** 2
    low = screening(values, method, Tail.LOWER).value
    high = screening(-values, method).value
    assert low is not None
    assert high is not None
    assert low == pytest.approx(-high)
    assert low < values.mean()


def test_a_rate_is_no_percentage() -> None:
    """5 instead of 0.05 is refused."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        cut_point(np.arange(5.0), false_positive=5, method=NORMAL, least_n=2)
