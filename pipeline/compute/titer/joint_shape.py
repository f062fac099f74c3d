"""Do the dilutions of each sample agree with one titer? Scatter and slope of the joint fit's residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.titer.error_components import ErrorComponents
from pipeline.compute.titer.increments import covariance_parts, curve_part, inverse_covariance
from pipeline.compute.titer.joint_table import JointTable, expect

Array = npt.NDArray[np.float64]
LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Shape:
    """One series; ``slope`` is d ln(corrected titer) / d ln(dilution), 0 for a parallel one."""

    slope: float
    se: float
    p: float
    """Chi-square probability of the scatter about one titer."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """S series: arrays of shape (S,); ``known`` needs two usable dilutions."""

    slope: Array
    se: Array
    p: Array
    known: npt.NDArray[np.bool_]

    def of(self, index: int) -> Shape | None:
        """One series; None without two usable dilutions."""
        if not self.known[index]:
            return None
        return Shape(float(self.slope[index]), float(self.se[index]), float(self.p[index]))


def shapes(
    ln_titer: Array, table: JointTable, fit: Fit, errors: ErrorComponents
) -> tuple[Shapes, Array, Array]:
    """(shapes, d ln titer / d curve parameters (S, 5), weight of each reading (S, K)) at the fitted titers.

    The weighted sum of squares of what one titer leaves unexplained is chi-square with one degree of freedom
    less than there are dilutions (Gottschalk and Dunn 2005, J Biopharm Stat 15:437, with the covariance of
    the dilutions in place of weights); the slope is its generalised least-squares trend on ln dilution.
    """
    expected = expect(ln_titer, table, fit)
    parts, curve = covariance_parts(expected, table), curve_part(expected, table, fit)
    inverse = inverse_covariance(parts, curve, errors.variance, table)
    column = inverse.sum(axis=2)
    total = np.maximum(column.sum(axis=1), LEAST)
    projected = inverse - column[:, :, None] * column[:, None, :] / total[:, None, None]
    residual, dilution = expected.residual(table), np.where(table.seen, table.shift, 0.0)
    scatter = np.einsum("sk,skl,sl->s", residual, projected, residual)
    information = np.einsum("sk,skl,sl->s", dilution, projected, dilution)
    df = table.seen.sum(axis=1) - 1
    known = (df > 0) & (information > LEAST)
    safe = np.where(known, information, 1.0)
    slope = np.einsum("sk,skl,sl->s", dilution, projected, residual) / safe
    p = chdtrc(np.maximum(df, 1), np.maximum(scatter, 0.0))
    by_theta = np.einsum("sk,ski->si", column, np.where(table.seen[..., None], expected.by_theta, 0.0))
    return Shapes(slope, safe**-0.5, p, known), by_theta / total[:, None], column / total[:, None]
