"""Ratio of two titers of one serum that were read from one standard curve, such as HNK1 over MAG.

ln ratio = ln T1 - ln T2, variance = se1² + se2² - 2 cov. The covariance has two parts: the curve's, g1' V g2
with the gradients g of the ln titers by the curve's parameters (delta method), and what else both share:
wells of both antigens are filled from the same tube, so the steps of the dilution are common and cancel, and
both may subtract the same antigen-negative wells. The interval is symmetric in ln ratio; degrees of freedom
as for a difference of two titers (:func:`pipeline.compute.statistics.change.change`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.censored_change import (
    BoundedChange,
    ReportedTiter,
    reported_change,
)
from pipeline.compute.statistics.change import Change, MeasuredTiter
from pipeline.compute.statistics.inference import Array
from pipeline.domain.codes.qualifier import Qualifier

Limits = tuple[float, float]

TWO_SIDED, ONE_SIDED = 0.95, 0.975
"""Of an interval, and of a bound: the same chance beyond an end."""
_ANY_FOLD = 2.0
"""Which fold counts as a change is not asked here."""


@dataclass(frozen=True, slots=True)
class CurveTiter:
    """A titer read from the standard curve, in the unit of both titers."""

    titer: float
    """Of a censored one the bound."""
    qualifier: Qualifier
    ln_se: float | None
    """Of ln titer, the curve's and the pipetting's error included; None for a bound."""
    df: float
    """Degrees of freedom behind the standard error; may be infinite."""
    by_theta: Array | None
    """d ln titer / d curve parameters, shape (5,); None for a bound."""


@dataclass(frozen=True, slots=True)
class TiterRatio:
    """First titer over second, as a ratio and in percent of the second."""

    ratio: float | None
    ci95: Limits | None
    at_most: float | None
    """Upper limit, one-sided 97.5 %, where the first lies below its range or the second above."""
    at_least: float | None
    """Lower limit where the first lies above its range or the second below."""
    reason: str | None
    """Why the ratio or its interval is not there, or why there is only a bound."""

    @property
    def percent(self) -> float | None:
        """100 times the ratio."""
        return None if self.ratio is None else 100.0 * self.ratio

    @property
    def percent_ci95(self) -> Limits | None:
        """100 times the interval."""
        return None if self.ci95 is None else (100.0 * self.ci95[0], 100.0 * self.ci95[1])


def titer_ratio(
    first: CurveTiter, second: CurveTiter, curve_covariance: Array, other_covariance: float
) -> TiterRatio:
    """The first titer over the second.

    Args:
        first: the numerator, for instance HNK1.
        second: the denominator, for instance MAG.
        curve_covariance: of the parameters of the curve that both were read from, shape (5, 5).
        other_covariance: of both ln titers by the dilution steps (:func:`walk_covariance`) and the
            antigen-negative wells that they share; 0 or more.
    """
    common = 0.0
    if first.by_theta is not None and second.by_theta is not None:
        common = float(first.by_theta @ curve_covariance @ second.by_theta)
    measured = first.qualifier is second.qualifier is Qualifier.MEASURED
    found = reported_change(
        _reported(second),
        _reported(first),
        confidence=TWO_SIDED if measured else ONE_SIDED,
        least_fold=_ANY_FOLD,
        ln_covariance=common + other_covariance,
    )
    return _bounded(found) if isinstance(found, BoundedChange) else _measured(found)


def _reported(titer: CurveTiter) -> ReportedTiter:
    return ReportedTiter(MeasuredTiter(titer.titer, titer.ln_se, titer.df), titer.qualifier)


def _measured(found: Change) -> TiterRatio:
    return TiterRatio(found.fold, found.fold_interval, None, None, found.reason)


def _bounded(found: BoundedChange) -> TiterRatio:
    reason = found.reason or "a titer lies beyond its range"
    if found.at_most is not None:
        return TiterRatio(None, None, found.at_most if found.limit is None else found.limit, None, reason)
    return TiterRatio(None, None, None, found.at_least if found.limit is None else found.limit, reason)


def walk_covariance(first: Array, second: Array, steps: Array, step_variance: float) -> float:
    """Covariance of two ln titers by the serial dilution whose tubes they share.

    The ln dilution after k steps is a random walk, Cov(k, l) = sigma² min(k, l); a titer that is a weighted
    mean of its dilutions has their weighted error, so Cov = sigma² sum_kl w1_k w2_l min(k, l).

    Args:
        first: weight of each dilution in the first ln titer, sum 1, shape (n,).
        second: the same for the second, over the same dilutions; 0 for one it did not use.
        steps: steps of the serial dilution up to each, the first from the serum included, shape (n,).
        step_variance: sigma², of the ln volume of one step.
    """
    return float(step_variance * (first @ np.minimum.outer(steps, steps) @ second))
