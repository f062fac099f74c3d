"""Parallel-line assay: analysis of variance, common slope and relative potencies.

European Pharmacopoeia chapter 5.3, section 3.2 (parallel-line model, completely free arrangement of wells;
example 5.1.4). The response, for instance ln OD, is a straight line of ln dose; the lines of all preparations
share one slope. The error is the scatter of wells of one preparation at one dose. Numbers of wells and doses
may differ between preparations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.compute.statistics.fieller import FiellerInterval, Means, fieller_interval
from pipeline.compute.statistics.inference import Array, f_tail, only_rounding, unusable

Indices = npt.NDArray[np.intp]

_SAME_DOSE_DIGITS = 9
"""ln doses that agree to this many decimals are one dose."""
_LARGEST_LN = 700.0
"""exp of more than this is no number a computer has."""


@dataclass(frozen=True, slots=True)
class AnovaRow:
    """One line of the table; F and p are against the residual, None with a reason."""

    source: str
    df: int
    sum_of_squares: float
    mean_square: float | None
    f: float | None = None
    p: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Potency:
    """One preparation against the standard, in units of the assumed potency."""

    preparation: str
    potency: float | None
    low: float | None
    high: float | None
    ln_ratio: FiellerInterval | None
    """(mean response difference) / slope, which the limits come from."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ParallelLine:
    """The whole assay; without a slope there are no potencies and ``reason`` says why."""

    anova: tuple[AnovaRow, ...]
    slope: float | None
    slope_variance: float | None
    correlation: float | None
    """Square root of the share of the total sum of squares that preparations and the common slope explain."""
    potencies: tuple[Potency, ...]
    confidence: float
    reason: str | None = None

    def row(self, source: str) -> AnovaRow:
        """A line of the table by its name, for instance ``non-parallelism``."""
        return next(row for row in self.anova if row.source == source)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Moments of each preparation, shape (p,), and sums of squares within doses and in total."""

    names: tuple[str, ...]
    n: Array
    mean_x: Array
    mean_y: Array
    xx: Array
    xy: Array
    within: float
    total: float
    doses: int
    """Cells of preparation and dose."""
    exact: bool
    """No scatter at all between wells of one dose."""


def parallel_line(
    preparation: Sequence[str],
    ln_dose: Array,
    response: Array,
    *,
    standard: str,
    confidence: float,
    assumed_potency: float = 1.0,
) -> ParallelLine:
    """Analyse one assay.

    Args:
        preparation: name of each well's preparation, n of them.
        ln_dose: ln of the dose or of 1 / dilution, shape (n,), on the scale of the assumed potency.
        response: response on a scale on which it is a straight line, shape (n,).
        standard: the preparation that potencies are relative to.
        confidence: two-sided, for the limits of the potencies.
        assumed_potency: what a preparation with the potency of the standard has, in its unit.
    """
    problem = unusable(ln_dose, response)
    if problem is None and standard not in preparation:
        problem = f"no well of the standard {standard}"
    if problem is not None:
        return ParallelLine((), None, None, None, (), confidence, problem)
    sums = _sums(preparation, ln_dose, response)
    slope_xx, anova = float(sums.xx.sum()), _anova(sums)
    if slope_xx <= 0:
        return ParallelLine(anova, None, None, None, (), confidence, "every preparation has one dose only")
    slope = float(sums.xy.sum()) / slope_xx
    error = anova[-2].mean_square
    explained = (anova[0].sum_of_squares + anova[1].sum_of_squares) / sums.total if sums.total > 0 else None
    line = ParallelLine(
        anova,
        slope,
        None if error is None else error / slope_xx,
        None if explained is None else min(explained, 1.0) ** 0.5,
        (),
        confidence,
    )
    return _with_potencies(line, sums, standard, assumed_potency)


def _cells(labels: Indices, x: Array, y: Array) -> tuple[Array, Array, Array]:
    """Count and means of x and y of each label."""
    n = np.bincount(labels).astype(float)
    return n, np.bincount(labels, x) / n, np.bincount(labels, y) / n


def _sums(preparation: Sequence[str], x: Array, y: Array) -> _Sums:
    names, of = np.unique(np.asarray(preparation, dtype=str), return_inverse=True)
    doses, at = np.unique(np.round(x, _SAME_DOSE_DIGITS), return_inverse=True)
    _, cell = np.unique(of * len(doses) + at, return_inverse=True)
    n, mean_x, mean_y = _cells(of, x, y)
    _, _, cell_y = _cells(cell, x, y)
    dx, dy = x - mean_x[of], y - mean_y[of]
    # a preparation with one dose has no slope; rounding of its mean must not give it one
    moves = np.array([np.ptp(at[of == k]) > 0 for k in range(len(names))])
    within = float(np.sum((y - cell_y[cell]) ** 2))
    return _Sums(
        names=tuple(str(name) for name in names),
        n=n,
        mean_x=mean_x,
        mean_y=mean_y,
        xx=np.where(moves, np.bincount(of, dx**2), 0.0),
        xy=np.where(moves, np.bincount(of, dx * dy), 0.0),
        within=within,
        total=float(np.sum((y - y.mean()) ** 2)),
        doses=len(cell_y),
        exact=only_rounding(within, y),
    )


def _anova(sums: _Sums) -> tuple[AnovaRow, ...]:
    """The table of Ph. Eur. 5.3, table 3.2.3.-II; sums that are differences are never below zero."""
    wells, lines, moves = int(sums.n.sum()), len(sums.n), sums.xx > 0
    slopes = int(moves.sum())
    middle = float(np.average(sums.mean_y, weights=sums.n))
    between = float(np.sum(sums.n * (sums.mean_y - middle) ** 2))
    common = float(sums.xy.sum()) ** 2 / float(sums.xx.sum()) if slopes else 0.0
    separate = float(np.sum(sums.xy[moves] ** 2 / sums.xx[moves]))
    treatments = max(sums.total - sums.within, 0.0)
    residual_df = wells - sums.doses
    error = sums.within / residual_df if residual_df and not sums.exact else None
    why = "no residual scatter" if residual_df else "no replicate wells"
    tested = (
        ("preparations", lines - 1, between),
        ("regression", min(slopes, 1), common),
        ("non-parallelism", max(slopes - 1, 0), max(separate - common, 0.0)),
        ("non-linearity", sums.doses - lines - slopes, max(treatments - between - separate, 0.0)),
        ("treatments", sums.doses - 1, treatments),
    )
    rows = [_tested(source, df, ss, (error, residual_df), why) for source, df, ss in tested]
    within = 0.0 if sums.exact else sums.within
    rows.append(AnovaRow("residual", residual_df, within, within / residual_df if residual_df else None))
    rows.append(AnovaRow("total", wells - 1, sums.total, None))
    return tuple(rows)


def _tested(source: str, df: int, ss: float, error: tuple[float | None, int], why: str) -> AnovaRow:
    if df < 1:
        return AnovaRow(source, 0, ss, None, reason="no degrees of freedom")
    variance, residual_df = error
    if variance is None:
        return AnovaRow(source, df, ss, ss / df, reason=why)
    f = ss / df / variance
    return AnovaRow(source, df, ss, ss / df, f, f_tail(f, df, residual_df))


def _with_potencies(line: ParallelLine, sums: _Sums, standard: str, assumed: float) -> ParallelLine:
    at = sums.names.index(standard)
    found = tuple(_potency(line, sums, at, k, assumed) for k in range(len(sums.names)) if k != at)
    return ParallelLine(line.anova, line.slope, line.slope_variance, line.correlation, found, line.confidence)


def _potency(line: ParallelLine, sums: _Sums, at: int, k: int, assumed: float) -> Potency:
    """Fieller's limits of the horizontal distance between two lines (Ph. Eur. 5.3, 3.2.5)."""
    name, residual = sums.names[k], line.row("residual")
    offset = float(sums.mean_x[at] - sums.mean_x[k])
    distance = float(sums.mean_y[k] - sums.mean_y[at])
    potency = _scaled(assumed, offset, distance / line.slope) if line.slope else None
    if line.slope is None or potency is None:
        return Potency(name, None, None, None, None, "the slope is zero or too near it")
    if residual.mean_square is None or line.slope_variance is None or sums.exact:
        why = "no residual scatter" if residual.df else "no replicate wells"
        return Potency(name, potency, None, None, None, f"{why}, so no error for the limits")
    variance = residual.mean_square * float(1 / sums.n[at] + 1 / sums.n[k])
    means = Means(distance, line.slope, variance, line.slope_variance, 0.0, residual.df)
    ratio = fieller_interval(means, line.confidence)
    low, high = (_scaled(assumed, offset, end) for end in ratio.finite or (np.inf, np.inf))
    if low is None or high is None:
        reason = "the slope does not differ from zero, so the limits are not finite"
        return Potency(name, potency, None, None, ratio, reason)
    return Potency(name, potency, low, high, ratio)


def _scaled(assumed: float, offset: float, ln_ratio: float) -> float | None:
    """The potency, unless it is beyond any scale."""
    ln_potency = offset + ln_ratio
    return assumed * float(np.exp(ln_potency)) if abs(ln_potency) < _LARGEST_LN else None
