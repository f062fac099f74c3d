"""Ratio of effective doses: when it is a potency and when it is nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.compute.statistics.ed_ratio import ed_ratio
from pipeline.compute.statistics.inference import Array

ED50 = np.array([30.0, 60.0])


@pytest.mark.parametrize("percent", [5.0, 50.0, 90.0])
def test_equal_exponents_give_one_potency(percent: float) -> None:
    """At every percentage the ratio of the ED50."""
    found = ed_ratio(np.array([2.0, 2.0]), ED50, np.zeros((4, 4)), percent, df=20, confidence=0.95)
    assert (found.ratio, found.se, found.low, found.high) == pytest.approx((0.5, 0.0, 0.5, 0.5))


def test_the_error_is_that_of_a_simulation() -> None:
    """Delta method against 40 000 draws of all four parameters, at 20 %."""
    exponent, sd = np.array([2.0, 3.0]), np.array([0.02, 0.03, 0.3, 0.6])
    found = ed_ratio(exponent, ED50, np.diag(sd**2), 20.0, df=math.inf, confidence=0.95)
    draws = np.append(exponent, ED50) + sd * np.random.default_rng(2).standard_normal((40_000, 4))
    ed = draws[:, 2:] * 0.25 ** (1 / draws[:, :2])
    simulated = ed[:, 0] / ed[:, 1]
    assert found.ratio == pytest.approx(simulated.mean(), rel=1e-3)
    assert found.se == pytest.approx(simulated.std(), rel=0.02)
    assert (found.high or 0) - (found.low or 0) == pytest.approx(2 * 1.959964 * (found.se or 0))


@pytest.mark.parametrize(
    ("ed50", "covariance", "df", "reason"),
    [
        (np.array([0.0, 1.0]), np.eye(4), 20.0, "a value at or below zero has no logarithm"),
        (np.array([-1.0, 1.0]), np.eye(4), 20.0, "a value at or below zero has no logarithm"),
        (ED50, np.full((4, 4), np.nan), 20.0, "a value is missing or infinite"),
        (ED50, np.eye(4), 0.0, "no degrees of freedom for the error"),
    ],
)
def test_no_ratio_has_a_reason(ed50: Array, covariance: Array, df: float, reason: str) -> None:
    """No number, no NaN, a reason."""
    found = ed_ratio(np.array([2.0, 2.0]), ed50, covariance, 50.0, df=df, confidence=0.95)
    assert (found.ratio, found.se, found.reason) == (None, None, reason)


def test_an_impossible_covariance_gives_no_error() -> None:
    """The ratio stands, its error does not."""
    found = ed_ratio(np.array([2.0, 2.0]), ED50, -np.eye(4), 50.0, df=20, confidence=0.95)
    assert found.ratio == pytest.approx(0.5)
    assert (found.se, found.reason) == (None, "the covariance matrix is not positive definite")


def test_percent_is_a_percentage() -> None:
    """0 and 100 have no effective dose."""
    for percent in (0.0, 100.0):
        with pytest.raises(ValueError, match="between 0 and 100"):
            ed_ratio(np.array([2.0, 2.0]), ED50, np.eye(4), percent, df=20, confidence=0.95)
