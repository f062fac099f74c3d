"""Curves without a sigmoid: a straight line, and interpolation between calibrators in log-log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

Array = npt.NDArray[np.float64]
Ends = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class StraightLine:
    """y = intercept + slope x, weighted least squares."""

    intercept: float
    slope: float
    covariance: Array
    rss: float
    df: int
    weight: Array
    """Of each point, shape (n,)."""
    exponent: float = 0.0
    """Of the mean in the SD."""

    def interval(self, y: float, confidence: float = 0.95, wells: int = 1) -> tuple[float, Ends] | None:
        """(x, its inversion limits) at the mean of new responses; None for a level line.

        Every x at which the line could have given the response, {x : (y - a - b x)² <= t² (s² / m w + Var)}:
        Fieller's theorem (Draper and Smith 1998, section 3.2). Open on both sides where the slope is not told
        from zero.
        """
        if self.slope == 0 or self.df < 1:
            return None
        x, distance = (y - self.intercept) / self.slope, y - self.intercept
        t2 = float(stdtrit(self.df, 0.5 + confidence / 2)) ** 2
        own = self.rss / self.df * max(abs(y), 1e-12) ** (2 * self.exponent) / wells
        (v11, v12), (_, v22) = self.covariance
        a, b = self.slope**2 - t2 * v22, -(distance * self.slope + t2 * v12)
        root = b * b - a * (distance**2 - t2 * (own + v11))
        if a <= 0 or root < 0:
            return x, (None, None)
        return x, (float((-b - root**0.5) / a), float((-b + root**0.5) / a))


def fit_line(x: Array, y: Array, exponent: float, rounds: int = 30) -> StraightLine:
    """Fit a line with weights 1 / |fitted|^(2 exponent), iterated.

    Args:
        x: shape (n,).
        y: shape (n,).
        exponent: 0 none, 0.5 1/y, 1 1/y².
        rounds: most rounds of reweighting.

    Raises:
        ArithmeticError: with fewer than three points, or all at one x.
    """
    if len(x) < 3 or np.ptp(x) == 0:  # noqa: PLR2004 - two parameters and something to judge them by
        raise ArithmeticError("a line needs three points at two concentrations")
    design = np.column_stack([np.ones_like(x), x])
    weight = np.ones_like(y)
    floor = max(float(np.abs(y).max()) * 1e-6, 1e-12)
    solution: Array = np.zeros(2)
    for _ in range(rounds if exponent else 1):
        gram = design.T @ (design * weight[:, None])
        solution = np.asarray(np.linalg.solve(gram, design.T @ (weight * y)))
        weight = np.maximum(np.abs(design @ solution), floor) ** (-2 * exponent)
    gram = design.T @ (design * weight[:, None])
    rss = float(np.sum(weight * (y - design @ solution) ** 2))
    df = len(x) - 2
    covariance = np.asarray(rss / df * np.linalg.inv(gram)) if df else np.zeros((2, 2))
    return StraightLine(float(solution[0]), float(solution[1]), covariance, rss, df, weight, exponent)


@dataclass(frozen=True, slots=True)
class LogLog:
    """Straight lines between the mean responses of neighbouring calibrators, both axes logarithmic."""

    ln_x: Array
    ln_y: Array
    variance: Array
    """Of each ln mean response; 0 where a level has one well."""
    df: int

    def interval(self, y: float, confidence: float = 0.95) -> tuple[float, Ends] | None:
        """(x, interval from the replicate error of both neighbours); None outside the calibrators."""
        order = np.argsort(self.ln_y)
        ln_y, ln_x, variance = self.ln_y[order], self.ln_x[order], self.variance[order]
        if y <= 0 or not ln_y[0] <= np.log(y) <= ln_y[-1]:
            return None
        at = int(np.clip(np.searchsorted(ln_y, np.log(y)), 1, len(ln_y) - 1))
        step = ln_y[at] - ln_y[at - 1]
        share = (np.log(y) - ln_y[at - 1]) / step
        steepness = (ln_x[at] - ln_x[at - 1]) / step
        ln_c = float(ln_x[at - 1] + share * (ln_x[at] - ln_x[at - 1]))
        spread = (1 - share) ** 2 * variance[at - 1] + share**2 * variance[at] + float(variance.max())
        if self.df < 1:
            return float(np.exp(ln_c)), (None, None)
        half = float(stdtrit(self.df, 0.5 + confidence / 2) * abs(steepness) * spread**0.5)
        return float(np.exp(ln_c)), (float(np.exp(ln_c - half)), float(np.exp(ln_c + half)))


def fit_log_log(x: Array, y: Array) -> LogLog:
    """Means of the replicates at each concentration above zero.

    Raises:
        ArithmeticError: for fewer than two levels, a response at or below zero, or means that
                change direction.
    """
    levels = [(value, y[x == value]) for value in np.unique(x[x > 0])]
    if len(levels) < 2 or any(group.min() <= 0 for _, group in levels):  # noqa: PLR2004
        raise ArithmeticError("log-log interpolation needs two levels and responses above zero")
    ln_y = np.array([float(np.log(group.mean())) for _, group in levels])
    if not (np.all(np.diff(ln_y) > 0) or np.all(np.diff(ln_y) < 0)):
        raise ArithmeticError("the mean responses do not rise or fall from level to level")
    df = sum(len(group) - 1 for _, group in levels)
    within = sum(float(np.sum((group / group.mean() - 1) ** 2)) for _, group in levels)
    cv2 = within / df if df else 0.0
    variance = np.array([cv2 / len(group) for _, group in levels])
    return LogLog(np.log([value for value, _ in levels]), ln_y, variance, df)
