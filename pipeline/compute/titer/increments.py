"""The restricted likelihood of the error components, from the increments of the series of a plate.

Restricted: the titer of each series is projected out, so that only what its dilutions say of each other
counts (Patterson and Thompson 1971, Biometrika 58:545; Harville 1977, JASA 72:320, equation 5.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, fdtrc

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.titer.joint_table import Expected, Flags, JointTable

Array = npt.NDArray[np.float64]

ADDITIVE, PROPORTIONAL, STEP = range(3)
LEAST = 1e-12


def covariance_parts(expected: Expected, table: JointTable) -> Array:
    """Covariance of the seen readings in ln concentration per unit of each component, (3, S, K, K)."""
    seen = table.seen[:, :, None] & table.seen[:, None, :]
    wells = np.where(table.seen, expected.wells / expected.slope**2, 0.0)
    parts = np.zeros((3, *seen.shape))
    each = np.arange(seen.shape[1])
    parts[:STEP, :, each, each] = wells
    parts[STEP] = np.minimum(table.step[:, :, None], table.step[:, None, :]) * seen
    return parts


def curve_part(expected: Expected, table: JointTable, fit: Fit) -> Array:
    """What the curve's own uncertainty adds, common to all readings, and what is known besides, (S, K, K)."""
    jacobian = np.where(table.seen[..., None], expected.by_theta, 0.0)
    part = np.asarray(jacobian @ fit.covariance @ jacobian.transpose(0, 2, 1))
    each = np.arange(part.shape[1])
    part[:, each, each] += np.where(table.seen, table.further_variance / expected.slope**2, 0.0)
    return part


def inverse_covariance(parts: Array, curve: Array, variance: Array, table: JointTable) -> Array:
    """Inverse of the covariance of the seen readings, (..., S, K, K); 0 in the rows of all others.

    Args:
        parts: (3, S, K, K), of :func:`covariance_parts`.
        curve: (S, K, K), of :func:`curve_part`.
        variance: the three error components, (..., 3).
        table: the readings.
    """
    return np.asarray(np.linalg.inv(_filled(parts, curve, variance, table)) - _unseen(table))


def _filled(parts: Array, curve: Array, variance: Array, table: JointTable) -> Array:
    """The covariance with 1 for readings that were not seen."""
    return np.asarray(np.tensordot(variance, parts, axes=1) + curve + _unseen(table))


def _unseen(table: JointTable) -> Array:
    return np.asarray(np.eye(table.step.shape[1]) * ~table.seen[:, :, None])


def curve_loading(expected: Expected, table: JointTable, fit: Fit) -> Array:
    """What one SD of each independent error of the curve does to the seen readings, (S, K, 5)."""
    jacobian = np.where(table.seen[..., None], expected.by_theta, 0.0)
    variance, direction = np.linalg.eigh(fit.covariance)
    return np.asarray(jacobian @ (direction * np.sqrt(np.maximum(variance, 0.0))))


def _turned(matrices: Array) -> Array:
    return matrices.swapaxes(-1, -2)


def _readings(array: Array) -> Array:
    """Those of all series behind each other, (..., S, K, m) -> (..., S K, m)."""
    return array.reshape(*array.shape[:-3], -1, array.shape[-1])


def _cells(array: Array) -> Array:
    """Of each component one long row, (..., 3, S, K, K) -> (..., 3, S K K)."""
    return array.reshape(*array.shape[:-3], -1)


def _beside(array: Array) -> Array:
    """The components beside each other, (..., 3, S, K, m) -> (..., S K, 3 m)."""
    rows = np.moveaxis(_readings(array), -3, -2)
    return rows.reshape(*rows.shape[:-2], -1)


@dataclass(frozen=True, slots=True)
class Increments:
    """The residuals of all series about their own titers, and what their covariance is made of.

    The curve's error is one and the same for all series of the plate: what they share of it is no evidence of
    pipetting. It is a random effect with the curve's covariance (Harville 1977, section 3).
    """

    parts: Array
    curve: Array
    """What is no error component, (S, K, K); the curve's part as if each series had a curve of its own."""
    known: Array
    """The same without the curve, (S, K, K)."""
    loading: Array
    residual: Array
    table: JointTable

    @staticmethod
    def of(expected: Expected, table: JointTable, fit: Fit) -> Increments:
        """Take the residuals and covariances at the expected readings."""
        parts, curve = covariance_parts(expected, table), curve_part(expected, table, fit)
        loading = curve_loading(expected, table, fit)
        known = curve - loading @ loading.transpose(0, 2, 1)
        return Increments(parts, curve, known, loading, expected.residual(table), table)

    def count(self, usable: Flags) -> int:
        """Steps between seen readings of the usable series."""
        return int((self.table.seen.sum(axis=1) - 1)[usable].sum())

    def at(self, variance: Array, usable: Flags) -> tuple[Array, Array]:
        """(score (..., 3), expected information (..., 3, 3)) of the variances (..., 3); of usable series."""
        own, shared, inner, _ = self._joint(variance, usable)
        whitened = self._whitened(own, shared, inner)
        applied = own[..., None, :, :, :] @ self.parts
        turned = self.parts @ shared[..., None, :, :, :]
        lost = inner[..., None, :, :] @ (_turned(_readings(shared))[..., None, :, :] @ _readings(turned))
        moved = (self.parts @ whitened[..., None, :, :, None])[..., 0]
        quadratic = np.einsum("...sk,...csk->...c", whitened, moved)
        trace = np.einsum("...cskk->...c", applied) - np.einsum("...cqq->...c", lost)
        information = _cells(applied) @ _turned(_cells(_turned(applied)))
        between = _turned(_beside(turned)) @ _beside(own[..., None, :, :, :] @ turned)
        between = between.reshape(*between.shape[:-2], *lost.shape[-3:-1], *lost.shape[-3:-1])
        information = information - 2 * np.einsum("...rq,...iqjr->...ij", inner, between)
        information = information + np.einsum("...iqr,...jrq->...ij", lost, lost)
        return (quadratic - trace) / 2, np.asarray(information / 2)

    def ln_likelihood(self, variance: Array, usable: Flags) -> Array:
        """Restricted ln likelihood, (...), at the variances (..., 3), from the usable series; no constant."""
        own, shared, inner, total = self._joint(variance, usable)
        _, determinant = np.linalg.slogdet(_filled(self.parts, self.known, variance, self.table))
        _, spread = np.linalg.slogdet(inner)
        scatter = np.einsum("sk,...sk->...", self.residual, self._whitened(own, shared, inner))
        return np.asarray(-(((determinant + np.log(total)) * usable).sum(axis=-1) - spread + scatter) / 2)

    def _joint(self, variance: Array, usable: Flags) -> tuple[Array, Array, Array, Array]:
        """The inverse covariance of all readings, own titers projected out, as own - shared inner shared'.

        Own (..., S, K, K), shared (..., S, K, 5), inner (..., 5, 5), and the information on each titer.
        """
        own, total = self._projected(variance, self.known)
        own = own * usable[:, None, None]
        shared = own @ self.loading
        inner = np.linalg.inv(np.eye(shared.shape[-1]) + np.einsum("skq,...skr->...qr", self.loading, shared))
        return own, shared, inner, total

    def _whitened(self, own: Array, shared: Array, inner: Array) -> Array:
        common = np.einsum("...qr,...skr,sk->...q", inner, shared, self.residual)
        alone = np.einsum("...skl,sl->...sk", own, self.residual)
        return np.asarray(alone - np.einsum("...skq,...q->...sk", shared, common))

    def scatter_per_df(self, variance: Array) -> Array:
        """Weighted sum of squares of each series about its own titer over its degrees of freedom, (S,)."""
        projected, _ = self._projected(variance, self.curve)
        scatter = np.einsum("sk,skl,sl->s", self.residual, projected, self.residual)
        return np.asarray(scatter / np.maximum(self.table.seen.sum(axis=1) - 1, 1))

    def chance(self, series: int, variance: Array, df: float | None) -> float:
        """Chance of a scatter as large as this series', with a variance that has so many df (None: known)."""
        own_df = int(self.table.seen[series].sum()) - 1
        ratio = float(self.scatter_per_df(variance)[series])
        return float(chdtrc(own_df, own_df * ratio) if df is None else fdtrc(own_df, df, ratio))

    def _projected(self, variance: Array, known: Array) -> tuple[Array, Array]:
        """Inverse covariance of each series with its own titer projected out, and that titer's information.

        Shapes (..., S, K, K) and (..., S).
        """
        inverse = inverse_covariance(self.parts, known, variance, self.table)
        column = inverse.sum(axis=-1)
        total = np.maximum(column.sum(axis=-1), LEAST)
        shared = column[..., :, None] * column[..., None, :] / total[..., None, None]
        return np.asarray(inverse - shared), np.asarray(total)
