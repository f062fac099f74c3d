"""The standard curve of a plate: calibrators in, a judged :class:`CurveFit` out. A failed fit is a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, stdtrit  # scipy.stats would cost 0.7 s at import

from pipeline.compute.curve_checks import LevelMean, degenerate, failed_fit, fit_warnings
from pipeline.compute.fitting import Fit, Held, fit_curve
from pipeline.compute.inverse import back_calculate
from pipeline.compute.models import LN_ASYMMETRY, LN_EC50, LN_SLOPE, LOWER, MODELS, NAMES, curve
from pipeline.domain.assay import Assay
from pipeline.domain.results import (
    CalibratorResult,
    CurveFit,
    Interval,
    LackOfFit,
    Parameter,
    ReplicatePrecision,
    WorkingRange,
)

Array = npt.NDArray[np.float64]

LINE_POINTS = 61
FEWEST_LEVELS = 4
"""Usable levels without which no four-parameter curve is tried, whatever the assay allows."""


@dataclass(frozen=True, slots=True)
class CalibratorWells:
    """Wells of one calibrator level: usable ODs and how many wells could not be used, and why."""

    level: str
    nominal: float
    ods: tuple[float, ...]
    lost: tuple[str, ...] = ()
    """One reason for each well that was not used."""


@dataclass(frozen=True, slots=True)
class StandardCurve:
    """What the rest of the computation needs (``fit``), and what the record keeps (``result``)."""

    fit: Fit | None
    result: CurveFit

    @property
    def range_ln(self) -> tuple[float, float] | None:
        """(ln LLOQ, ln ULOQ), or None without a working range."""
        lloq, uloq = self.result.range.lloq, self.result.range.uloq
        if self.fit is None or lloq is None or uloq is None:
            return None
        return float(np.log(lloq)), float(np.log(uloq))

    def net_od(self, concentration: float) -> float:
        """OD above the zero response at a concentration; only for a curve that did not fail."""
        if self.fit is None:
            raise ValueError("a failed curve has no OD")
        y = curve(np.array([concentration]), self.fit.theta)[0]
        return float(y - self.fit.theta[LOWER])


def standard_curve(
    calibrators: Sequence[CalibratorWells],
    blank_ods: Sequence[float],
    assay: Assay,
    precision: ReplicatePrecision,
) -> StandardCurve:
    """Fit and judge the standard curve.

    Args:
        calibrators: every declared level, in the order of the assay.
        blank_ods: usable blank wells on the calibrators' antigen, OD; perhaps the zero standard.
        assay: model, weights, limits.
        precision: well-to-well error, for the weights' floor and the checks.
    """
    levels = list(calibrators)
    if assay.calibration.zero == "blank":
        levels.append(CalibratorWells("blank", 0.0, tuple(blank_ods)))
    usable = [level for level in levels if level.ods]
    failure = degenerate(
        [LevelMean(lv.level, lv.nominal, float(np.mean(lv.ods)), len(lv.ods)) for lv in usable],
        precision,
        _fewest(assay),
    )
    if failure is not None:
        return _failed(levels, assay, failure)
    return _fitted(levels, usable, blank_ods, assay, precision)


def _fewest(assay: Assay) -> int:
    """Levels that must remain usable: one fewer than declared as the least may be lost to saturation."""
    limit = assay.limits.calibrator_levels_min
    return FEWEST_LEVELS if limit is None else max(FEWEST_LEVELS, int(limit.value) - 1)


def _fitted(
    levels: Sequence[CalibratorWells],
    usable: Sequence[CalibratorWells],
    blank_ods: Sequence[float],
    assay: Assay,
    precision: ReplicatePrecision,
) -> StandardCurve:
    x, y = _points(usable, assay.curve.fit_to)
    model = MODELS[assay.curve.model]
    held = _held(blank_ods, precision) if assay.curve.model == "4pl-fixed-lower" else None
    if held is None and LOWER not in model.free:
        return _failed(
            levels, assay, "BLANK_MISSING: the lower asymptote is the mean blank, and there is none"
        )
    try:
        fit = fit_curve(model, x, y, assay.curve.theta, _weight_floor(precision), held)
    except (ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        return _failed(levels, assay, f"CURVE_POOR: {error}")
    failure = failed_fit(fit, x.tolist())
    if failure is not None:
        return _failed(levels, assay, failure)
    results = _calibrator_results(levels, fit, assay)
    return StandardCurve(fit, _curve_fit(fit, usable, results, x, y, assay))


def _weight_floor(precision: ReplicatePrecision) -> float:
    """OD below which the additive noise outweighs the proportional one."""
    return precision.additive_od / max(precision.proportional, 0.01)


def _points(usable: Sequence[CalibratorWells], fit_to: str) -> tuple[Array, Array]:
    if fit_to == "means":
        pairs = [(level.nominal, float(np.mean(level.ods))) for level in usable]
    else:
        pairs = [(level.nominal, od) for level in usable for od in level.ods]
    return np.array([x for x, _ in pairs]), np.array([y for _, y in pairs])


def _held(blank_ods: Sequence[float], precision: ReplicatePrecision) -> Held | None:
    if not blank_ods:
        return None
    mean = float(np.mean(blank_ods))
    return Held(mean, precision.sd(mean) ** 2 / len(blank_ods))


def _calibrator_results(
    levels: Sequence[CalibratorWells], fit: Fit | None, assay: Assay
) -> tuple[CalibratorResult, ...]:
    return tuple(_calibrator(level, fit, assay) for level in levels)


def _calibrator(level: CalibratorWells, fit: Fit | None, assay: Assay) -> CalibratorResult:
    ods = np.array(level.ods)
    mean = float(ods.mean()) if ods.size else None
    cv = 100 * float(ods.std(ddof=1)) / abs(mean) if ods.size > 1 and mean else None
    back = _back(level, fit, assay) if fit is not None and ods.size else None
    return CalibratorResult(
        level=level.level,
        nominal=level.nominal,
        mean_od=mean,
        cv_percent=cv,
        back_calculated=back,
        recovery_percent=100 * back / level.nominal if back is not None and level.nominal > 0 else None,
        used=bool(ods.size),
        reason="; ".join(level.lost) or None,
        n=int(ods.size),
        ods=level.ods,
    )


def _back(level: CalibratorWells, fit: Fit, assay: Assay) -> float | None:
    """Mean of the wells' concentrations, as the assay averages; None when no well has an inverse."""
    found = back_calculate(fit, np.array(level.ods))
    ln_x = found.ln_x[found.exists]
    if not ln_x.size:
        return None
    return float(np.exp(ln_x.mean()) if assay.curve.average == "geometric" else np.exp(ln_x).mean())


def working_range(calibrators: Sequence[CalibratorResult], assay: Assay) -> WorkingRange:
    """From the lowest to the highest calibrator whose recovery and CV pass (ICH M10 2022: 20 %, ends 25 %).

    A level in the middle that fails does not narrow the range; the share of passing levels is judged by QC.
    """
    passing = [c.nominal for c in calibrators if c.nominal > 0 and _passes_as_end(c, assay)]
    if len(passing) < 2:  # noqa: PLR2004 - a range has two ends
        return WorkingRange(None, None, assay.unit)
    return WorkingRange(min(passing), max(passing), assay.unit)


def _passes_as_end(calibrator: CalibratorResult, assay: Assay) -> bool:
    recovery, cv = assay.limits.calibrator_recovery_ends, assay.limits.calibrator_cv
    if calibrator.recovery_percent is None:
        return False
    near = recovery is None or abs(calibrator.recovery_percent - 100) <= recovery.value
    tight = cv is None or calibrator.cv_percent is None or calibrator.cv_percent <= cv.value
    return near and tight


def _curve_fit(
    fit: Fit,
    usable: Sequence[CalibratorWells],
    results: tuple[CalibratorResult, ...],
    x: Array,
    y: Array,
    assay: Assay,
) -> CurveFit:
    total = float(np.sum(fit.weight * (y - np.average(y, weights=fit.weight)) ** 2))
    return CurveFit(
        antigen=assay.calibration.antigen,
        model=fit.model.name,
        weighting=assay.curve.weights,
        parameters=_parameters(fit),
        residual_df=fit.df,
        residual_sd=fit.sd,
        r_squared=1 - fit.rss / total if total > 0 else None,
        lack_of_fit=_lack_of_fit(fit, usable, assay),
        calibrators=results,
        range=working_range(results, assay),
        warnings=fit_warnings(fit, x.tolist()),
        fitted_to=assay.curve.fit_to,
        line=_line(fit, x),
    )


def _parameters(fit: Fit) -> dict[str, Parameter]:
    """Values on their own scale; SE by the delta method, interval from the log domain (always positive)."""
    quantile = float(stdtrit(fit.df, 0.975)) if fit.df > 0 else None
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
            interval = (float(np.exp(ends[0])), float(np.exp(ends[1]))) if log else ends
        parameters[name] = Parameter(value, (value * se if log else se) if known else None, interval)
    return parameters


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


def _failed(levels: Sequence[CalibratorWells], assay: Assay, failure: str) -> StandardCurve:
    results = _calibrator_results(levels, None, assay)
    return StandardCurve(
        None,
        CurveFit(
            antigen=assay.calibration.antigen,
            model=assay.curve.model,
            weighting=assay.curve.weights,
            parameters={},
            residual_df=0,
            residual_sd=None,
            r_squared=None,
            lack_of_fit=None,
            calibrators=results,
            range=WorkingRange(None, None, assay.unit),
            warnings=(),
            fitted_to=assay.curve.fit_to,
            failure=failure,
        ),
    )
