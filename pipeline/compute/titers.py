"""Titers: each dilution on the curve, the joint titer of a series, the endpoint titer, the hook.

All titers are on the undiluted scale: ln titer = ln concentration + ln(dilution / reference dilution).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from pipeline.compute.background import Signal
from pipeline.compute.curves import StandardCurve
from pipeline.compute.fitting import Fit
from pipeline.compute.inverse import BackCalculated, back_calculate
from pipeline.compute.models import LOWER, UPPER
from pipeline.compute.series import Series, Step
from pipeline.domain.assay import Assay, Dilution
from pipeline.domain.names import grouped
from pipeline.domain.results import EndpointTiter, Interval, Titer

Array = npt.NDArray[np.float64]


NORMAL_95 = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""
WIDEST = float(np.log(1e100))
UNBOUNDED = float(np.log(1e3))
"""A half-width beyond a thousand-fold says that the data do not bound the titer."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The ln titer of one dilution; ``variance`` is the well error's, ``by_theta`` carries the curve's."""

    ln_titer: float | None
    variance: float
    by_theta: Array
    side: str
    """``inside`` the working range, ``below`` or ``above`` it, ``unknown`` without a signal."""
    ln_upper: float | None
    """Upper 97.5 % limit of ln titer from the well error alone; the honest bound of a weak signal."""
    reason: str | None
    """Why this dilution is not used for the joint titer."""


@dataclass(frozen=True, slots=True)
class JointTiter:
    """ln titer of a series over its usable dilutions, with its standard error and degrees of freedom."""

    ln_titer: float
    se: float
    df: int
    used: int
    cv_percent: float | None
    """Geometric CV of the dilutions' titers; None below three dilutions."""

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
        half = min(float(stdtrit(max(self.df, 1), 0.5 + confidence / 2)) * self.se, WIDEST)
        return float(np.exp(self.ln_titer - half)), float(np.exp(self.ln_titer + half))


def dilution_estimates(
    series: Series, curve: StandardCurve, assay: Assay, prior_dilution: float
) -> tuple[Estimate, ...]:
    """Place every dilution of a series on the curve and say which may be used."""
    hooked = hook_steps(series.steps, curve, assay.dilution)
    if curve.fit is None:
        return tuple(_without_curve(step) for step in series.steps)
    net = assay.antigen_negative is not None
    signals = [step.net or Signal(0.0, 1.0) for step in series.steps]
    found = back_calculate(curve.fit, np.array([s.od for s in signals]), above_zero=net)
    upper = back_calculate(curve.fit, np.array([s.od + NORMAL_95 * s.se for s in signals]), above_zero=net)
    estimates = []
    for index, step in enumerate(series.steps):
        side = _side(index, step, found, curve, assay)
        shift = _ln_shift(step, assay, prior_dilution)
        estimates.append(
            Estimate(
                ln_upper=float(upper.ln_x[index]) + shift if upper.exists[index] else None,
                ln_titer=_ln_titer(index, step, found, curve.fit, assay, prior_dilution),
                variance=float((found.by_y[index] * signals[index].se) ** 2),
                by_theta=found.by_theta[index],
                side=side,
                reason=_reason(step, side, hooked=index in hooked),
            )
        )
    return _uninterrupted(estimates)


def _uninterrupted(estimates: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Past the first dilution below the range, a reading inside it can only be noise."""
    past = False
    kept = []
    for estimate in estimates:
        noise = past and estimate.reason is None
        kept.append(replace(estimate, reason="beyond_last_in_range") if noise else estimate)
        past = past or estimate.reason == "below_lloq"
    return tuple(kept)


def _ln_titer(
    index: int, step: Step, found: BackCalculated, fit: Fit, assay: Assay, prior_dilution: float
) -> float | None:
    """Return ln titer of one dilution, or None where the curve has no inverse.

    A net signal is inverted as it is. Without antigen-negative wells each well is inverted and the wells'
    concentrations are averaged as the assay says: geometric, or arithmetic as readers' software does.
    """
    shift = _ln_shift(step, assay, prior_dilution)
    if assay.antigen_negative is not None:
        exists = bool(found.exists[index]) and step.net is not None
        return float(found.ln_x[index]) + shift if exists else None
    group = step.groups.get(assay.calibration.antigen)
    wells = back_calculate(fit, np.array(group.ods if group is not None else ()))
    ln_x = wells.ln_x[wells.exists]
    if not ln_x.size:
        return None
    geometric = assay.curve.average == "geometric"
    return shift + float(ln_x.mean() if geometric else np.log(np.exp(ln_x).mean()))


def _without_curve(step: Step) -> Estimate:
    return Estimate(
        None, 0.0, np.zeros(5), "unknown", None, _reason(step, "unknown", hooked=False) or "no_curve"
    )


def _ln_shift(step: Step, assay: Assay, prior_dilution: float) -> float:
    """From ln concentration on the plate to ln titer of the undiluted serum."""
    return float(np.log(step.dilution * prior_dilution / assay.calibration.reference_dilution))


def _side(index: int, step: Step, found: BackCalculated, curve: StandardCurve, assay: Assay) -> str:
    """Where the signal lies; a net signal within its own noise of zero is below, whatever the LLOQ."""
    if step.saturated:
        return "above"
    if step.net is None or curve.range_ln is None:
        return "unknown"
    low, high = curve.range_ln
    if assay.antigen_negative is not None and step.net.od < NORMAL_95 * step.net.se:
        return "below"
    if found.below[index] or (not found.above[index] and found.ln_x[index] < low):
        return "below"
    return "above" if found.above[index] or found.ln_x[index] > high else "inside"


def _reason(step: Step, side: str, *, hooked: bool) -> str | None:
    """The first reason that applies; None for a usable dilution."""
    reasons = (
        (step.saturated, "saturated"),
        (step.main is None, "no_wells"),
        (step.negative_saturated, "antigen_negative_saturated"),
        (step.net is None, "no_antigen_negative"),
        (hooked, "hook"),
        (step.disagree, "replicates_disagree"),
        (side == "below", "below_lloq"),
        (side == "above", "above_uloq"),
        (side == "unknown", "no_working_range"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def hook_steps(steps: Sequence[Step], curve: StandardCurve, settings: Dilution) -> frozenset[int]:
    """Dilutions that read too low because antibody excess disturbs the assay (hook, prozone).

    A hook is a more concentrated dilution that reads lower than a less concentrated one by more than
    ``hook_sd`` pooled SD and more than ``hook_percent``, both above half of the curve's span. Every dilution
    up to and including the highest reading is then left out.
    """
    if curve.fit is None:
        return frozenset()
    theta = curve.fit.theta
    half = float(theta[LOWER] + theta[UPPER]) / 2
    readable = [
        (i, step.main) for i, step in enumerate(steps) if step.main is not None and not step.saturated
    ]
    if not readable:
        return frozenset()
    peak, top = max(readable, key=lambda pair: pair[1].od)
    for index, signal in readable:
        fall = top.od - signal.od
        noise = float(np.hypot(top.se, signal.se))
        far = fall > settings.hook_sd.value * noise and fall > settings.hook_percent.value / 100 * top.od
        if index < peak and signal.od > half and far:
            return frozenset(range(peak + 1))
    return frozenset()


def joint_titer(
    estimates: Sequence[Estimate], curve: StandardCurve, assay: Assay, df: int
) -> JointTiter | None:
    """Generalised least squares of ln titer over the usable dilutions.

    The covariance has three parts: well error of each dilution; the curve's, common to all; and the
    pipetting error of a serial dilution, a random walk with covariance sigma² min(k, l) for steps k and l
    (the first step, from serum to plate, included).

    Args:
        estimates: all dilutions, most concentrated first.
        curve: gives the parameter covariance.
        assay: gives the step CV and how results are averaged.
        df: degrees of freedom for the interval.
    """
    usable = [(k, e) for k, e in enumerate(estimates, start=1) if e.reason is None and e.ln_titer is not None]
    if not usable or curve.fit is None:
        return None
    step = np.array([k for k, _ in usable], dtype=float)
    ln_titer = np.array([e.ln_titer for _, e in usable], dtype=float)
    jacobian = np.stack([e.by_theta for _, e in usable])
    sigma2 = float(np.log1p((assay.dilution.step_cv.value / 100) ** 2))
    covariance = (
        np.diag([e.variance for _, e in usable])
        + jacobian @ curve.fit.covariance @ jacobian.T
        + sigma2 * np.minimum.outer(step, step)
    )
    solved = np.linalg.solve(covariance, np.column_stack([np.ones_like(step), ln_titer]))
    variance = 1.0 / float(solved[:, 0].sum())
    best = float(solved[:, 1].sum()) * variance
    if assay.curve.average == "arithmetic":
        best = float(np.log(np.exp(ln_titer).mean()))
    return JointTiter(best, variance**0.5, df, len(usable), _geometric_cv(ln_titer))


def _geometric_cv(ln_titer: Array) -> float | None:
    """100 sqrt(exp(s²) - 1) of at least three dilutions."""
    if len(ln_titer) < 3:  # noqa: PLR2004 - ICH M10: at least three dilutions
        return None
    return 100 * float(np.sqrt(np.expm1(ln_titer.var(ddof=1))))


def titer_result(
    joint: JointTiter | None,
    series: Series,
    estimates: Sequence[Estimate],
    curve: StandardCurve,
    assay: Assay,
    prior_dilution: float,
) -> Titer:
    """The titer to report: a value with its interval, or a bound, or none with the reason."""
    unit = assay.unit
    if joint is not None:
        low, high = joint.interval(0.95)
        value = joint.value
        method = "joint" if joint.used > 1 else "single dilution"
        text = f"{_number(value)} {unit} (95 % CI {_number(low)} to {_number(high)})"
        return Titer(
            value, (low, high), unit, "=", f"{method}, {joint.used} of {len(estimates)} dilutions", text
        )
    scale = prior_dilution / assay.calibration.reference_dilution
    limits = curve.result.range
    rows = list(zip(series.steps, estimates, strict=True))
    above = [step.dilution for step, e in rows if e.side == "above" or e.reason == "hook"]
    below = [(step.dilution, e) for step, e in rows if e.reason == "below_lloq"]
    if above and limits.uloq is not None:
        return _bound(limits.uloq * max(above) * scale, ">=", unit, "above the working range")
    if below and limits.lloq is not None:
        dilution, first = below[0]
        noise = float(np.exp(first.ln_upper)) if first.ln_upper is not None else 0.0
        return _bound(max(limits.lloq * dilution * scale, noise), "<", unit, "below the working range")
    reason = curve.result.failure or "no usable dilution"
    return Titer(None, None, unit, "=", "none", f"no titer: {reason}")


def _bound(bound: float, qualifier: str, unit: str, method: str) -> Titer:
    interval: Interval = (bound, None) if qualifier == ">=" else (None, bound)
    sign = "≥" if qualifier == ">=" else "<"
    return Titer(bound, interval, unit, qualifier, method, f"{sign} {_number(bound)} {unit}")


def endpoint_titer(
    steps: Sequence[Step], cutoffs: Sequence[float | None], positive: Sequence[bool | None], scale: float
) -> EndpointTiter:
    """Reciprocal dilution of the last positive of the uninterrupted run from the first dilution.

    Interpolated between the last positive k and the next dilution where net minus cut-off changes sign:
    ln T = ln d_k + e_k / (e_k - e_k+1) (ln d_k+1 - ln d_k); never extrapolated: censored at both ends.

    Args:
        steps: most concentrated first.
        cutoffs: cut-off OD of each.
        positive: is each dilution positive (None where it cannot be judged)?
        scale: dilution of the sample before the plate.
    """
    judged = [(s, c, p) for s, c, p in zip(steps, cutoffs, positive, strict=True) if p is not None]
    if not judged:
        return EndpointTiter(None, None, None, "=", "not judged")
    run = next((i for i, (_, _, p) in enumerate(judged) if not p), len(judged))
    if run == 0:
        first = judged[0][0].dilution * scale
        return EndpointTiter(None, None, (None, first), "<", f"< {_number(first)}")
    last = judged[run - 1][0].dilution * scale
    if run == len(judged):
        return EndpointTiter(last, None, (last, None), ">=", f"≥ {_number(last)}")
    crossing = _crossing(judged[run - 1][:2], judged[run][:2])
    if crossing is None:
        return EndpointTiter(last, None, None, "=", _number(last))
    value, (low, high) = crossing
    interval = (low * scale, high * scale)
    return EndpointTiter(
        last, value * scale, interval, "=", f"{_number(last)} (interpolated {_number(value * scale)})"
    )


def _crossing(
    positive: tuple[Step, float | None], negative: tuple[Step, float | None]
) -> tuple[float, tuple[float, float]] | None:
    """(dilution, 95 % interval inside the bracket) where the excess over the cut-off reaches 0."""
    (step_k, cut_k), (step_l, cut_l) = positive, negative
    if step_k.net is None or step_l.net is None or cut_k is None or cut_l is None:
        return None
    above, under = step_k.net.od - cut_k, step_l.net.od - cut_l
    if above <= under:
        return None
    ln_k, ln_l = np.log(step_k.dilution), np.log(step_l.dilution)
    share = above / (above - under)
    se = float(np.hypot(under * step_k.net.se, above * step_l.net.se)) / (above - under) ** 2
    ends = np.clip([share - 1.96 * se, share, share + 1.96 * se], 0.0, 1.0)
    low, value, high = np.exp(ln_k + ends * (ln_l - ln_k)).tolist()
    return value, (low, high)


def _number(value: float) -> str:
    """Three significant digits, without exponent; thousands apart by a narrow space, never by a comma."""
    if value == 0:
        return "0"
    places = 2 - int(np.floor(np.log10(abs(value))))
    return grouped(round(value, places), max(0, places))
