"""Percent inhibition of one dilution: both domains, their bounds, the window and the mock."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.inverse import back_calculate
from pipeline.compute.curve.models import LOWER, MODELS, curve
from pipeline.compute.hnk1.inhibition import (
    InhibitionPair,
    dilutions_in_window,
    mock_holds,
    od_inhibition,
    why_none_in_window,
    window_share,
)
from pipeline.compute.hnk1.joint_inhibition import (
    agreement,
    concentration_inhibition,
    joint_inhibition,
)
from pipeline.compute.plate.background import Signal
from pipeline.compute.statistics.inference import t_two_sided
from pipeline.domain.codes.hnk1 import Hnk1Reason

THETA = np.array([0.07, 3.27, 9.6, 0.05, 0.0])
COVARIANCE = np.diag([1e-5, 4e-3, 2e-3, 1e-3, 0.0])
FIT = Fit(MODELS["4pl"], THETA, COVARIANCE, 10.0, 10, np.ones(14), ())
EXACT = replace(FIT, covariance=np.zeros((5, 5)))
DF = 20.0


def pair_of(without: float, with_it: float, se: float = 0.02, *, shared: bool = False) -> InhibitionPair:
    """Net signals over antigen-negative wells that read 0.1."""
    negative = Signal(0.1, 0.01)
    return InhibitionPair(Signal(0.1 + without, se), Signal(0.1 + with_it, se), negative, negative, shared)


def net_od(concentration: float) -> float:
    """What a concentration reads above zero."""
    return float(curve(np.array([concentration]), THETA)[0] - THETA[LOWER])


def limits(found: tuple[float, float] | None) -> tuple[float, float]:
    """An interval that must be there."""
    assert found is not None
    return found


def test_a_quarter_left_is_75_percent() -> None:
    """OD domain; the interval encloses the percent and is Fieller's."""
    found = od_inhibition(pair_of(1.2, 0.3), DF)
    low, high = limits(found.ci95)
    assert found.percent == pytest.approx(75.0)
    assert (found.domain, found.at_least, found.reason) == ("OD", None, None)
    variance, t2 = 0.02**2 + 0.01**2, t_two_sided(0.95, DF) ** 2
    for end in (low, high):
        ratio = 1 - end / 100
        assert (0.3 - ratio * 1.2) ** 2 == pytest.approx(t2 * variance * (1 + ratio**2))
    assert low < 75.0 < high


def test_shared_negative_wells_narrow_the_interval() -> None:
    """Their error moves both signals alike, in either domain."""
    own, shared = pair_of(1.2, 0.9), pair_of(1.2, 0.9, shared=True)
    for wide, narrow in (
        (od_inhibition(own, DF), od_inhibition(shared, DF)),
        (concentration_inhibition(own, EXACT, DF), concentration_inhibition(shared, EXACT, DF)),
    ):
        assert np.diff(limits(narrow.ci95)) < np.diff(limits(wide.ci95))


def test_no_signal_has_no_inhibition() -> None:
    """Nothing to inhibit: no percent; a weak signal: a percent but no interval; both with a reason."""
    for bad in (0.0, -0.2):
        found = od_inhibition(pair_of(bad, 0.1), DF)
        assert (found.percent, found.ci95) == (None, None)
        assert found.reason == "the uninhibited signal is at or below zero"
        assert concentration_inhibition(pair_of(bad, 0.1), FIT, DF).reason == found.reason
    weak = od_inhibition(pair_of(0.02, 0.01), DF)
    assert weak.percent == pytest.approx(50.0)
    assert weak.ci95 is None
    assert weak.reason == "the denominator does not differ from zero at this confidence"


def test_a_negative_rest_and_a_rise_are_kept() -> None:
    """Above 100 and below 0 percent, never clipped."""
    assert od_inhibition(pair_of(1.0, -0.1), DF).percent == pytest.approx(110.0)
    assert od_inhibition(pair_of(1.0, 1.2), DF).percent == pytest.approx(-20.0)
    assert (concentration_inhibition(pair_of(1.0, 1.2), FIT, DF).percent or 0) < -20.0


def test_near_the_plateau_od_understates() -> None:
    """A tenth of the antibody left: 90 % in concentration, far less in OD."""
    strong = pair_of(net_od(200_000.0), net_od(20_000.0))
    by_od, by_c = od_inhibition(strong, DF).percent, concentration_inhibition(strong, FIT, DF).percent
    assert by_c == pytest.approx(90.0)
    assert by_od is not None
    assert by_od < 50.0


def ln_variance(net: float, trial: float) -> float:
    """Delta method of ln(trial concentration / uninhibited one) with shared antigen-negative wells."""
    at = back_calculate(FIT, np.array([net, trial]), above_zero=True)
    apart = at.by_theta[1] - at.by_theta[0]
    wells = float((at.by_y**2).sum()) * (0.02**2 + 0.01**2) - 2 * at.by_y[0] * at.by_y[1] * 0.01**2
    return float(wells + apart @ COVARIANCE @ apart)


def test_the_interval_in_concentration_by_hand() -> None:
    """At either end the difference from the inhibited signal is t standard errors of wells and curve."""
    found = concentration_inhibition(pair_of(net_od(15_000.0), net_od(6_000.0), shared=True), FIT, DF)
    assert found.percent == pytest.approx(60.0)
    assert (found.domain, found.at_least, found.reason) == ("concentration", None, None)
    for end, sign in zip(limits(found.ci95), (1, -1), strict=True):
        trial = net_od(15_000.0 * (1 - end / 100))
        by_y = float(back_calculate(FIT, np.array([trial]), above_zero=True).by_y[0])
        distance = (trial - net_od(6_000.0)) * by_y / math.sqrt(ln_variance(net_od(15_000.0), trial))
        assert distance == pytest.approx(sign * t_two_sided(0.95, DF), rel=1e-3)


def test_clear_signals_have_the_delta_methods_interval() -> None:
    """With errors a tenth of ordinary ones: symmetric in ln(c_inh/c_un)."""
    small = replace(FIT, covariance=COVARIANCE / 100)
    negative = Signal(0.1, 0.001)
    nets = net_od(15_000.0), net_od(6_000.0)
    main = [Signal(0.1 + net, 0.002) for net in nets]
    found = concentration_inhibition(
        InhibitionPair(main[0], main[1], negative, negative, shared_negative=True), small, DF
    )
    half = t_two_sided(0.95, DF) * math.sqrt(ln_variance(*nets) / 100)
    assert found.ci95 == pytest.approx((100 - 40 * math.exp(half), 100 - 40 * math.exp(-half)), abs=0.02)


def test_the_error_of_ec50_cancels() -> None:
    """It moves both concentrations alike."""
    only_ec50 = replace(FIT, covariance=np.diag([0.0, 0.0, 0.5, 0.0, 0.0]))
    pair = pair_of(1.5, 0.5)
    assert limits(concentration_inhibition(pair, only_ec50, DF).ci95) == pytest.approx(
        limits(concentration_inhibition(pair, EXACT, DF).ci95)
    )


def test_an_inhibited_signal_at_zero_gives_a_bound() -> None:
    """Complete inhibition has no percent but "at least X", which a better signal raises."""
    found = concentration_inhibition(pair_of(1.5, -0.01), FIT, DF)
    assert (found.percent, found.ci95) == (None, None)
    assert found.reason == "the inhibited signal is at or below zero"
    assert found.at_least is not None
    assert 90.0 < found.at_least < 100.0
    weaker = concentration_inhibition(pair_of(0.3, -0.01), FIT, DF).at_least
    assert weaker is not None
    assert weaker < found.at_least


def test_the_bound_by_hand() -> None:
    """Curve and uninhibited signal exact: inhibition at the upper 97.5 % limit of the inhibited signal."""
    nothing, small = Signal(0.0, 0.0), Signal(0.0, 0.03)
    pair = InhibitionPair(Signal(net_od(15_000.0), 0.0), small, nothing, nothing, shared_negative=False)
    upper = float(back_calculate(EXACT, np.array([0.03 * t_two_sided(0.95, DF)]), above_zero=True).ln_x[0])
    found = concentration_inhibition(pair, EXACT, DF)
    assert found.at_least == pytest.approx(100 - 100 * math.exp(upper) / 15_000.0, abs=0.05)


def test_an_inhibited_signal_near_zero_has_an_open_end() -> None:
    """Above zero, but not by more than its error: the interval goes up to complete inhibition."""
    found = concentration_inhibition(pair_of(1.5, 0.02), FIT, DF)
    low, high = limits(found.ci95)
    assert high == 100.0
    assert found.at_least == low
    assert found.percent is not None
    assert low < found.percent < high
    assert found.reason == "the inhibited signal does not differ from zero"


def test_the_bound_meets_the_interval() -> None:
    """From clear to near zero the lower end does not jump, and the upper end leaves 100 %."""
    t = t_two_sided(0.95, DF) * math.hypot(0.02, 0.01)
    near, clear = (concentration_inhibition(pair_of(2.0, t + by), EXACT, DF) for by in (-1e-4, 1e-3))
    assert limits(near.ci95)[0] == pytest.approx(limits(clear.ci95)[0], abs=0.1)
    assert limits(near.ci95)[1] == 100.0
    assert 99.0 < limits(clear.ci95)[1] < 100.0
    assert (near.at_least is None, clear.at_least is None) == (False, True)


def test_far_below_zero_is_no_inhibition() -> None:
    """Swapped wells must not read as complete inhibition."""
    found = concentration_inhibition(pair_of(1.5, -0.4), FIT, DF)
    assert (found.percent, found.at_least) == (None, None)
    assert found.reason == "the inhibited signal is below zero by more than its error"
    assert od_inhibition(pair_of(1.5, -0.4), DF).reason == found.reason


def test_beyond_the_curve_has_a_reason() -> None:
    """Either signal above the upper asymptote, a curve or wells without a known error."""
    unknown = replace(FIT, covariance=np.diag(np.full(5, np.inf)))
    for pair, fit, df, reason in (
        (pair_of(3.3, 1.0), FIT, DF, "the uninhibited signal is above the curve"),
        (pair_of(1.0, 3.3), FIT, DF, "the inhibited signal is above the curve"),
        (pair_of(1.0, 0.5), unknown, DF, "the error of the curve is not known"),
        (pair_of(1.0, 0.5), FIT, 0.0, "no degrees of freedom for the error"),
    ):
        found = concentration_inhibition(pair, fit, df)
        assert (found.percent, found.ci95, found.at_least, found.reason) == (None, None, None, reason)
    assert od_inhibition(pair_of(1.0, 0.5), 0.0).reason == "no degrees of freedom for the error"


def test_a_hopeless_interval_is_not_given() -> None:
    """Both signals lost in noise: no inhibition can be excluded."""
    for with_it in (-0.01, 0.03):
        found = concentration_inhibition(pair_of(0.05, with_it, se=2.0), FIT, DF)
        assert (found.ci95, found.at_least) == (None, None)
        assert found.reason is not None
        assert found.reason.startswith("no ratio of concentrations can be refused")


def test_exact_signals_have_an_exact_percent() -> None:
    """Without any error the interval is the percent."""
    exact = Signal(0.1, 0.0)
    pair = InhibitionPair(
        Signal(0.1 + net_od(15_000.0), 0.0),
        Signal(0.1 + net_od(6_000.0), 0.0),
        exact,
        exact,
        shared_negative=True,
    )
    assert limits(concentration_inhibition(pair, EXACT, DF).ci95) == pytest.approx((60.0, 60.0), abs=0.5)


def four(shares_left: list[float]) -> list[InhibitionPair]:
    """A serum at four dilutions, of whose antibody these shares are left."""
    strengths = [45_000.0, 15_000.0, 5_000.0, 1_700.0]
    pairs = zip(strengths, shares_left, strict=True)
    return [pair_of(net_od(c), net_od(c * left)) for c, left in pairs]


def test_dilutions_that_agree_have_their_common_percent() -> None:
    """60 % at each of four dilutions is 60 % jointly, with a narrower interval than any alone."""
    pairs = four([0.4] * 4)
    joint = joint_inhibition(pairs, FIT, DF)
    alone = [concentration_inhibition(pair, FIT, DF) for pair in pairs]
    assert joint.percent == pytest.approx(60.0, abs=1e-6)
    assert np.diff(limits(joint.ci95)) < min(np.diff(limits(one.ci95)) for one in alone)
    found = agreement(pairs, FIT, DF)
    assert found is not None
    assert found.p == pytest.approx(1.0)


def test_one_dilution_that_says_more_moves_the_joint_percent_little() -> None:
    """49 % at one of four, 40 to 41 % at the others."""
    percent = joint_inhibition(four([0.6, 0.51, 0.595, 0.59]), FIT, DF).percent
    assert percent is not None
    assert 40.0 < percent < 45.5


def test_the_joint_percent_by_the_weights_of_least_squares() -> None:
    """With small errors: the generalised least squares mean of the single ln ratios (Aitken 1936)."""
    pairs = four([0.40, 0.41, 0.39, 0.40])
    x = np.array([[45_000.0, 15_000.0, 5_000.0, 1_700.0], [18_000.0, 6_150.0, 1_950.0, 680.0]])
    at = [back_calculate(FIT, np.array([net_od(c) for c in row]), above_zero=True) for row in x]
    apart = at[1].by_theta - at[0].by_theta
    wells = (at[0].by_y ** 2 + at[1].by_y ** 2) * (0.02**2 + 0.01**2)
    weights = np.linalg.solve(np.diag(wells) + apart @ COVARIANCE @ apart.T, np.ones(4))
    ln_ratio = float(weights @ (at[1].ln_x - at[0].ln_x) / weights.sum())
    joint = joint_inhibition(pairs, FIT, DF)
    assert joint.percent == pytest.approx(100 * -math.expm1(ln_ratio), abs=0.1)


def test_dilutions_that_disagree_are_told() -> None:
    """By the chance of such a scatter, and which dilution deviates most."""
    found = agreement(four([0.4, 0.4, 0.9, 0.4]), FIT, DF)
    assert found is not None
    assert found.p < 0.01
    assert found.farthest == 2
    assert agreement(four([0.4] * 4)[:1], FIT, DF) is None


def test_a_swapped_pair_among_others_is_left_out() -> None:
    """One that reads far below zero has its own reason and does not count as inhibition."""
    sound = four([0.4] * 4)[:2]
    assert joint_inhibition([*sound, pair_of(1.5, -0.4)], FIT, DF) == joint_inhibition(sound, FIT, DF)


def test_share_of_the_window() -> None:
    """Half of the span at half of the span; noise and saturation lead outside 0 to 1."""
    assert window_share(1.6, FIT) == pytest.approx(0.5)
    assert window_share(-0.032, FIT) == pytest.approx(-0.01)
    assert window_share(3.52, FIT) == pytest.approx(1.1)


def test_dilutions_of_the_window_come_nearest_to_the_middle_first() -> None:
    """Ends belong to the window; a tie goes to the more concentrated one."""
    assert dilutions_in_window([0.95, 0.7, 0.45, 0.2], 0.2, 0.8) == [2, 1, 3]
    assert dilutions_in_window([0.75, 0.25], 0.2, 0.8) == [0, 1]
    assert dilutions_in_window([0.1, 0.2], 0.2, 0.8) == [1]


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ([], Hnk1Reason.NO_SIGNAL),
        ([0.99, 0.9], Hnk1Reason.ABOVE_WINDOW),
        ([0.19, 0.01], Hnk1Reason.BELOW_WINDOW),
        ([0.9, 0.1], Hnk1Reason.BESIDE_WINDOW),
    ],
)
def test_no_dilution_in_the_window(shares: list[float], reason: Hnk1Reason) -> None:
    """Says in which direction to dilute."""
    assert dilutions_in_window(shares, 0.2, 0.8) == []
    assert why_none_in_window(shares, 0.8) == reason


def test_a_window_has_two_ends() -> None:
    """Ends that were exchanged would find nothing, in silence."""
    with pytest.raises(ValueError, match="lower and an upper end"):
        dilutions_in_window([0.5], 0.8, 0.2)


def test_the_mock_arm() -> None:
    """The limit itself holds, on either side; without a percent nothing is known."""
    assert mock_holds(od_inhibition(pair_of(1.0, 0.9), DF), 20.0) is True
    assert mock_holds(od_inhibition(pair_of(1.0, 1.3), DF), 20.0) is False
    assert mock_holds(od_inhibition(pair_of(1.0, 0.5), DF), 50.0) is True
    assert mock_holds(od_inhibition(pair_of(-1.0, 0.5), DF), 20.0) is None
