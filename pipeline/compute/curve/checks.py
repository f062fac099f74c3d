"""Standards that no fit can save: named before (or after) the fit, and no titer comes from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import LN_EC50, UPPER
from pipeline.domain.message import Message
from pipeline.domain.results import ReplicatePrecision
from pipeline.domain.rounding import fixed

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


def degenerate(
    levels: Sequence[LevelMean], precision: ReplicatePrecision, fewest: int, saturated: Sequence[str] = ()
) -> Message | None:
    """Why these calibrators cannot carry a curve, or None.

    Args:
        levels: levels with at least one usable well, zero included.
        precision: well-to-well error of the plate.
        fewest: least number of non-zero levels.
        saturated: names of the levels that were lost above the reader's range.
    """
    rising = sorted(levels, key=lambda level: level.nominal)
    usable = sum(level.nominal > 0 for level in rising)
    if usable < fewest:
        return _too_few(usable, fewest, saturated)
    low, high = rising[0], rising[-1]
    lowest = min(level.mean_od for level in rising)
    span = max(level.mean_od for level in rising) - lowest
    if span < FLAT_SPAN_SD * precision.sd(lowest):
        return Message("CURVE_FLAT: the calibrators span only {n:n} OD", n=fixed(span, 3))
    falls = _descents(rising, precision)
    suspect = _suspect(rising, falls, precision)
    if suspect is None and high.mean_od - low.mean_od < span / 2 and _falls(rising):
        return Message("CURVE_DIRECTION: the OD falls where the concentration rises")
    return suspect or _nonmonotone(falls)


def _too_few(usable: int, fewest: int, saturated: Sequence[str]) -> Message:
    found = {"n": usable, "m": fewest}
    if usable + len(saturated) < fewest:
        return Message("CURVE_TOO_FEW_LEVELS: {n:n} usable levels above zero, at least {m:n} needed", **found)
    return Message(
        "CURVE_SATURATED: {levels} above the reader's range; {n:n} usable levels above zero, at least {m:n} "
        "needed",
        levels=", ".join(saturated),
        **found,
    )


def _falls(rising: Sequence[LevelMean]) -> bool:
    ranks = np.argsort(np.argsort([level.mean_od for level in rising]))
    return float(np.corrcoef(np.arange(len(rising)), ranks)[0, 1]) < 0


@dataclass(frozen=True, slots=True)
class _Descent:
    """Two neighbouring levels of which the higher one reads lower; ``fall`` in SD of the difference."""

    below: LevelMean
    above: LevelMean
    fall: float


def _descents(rising: Sequence[LevelMean], precision: ReplicatePrecision) -> list[_Descent]:
    pairs = [_Descent(below, above, _fall(below, above, precision)) for below, above in pairwise(rising)]
    return [pair for pair in pairs if pair.fall > DISORDER_SD]


def _fall(below: LevelMean, above: LevelMean, precision: ReplicatePrecision) -> float:
    errors = [precision.sd(level.mean_od) / level.n**0.5 for level in (below, above)]
    return (below.mean_od - above.mean_od) / float(np.hypot(*errors))


def _suspect(
    rising: Sequence[LevelMean], falls: Sequence[_Descent], precision: ReplicatePrecision
) -> Message | None:
    """The two levels whose exchange puts all in order: nothing is exchanged, the pair is named.

    Levels that fall from a peak to the highest without rising again are not taken for exchanged: that is
    what a hook does.
    """
    if not falls or not _rises_again(rising, falls[0].below, precision):
        return None
    ordered = [
        pair
        for pair in combinations(rising, 2)
        if pair[0].nominal and not _descents(_exchanged(rising, *pair), precision)
    ]
    if not ordered:
        return None
    low, high = min(ordered, key=lambda pair: _disorder(_exchanged(rising, *pair)))
    return Message(
        "STANDARD_ORDER_SUSPECT: {low} ({a:n}) reads {b:n} and {high} ({c:n}) reads {d:n}; were they "
        "swapped?",
        low=low.level,
        a=f"{low.nominal:g}",
        b=fixed(low.mean_od, 3),
        high=high.level,
        c=f"{high.nominal:g}",
        d=fixed(high.mean_od, 3),
    )


def _rises_again(rising: Sequence[LevelMean], peak: LevelMean, precision: ReplicatePrecision) -> bool:
    after = rising[rising.index(peak) :]
    return bool(_descents(after[::-1], precision))


def _exchanged(rising: Sequence[LevelMean], one: LevelMean, other: LevelMean) -> list[LevelMean]:
    """The levels with the wells of two of them exchanged."""
    wells = {one.level: other, other.level: one}
    found = [(level, wells.get(level.level, level)) for level in rising]
    return [replace(level, mean_od=source.mean_od, n=source.n) for level, source in found]


def _disorder(rising: Sequence[LevelMean]) -> float:
    """Sum of all falls, OD."""
    return sum(max(below.mean_od - above.mean_od, 0.0) for below, above in pairwise(rising))


def _nonmonotone(falls: Sequence[_Descent]) -> Message | None:
    if not falls:
        return None
    worst = max(falls, key=lambda pair: pair.fall)
    above, below = worst.above, worst.below
    return Message(
        "CURVE_NONMONOTONE: {above} ({a:n}) reads {b:n}, below {below} ({c:n}) with {d:n}",
        above=above.level,
        a=f"{above.nominal:g}",
        b=fixed(above.mean_od, 3),
        below=below.level,
        c=f"{below.nominal:g}",
        d=fixed(below.mean_od, 3),
    )


def fit_warnings(fit: Fit, nominal: Sequence[float]) -> tuple[str, ...]:
    """What the fitted parameters do not know; printed with the curve."""
    positive = [x for x in nominal if x > 0]
    ec50 = float(np.exp(fit.theta[LN_EC50]))
    warnings: list[str] = [
        Message("{parameter} at the bound of its domain", parameter=name) for name in fit.at_bound
    ]
    if ec50 > max(positive):
        warnings.append("ASYMPTOTE_NOT_OBSERVED: upper; the ec50 lies above the highest calibrator")
    if ec50 < min(positive):
        warnings.append("LOWER_PART_NOT_OBSERVED: the ec50 lies below the lowest calibrator")
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
        return Message("CURVE_POOR: the ec50 of {n:n} is far outside the calibrators", n=f"{ec50:.3g}")
    if "slope" in fit.at_bound:
        return "CURVE_POOR: the calibrators make a step or a ramp, no sigmoid"
    if not np.isfinite(fit.covariance).all():
        return "CURVE_POOR: the calibrators do not determine the curve"
    return None
