"""Absorption with antigen-coated beads: how far a serum's signal and titer fall from before to after.

Both series are titrated at the same dilutions. The area under the net signal over ln dilution needs no curve
and no cut-off (Greaney et al. 2021, Cell Host Microbe 29:463); the fall of the titer is that of the
concentration of the antibody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.compute.plate.background import Signal
from pipeline.compute.statistics.censored_change import (
    BoundedChange,
    ReportedTiter,
    reported_change,
)
from pipeline.compute.statistics.change import Change
from pipeline.compute.statistics.fieller import Means, fieller_interval
from pipeline.compute.titer.area import Area, area_under_curve, percent_fall
from pipeline.domain.codes.qualifier import Qualifier

Limits = tuple[float, float]

TWO_SIDED, ONE_SIDED = 0.95, 0.975
"""Of an interval, and of a bound: the same chance beyond an end."""
_ANY_FOLD = 2.0
"""Which fold counts as a change is not asked here."""
_NO_AREA_ERROR = "an area has no standard error"


@dataclass(frozen=True, slots=True)
class AreaFall:
    """100 (1 - after/before) of the areas; negative when it grew, above 100 when noise is left."""

    percent: float | None
    ci95: Limits | None
    before: Area
    after: Area
    reason: str | None
    """Why the percent or its interval is not there."""


def series_fall(before: Mapping[float, Signal], after: Mapping[float, Signal], df: float) -> AreaFall:
    """The fall of the area over the dilutions that both series have.

    Args:
        before: dilution -> net signal of the untreated serum; negative ones count as they are.
        after: dilution -> net signal of the absorbed serum.
        df: degrees of freedom behind the standard errors; may be infinite.
    """
    common = sorted(before.keys() & after.keys())
    return area_fall(_area(before, common), _area(after, common), df)


def _area(series: Mapping[float, Signal], dilutions: list[float]) -> Area:
    signals = [series[dilution] for dilution in dilutions]
    ods, ses = np.array([s.od for s in signals]), np.array([s.se for s in signals])
    return area_under_curve(np.array(dilutions), ods, ses)


def area_fall(before: Area, after: Area, df: float) -> AreaFall:
    """The fall of an area with Fieller's 95 % interval, which also holds for a weak series before.

    Args:
        before: of the untreated serum.
        after: of the absorbed serum, over the same dilutions, from other wells.
        df: degrees of freedom behind both standard errors; may be infinite.
    """
    fall = percent_fall(before, after)
    if fall.percent is None or before.value is None or after.value is None:
        return AreaFall(None, None, before, after, fall.reason)
    if before.se is None or after.se is None:
        return AreaFall(fall.percent, None, before, after, _NO_AREA_ERROR)
    found = fieller_interval(Means(after.value, before.value, after.se**2, before.se**2, 0.0, df), TWO_SIDED)
    ends = None if found.finite is None else (100 * (1 - found.finite[1]), 100 * (1 - found.finite[0]))
    return AreaFall(fall.percent, ends, before, after, found.reason)


@dataclass(frozen=True, slots=True)
class TiterFall:
    """100 (1 - after/before) of the titers, and the same fall in two-fold steps; negative when it rose."""

    percent: float | None
    ci95: Limits | None
    log2_steps: float | None
    """Two-fold steps down: 3 is a fall to an eighth."""
    log2_ci95: Limits | None
    at_least: float | None
    """Percent that a titer beyond its range shows at the least, at one-sided 97.5 %."""
    at_least_log2_steps: float | None
    reason: str | None
    """Why the percent or its interval is not there, or why there is only a bound."""


def titer_fall(before: ReportedTiter, after: ReportedTiter, ln_covariance: float) -> TiterFall:
    """The fall of the titer: 100 (1 - exp(ln T_after - ln T_before)), its interval symmetric in ln T.

    Args:
        before: of the untreated serum.
        after: of the absorbed serum; ``<`` gives "at least", as does ``>=`` before.
        ln_covariance: of the two ln titers, by the curve that both were read from; 0 for two plates.
    """
    measured = before.qualifier is after.qualifier is Qualifier.MEASURED
    found = reported_change(
        before,
        after,
        confidence=TWO_SIDED if measured else ONE_SIDED,
        least_fold=_ANY_FOLD,
        ln_covariance=ln_covariance if measured else 0.0,
    )
    return _bounded(found) if isinstance(found, BoundedChange) else _measured(found)


def _measured(found: Change) -> TiterFall:
    """A change with the sign turned: a fall is positive."""
    return TiterFall(
        percent=_turned(found.percent),
        ci95=_turned_ends(found.percent_interval),
        log2_steps=_turned(found.log2_steps),
        log2_ci95=_turned_ends(found.log2_interval),
        at_least=None,
        at_least_log2_steps=None,
        reason=found.reason,
    )


def _turned(value: float | None) -> float | None:
    return None if value is None else -value


def _turned_ends(ends: Limits | None) -> Limits | None:
    return None if ends is None else (-ends[1], -ends[0])


def _bounded(found: BoundedChange) -> TiterFall:
    """A fold that is at most this is a fall of at least that; a fold that is at least this shows no fall."""
    fold = found.at_most if found.limit is None else found.limit
    if found.at_most is None or fold is None:
        reason = found.reason or "a bound on this side shows no fall"
        return TiterFall(None, None, None, None, None, None, reason)
    reason = found.reason or "a titer lies beyond its range"
    return TiterFall(None, None, None, None, 100 * (1 - fold), -float(np.log2(fold)), reason)
