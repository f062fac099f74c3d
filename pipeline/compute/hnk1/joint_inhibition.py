"""Percent inhibition in the concentration domain, over one dilution or jointly over several.

A competitor takes the same share of the antibody at every dilution, so each dilution's wells speak of one
ratio r = c_inh/c_un. For a trial ratio, dilution k misses by d_k = (signal of r c_un,k - D_inh,k) dln c/dOD,
with the errors of its own wells and, common to all dilutions, of the curve. The best r makes the generalised
least squares mean of the d_k zero; its interval holds all ratios whose mean lies within t standard errors of
zero. For clear signals that is the delta method's interval of ln r; near complete inhibition it stays right.

Sources: the idea of Fieller 1954, J R Stat Soc B 16:175 (all ratios that the data do not refuse), with each
error by the delta method (as Greenwell and Schubert Kabban 2014, The R Journal 6(1):90, equation 5, for one
concentration); Aitken 1936, Proc R Soc Edinb 55:42, for the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.inverse import back_calculate
from pipeline.compute.curve.models import LOWER, curve
from pipeline.compute.hnk1.inhibition import (
    CONCENTRATION,
    CONFIDENCE,
    InhibitionPair,
    PercentInhibition,
    clearly_below_zero,
    open_inhibition,
)
from pipeline.compute.statistics.inference import Array, t_two_sided
from pipeline.domain.codes.hnk1 import Hnk1Reason

LN_REACH = (-14.0, 4.0)
"""Ratios of concentrations among which the ends are sought, as logarithms: one in a million to 50-fold."""
_GRID = 451
_FINER = 65
_ROUNDING = 1e-18
"""Added to each variance, so that exact wells and an exact curve have weights too."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Do several dilutions speak of one ratio?"""

    p: float
    """Chance of a scatter at least as large from their errors alone (F test)."""
    farthest: int
    """Place of the dilution that deviates most."""


def concentration_inhibition(pair: InhibitionPair, fit: Fit, df: float) -> PercentInhibition:
    """Inhibition at one dilution with a 95 % interval; see :func:`joint_inhibition`."""
    return joint_inhibition([pair], fit, df)


def joint_inhibition(pairs: Sequence[InhibitionPair], fit: Fit, df: float) -> PercentInhibition:
    """Inhibition over the dilutions given, with a 95 % interval.

    Where the inhibited signals do not differ from zero the interval goes up to complete inhibition; at or
    below zero there is only its lower end, ``at_least``. A pair that :func:`problem_of` names says nothing:
    alone it has no percent, among others it is left out.

    Args:
        pairs: the mean signals of each dilution, at least one.
        fit: a rising curve; its response at zero is added to the net signals to place them on it.
        df: degrees of freedom behind the wells' and the curve's errors; may be infinite.
    """
    problems = [problem_of(pair, fit, df) for pair in pairs]
    sound = [pair for pair, problem in zip(pairs, problems, strict=True) if problem is None]
    if not sound:
        return open_inhibition(CONCENTRATION, next(problem for problem in problems if problem is not None))
    misfit, limit = _Misfit(sound, fit), t_two_sided(CONFIDENCE, df)
    best = misfit.last_rise_through(0.0)
    return _with_interval(
        _percent(best), _percent(misfit.last_rise_through(limit)), _percent(misfit.last_rise_through(-limit))
    )


def agreement(pairs: Sequence[InhibitionPair], fit: Fit, df: float) -> Agreement | None:
    """Whether at least two dilutions agree about their best common ratio; None where there is none.

    The generalised sum of squares of what one ratio leaves unexplained, over its degrees of freedom, is
    F-distributed with as many and ``df`` degrees of freedom.
    """
    misfit = _Misfit(pairs, fit) if len(pairs) > 1 else None
    best = misfit.last_rise_through(0.0) if misfit is not None else None
    if misfit is None or best is None:
        return None
    distance, covariance = misfit.at(np.array([best]))
    left = float(distance[0] @ np.linalg.solve(covariance[0], distance[0])) / (len(pairs) - 1)
    standardised = np.abs(distance[0]) / np.sqrt(np.diag(covariance[0]))
    return Agreement(float(fdtrc(len(pairs) - 1, min(df, 1e9), left)), int(np.argmax(standardised)))


def problem_of(pair: InhibitionPair, fit: Fit, df: float) -> Hnk1Reason | None:
    """Why a pair gives neither a percent nor a bound."""
    without, with_it = pair.net
    at = back_calculate(fit, np.array([without.od, with_it.od]), above_zero=True)
    if not at.exists[0]:
        return Hnk1Reason.UNINHIBITED_ABOVE if at.above[0] else Hnk1Reason.UNINHIBITED_ZERO
    if at.above[1]:
        return Hnk1Reason.INHIBITED_ABOVE
    if not bool(np.isfinite(fit.covariance).all()):
        return Hnk1Reason.NO_CURVE_ERROR
    if not df > 0:
        return Hnk1Reason.NO_DEGREES
    return Hnk1Reason.BELOW_ZERO if clearly_below_zero(with_it, df) else None


def _with_interval(percent: float | None, low: float | None, high: float | None) -> PercentInhibition:
    """State what the ends leave: an interval, one that is open to complete inhibition, or a bound."""
    if low is None:
        return open_inhibition(CONCENTRATION, Hnk1Reason.UNBOUNDED, percent)
    if percent is None:
        return open_inhibition(CONCENTRATION, Hnk1Reason.INHIBITED_ZERO, at_least=low)
    if high is None:
        return open_inhibition(CONCENTRATION, Hnk1Reason.NEAR_ZERO, percent, (low, 100.0), low)
    return PercentInhibition(percent, (low, high), CONCENTRATION, None, None)


def _percent(ln_ratio: float | None) -> float | None:
    return None if ln_ratio is None else -100.0 * float(np.expm1(ln_ratio))


class _Misfit:
    """How far the inhibited signals of K dilutions lie from what a common ratio expects."""

    def __init__(self, pairs: Sequence[InhibitionPair], fit: Fit) -> None:
        nets = [pair.net for pair in pairs]
        self._fit = fit
        self._with_it = np.array([with_it.od for _, with_it in nets])
        self._without = back_calculate(fit, np.array([without.od for without, _ in nets]), above_zero=True)
        self._without_variance = np.array([without.se**2 for without, _ in nets])
        self._with_variance = np.array([with_it.se**2 for _, with_it in nets])
        self._shared = np.array([pair.covariance for pair in pairs])

    def at(self, ln_ratio: Array) -> tuple[Array, Array]:
        """(d, its covariance) at R trial ratios in ln concentration: shapes (R, K) and (R, K, K)."""
        shape = (ln_ratio.size, self._with_it.size)
        ln_c = self._without.ln_x + ln_ratio[:, None]
        expected = curve(np.exp(ln_c.ravel()), self._fit.theta) - self._fit.theta[LOWER]
        there = back_calculate(self._fit, expected, above_zero=True)
        by_y, first = there.by_y.reshape(shape), self._without.by_y
        own = by_y**2 * self._with_variance + first**2 * self._without_variance
        own = np.maximum(own - 2 * by_y * first * self._shared, 0.0) + _ROUNDING
        apart = there.by_theta.reshape(*shape, -1) - self._without.by_theta
        common = np.einsum("rki,ij,rlj->rkl", apart, self._fit.covariance, apart)
        return (expected.reshape(shape) - self._with_it) * by_y, common + own[:, :, None] * np.eye(shape[1])

    def _standardised(self, ln_ratio: Array) -> Array:
        """The weighted mean of d over its standard error, shape (R,); rises with the ratio."""
        distance, covariance = self.at(ln_ratio)
        solved = np.linalg.solve(covariance, np.ones((*distance.shape, 1)))[..., 0]
        return np.asarray((solved * distance).sum(axis=1) / np.sqrt(solved.sum(axis=1)))

    def last_rise_through(self, level: float) -> float | None:
        """Ln ratio where the standardised misfit passes the level for the last time; None where it does not.

        On the way up the signal ends at the plateau, which may be too low to be refused.
        """
        before, step, points = LN_REACH[0], LN_REACH[1] - LN_REACH[0], _GRID
        for _ in range(2):
            grid = np.linspace(before, before + step, points)
            misfit = self._standardised(grid)
            below = np.flatnonzero(misfit < level)
            if not below.size or int(below[-1]) + 1 == points:
                return None
            last = int(below[-1])
            before, step, points = float(grid[last]), float(grid[1] - grid[0]), _FINER
        rise = misfit[last + 1] - misfit[last]
        return before + step * float((level - misfit[last]) / rise)
