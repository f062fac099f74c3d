"""Titers: each dilution on the curve, which of them may be used, and the titer to report.

All titers are on the undiluted scale: ln titer = ln concentration + ln(dilution / reference dilution).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.compute.background import Signal
from pipeline.compute.curves import StandardCurve
from pipeline.compute.error_components import step_variance
from pipeline.compute.fitting import Fit
from pipeline.compute.inverse import BackCalculated, back_calculate
from pipeline.compute.joint import JointTiter
from pipeline.compute.models import LN_EC50, LOWER, UPPER, gradient
from pipeline.compute.series import Series, Step
from pipeline.compute.wording import number
from pipeline.domain.assay import Assay, Dilution
from pipeline.domain.results import Interval, Titer

Array = npt.NDArray[np.float64]


NORMAL_95 = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The ln titer of one dilution; ``variance`` is the well error's, ``by_theta`` carries the curve's."""

    ln_titer: float | None
    variance: float
    by_theta: Array
    side: str
    """``inside`` the working range, ``below`` or ``above`` it, ``unknown`` without a signal."""
    ln_upper: float | None
    """Upper 97.5 % limit of ln titer with all errors; the honest bound of a weak signal."""
    reason: str | None
    """Why this dilution is not used for the joint titer."""
    ln_shift: float = 0.0
    """ln titer minus ln concentration on the plate."""
    ln_lower: float | None = None
    """Lower 97.5 % limit of ln titer with all errors; the honest bound of a strong signal."""


def dilution_estimates(
    series: Series, curve: StandardCurve, assay: Assay, prior_dilution: float
) -> tuple[Estimate, ...]:
    """Place every dilution of a series on the curve and say which may be used."""
    hooked = hook_steps(series.steps, curve, assay.dilution)
    if curve.fit is None:
        return tuple(_without_curve(step) for step in series.steps)
    net = assay.antigen_negative is not None
    signals = [step.net or Signal(0.0, 1.0) for step in series.steps]
    ods = np.array([s.od for s in signals])
    found = back_calculate(curve.fit, ods, above_zero=net)
    margin = NORMAL_95 * _whole_error(found, np.array([s.se for s in signals]), curve, curve.fit, assay)
    upper = back_calculate(curve.fit, ods + margin, above_zero=net)
    lower = back_calculate(curve.fit, ods - margin, above_zero=net)
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
                ln_shift=shift,
                ln_lower=float(lower.ln_x[index]) + shift if lower.exists[index] else None,
            )
        )
    return _uninterrupted(estimates)


def _whole_error(found: BackCalculated, well: Array, curve: StandardCurve, fit: Fit, assay: Assay) -> Array:
    """SE of each dilution's signal, OD: its wells', the curve's and the pipetting error of k steps, (K,).

    A signal beyond the working range has the curve's and the pipetting error of the range's end.
    """
    low, high = curve.range_ln or (fit.theta[LN_EC50], fit.theta[LN_EC50])
    ln_x = np.clip(np.where(found.below, low, np.where(found.above, high, found.ln_x)), low, high)
    slopes = gradient(np.exp(ln_x), fit.theta)
    by_theta = slopes.copy()
    by_theta[:, LOWER] -= assay.antigen_negative is not None
    from_curve = np.einsum("ki,ij,kj->k", by_theta, fit.covariance, by_theta)
    steps = np.arange(1, len(ln_x) + 1) * step_variance(assay.dilution.step_cv.value)
    return np.asarray(np.sqrt(well**2 + from_curve + slopes[:, LN_EC50] ** 2 * steps))


def _uninterrupted(estimates: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """A reading in range is noise past the first dilution below it, or before the last one above it."""
    above = [k for k, e in enumerate(estimates) if e.reason == "above_uloq"]
    below = [k for k, e in enumerate(estimates) if e.reason == "below_lloq"]
    kept = []
    for k, estimate in enumerate(estimates):
        reason = estimate.reason
        if reason is None and below and k > below[0]:
            reason = "beyond_last_in_range"
        elif reason is None and above and k < above[-1]:
            reason = "before_last_above_range"
        kept.append(replace(estimate, reason=reason))
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
        text = f"{number(value)} {unit} (95 % CI {number(low)} to {number(high)})"
        return Titer(
            value, (low, high), unit, "=", f"{method}, {joint.used} of {len(estimates)} dilutions", text
        )
    scale = prior_dilution / assay.calibration.reference_dilution
    limits = curve.result.range
    rows = list(zip(series.steps, estimates, strict=True))
    above = [(step.dilution, e) for step, e in rows if e.side == "above" or e.reason == "hook"]
    below = [(step.dilution, e) for step, e in rows if e.reason == "below_lloq"]
    if above and limits.uloq is not None:
        dilution, last = max(above, key=lambda pair: pair[0])
        noise = float(np.exp(last.ln_lower)) if last.ln_lower is not None else np.inf
        return _bound(min(limits.uloq * dilution * scale, noise), ">=", unit, "above the working range")
    if below and limits.lloq is not None:
        dilution, first = below[0]
        noise = float(np.exp(first.ln_upper)) if first.ln_upper is not None else 0.0
        return _bound(max(limits.lloq * dilution * scale, noise), "<", unit, "below the working range")
    reason = curve.result.failure or "no usable dilution"
    return Titer(None, None, unit, "=", "none", f"no titer: {reason}")


def _bound(bound: float, qualifier: str, unit: str, method: str) -> Titer:
    interval: Interval = (bound, None) if qualifier == ">=" else (None, bound)
    sign = "≥" if qualifier == ">=" else "<"
    return Titer(bound, interval, unit, qualifier, method, f"{sign} {number(bound)} {unit}")
