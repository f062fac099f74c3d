"""The joint titer: all dilutions of a sample in one weighted fit of ln titer against the standard curve.

Every dilution says something. One in the working range gives a reading; one below or above it says that its
signal lies beyond a limit, and counts as such (a censored reading, Tobin 1958, Econometrica 26:24). Left out
in silence, the chance that put a reading in or out of range would bend the titer: weak sera would read high
and strong ones low.

Errors of a reading, in ln concentration: its wells' (taken at the **fitted** signal, not at its own noisy
one), the standard curve's (common to all dilutions), and the pipetting error of a serial dilution, a random
walk with covariance sigma² min(k, l) for steps k and l. All series of a plate are fitted at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, stdtrit

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.titer.error_components import ErrorComponents, from_increments
from pipeline.compute.titer.increments import STEP, covariance_parts, curve_part, inverse_covariance
from pipeline.compute.titer.joint_shape import Shape, Shapes, shapes
from pipeline.compute.titer.joint_table import Expected, Flags, JointTable, expect
from pipeline.domain.specificity import Interval

Array = npt.NDArray[np.float64]

ROUNDS = 40
CLOSE = 1e-9
LARGEST_STEP = 0.5
BEYOND_DILUTIONS = float(np.log(2))
"""A joint titer lies at most two-fold beyond those of its single dilutions."""
CONTRADICTED = -4.0
"""A censored reading whose limit lies this many SD beyond what the other dilutions say is an outlier (a
bubble, a missed dispense), not information."""
WIDEST = float(np.log(1e100))
UNBOUNDED = float(np.log(1e3))
"""A half-width beyond a thousand-fold says that the data do not bound the titer."""


@dataclass(frozen=True, slots=True)
class JointTiter:
    """ln titer of a series over its usable dilutions, with its standard error and degrees of freedom."""

    ln_titer: float
    se: float
    df: float
    used: int
    cv_percent: float | None
    """Geometric CV of the dilutions' titers; None below three dilutions."""
    censored: int = 0
    """Dilutions beyond the working range that took part as such."""
    by_theta: Array | None = None
    """d ln titer / d curve parameters, shape (5,)."""
    shape: Shape | None = None
    weights: Mapping[int, float] = field(default_factory=dict)
    """Steps of the dilution -> weight of that reading in ln titer; they sum to 1."""

    @property
    def value(self) -> float:
        """The titer."""
        return float(np.exp(self.ln_titer))

    def bounded_interval(self) -> Interval:
        """The 95 % interval, or (None, None) where the data do not bound the titer."""
        low, high = self.interval(0.95)
        return (low, high) if np.log(high / low) < 2 * UNBOUNDED else (None, None)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Interval on the titer scale; beyond a factor of 10^100 it is as good as unbounded."""
        half = min(float(stdtrit(max(self.df, 1.0), 0.5 + confidence / 2)) * self.se, WIDEST)
        return float(np.exp(self.ln_titer - half)), float(np.exp(self.ln_titer + half))


@dataclass(frozen=True, slots=True)
class JointFit:
    """ln titers of S series, each array of shape (S,); ``found`` is False where there is none."""

    ln_titer: Array
    se: Array
    df: Array
    censored: npt.NDArray[np.int_]
    """Readings that took part as censored."""
    found: Flags
    errors: ErrorComponents
    """With what the plate's own increments added."""
    by_theta: Array
    """d ln titer / d curve parameters, shape (S, 5)."""
    shape: Shapes
    weights: Array
    """Of each reading in ln titer, shape (S, K)."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where each ln titer is sought, arrays of shape (S,)."""

    start: Array
    low: Array
    high: Array

    @staticmethod
    def around(usable: Sequence[Sequence[float]]) -> Span:
        """About the ln titers of each series' usable dilutions, a little beyond the outermost.

        Far from them there is nothing to find: on a plateau the curve is flat, every reading agrees with
        every titer a little, and the fit of a series that is not parallel would run away.
        """
        ends = np.array([(min(u, default=0.0), max(u, default=0.0)) for u in usable]).reshape(-1, 2)
        slack = np.array([BEYOND_DILUTIONS if u else 0.0 for u in usable])
        start = np.array([sum(u) / len(u) if u else 0.0 for u in usable])
        return Span(start, ends[:, 0] - slack, ends[:, 1] + slack)

    def begin(self, start: Array) -> Span:
        """The same span from another start."""
        return Span(start, self.low, self.high)


def joint_fit(
    table: JointTable,
    fit: Fit,
    before: ErrorComponents,
    span: Span,
    *,
    learn: bool = True,
    odd_p: float | None = None,
) -> JointFit:
    """Fit the titers, learn the errors from how the dilutions scatter about them, and fit again.

    Args:
        table: the readings; a series without a usable one is not found.
        fit: a rising standard curve.
        before: error components before this plate's series were looked at.
        span: where the ln titers are sought.
        learn: do the increments of these series say something new about the errors?
        odd_p: chance below which a series' scatter is none of pipetting (:func:`.from_increments`).
    """
    seen = table.seen.any(axis=1)
    bare = table.without_censored(table.beyond)
    first = _maximise(bare, fit, before.variance, span)
    errors = from_increments(before, expect(first, bare, fit), bare, fit, odd_p) if learn else before
    first = _maximise(bare, fit, errors.variance, span.begin(first))
    distance, _, _ = _beyond(expect(first, table, fit), table, fit, errors.variance)
    table = table.without_censored(distance < CONTRADICTED)
    ln_titer = _maximise(table, fit, errors.variance, span.begin(first))
    variance, df = _small_sample(ln_titer, table, fit, errors)
    _, more = _censored(expect(ln_titer, table, fit), table, fit, errors.variance)
    found = seen & np.isfinite(ln_titer) & np.isfinite(variance)
    shape, by_theta, weights = shapes(ln_titer, table, fit, errors)
    se = (1 / variance + more) ** -0.5
    return JointFit(ln_titer, se, df, table.beyond.sum(axis=1), found, errors, by_theta, shape, weights)


def _maximise(table: JointTable, fit: Fit, variance: Array, span: Span) -> Array:
    """Ln titers that maximise the likelihood, by scoring; each step at most half a ln unit."""
    ln_titer = span.start
    for _ in range(ROUNDS):
        score, information = _slope_of_likelihood(ln_titer, table, fit, variance)
        step = np.clip(score / np.where(information > 0, information, np.inf), -LARGEST_STEP, LARGEST_STEP)
        moved = np.clip(ln_titer + step, span.low, span.high)
        step, ln_titer = moved - ln_titer, moved
        if np.max(np.abs(step), initial=0.0) < CLOSE:
            break
    return ln_titer


def _slope_of_likelihood(
    ln_titer: Array, table: JointTable, fit: Fit, variance: Array
) -> tuple[Array, Array]:
    """(score, information) of each ln titer: generalised least squares, and the censored readings."""
    expected = expect(ln_titer, table, fit)
    inverse = inverse_covariance(
        covariance_parts(expected, table), curve_part(expected, table, fit), variance, table
    )
    column = inverse.sum(axis=1)
    score, information = (column * expected.residual(table)).sum(axis=1), column.sum(axis=1)
    if not table.beyond.any():
        return score, information
    more_score, more_information = _censored(expected, table, fit, variance)
    return score + more_score, information + more_information


def _beyond(expected: Expected, table: JointTable, fit: Fit, variance: Array) -> tuple[Array, Array, Array]:
    """(distance in SD, steepness, sign) of each reading towards its limit, (S, K); positive is beyond it.

    The errors of a censored reading are taken as independent of the other readings', which uses a little less
    than they tell.
    """
    curve_variance = np.einsum("ski,ij,skj->sk", expected.by_theta, fit.covariance, expected.by_theta)
    ln_variance = curve_variance + variance[STEP] * table.step
    wells = np.tensordot(variance[:STEP], expected.wells, axes=1)
    sd = np.sqrt(wells + table.further_variance + expected.slope**2 * ln_variance)
    sd = np.where(table.beyond, sd, 1.0)
    sign = np.where(table.above, 1.0, -1.0) * table.beyond
    return sign * (expected.net - table.limit) / sd, expected.slope / sd, sign


def _censored(expected: Expected, table: JointTable, fit: Fit, variance: Array) -> tuple[Array, Array]:
    """(score, information), shape (S,), of the readings beyond a limit: log Phi of the distance."""
    distance, steepness, sign = _beyond(expected, table, fit, variance)
    mills = np.exp(-(distance**2) / 2 - log_ndtr(distance)) / np.sqrt(2 * np.pi) * table.beyond
    score = (sign * steepness * mills).sum(axis=1)
    information = (steepness**2 * mills * np.maximum(mills + distance, 0.0)).sum(axis=1)
    return score, information


def _small_sample(
    ln_titer: Array, table: JointTable, fit: Fit, errors: ErrorComponents
) -> tuple[Array, Array]:
    """(variance, degrees of freedom), shape (S,), from the seen readings, with estimated error components.

    Weights that are themselves estimated favour the readings whose error happens to be estimated low, so the
    plain variance is too small: Kenward and Roger 1997, Biometrics 53:983, for one parameter. Degrees of
    freedom by Satterthwaite 1946, Biometrics Bulletin 2:110. The curve's error is a fourth component; what is
    known of it and of the wells' comes largely from the same calibrator wells, so that both err alike.
    """
    expected = expect(ln_titer, table, fit)
    own = covariance_parts(expected, table)
    curve = curve_part(expected, table, fit)
    inverse = inverse_covariance(own, curve, errors.variance, table)
    parts = np.concatenate([own, curve[None]])
    uncertainty = np.zeros((4, 4))
    uncertainty[:3, :3] = errors.covariance
    uncertainty[3, 3] = 2 / max(fit.df, 1)
    same_wells = np.sqrt(np.diag(errors.covariance)[:STEP] * uncertainty[3, 3])
    uncertainty[3, :STEP] = uncertainty[:STEP, 3] = same_wells
    solved = inverse.sum(axis=2)
    total = solved.sum(axis=1)
    variance = 1 / np.where(total > 0, total, np.nan)
    applied = np.einsum("cskl,sl->csk", parts, solved)
    first = np.einsum("csk,sk->cs", applied, solved)
    second = np.einsum("isk,skl,jsl->sij", applied, inverse, applied)
    lost = second - variance[:, None, None] * np.einsum("is,js->sij", first, first)
    inflated = variance * (1 + 2 * variance * np.einsum("ij,sij->s", uncertainty, lost))
    spread = np.einsum("is,ij,js->s", first, uncertainty, first)
    df = 2 / np.where(spread > 0, variance**2 * spread, np.nan)
    return np.maximum(inflated, variance), np.where(np.isnan(df), np.inf, np.maximum(df, 1.0))


def geometric_cv(ln_titer: Array) -> float | None:
    """100 sqrt(exp(s²) - 1) of at least three dilutions."""
    if len(ln_titer) < 3:  # noqa: PLR2004 - ICH M10: at least three dilutions
        return None
    return 100 * float(np.sqrt(np.expm1(ln_titer.var(ddof=1))))
