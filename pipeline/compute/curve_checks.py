"""Standards that no fit can save: named before (or after) the fit, and no titer comes from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.compute.fitting import Fit
from pipeline.compute.models import LN_EC50, UPPER
from pipeline.domain.results import ReplicatePrecision

FEWEST_LEVELS = 4
"""Usable levels without which no four-parameter curve is tried, whatever the assay allows."""
FLAT_SPAN_SD = 10.0
"""A curve spans at least this many SD of a low well (signal window; Zhang 1999, J Biomol Screen 4:67)."""
DISORDER_SD = 3.0
"""A higher level may read lower by at most this many SD of the difference."""
FAR_EC50 = 10.0
"""An ec50 this many times beyond the calibrators means that an asymptote was not seen."""


@dataclass(frozen=True, slots=True)
class LevelMean:
    """Usable wells of one calibrator level."""

    level: str
    nominal: float
    mean_od: float
    n: int


def degenerate(levels: Sequence[LevelMean], precision: ReplicatePrecision, fewest: int) -> str | None:
    """Why these calibrators cannot carry a curve, or None.

    Args:
        levels: levels with at least one usable well, zero included.
        precision: well-to-well error of the plate.
        fewest: least number of non-zero levels.
    """
    rising = sorted(levels, key=lambda level: level.nominal)
    nonzero = [level for level in rising if level.nominal > 0]
    if len(nonzero) < fewest:
        return f"CURVE_TOO_FEW_LEVELS: {len(nonzero)} usable levels above zero, at least {fewest} needed"
    low, high = rising[0], rising[-1]
    span = max(level.mean_od for level in rising) - min(level.mean_od for level in rising)
    if span < FLAT_SPAN_SD * precision.sd(min(level.mean_od for level in rising)):
        return f"CURVE_FLAT: the calibrators span only {span:.3f} OD"
    if high.mean_od - low.mean_od < span / 2 and _falls(rising):
        return "CURVE_DIRECTION: the OD falls where the concentration rises"
    return _disorder(rising, precision)


def _falls(rising: Sequence[LevelMean]) -> bool:
    ranks = np.argsort(np.argsort([level.mean_od for level in rising]))
    return float(np.corrcoef(np.arange(len(rising)), ranks)[0, 1]) < 0


def _disorder(rising: Sequence[LevelMean], precision: ReplicatePrecision) -> str | None:
    for below, above in pairwise(rising):
        noise = np.hypot(
            precision.sd(below.mean_od) / below.n**0.5, precision.sd(above.mean_od) / above.n**0.5
        )
        if below.mean_od - above.mean_od > DISORDER_SD * noise:
            if above is rising[-1]:
                return (
                    f"CURVE_NONMONOTONE: the highest calibrator {above.level} reads {above.mean_od:.3f}, "
                    f"below {below.level} with {below.mean_od:.3f}"
                )
            return (
                f"STANDARD_ORDER_SUSPECT: {above.level} ({above.nominal:g}) reads {above.mean_od:.3f}, below "
                f"{below.level} ({below.nominal:g}) with {below.mean_od:.3f}; were they swapped?"
            )
    return None


def fit_warnings(fit: Fit, nominal: Sequence[float]) -> tuple[str, ...]:
    """What the fitted parameters do not know; printed with the curve."""
    positive = [x for x in nominal if x > 0]
    ec50 = float(np.exp(fit.theta[LN_EC50]))
    warnings = [f"{name} at the bound of its domain" for name in fit.at_bound]
    if ec50 > max(positive):
        warnings.append("upper asymptote not observed: ec50 lies above the highest calibrator")
    if ec50 < min(positive):
        warnings.append("lower part not observed: ec50 lies below the lowest calibrator")
    if not np.isfinite(fit.covariance).all():
        warnings.append("parameters not identified: their covariance is singular")
    elif fit.covariance[UPPER, UPPER] ** 0.5 > abs(fit.theta[UPPER]):
        warnings.append("upper asymptote known no better than to its own size")
    if fit.df == 0:
        warnings.append("no residual degrees of freedom: the fit cannot be tested")
    return tuple(warnings)


def failed_fit(fit: Fit, nominal: Sequence[float]) -> str | None:
    """Why a converged fit must not be used, or None."""
    positive = [x for x in nominal if x > 0]
    ec50 = float(np.exp(fit.theta[LN_EC50]))
    if not fit.theta[0] < fit.theta[1]:
        return "CURVE_DIRECTION: the fitted curve falls"
    if ec50 > FAR_EC50 * max(positive) or ec50 < min(positive) / FAR_EC50:
        return f"CURVE_POOR: the ec50 of {ec50:.3g} is far outside the calibrators"
    if not np.isfinite(fit.covariance).all():
        return "CURVE_POOR: the calibrators do not determine the curve"
    return None
