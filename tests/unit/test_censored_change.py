"""Changes to and from titers beyond the measured range; geometric means; falls by a percentage."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.compute.statistics.censored_change import (
    BoundedChange,
    Fall,
    ReportedTiter,
    fall_reached,
    reported_change,
)
from pipeline.compute.statistics.change import (
    Change,
    GeometricSummary,
    MeasuredTiter,
    geometric_mean_interval,
    geometric_summary,
)
from pipeline.domain.codes.qualifier import Qualifier


def titer(value: float, qualifier: str = "=", se: float | None = 0.1, df: float = math.inf) -> ReportedTiter:
    """A reported titer."""
    return ReportedTiter(MeasuredTiter(value, se, df), Qualifier(qualifier))


def changed(before: ReportedTiter, after: ReportedTiter) -> Change | BoundedChange:
    """At 95 %, with four-fold as the change that always counts."""
    return reported_change(before, after, confidence=0.95, least_fold=4.0, ln_covariance=0.0)


def bounded(before: ReportedTiter, after: ReportedTiter) -> BoundedChange:
    """A change that must be a bound."""
    found = changed(before, after)
    assert isinstance(found, BoundedChange)
    return found


def test_two_measured_titers_have_a_number() -> None:
    """The ordinary change."""
    found = changed(titer(8000), titer(2000))
    assert isinstance(found, Change)
    assert found.percent == pytest.approx(-75)


def test_a_fall_below_the_range() -> None:
    """8000 to "< 100": 1/80 at most, with the error of 8000 on the safe side."""
    found = bounded(titer(8000), titer(100, "<"))
    assert (found.at_most, found.at_least) == (1 / 80, None)
    assert found.limit == pytest.approx(1 / 80 * math.exp(1.6448536 * 0.1))
    assert found.percent == pytest.approx(-98.75)
    assert found.log2_steps == pytest.approx(-math.log2(80))
    assert found.significant is True


def test_a_fall_from_above_the_range() -> None:
    """From ">= 70 000" to 2000: a fall to 1/35 or less."""
    found = bounded(titer(70000, ">="), titer(2000))
    assert found.at_most == pytest.approx(1 / 35)
    assert found.significant is True


def test_a_rise_is_a_lower_bound() -> None:
    """From "< 100" to 5000, and from 5000 to ">= 250 000"."""
    for found in (bounded(titer(100, "<"), titer(5000)), bounded(titer(5000), titer(250000, ">="))):
        assert (found.at_most, found.at_least) == (None, 50)
        assert found.limit == pytest.approx(50 * math.exp(-1.6448536 * 0.1))
        assert found.significant is True


def test_a_small_rise_counts_by_its_limit() -> None:
    """From "< 100" to 150 with 10 %: less than four-fold, but surely more than nothing; not with 30 %."""
    assert bounded(titer(100, "<"), titer(150)).significant is True
    assert bounded(titer(100, "<"), titer(150, se=0.3)).significant is None


def test_from_one_end_to_the_other_there_is_no_error() -> None:
    """Two bounds are exact."""
    found = bounded(titer(70000, ">=", None), titer(100, "<", None))
    assert found.limit == found.at_most == pytest.approx(1 / 700)
    assert bounded(titer(100, "<"), titer(70000, ">=")).at_least == pytest.approx(700)


@pytest.mark.parametrize("qualifier", ["<", ">="])
def test_beyond_the_same_end_nothing_is_known(qualifier: str) -> None:
    """Not "no change"."""
    found = bounded(titer(100, qualifier), titer(400, qualifier))
    assert (found.at_most, found.at_least, found.limit, found.percent) == (None, None, None, None)
    assert (found.log2_steps, found.significant) == (None, None)
    assert found.reason
    assert fall_reached(found, 50) == Fall(None, None)


def test_a_bound_on_the_wrong_side_is_never_no_change() -> None:
    """80 to "< 100" may be any fall or a small rise: unknown."""
    found = bounded(titer(80), titer(100, "<"))
    assert found.at_most == pytest.approx(1.25)
    assert found.significant is None
    assert bounded(titer(100, "<"), titer(90)).significant is None


def test_without_an_error_only_the_fold_counts() -> None:
    """A two-fold fall without an error is unknown, a four-fold fall is a fall."""
    found = bounded(titer(200, se=None), titer(100, "<"))
    assert (found.limit, found.significant) == (None, None)
    assert found.reason == "the measured titer has no standard error"
    assert bounded(titer(400, se=None), titer(100, "<")).significant is True
    assert bounded(titer(200), titer(100, "<")).significant is True
    for se, df in ((-0.1, math.inf), (math.nan, math.inf), (0.1, 0)):
        assert bounded(titer(200, se=se, df=df), titer(100, "<")).limit is None


def test_few_degrees_of_freedom_move_the_limit() -> None:
    """One-sided t with three degrees of freedom."""
    found = bounded(titer(200, df=3), titer(100, "<"))
    assert found.limit == pytest.approx(0.5 * math.exp(2.353363 * 0.1))


@pytest.mark.parametrize("bad", [0.0, -100.0, math.nan, math.inf])
def test_titers_that_are_no_titers(bad: float) -> None:
    """No bound, with a reason."""
    found = bounded(titer(bad), titer(100, "<"))
    assert (found.at_most, found.significant) == (None, None)
    assert found.reason


def test_limits_that_mean_nothing_are_faults() -> None:
    """A fold below 1, a fall of 0 or of 100 percent and more."""
    with pytest.raises(ValueError, match="above 1"):
        reported_change(titer(1), titer(1, "<"), confidence=0.95, least_fold=0.25, ln_covariance=0.0)
    for percent in (0.0, 100.0, -50.0):
        with pytest.raises(ValueError, match="between 0 and 100"):
            fall_reached(changed(titer(8000), titer(2000)), percent)


def test_a_fall_of_measured_titers() -> None:
    """Reached by the number, and surely only by the whole interval; exactly half is half."""
    half = changed(titer(8000), titer(4000))
    assert fall_reached(half, 50) == Fall(by_number=True, surely=False)
    assert fall_reached(half, 30) == Fall(by_number=True, surely=True)
    assert fall_reached(half, 60) == Fall(by_number=False, surely=False)
    assert fall_reached(changed(titer(8000, se=None), titer(4000)), 50) == Fall(by_number=True, surely=None)
    assert fall_reached(changed(titer(0.0), titer(4000)), 50) == Fall(None, None)


def test_a_fall_of_censored_titers() -> None:
    """An upper bound shows a fall or leaves it open, a lower bound excludes it or leaves it open."""
    down = changed(titer(8000), titer(100, "<"))
    assert fall_reached(down, 98) == Fall(by_number=True, surely=True)
    assert fall_reached(down, 98.75) == Fall(by_number=True, surely=None)
    assert fall_reached(down, 99) == Fall(None, None)
    up = changed(titer(100, "<"), titer(5000))
    assert fall_reached(up, 50) == Fall(by_number=False, surely=False)
    assert fall_reached(changed(titer(100, "<"), titer(20)), 50) == Fall(None, None)


def test_the_interval_of_a_geometric_mean() -> None:
    """Three titers two-fold apart: 200 times and divided by exp(t(2) ln 2 / sqrt 3)."""
    found = geometric_mean_interval(geometric_summary(np.array([100.0, 200.0, 400.0])), 0.95)
    factor = math.exp(4.302652729911275 * math.log(2) / math.sqrt(3))
    assert found == pytest.approx((200 / factor, 200 * factor))


def test_geometric_means_without_an_interval() -> None:
    """One titer, equal titers, none."""
    assert geometric_mean_interval(geometric_summary(np.array([200.0])), 0.95) is None
    assert geometric_mean_interval(geometric_summary(np.full(4, 200.0)), 0.95) is None
    assert geometric_mean_interval(GeometricSummary(0, None, None, None, "no value"), 0.95) is None
