"""Ratio of two titers from one curve and one dilution series."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.compute.hnk1.titer_ratio import CurveTiter, titer_ratio, walk_covariance
from pipeline.domain.codes.qualifier import Qualifier

NO_CURVE = np.zeros((5, 5))
COVARIANCE = np.diag([0.0, 0.01, 0.02, 0.0, 0.0])
G1, G2 = np.array([0.0, -0.2, 1.0, 0.1, 0.0]), np.array([0.0, -0.5, 1.0, -0.2, 0.0])
Z = 1.959963984540054


def titer(
    value: float,
    se: float | None = 0.2,
    by_theta: np.ndarray | None = None,
    qualifier: Qualifier = Qualifier.MEASURED,
    df: float = math.inf,
) -> CurveTiter:
    """A titer with its error."""
    return CurveTiter(value, qualifier, se, df, by_theta)


def test_ratio_and_percent() -> None:
    """2000 over 8000 is a quarter; the interval by hand."""
    found = titer_ratio(titer(2000.0), titer(8000.0, 0.1), NO_CURVE, 0.0)
    half = Z * math.hypot(0.2, 0.1)
    assert (found.ratio, found.percent) == pytest.approx((0.25, 25.0))
    assert found.ci95 == pytest.approx((0.25 * math.exp(-half), 0.25 * math.exp(half)))
    assert found.percent_ci95 == pytest.approx((25 * math.exp(-half), 25 * math.exp(half)))
    assert (found.at_most, found.at_least, found.reason) == (None, None, None)


def test_curve_and_pipetting_cancel() -> None:
    """se1² + se2² - 2 (g1 V g2 + what the tubes share)."""
    found = titer_ratio(titer(2000.0, 0.2, G1), titer(8000.0, 0.2, G2), COVARIANCE, 0.004)
    common = 0.01 * 0.2 * 0.5 + 0.02 + 0.004
    half = Z * math.sqrt(0.08 - 2 * common)
    assert found.ci95 == pytest.approx((0.25 * math.exp(-half), 0.25 * math.exp(half)))


def test_fewer_degrees_of_freedom_widen_the_interval() -> None:
    """With 3 behind each titer the difference has 6."""
    found = titer_ratio(titer(1000.0, 0.1, df=3), titer(1000.0, 0.1, df=3), NO_CURVE, 0.0)
    assert found.ci95 is not None
    assert found.ci95[1] == pytest.approx(math.exp(2.446911851 * math.sqrt(0.02)))


def test_a_titer_below_range_bounds_the_ratio() -> None:
    """HNK1 "< 100" over MAG 8000: at most 1/80 and the error of the 8000; MAG ">=" the same way."""
    below = titer(100.0, None, qualifier=Qualifier.BELOW)
    found = titer_ratio(below, titer(8000.0, 0.1, G2), COVARIANCE, 0.0)
    assert (found.ratio, found.percent, found.ci95, found.percent_ci95) == (None, None, None, None)
    assert found.at_most == pytest.approx(math.exp(Z * 0.1) / 80)
    assert found.at_least is None
    assert found.reason == "a titer lies beyond its range"
    above = titer(70_000.0, None, qualifier=Qualifier.AT_LEAST)
    assert titer_ratio(titer(7000.0, 0.1), above, NO_CURVE, 0.0).at_most == pytest.approx(
        0.1 * math.exp(Z * 0.1)
    )
    turned = titer_ratio(titer(8000.0, 0.1), below, NO_CURVE, 0.0)
    assert turned.at_least == pytest.approx(80 * math.exp(-Z * 0.1))
    unknown = titer_ratio(below, titer(8000.0, None), NO_CURVE, 0.0)
    assert unknown.at_most == pytest.approx(1 / 80)
    assert unknown.reason == "the measured titer has no standard error"


def test_no_ratio_has_a_reason() -> None:
    """Both beyond the same end, no titer, errors that do not fit together."""
    below = titer(100.0, None, qualifier=Qualifier.BELOW)
    for first, second in ((below, below), (titer(0.0), titer(100.0))):
        found = titer_ratio(first, second, NO_CURVE, 0.0)
        assert (found.ratio, found.at_most, found.at_least) == (None, None, None)
        assert found.reason
    impossible = titer_ratio(titer(100.0), titer(100.0), NO_CURVE, 1.0)
    assert impossible.ci95 is None
    assert impossible.reason == "the standard errors and the covariance do not belong together"


def test_the_shared_walk() -> None:
    """One dilution each: the steps up to the earlier one; two dilutions: their weights."""
    steps = np.array([1.0, 2.0, 3.0])
    first, last = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    assert walk_covariance(last, last, steps, 0.01) == pytest.approx(0.03)
    assert walk_covariance(first, last, steps, 0.01) == pytest.approx(0.01)
    half = np.array([0.0, 0.5, 0.5])
    assert walk_covariance(half, half, steps, 0.01) == pytest.approx(0.01 * (2 + 2 + 2 + 3) / 4)
