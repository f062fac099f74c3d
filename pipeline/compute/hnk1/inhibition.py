"""Percent inhibition of one dilution: how much of the net signal a soluble competitor takes away.

The same serum at the same dilution stands in wells with competitor or mock, and in wells without. D is the
mean of the antigen wells minus the mean of the antigen-negative wells. In the OD domain
I = 100 (1 - D_inh/D_un). It understates near the upper plateau, where a tenth of the antibody still gives
half of the OD. In the concentration domain I = 100 (1 - c_inh/c_un), both read from the standard curve; to be
preferred.

Sources: Fieller 1954, J R Stat Soc B 16:175, for the ratio of ODs. For the ratio of concentrations the same
idea on the curve: all ratios that the data do not refuse, with the error of each by the delta method (as
Greenwell and Schubert Kabban 2014, The R Journal 6(1):90, equation 5, for one concentration). For clear
signals that is the delta method's interval of ln(c_inh/c_un); near complete inhibition it stays right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.inverse import BackCalculated, back_calculate
from pipeline.compute.curve.models import LOWER, UPPER, curve
from pipeline.compute.plate.background import Signal, difference
from pipeline.compute.statistics.fieller import Means, fieller_interval
from pipeline.compute.statistics.inference import Array, t_two_sided
from pipeline.domain.codes.hnk1 import Hnk1Reason

Limits = tuple[float, float]

OD, CONCENTRATION = "OD", "concentration"
CONFIDENCE = 0.95
LN_REACH = (-14.0, 4.0)
"""Ratios of concentrations among which the ends are sought, as logarithms: one in a million to 50-fold."""
_GRID = 901


@dataclass(frozen=True, slots=True)
class PercentInhibition:
    """Percent of the net signal or concentration that the competitor takes away; below 0 it rose."""

    percent: float | None
    ci95: Limits | None
    domain: str
    """``OD`` or ``concentration``."""
    at_least: float | None
    """Lower 97.5 % limit where the inhibited signal does not differ from zero, else None."""
    reason: str | None
    """Why the percent or its interval is not there, or why there is only a bound."""
    code: Hnk1Reason | None = None
    """Of the reason, where it is one of the HNK1 check."""


@dataclass(frozen=True, slots=True)
class InhibitionPair:
    """Mean signals of one serum at one dilution, with and without the competitor."""

    uninhibited: Signal
    inhibited: Signal
    uninhibited_negative: Signal
    inhibited_negative: Signal
    shared_negative: bool
    """Both subtract the same antigen-negative wells, so the error of these is common to both."""

    @property
    def net(self) -> tuple[Signal, Signal]:
        """(D without competitor, D with it)."""
        without = difference(self.uninhibited, self.uninhibited_negative)
        with_it = difference(self.inhibited, self.inhibited_negative)
        assert without is not None  # noqa: S101 - for the type checker: both sides are there
        assert with_it is not None  # noqa: S101 - the same
        return without, with_it

    @property
    def covariance(self) -> float:
        """Of the two net signals, OD²: the variance of what both subtract."""
        return self.uninhibited_negative.se**2 if self.shared_negative else 0.0


def od_inhibition(pair: InhibitionPair, df: float) -> PercentInhibition:
    """Inhibition in the OD domain with Fieller's 95 % interval.

    Args:
        pair: the mean signals.
        df: degrees of freedom behind their standard errors; may be infinite.
    """
    without, with_it = pair.net
    if without.od <= 0:
        return _open(OD, Hnk1Reason.UNINHIBITED_ZERO)
    means = Means(with_it.od, without.od, with_it.se**2, without.se**2, pair.covariance, df)
    found = fieller_interval(means, CONFIDENCE)
    percent = None if found.ratio is None else _percent(found.ratio)
    ends = None if found.finite is None else (_percent(found.finite[1]), _percent(found.finite[0]))
    below = with_it.od + t_two_sided(CONFIDENCE, df) * with_it.se < 0 if df > 0 else False
    if below and found.reason is None:
        return _open(OD, Hnk1Reason.BELOW_ZERO, percent, ends)
    return PercentInhibition(percent, ends, OD, None, found.reason)


def _open(
    domain: str,
    code: Hnk1Reason,
    percent: float | None = None,
    ci95: Limits | None = None,
    at_least: float | None = None,
) -> PercentInhibition:
    """Something is missing, or doubtful, for a reason of the check."""
    return PercentInhibition(percent, ci95, domain, at_least, code.says(), code)


def _percent(ratio: float) -> float:
    return 100.0 * (1.0 - ratio)


def concentration_inhibition(pair: InhibitionPair, fit: Fit, df: float) -> PercentInhibition:
    """Inhibition in the concentration domain with a 95 % interval.

    Both concentrations carry the error of one curve, which enters through the difference of their gradients.
    Where D_inh does not differ from zero the interval goes up to complete inhibition; at or below zero there
    is only its lower end, ``at_least``.

    Args:
        pair: the mean signals.
        fit: a rising curve; its response at zero is added to the net signals to place them on it.
        df: degrees of freedom behind the wells' and the curve's errors; may be infinite.
    """
    without, with_it = pair.net
    at = back_calculate(fit, np.array([without.od, with_it.od]), above_zero=True)
    problem = _problem(at, fit, df)
    if problem is None and with_it.od + t_two_sided(CONFIDENCE, df) * with_it.se < 0:
        problem = (
            Hnk1Reason.BELOW_ZERO
        )  # swapped wells read like this; it must not count as complete inhibition
    if problem is not None:
        return _open(CONCENTRATION, problem)
    percent = -100.0 * float(np.expm1(at.ln_x[1] - at.ln_x[0])) if at.exists[1] else None
    return _with_interval(percent, *_ends(pair, fit, float(at.ln_x[0]), df))


def _with_interval(percent: float | None, low: float | None, high: float | None) -> PercentInhibition:
    """State what the ends leave: an interval, one that is open to complete inhibition, or a bound."""
    if low is None:
        return _open(CONCENTRATION, Hnk1Reason.UNBOUNDED, percent)
    if percent is None:
        return _open(CONCENTRATION, Hnk1Reason.INHIBITED_ZERO, at_least=low)
    if high is None:
        return _open(CONCENTRATION, Hnk1Reason.NEAR_ZERO, percent, (low, 100.0), low)
    return PercentInhibition(percent, (low, high), CONCENTRATION, None, None)


def _problem(at: BackCalculated, fit: Fit, df: float) -> Hnk1Reason | None:
    """Why there is neither a percent nor a bound."""
    if not at.exists[0]:
        return Hnk1Reason.UNINHIBITED_ABOVE if at.above[0] else Hnk1Reason.UNINHIBITED_ZERO
    if at.above[1]:
        return Hnk1Reason.INHIBITED_ABOVE
    if not bool(np.isfinite(fit.covariance).all()):
        return Hnk1Reason.NO_CURVE_ERROR
    return None if df > 0 else Hnk1Reason.NO_DEGREES


def _ends(
    pair: InhibitionPair, fit: Fit, ln_uninhibited: float, df: float
) -> tuple[float | None, float | None]:
    """The percentages beyond which the data refuse, low and high; None where they refuse none on that side.

    A ratio r is refused when D_inh and the signal of r c_un differ by more than t standard errors of their
    difference. On the way up the signal ends at the plateau, which may be too low to be refused.
    """
    without, with_it = pair.net
    ln_ratio = np.linspace(*LN_REACH, _GRID)
    expected = curve(np.exp(ln_uninhibited + ln_ratio), fit.theta) - fit.theta[LOWER]
    at = back_calculate(fit, np.append(without.od, expected), above_zero=True)
    with np.errstate(divide="ignore", invalid="ignore"):  # exact wells and an exact curve have no error
        distance = (expected - with_it.od) * at.by_y[1:] / np.sqrt(_ln_variance(pair, fit, at)[1:])
    limit = t_two_sided(CONFIDENCE, df)
    too_low, not_too_high = np.flatnonzero(distance < -limit), np.flatnonzero(~(distance > limit))
    high = _crossing(ln_ratio, distance, int(too_low[-1]), -limit) if too_low.size else None
    last = int(not_too_high[-1]) if not_too_high.size else 0
    low = _crossing(ln_ratio, distance, last, limit) if last + 1 < _GRID else None
    return low, high


def _crossing(ln_ratio: Array, distance: Array, before: int, level: float) -> float:
    """Percent inhibition where the distance passes the level, between one ratio and the next."""
    step = distance[before + 1] - distance[before]
    share = (level - distance[before]) / step if np.isfinite(step) and step > 0 else 0.5
    return -100.0 * float(np.expm1(ln_ratio[before] + share * (ln_ratio[before + 1] - ln_ratio[before])))


def _ln_variance(pair: InhibitionPair, fit: Fit, at: BackCalculated) -> Array:
    """Variance of ln c - ln c_un for every concentration c of ``at``, the first of which is c_un; shape (n,).

    Read the entries after the first: the first is a difference with itself.
    """
    without, with_it = pair.net
    own = at.by_y**2 * with_it.se**2 + at.by_y[0] ** 2 * without.se**2
    common = 2 * at.by_y * at.by_y[0] * pair.covariance
    apart = at.by_theta - at.by_theta[0]
    from_curve = np.einsum("ni,ij,nj->n", apart, fit.covariance, apart)
    return np.asarray(np.maximum(own - common + from_curve, 0.0))


def window_share(net_od: float, fit: Fit) -> float:
    """Where a net signal lies on the span of a rising curve: 0 at no antibody, 1 at the upper asymptote.

    Noise and saturation lead below 0 and above 1.
    """
    return float(net_od / (fit.theta[UPPER] - fit.theta[LOWER]))


@dataclass(frozen=True, slots=True)
class WindowChoice:
    """Which of several dilutions to read the inhibition at."""

    index: int | None
    """Its place among the dilutions given."""
    reason: Hnk1Reason | None
    """Why none can be used."""


def dilution_in_window(shares: Sequence[float], low: float, high: float) -> WindowChoice:
    """The dilution whose uninhibited signal lies nearest to the middle of the window; ties to the first.

    Args:
        shares: of each dilution, from :func:`window_share`.
        low: lower end of the window as a share of the span, itself inside.
        high: upper end.

    Raises:
        ValueError: for ends in the wrong order.
    """
    if not low < high:
        raise ValueError(f"a window has a lower and an upper end, not {low} and {high}")
    inside = [i for i, share in enumerate(shares) if low <= share <= high]
    if inside:
        return WindowChoice(min(inside, key=lambda i: abs(shares[i] - (low + high) / 2)), None)
    return WindowChoice(None, _why_none(shares, high))


def _why_none(shares: Sequence[float], high: float) -> Hnk1Reason:
    if not shares:
        return Hnk1Reason.NO_SIGNAL
    if all(share > high for share in shares):
        return Hnk1Reason.ABOVE_WINDOW
    if any(share > high for share in shares):
        return Hnk1Reason.BESIDE_WINDOW
    return Hnk1Reason.BELOW_WINDOW


def mock_holds(mock: PercentInhibition, limit_percent: float) -> bool | None:
    """Does the mock competitor leave the signal alone: |I_mock| at most the limit; None without a percent.

    The mock is computed as an inhibited signal.
    """
    return None if mock.percent is None else abs(mock.percent) <= limit_percent
