"""Areas of short, odd and impossible series."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.compute.titer.area import area_under_curve, percent_fall

DILUTION = np.array([100.0, 400.0, 1600.0])


def test_a_constant_signal_has_a_rectangle() -> None:
    """1.5 OD over ln 16; the order of the wells does not matter."""
    found = area_under_curve(DILUTION, np.full(3, 1.5))
    assert found.value == pytest.approx(1.5 * math.log(16))
    assert found.se is None
    turned = area_under_curve(DILUTION[::-1], np.array([0.1, 1.0, 2.0]))
    assert turned == area_under_curve(DILUTION, np.array([2.0, 1.0, 0.1]))


def test_errors_add_up_with_the_weights() -> None:
    """The ends count half."""
    found = area_under_curve(DILUTION, np.array([2.0, 1.0, 0.1]), np.array([0.2, 0.1, 0.05]))
    step = math.log(4)
    assert found.se == pytest.approx(math.sqrt((0.1 * step) ** 2 + (0.1 * step) ** 2 + (0.025 * step) ** 2))


@pytest.mark.parametrize(
    ("dilution", "signal", "reason"),
    [
        ([100.0], [1.0], "fewer than two dilutions"),
        ([], [], "fewer than two dilutions"),
        ([100.0, 100.0], [1.0, 1.0], "a dilution is there twice; give one mean for each"),
        ([100.0, 0.0], [1.0, 1.0], "a value at or below zero has no logarithm"),
        ([100.0, 400.0], [1.0, math.nan], "a value is missing or infinite"),
    ],
)
def test_no_area_has_a_reason(dilution: list[float], signal: list[float], reason: str) -> None:
    """It is passed on to the fall."""
    found = area_under_curve(np.array(dilution), np.array(signal))
    assert (found.value, found.se, found.reason) == (None, None, reason)
    good = area_under_curve(DILUTION, np.full(3, 1.0))
    assert percent_fall(good, found).reason == percent_fall(found, good).reason == reason


def test_sds_are_sds() -> None:
    """A negative SD has no meaning; a missing one is not zero; numbers must match."""
    signal = np.full(3, 1.0)
    assert area_under_curve(DILUTION, signal, np.array([0.1, -0.1, 0.1])).reason == "an SD is negative"
    assert area_under_curve(DILUTION, signal, np.array([0.1, math.nan, 0.1])).value is None
    with pytest.raises(ValueError, match="differ in number"):
        area_under_curve(DILUTION, signal, np.array([0.1]))


def test_the_fall_and_its_error() -> None:
    """Three quarters gone; the delta method by hand."""
    before = area_under_curve(DILUTION, np.full(3, 2.0), np.full(3, 0.1))
    after = area_under_curve(DILUTION, np.full(3, 0.5), np.full(3, 0.1))
    found = percent_fall(before, after)
    assert found.percent == pytest.approx(75.0)
    assert before.value is not None
    assert before.se is not None
    assert found.se == pytest.approx(100 * before.se / before.value * math.sqrt(1 + 0.25**2))
    assert percent_fall(before, area_under_curve(DILUTION, np.full(3, 0.5))).se is None


def test_falls_beyond_the_ends() -> None:
    """A rise is a negative fall; a negative rest is more than all; nothing before has no fall."""
    one, zero = area_under_curve(DILUTION, np.full(3, 1.0)), area_under_curve(DILUTION, np.zeros(3))
    two, below = area_under_curve(DILUTION, np.full(3, 2.0)), area_under_curve(DILUTION, np.full(3, -0.1))
    assert percent_fall(one, two).percent == pytest.approx(-100.0)
    assert percent_fall(one, below).percent == pytest.approx(110.0)
    assert percent_fall(one, zero).percent == 100.0
    for nothing in (zero, below):
        assert percent_fall(nothing, one).reason == "there is no area before"


def test_areas_over_other_dilutions_are_not_compared() -> None:
    """A shorter series has a smaller area for no other reason."""
    short = area_under_curve(DILUTION[:2], np.full(2, 1.0))
    found = percent_fall(area_under_curve(DILUTION, np.full(3, 1.0)), short)
    assert (found.percent, found.reason) == (None, "the areas are over different dilutions")
