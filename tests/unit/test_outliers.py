"""Outlier tests on few, equal and impossible values."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from pipeline.compute.statistics.outliers import OutlierTest, dixon, dixon_critical, grubbs, grubbs_critical

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
        found = test(np.array(values), 0.05)
        assert (found.statistic, found.index, found.outlier) == (None, None, None)
        assert found.reason == reason
    assert grubbs_critical(2, 0.05) is None
    assert dixon_critical(2, 0.05) is None


@BOTH_TESTS
@pytest.mark.parametrize("far", [-9.0, 9.0])
def test_either_end_can_be_the_outlier(test: Test, far: float) -> None:
    """A value far below the others is as suspect as one far above."""
    found = test(np.array([0.1, 0.2, far, 0.15, 0.12]), 0.05)
    assert (found.index, found.outlier) == (2, True)


@BOTH_TESTS
def test_ordinary_triplicates_pass(test: Test) -> None:
    """Nothing to see in 1.00, 1.05, 1.12."""
    assert test(np.array([1.00, 1.05, 1.12]), 0.05).outlier is False


@BOTH_TESTS
def test_two_that_agree_make_the_third_an_outlier(test: Test) -> None:
    """The known weakness of three values: 1.000, 1.000 and 1.001."""
    assert test(np.array([1.0, 1.0, 1.001]), 0.05).outlier is True


@BOTH_TESTS
def test_a_stricter_alpha_needs_more(test: Test) -> None:
    """Critical values rise as alpha falls."""
    values = np.array([1.0, 1.1, 1.2, 1.3, 2.0])
    critical = [test(values, alpha).critical or 0 for alpha in (0.1, 0.05, 0.01)]
    assert critical == sorted(critical)
    with pytest.raises(ValueError, match="between 0 and 1"):
        test(values, 5)
