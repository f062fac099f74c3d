"""Specific and non-specific binding of one serum over its dilutions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pipeline.compute.hnk1.specific_course import BindingIndex, Pair, SpecificCourse, specific_course
from pipeline.compute.plate.background import Signal

ZERO = Signal(0.05, 0.002)
DILUTIONS = tuple(200.0 * 2.0**k for k in range(6))


def serum(
    specific: float, nonspecific: float, flat: float = -0.4, se: float = 0.01, upper: float = math.inf
) -> list[Pair]:
    """Exact series: net OD and background above zero at the first dilution, with slopes -1 and ``flat``."""
    pairs = []
    for dilution in DILUTIONS:
        x = math.log(dilution / DILUTIONS[0])
        negative = ZERO.od + nonspecific * math.exp(flat * x)
        net = min(specific * math.exp(-x), upper)
        pairs.append(Pair(dilution, Signal(negative + net, se), Signal(negative, se)))
    return pairs


def course(pairs: list[Pair], zero: Signal = ZERO) -> SpecificCourse:
    """With all dilutions below 1.5 OD on the straight part."""
    return specific_course(pairs, zero, straight_od=1.5, df=40)


def ends(found: BindingIndex) -> tuple[float, float]:
    """An interval that must be there."""
    assert found.ci95 is not None
    return found.ci95


def test_the_specific_fraction_of_every_dilution() -> None:
    """Falls along the series of a serum that sticks; the interval encloses it and widens."""
    found = course(serum(1.2, 0.3)).fractions
    fractions, widths = [], []
    for one in found:
        assert one.ci95 is not None
        assert one.fraction is not None
        assert one.ci95[0] < one.fraction < one.ci95[1]
        fractions.append(one.fraction)
        widths.append(one.ci95[1] - one.ci95[0])
    assert fractions[0] == pytest.approx(1.2 / 1.55)
    assert fractions == sorted(fractions, reverse=True)
    assert widths == sorted(widths)
    assert [f.dilution for f in found] == list(DILUTIONS)


def test_fractions_are_never_clipped() -> None:
    """Antigen-negative wells above the antigen wells: below 0; below zero OD: above 1; no signal: none."""
    pairs = [
        Pair(200.0, Signal(0.2, 0.01), Signal(0.3, 0.01)),
        Pair(400.0, Signal(0.2, 0.01), Signal(-0.02, 0.01)),
        Pair(800.0, Signal(0.0, 0.01), Signal(0.02, 0.01)),
        Pair(1600.0, Signal(0.01, 0.01), Signal(0.02, 0.01)),
    ]
    under, over, none, weak = course(pairs).fractions
    assert under.fraction == pytest.approx(-0.5)
    assert over.fraction == pytest.approx(1.1)
    assert (none.fraction, none.reason) == (None, "the antigen wells are at or below zero")
    assert weak.fraction == pytest.approx(-1.0)
    assert weak.ci95 is None
    assert weak.reason == "the denominator does not differ from zero at this confidence"


def test_both_lines_find_their_slopes() -> None:
    """Exact data: -1 for the specific part, the flatter slope for the rest, and the share at the first."""
    found = course(serum(1.2, 0.3))
    assert found.specific.slope == pytest.approx(-1.0)
    assert found.nonspecific.slope == pytest.approx(-0.4)
    assert found.nonspecific_binding_index.percent == pytest.approx(20.0)
    assert found.nonspecific_binding_index.from_line
    assert found.nonspecific_binding_index.dilution == 200.0
    low, high = ends(found.nonspecific_binding_index)
    assert low < 20.0 < high


def test_the_error_of_a_slope_by_hand() -> None:
    """Two dilutions: the difference of two logarithms, and the zero response that both subtract."""
    pairs = [
        Pair(100.0, Signal(1.0, 0.02), Signal(0.45, 0.01)),
        Pair(400.0, Signal(0.5, 0.02), Signal(0.25, 0.01)),
    ]
    found = course(pairs, Signal(0.05, 0.005)).nonspecific
    assert found.slope == pytest.approx(math.log(0.2 / 0.4) / math.log(4))
    own = (0.01 / 0.4) ** 2 + (0.01 / 0.2) ** 2 + (0.005 / 0.4 - 0.005 / 0.2) ** 2
    assert found.se == pytest.approx(math.sqrt(own) / math.log(4))


def test_readings_below_zero_take_part() -> None:
    """Late dilutions in the noise: the slope stays, where leaving the negative ones out would flatten it."""
    pairs = serum(0.8, 0.0)
    noise = (0.0, 0.0, 0.0, 0.0, -0.06, 0.02)
    pairs = [replace(p, antigen=Signal(p.antigen.od + n, 0.01)) for p, n in zip(pairs, noise, strict=True)]
    assert pairs[4].antigen.od < pairs[4].negative.od
    found = course(pairs).specific
    assert found.slope is not None
    assert found.se is not None
    assert found.slope == pytest.approx(-1.0, abs=0.15)
    assert found.se > 2 * (course(serum(0.8, 0.0)).specific.se or 0)


def test_the_plateau_is_not_straight() -> None:
    """Net signals above ``straight_od`` are left out of the specific line, not of the index."""
    found = course(serum(8.0, 0.5, upper=3.0))
    assert found.specific.slope == pytest.approx(-1.0)
    assert found.specific.dilutions == 3
    assert found.nonspecific_binding_index.percent == pytest.approx(100 * 0.5 / 3.5)


def test_a_clean_serum_has_an_index_near_zero() -> None:
    """No line where the antigen-negative wells read zero: the index is the first reading's own."""
    found = course(serum(1.2, 0.0))
    assert found.nonspecific.slope is None
    assert found.nonspecific.reason == "fewer than two dilutions differ from zero"
    index = found.nonspecific_binding_index
    assert index.percent == pytest.approx(0.0, abs=1e-9)
    assert not index.from_line
    low, high = ends(index)
    assert -3.0 < low < 0.0 < high < 3.0


def test_the_index_without_a_line_by_hand() -> None:
    """(N - zero)/(M - zero), both with the error of one zero: both ends solve Fieller's equation."""
    found = course([Pair(200.0, Signal(1.05, 0.02), Signal(0.15, 0.01))], Signal(0.05, 0.008))
    index = found.nonspecific_binding_index
    assert index.percent == pytest.approx(10.0)
    t2 = 2.0210753903**2
    for end in ends(index):
        ratio = end / 100
        variance = 0.01**2 + ratio**2 * 0.02**2 + (1 - ratio) ** 2 * 0.008**2
        assert (0.1 - ratio) ** 2 == pytest.approx(t2 * variance, rel=1e-5)


def test_a_serum_that_only_sticks() -> None:
    """An index of 100 % and no specific line."""
    found = course(serum(0.0, 0.6))
    assert found.nonspecific_binding_index.percent == pytest.approx(100.0)
    assert found.specific.reason == "fewer than two dilutions differ from zero"


def test_a_line_is_surer_than_one_reading() -> None:
    """Six dilutions say more about the background at the first one than its wells alone."""
    pairs = serum(1.2, 0.3)
    assert np.diff(ends(course(pairs).nonspecific_binding_index)) < np.diff(
        ends(course(pairs[:1]).nonspecific_binding_index)
    )


def test_scatter_widens_the_slope() -> None:
    """Readings that scatter beyond their errors (a failed dispense) make the slope less sure."""
    pairs = serum(1.2, 0.3)
    odd = [
        replace(p, negative=Signal(p.negative.od * (1.4 if k % 2 else 0.7), 0.01))
        for k, p in enumerate(pairs)
    ]
    wild, calm = course(odd).nonspecific, course(pairs).nonspecific
    assert wild.se is not None
    assert calm.se is not None
    assert wild.se > 3 * calm.se


def test_nothing_to_read() -> None:
    """No dilution, and antigen wells that read nothing: no numbers, reasons."""
    empty = course([])
    assert empty.fractions == ()
    assert empty.nonspecific_binding_index.reason == "no readable dilution"
    assert empty.specific.reason
    dark = course([Pair(200.0, Signal(0.04, 0.01), Signal(0.05, 0.01))]).nonspecific_binding_index
    assert (dark.percent, dark.reason) == (None, "the antigen wells are at or below zero")
    with pytest.raises(ValueError, match="degrees of freedom"):
        specific_course(serum(1.0, 0.1), ZERO, straight_od=1.5, df=0)


def test_errors_of_zero() -> None:
    """Exact readings have their exact lines."""
    found = course(serum(1.2, 0.3, se=0.0), Signal(ZERO.od, 0.0))
    assert found.nonspecific.slope == pytest.approx(-0.4)
    assert found.nonspecific_binding_index.percent == pytest.approx(20.0)
