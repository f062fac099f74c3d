"""The standard curve of a plate: calibrators in, a judged :class:`CurveFit` out. A failed fit is a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.checks import FEWEST_LEVELS, LevelMean, degenerate, failed_fit
from pipeline.compute.curve.dropped_level import droppable, failing_levels, with_dropped
from pipeline.compute.curve.fitting import Fit, Held, fit_curve
from pipeline.compute.curve.model_choice import choose_model, noise_floor
from pipeline.compute.curve.models import LOWER, MODELS, curve
from pipeline.compute.curve.result import CalibratorWells, Fitted, calibrator_results, curve_fit
from pipeline.compute.curve.wrong_levels import one_curve_without
from pipeline.domain.assay import Assay
from pipeline.domain.codes.unused import WellUnused
from pipeline.domain.curve_results import CurveFit, WorkingRange
from pipeline.domain.message import Message
from pipeline.domain.results import ReplicatePrecision

Array = npt.NDArray[np.float64]

_SEVERAL = 2
"""One level beyond its recovery is named by its recovery alone."""

HELD = "4pl-fixed-lower"
"""The model whose lower asymptote is the mean blank."""
BLANK_MISSING = "BLANK_MISSING: the lower asymptote is the mean blank, and there is none"


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
        assay: model, weights, what steers the fit.
        precision: well-to-well error, for the weights' floor and the checks.
    """
    levels = list(calibrators)
    if assay.calibration.zero == "blank":
        levels.append(CalibratorWells("blank", 0.0, tuple(blank_ods)))
    usable = [level for level in levels if level.ods]
    means = [LevelMean(lv.level, lv.nominal, float(np.mean(lv.ods)), len(lv.ods)) for lv in usable]
    failure = degenerate(
        means,
        precision,
        _fewest(assay),
        [level.level for level in levels if not level.ods and _above_range(level)],
    )
    if failure is not None:
        found = _failed(levels, assay, failure)
    else:
        found = _fitted(levels, usable, blank_ods, assay, precision)
    return _named(found, means, assay, precision)


def _named(
    found: StandardCurve, means: Sequence[LevelMean], assay: Assay, precision: ReplicatePrecision
) -> StandardCurve:
    """With the levels that were made up wrongly, where it is not one that was left out."""
    if found.result.failure is None and len(failing_levels(found.result.calibrators, assay)) < _SEVERAL:
        return found
    one_curve = one_curve_without(means, found.result.model, precision, assay.steering)
    return replace(found, result=replace(found.result, one_curve=one_curve))


def _above_range(level: CalibratorWells) -> bool:
    return any(why is WellUnused.ABOVE_RANGE for _, why in level.lost)


def _fewest(assay: Assay) -> int:
    """Levels that must remain usable: one fewer than declared as the least may be lost to saturation."""
    least = assay.steering.levels_min
    return FEWEST_LEVELS if least is None else max(FEWEST_LEVELS, int(least) - 1)


def _fitted(
    levels: Sequence[CalibratorWells],
    usable: Sequence[CalibratorWells],
    blank_ods: Sequence[float],
    assay: Assay,
    precision: ReplicatePrecision,
) -> StandardCurve:
    first = _fit_levels(levels, usable, blank_ods, assay, precision)
    for wrong in droppable(first.result, assay):
        kept = [level for level in usable if level.level != wrong.level]
        second = _fit_levels(levels, kept, blank_ods, assay, precision)
        if second.fit is not None and not failing_levels(
            second.result.calibrators, assay, without=wrong.level
        ):
            return StandardCurve(second.fit, with_dropped(second.result, wrong, first.result))
    return first


def _fit_levels(
    levels: Sequence[CalibratorWells],
    usable: Sequence[CalibratorWells],
    blank_ods: Sequence[float],
    assay: Assay,
    precision: ReplicatePrecision,
) -> StandardCurve:
    x, y = _points(usable, assay.curve.fit_to)
    try:
        name, chosen = _model_name(x, y, assay, precision)
        held = _held(blank_ods, precision) if name == HELD else None
        if name == HELD and held is None:
            return _failed(levels, assay, BLANK_MISSING)
        fit = fit_curve(MODELS[name], x, y, assay.curve.theta, noise_floor(precision), held)
    except (ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        return _failed(levels, assay, Message("CURVE_POOR: {why:t}", why=_said(error)))
    failure = failed_fit(fit, x.tolist())
    if failure is not None:
        return _failed(levels, assay, failure)
    fitted = Fitted(fit, [level.level for level in usable], precision)
    results = calibrator_results(levels, assay, fitted)
    result = curve_fit(fit, usable, results, x, y, assay)
    return StandardCurve(fit, replace(result, warnings=(*chosen, *result.warnings)))


def _said(error: Exception) -> str:
    """Our own texts keep their template; a number in place of a text, as the system puts it, is no text."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, str) else str(error)


def _model_name(
    x: Array, y: Array, assay: Assay, precision: ReplicatePrecision
) -> tuple[str, tuple[str, ...]]:
    """The declared model, or the one that :func:`choose_model` takes; log-log is none for dilution series."""
    if assay.curve.model != "auto":
        return assay.curve.model, ()
    error = precision if assay.curve.fit_to == "wells" else None
    name, why = choose_model(x, y, assay.curve.theta, error)
    if name not in MODELS:
        raise ArithmeticError(Message("{why:t}; declare a model with fewer parameters", why=why[0]))
    return name, why


def _points(usable: Sequence[CalibratorWells], fit_to: str) -> tuple[Array, Array]:
    if fit_to == "means":
        pairs = [(level.nominal, float(np.mean(level.ods))) for level in usable]
    else:
        pairs = [(level.nominal, od) for level in usable for od in level.ods]
    return np.array([x for x, _ in pairs]), np.array([y for _, y in pairs])


def _held(blank_ods: Sequence[float], precision: ReplicatePrecision) -> Held | None:
    """The mean blank as lower asymptote; None without a blank."""
    if not blank_ods:
        return None
    mean = float(np.mean(blank_ods))
    return Held(mean, precision.sd(mean) ** 2 / len(blank_ods))


def _failed(levels: Sequence[CalibratorWells], assay: Assay, failure: str) -> StandardCurve:
    results = calibrator_results(levels, assay)
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
