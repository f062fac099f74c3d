"""A fit as it is kept on record: calibrators against it, parameters with intervals, tests, working range."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, stdtrit  # scipy.stats would cost 0.7 s at import

from pipeline.compute.curve.checks import fit_warnings
from pipeline.compute.curve.fading import faded_note, with_faded
from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.inverse import back_calculate
from pipeline.compute.curve.model_choice import highest_correlation
from pipeline.compute.curve.models import LN_ASYMMETRY, LN_EC50, LN_SLOPE, NAMES, curve, gradient
from pipeline.compute.curve.profile import profile_intervals
from pipeline.compute.statistics.inference import f_tail
from pipeline.domain.assay import Assay
from pipeline.domain.codes.unused import WellUnused
from pipeline.domain.curve_results import CalibratorResult, CurveFit, LackOfFit, Parameter, WorkingRange
from pipeline.domain.message import Message, joined
from pipeline.domain.results import ReplicatePrecision
from pipeline.domain.specificity import Interval

Array = npt.NDArray[np.float64]

LINE_POINTS = 61
OPEN_LN = 230.0
"""An end of an interval beyond 10^100 or below 10^-100 is open."""


@dataclass(frozen=True, slots=True)
class CalibratorWells:
    """Wells of one calibrator level: usable ODs and how many wells could not be used, and why."""

    level: str
    nominal: float
    ods: tuple[float, ...]
    lost: tuple[tuple[str, WellUnused], ...] = ()
    """Name of each well that was not used, and why."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit, the levels it was made from, and the error of a well."""

    fit: Fit
    levels: Collection[str]
    precision: ReplicatePrecision


def calibrator_results(
    levels: Sequence[CalibratorWells], assay: Assay, fitted: Fitted | None = None
) -> tuple[CalibratorResult, ...]:
    """Every level against the curve; without a fit, with its ODs alone."""
    found = tuple(_calibrator(level, assay, fitted) for level in levels)
    if fitted is None:
        return found
    return with_faded(found, fitted.fit, fitted.levels, fitted.precision, assay)


def _calibrator(level: CalibratorWells, assay: Assay, fitted: Fitted | None) -> CalibratorResult:
    ods = np.array(level.ods)
    mean = float(ods.mean()) if ods.size else None
    cv = 100 * float(ods.std(ddof=1)) / abs(mean) if ods.size > 1 and mean else None
    back = _back(level, fitted.fit, assay) if fitted is not None and ods.size else None
    return CalibratorResult(
        level=level.level,
        nominal=level.nominal,
        mean_od=mean,
        cv_percent=cv,
        back_calculated=back,
        recovery_percent=100 * back / level.nominal if back is not None and level.nominal > 0 else None,
        used=bool(ods.size),
        reason=_why_lost(level),
        n=int(ods.size),
        ods=level.ods,
        distance_p=_distance_p(level, fitted) if fitted is not None and ods.size else None,
    )


def _why_lost(level: CalibratorWells) -> Message | None:
    """Each well that was not used with its reason."""
    wells = [Message("{well}: {why:t}", well=well, why=why.means.words) for well, why in level.lost]
    return joined("; ", wells) if wells else None


def _distance_p(level: CalibratorWells, fitted: Fitted) -> float | None:
    """Two-sided t test of the mean OD against the curve; None without any error.

    The curve knows nothing of a level that is not in the fit, so that its own error comes on top.
    """
    x, theta = np.array([level.nominal]), fitted.fit.theta
    expected, slopes = float(curve(x, theta)[0]), gradient(x, theta)[0]
    variance = fitted.precision.sd(expected) ** 2 / len(level.ods)
    if level.level not in fitted.levels:
        variance += float(slopes @ fitted.fit.covariance @ slopes)
    if variance <= 0:
        return None
    t = (float(np.mean(level.ods)) - expected) / variance**0.5
    return f_tail(t**2, 1, fitted.precision.df_at(expected))


def _back(level: CalibratorWells, fit: Fit, assay: Assay) -> float | None:
    """Mean of the wells' concentrations, as the assay averages; None when no well has an inverse."""
    found = back_calculate(fit, np.array(level.ods))
    ln_x = found.ln_x[found.exists]
    if not ln_x.size:
        return None
    return float(np.exp(ln_x.mean()) if assay.curve.average == "geometric" else np.exp(ln_x).mean())


def working_range(calibrators: Sequence[CalibratorResult], assay: Assay) -> WorkingRange:
    """From the lowest to the highest calibrator within ``recovery_ends`` and ``range_cv`` (ICH M10 2022).

    A level in the middle that fails does not narrow the range; the share of passing levels is judged by QC.
    """
    passing = [c.nominal for c in calibrators if c.nominal > 0 and c.used and _passes_as_end(c, assay)]
    if len(passing) < 2:  # noqa: PLR2004 - a range has two ends
        return WorkingRange(None, None, assay.unit)
    return WorkingRange(min(passing), max(passing), assay.unit)


def _passes_as_end(calibrator: CalibratorResult, assay: Assay) -> bool:
    recovery, cv = assay.steering.recovery_ends, assay.steering.range_cv
    if calibrator.recovery_percent is None or calibrator.faded:
        return False
    near = recovery is None or abs(calibrator.recovery_percent - 100) <= recovery
    tight = cv is None or calibrator.cv_percent is None or calibrator.cv_percent <= cv
    return near and tight


def curve_fit(
    fit: Fit,
    usable: Sequence[CalibratorWells],
    results: tuple[CalibratorResult, ...],
    x: Array,
    y: Array,
    assay: Assay,
) -> CurveFit:
    """Everything that is known of a fit, as it is kept on record."""
    total = float(np.sum(fit.weight * (y - np.average(y, weights=fit.weight)) ** 2))
    return CurveFit(
        antigen=assay.calibration.antigen,
        model=fit.model.name,
        weighting=_weighting(fit, assay),
        parameters=_parameters(fit, x, y),
        residual_df=fit.df,
        residual_sd=fit.sd,
        r_squared=1 - fit.rss / total if total > 0 else None,
        lack_of_fit=_lack_of_fit(fit, usable, assay),
        calibrators=results,
        range=working_range(results, assay),
        warnings=(*fit_warnings(fit, x.tolist()), *faded_note(results)),
        fitted_to=assay.curve.fit_to,
        line=_line(fit, x),
        exponent=fit.exponent,
        disagreement_percent=100 * fit.disagreement,
        correlation=highest_correlation(fit),
    )


def _weighting(fit: Fit, assay: Assay) -> str:
    kind, _, exponent = assay.curve.weights.partition(":")
    if exponent:
        return Message("power:{n:n}", n=exponent)
    if kind == "power":
        return Message("power:{n:n} (estimated)", n=f"{fit.exponent:.3g}")
    return assay.curve.weights


def _parameters(fit: Fit, x: Array, y: Array) -> dict[str, Parameter]:
    """Values on their own scale; SE by the delta method, interval from the log domain (always positive)."""
    quantile = float(stdtrit(fit.df, 0.975)) if fit.df > 0 else None
    profiles = profile_intervals(fit, x, y)
    parameters = {}
    for index, name in enumerate(NAMES):
        if index == LN_ASYMMETRY and not fit.model.has_asymmetry:
            continue
        log = index in (LN_EC50, LN_SLOPE, LN_ASYMMETRY)
        estimate, se = float(fit.theta[index]), float(np.sqrt(fit.covariance[index, index]))
        value = float(np.exp(estimate)) if log else estimate
        known = quantile is not None and index in fit.model.free
        ends = (estimate - quantile * se, estimate + quantile * se) if known and quantile else None
        interval: Interval | None = None
        if ends is not None:
            interval = _own_scale(ends, log=log)
        profile = _own_scale(profiles.get(index), log=log)
        parameters[name] = Parameter(value, (value * se if log else se) if known else None, interval, profile)
    return parameters


def _own_scale(ends: Interval | None, *, log: bool) -> Interval | None:
    if ends is None or not log:
        return ends
    low, high = (float(np.exp(end)) if end is not None and abs(end) < OPEN_LN else None for end in ends)
    return low, high


def _lack_of_fit(fit: Fit, usable: Sequence[CalibratorWells], assay: Assay) -> LackOfFit | None:
    """F test against pure replicate error (Draper and Smith 1998, section 2.1), with the fit's weights."""
    if assay.curve.fit_to == "means":
        return None
    sizes = [len(level.ods) for level in usable]
    df_pure, df_lack = sum(sizes) - len(sizes), len(sizes) - len(fit.model.free)
    if df_pure < 1 or df_lack < 1:
        return None
    weights = np.split(fit.weight, np.cumsum(sizes)[:-1])
    pure = sum(
        float(np.sum(w * (np.array(level.ods) - np.average(level.ods, weights=w)) ** 2))
        for level, w in zip(usable, weights, strict=True)
    )
    if pure <= 0:
        return None
    ratio = max(fit.rss - pure, 0.0) / df_lack / (pure / df_pure)
    return LackOfFit(ratio, (df_lack, df_pure), float(fdtrc(df_lack, df_pure, ratio)))


def _line(fit: Fit, x: Array) -> tuple[tuple[float, float], ...]:
    positive = x[x > 0]
    grid = np.geomspace(positive.min() / 2, positive.max() * 2, LINE_POINTS)
    return tuple(zip(grid.tolist(), curve(grid, fit.theta).tolist(), strict=True))
