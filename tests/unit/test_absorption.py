"""Falls of area and titer by absorption with beads, and what a weak or censored series still says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.compute.hnk1.absorption import area_fall, series_fall, titer_fall
from pipeline.compute.plate.background import Signal
from pipeline.compute.statistics.censored_change import ReportedTiter
from pipeline.compute.statistics.change import MeasuredTiter
from pipeline.compute.titer.area import area_under_curve, percent_fall
from pipeline.domain.codes.qualifier import Qualifier

DILUTIONS = (100.0, 400.0, 1600.0)
Z = 1.959963984540054


def series(*ods: float, se: float = 0.01) -> dict[float, Signal]:
    """Net signals at the first dilutions."""
    return {dilution: Signal(od, se) for dilution, od in zip(DILUTIONS, ods, strict=False)}


def titer(value: float, sign: str = "=", se: float | None = 0.1, df: float = math.inf) -> ReportedTiter:
    """A titer as reported."""
    return ReportedTiter(MeasuredTiter(value, se if sign == "=" else None, df), Qualifier(sign))


def test_a_tenth_of_the_signal_left() -> None:
    """90 % with an interval about the delta method's, because the series before is strong."""
    found = series_fall(series(2.0, 1.0, 0.5), series(0.2, 0.1, 0.05), 30)
    assert found.percent == pytest.approx(90.0)
    assert found.reason is None
    assert found.ci95 is not None
    se = percent_fall(found.before, found.after).se
    assert se is not None
    assert found.ci95 == pytest.approx((90 - 2.0423 * se, 90 + 2.0423 * se), abs=0.01)


def test_only_common_dilutions_count() -> None:
    """A dilution that one series lost would change the area for no other reason."""
    before, after = series(2.0, 1.0, 0.5), series(0.2, 0.1)
    found = series_fall(before, after, 30)
    assert found.before.dilutions == found.after.dilutions == (100.0, 400.0)
    assert found.percent == pytest.approx(90.0)
    assert series_fall(before, series(0.2), 30).reason == "fewer than two dilutions"
    assert series_fall(before, {}, 30).percent is None


def test_a_weak_series_before() -> None:
    """Noise before: a percent without an interval; nothing before: no percent; both with a reason."""
    weak = series_fall(series(0.03, 0.01, 0.0, se=0.05), series(0.01, 0.0, 0.0, se=0.05), 30)
    assert weak.percent is not None
    assert weak.ci95 is None
    assert weak.reason == "the denominator does not differ from zero at this confidence"
    none = series_fall(series(-0.1, 0.0, 0.0), series(0.1, 0.0, 0.0), 30)
    assert (none.percent, none.reason) == (None, "there is no area before")


def test_a_fairly_weak_series_has_a_lopsided_interval() -> None:
    """Fieller: a series of a few SE could be even weaker, so the fall could be far smaller."""
    found = series_fall(series(0.4, 0.2, 0.1, se=0.08), series(0.2, 0.1, 0.05, se=0.01), 30)
    assert found.percent == pytest.approx(50.0)
    assert found.ci95 is not None
    assert 50 - found.ci95[0] > 1.3 * (found.ci95[1] - 50)


def test_areas_without_errors_have_no_interval() -> None:
    """A missing error is not zero."""
    before, after = (area_under_curve(np.array(DILUTIONS), np.full(3, od)) for od in (1.0, 0.25))
    found = area_fall(before, after, 30)
    assert (found.percent, found.ci95, found.reason) == (75.0, None, "an area has no standard error")


def test_a_titer_fall_in_percent_and_steps() -> None:
    """8000 to 1000: 87.5 % and three steps down; intervals by hand."""
    found = titer_fall(titer(8000.0), titer(1000.0), 0.0)
    half = Z * math.sqrt(0.02)
    assert found.percent == pytest.approx(87.5)
    assert found.ci95 == pytest.approx((100 - 12.5 * math.exp(half), 100 - 12.5 * math.exp(-half)))
    assert found.log2_steps == pytest.approx(3.0)
    assert found.log2_ci95 == pytest.approx((3 - half / math.log(2), 3 + half / math.log(2)))
    assert (found.at_least, found.reason) == (None, None)


def test_a_rise_is_a_negative_fall() -> None:
    """Doubled is -100 % and one step up."""
    found = titer_fall(titer(1000.0), titer(2000.0), 0.0)
    assert (found.percent, found.log2_steps) == pytest.approx((-100.0, -1.0))


def test_the_shared_curve_cancels() -> None:
    """Both titers carry its error, their quotient does not."""
    alone, shared = (titer_fall(titer(8000.0), titer(1000.0), cov).ci95 for cov in (0.0, 0.008))
    assert alone is not None
    assert shared is not None
    assert shared[1] - shared[0] < 0.5 * (alone[1] - alone[0])


def test_below_range_after_is_at_least() -> None:
    """From 8000 to below 100 with the error of the 8000, and no percent that looks measured."""
    found = titer_fall(titer(8000.0), titer(100.0, "<"), 0.005)
    fold = math.exp(Z * 0.1) / 80
    assert (found.percent, found.ci95) == (None, None)
    assert found.at_least == pytest.approx(100 * (1 - fold))
    assert found.at_least_log2_steps == pytest.approx(-math.log2(fold))
    assert found.reason == "a titer lies beyond its range"
    above = titer_fall(titer(70_000.0, ">="), titer(7000.0), 0.0)
    assert above.at_least == pytest.approx(100 * (1 - 0.1 * math.exp(Z * 0.1)))
    unknown = titer_fall(titer(8000.0, se=None), titer(100.0, "<"), 0.0)
    assert unknown.at_least == pytest.approx(98.75)
    assert unknown.reason == "the measured titer has no standard error"


def test_bounds_that_show_no_fall() -> None:
    """Nothing measurable before, both below, or more after: no number, a reason."""
    for before, after in (
        (titer(100.0, "<"), titer(100.0)),
        (titer(100.0, "<"), titer(100.0, "<")),
        (titer(1000.0), titer(70_000.0, ">=")),
        (titer(-1.0), titer(100.0, "<")),
    ):
        found = titer_fall(before, after, 0.0)
        assert (found.percent, found.at_least, found.at_least_log2_steps) == (None, None, None)
        assert found.reason
