"""Outlier tests on few, equal and impossible values."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from pipeline.compute.statistics.outliers import (
    OutlierTest,
    Side,
    dixon,
    dixon_critical,
    grubbs,
    grubbs_critical,
)

Test = Callable[..., OutlierTest]
BOTH_TESTS = pytest.mark.parametrize("test", [grubbs, dixon])


@BOTH_TESTS
def test_no_test_has_a_reason(test: Test) -> None:
    """Two values, equal values, a missing value."""
    for values, reason in (
        ([0.1, 0.9], "2 values are too few to call one an outlier"),
        ([], "0 values are too few to call one an outlier"),
        ([0.1, 0.1, 0.1], "all values are equal"),
        ([0.1, 0.2, math.nan], "a value is missing or infinite"),
    ):
        found = test(np.array(values), alpha=0.05, side=Side.BOTH)
        assert (found.statistic, found.index, found.outlier) == (None, None, None)
        assert found.reason == reason
    assert grubbs_critical(2, 0.05, Side.BOTH) is None
    assert dixon_critical(2, 0.05, Side.BOTH) is None


@BOTH_TESTS
def test_the_side_decides(test: Test) -> None:
    """A low value is no outlier for a test of the largest."""
    values = np.array([-9.0, 0.1, 0.2, 0.15, 0.12])
    assert test(values, alpha=0.05, side=Side.SMALLEST).outlier is True
    assert test(values, alpha=0.05, side=Side.BOTH).index == 0
    largest = test(values, alpha=0.05, side=Side.LARGEST)
    assert (largest.index, largest.outlier) == (2, False)


@BOTH_TESTS
def test_ordinary_triplicates_pass(test: Test) -> None:
    """Nothing to see in 1.00, 1.05, 1.12."""
    assert test(np.array([1.00, 1.05, 1.12]), alpha=0.05, side=Side.BOTH).outlier is False


@BOTH_TESTS
def test_two_that_agree_make_the_third_an_outlier(test: Test) -> None:
    """The known weakness of three values: 1.000, 1.000 and 1.001."""
    assert test(np.array([1.0, 1.0, 1.001]), alpha=0.05, side=Side.BOTH).outlier is True


@BOTH_TESTS
def test_a_stricter_alpha_needs_more(test: Test) -> None:
    """Critical values rise as alpha falls."""
    values = np.array([1.0, 1.1, 1.2, 1.3, 2.0])
    critical = [test(values, alpha=alpha, side=Side.BOTH).critical or 0 for alpha in (0.1, 0.05, 0.01)]
    assert critical == sorted(critical)
    with pytest.raises(ValueError, match="between 0 and 1"):
        test(values, alpha=5, side=Side.BOTH)
