"""A curve through any table of x and y: what ``titerline fit`` computes and prints.

The same models, weights and engines as for plates; a fit that fails says why and has no parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, stdtrit

from pipeline.compute.curve.fitting import Fit, Held, fit_curve
from pipeline.compute.curve.inverse_interval import inversion_interval, unknown
from pipeline.compute.curve.model_choice import choose_model, highest_correlation, weight_floor
from pipeline.compute.curve.models import (
    LN_ASYMMETRY,
    LN_EC50,
    LN_SLOPE,
    LOWER,
    MODELS,
    NAMES,
    UPPER,
    inverse,
)
from pipeline.compute.curve.profile import profile_intervals
from pipeline.compute.curve.simple import StraightLine, fit_line, fit_log_log

Array = npt.NDArray[np.float64]
Ends = tuple[float | None, float | None]

TABLE_MODELS = ("3pl", "4pl", "5pl", "4pl-fixed-lower", "loglog", "linear", "auto")
LOGARITHMIC = (LN_EC50, LN_SLOPE, LN_ASYMMETRY)
MOST_CORRELATED = 0.99
ENGINES_AGREE = 1e-5
"""Share of the curve's span by which the two engines may differ."""


@dataclass(frozen=True, slots=True)
class ParameterEstimate:
    """A parameter on its own scale; ``ci95`` is Wald (t), ``profile_ci95`` by profile likelihood."""

    value: float
    se: float | None
    ci95: Ends
    profile_ci95: Ends = (None, None)
    held: bool = False
    """Was it given, not fitted?"""


@dataclass(frozen=True, slots=True)
class LackOfFitTest:
    """F test of the means against replicate error."""

    f: float
    df: tuple[int, int]
    p: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """A concentration read off the curve."""

    y: float
    x: float | None
    """None where the curve gives none; beyond the standards it is extrapolated, and its state says so."""
    ci95: Ends
    state: str
    """``ok``; ``below`` or ``above`` the responses between the standards; ``no_curve``."""
    line: int | None = None
    """Of the table, for a row without x."""


@dataclass(frozen=True, slots=True)
class ReadOff:
    """How concentrations are read off a curve."""

    level: float = 0.95
    """Of their intervals, two-sided."""
    wells: int = 1
    """How many readings a response is the mean of."""


Asked: TypeAlias = "tuple[Sequence[float], ReadOff]"
"""Responses to read off, and how."""


@dataclass(frozen=True, slots=True)
class TableFit:
    """One fitted group, shaped as the contract's ``titerline.fit/1``."""

    group: str | None
    model: str
    weights: str
    n: int
    residual_df: int
    parameters: dict[str, ParameterEstimate] = field(default_factory=dict)
    rss: float | None = None
    residual_sd: float | None = None
    lack_of_fit: LackOfFitTest | None = None
    warnings: tuple[str, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    state: str = "ok"
    """``ok``, ``not_determined`` (too few levels for the parameters) or ``no_fit``."""
    level: float = 0.95
    """Of the intervals of the predictions."""


def fit_table(
    x: Array,
    y: Array,
    model: str,
    weights: str,
    predict: Sequence[float] = (),
    group: str | None = None,
    how: ReadOff = ReadOff(),
) -> TableFit:
    """Fit one group of points.

    Args:
        x: concentrations at or above zero, shape (n,).
        y: responses, shape (n,).
        model: one of ``TABLE_MODELS``.
        weights: ``none``, ``1/y``, ``1/y2``, ``power`` (estimated) or ``power:THETA``.
        predict: responses to read off the curve.
        group: its name, for the result.
        how: level and number of readings of what is read off.
    """
    exponent = exponent_of(weights)
    try:
        chosen, reason = (model, ()) if model != "auto" else choose_model(x, y, exponent)
        head = TableFit(group, chosen, weights, len(x), 0, warnings=reason, level=how.level)
        if chosen == "linear":
            return _line(x, y, exponent or 0.0, (predict, how), head)
        if chosen == "loglog":
            return _log_log(x, y, (predict, how), head)
        lacking = _levels_lacking(x, chosen)
        if lacking:
            return without_curve(head, predict, "not_determined", lacking)
        fit = fit_curve(MODELS[chosen], x, y, exponent, weight_floor(y), _held(chosen, x, y))
    except (ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        return without_curve(
            TableFit(group, model, weights, len(x), 0), predict, "no_fit", f"no fit: {error}"
        )
    if not np.isfinite(fit.covariance).all():
        return without_curve(head, predict, "not_determined", "the points do not determine the parameters")
    return _sigmoid(fit, x, y, (predict, how), head)


def _levels_lacking(x: Array, model: str) -> str:
    """Why the levels cannot determine the parameters; empty where they can."""
    levels, wanted = len(np.unique(x)), len(MODELS[model].free)
    if levels >= wanted:
        return ""
    return f"not determined: {levels} levels of x cannot determine {wanted} parameters"


def without_curve(head: TableFit, predict: Sequence[float], state: str, why: str) -> TableFit:
    """Every response that was to be read off says that there is no curve."""
    rows = tuple(Prediction(value, None, (None, None), "no_curve") for value in predict)
    return replace(head, warnings=(why, *head.warnings), predictions=rows, state=state)


def exponent_of(weights: str) -> float | None:
    """Exponent of the mean in the SD; None asks to estimate it."""
    fixed = {"none": 0.0, "1/y": 0.5, "1/y2": 1.0}
    if weights in fixed:
        return fixed[weights]
    return None if weights == "power" else float(weights.removeprefix("power:"))


def _held(model: str, x: Array, y: Array) -> Held | None:
    if model != "4pl-fixed-lower":
        return None
    zero = y[x == 0]
    if not zero.size:
        raise ArithmeticError(
            "4pl-fixed-lower holds the lower asymptote at the mean of x = 0, and there is none"
        )
    variance = float(zero.var(ddof=1)) / zero.size if zero.size > 1 else 0.0
    return Held(float(zero.mean()), variance)


def _sigmoid(fit: Fit, x: Array, y: Array, asked: Asked, head: TableFit) -> TableFit:
    warnings = [*head.warnings, *_warnings(fit, x)]
    return TableFit(
        head.group, head.model, _weights_text(head.weights, fit), head.n, fit.df,
        parameters=_parameters(fit, x, y),
        rss=fit.rss,
        residual_sd=fit.sd,
        lack_of_fit=_lack_of_fit(fit.weight, fit.rss, len(fit.model.free), x, y),
        warnings=tuple(warnings),
        predictions=tuple(_prediction(fit, value, x, asked[1]) for value in asked[0]),
        level=head.level,
    )  # fmt: skip


def _weights_text(weights: str, fit: Fit) -> str:
    return f"power:{fit.exponent:.4g}" if weights == "power" else weights


def _parameters(fit: Fit, x: Array, y: Array) -> dict[str, ParameterEstimate]:
    """Values, SE by the delta method, Wald and profile intervals; ``lower`` is the smaller asymptote."""
    profiles = profile_intervals(fit, x, y)
    found = {}
    for index in (LOWER, UPPER, LN_EC50, LN_SLOPE, *((LN_ASYMMETRY,) if fit.model.has_asymmetry else ())):
        source = index if fit.rising or index not in (LOWER, UPPER) else UPPER - index
        found[NAMES[index]] = _parameter(fit, source, profiles.get(source, (None, None)))
    return found


def _parameter(fit: Fit, index: int, profile: Ends) -> ParameterEstimate:
    logarithmic = index in LOGARITHMIC
    estimate = float(fit.theta[index])
    value = float(np.exp(estimate)) if logarithmic else estimate
    variance = float(fit.covariance[index, index])
    if index not in fit.model.free or fit.df < 1 or not np.isfinite(variance):
        return ParameterEstimate(value, None, (None, None), held=index not in fit.model.free)
    se = variance**0.5 * (value if logarithmic else 1.0)
    half = float(stdtrit(fit.df, 0.975)) * se
    low, high = profile
    if logarithmic:
        low = float(np.exp(low)) if low is not None else None
        high = float(np.exp(high)) if high is not None else None
    return ParameterEstimate(value, se, (value - half, value + half), (low, high))


def _warnings(fit: Fit, x: Array) -> list[str]:
    ec50 = float(np.exp(fit.theta[LN_EC50]))
    positive = x[x > 0]
    found = [f"{name} at the bound of its domain" for name in fit.at_bound]
    if ec50 > positive.max():
        found.append("ec50 above the highest x: the asymptote at infinity was not observed")
    if ec50 < positive.min():
        found.append("ec50 below the lowest x: the asymptote at zero was not observed")
    if fit.df < 1:
        found.append("no residual degrees of freedom: the fit cannot be tested")
    correlation = highest_correlation(fit)
    if correlation is not None and correlation > MOST_CORRELATED:
        found.append(f"two parameters are correlated by {correlation:.4f}: they are hardly told apart")
    if fit.disagreement > ENGINES_AGREE:
        found.append(f"the two engines differ by {fit.disagreement:.2g} of the span: do not use this fit")
    return found


def _lack_of_fit(weight: Array, rss: float, parameters: int, x: Array, y: Array) -> LackOfFitTest | None:
    """Residuals of the level means against the spread within levels (Draper and Smith 1998, section 2.1)."""
    levels = np.unique(x)
    pure_df, lack_df = len(x) - len(levels), len(levels) - parameters
    pure = 0.0
    for level in levels:
        at = x == level
        mean = np.average(y[at], weights=weight[at])
        pure += float(np.sum(weight[at] * (y[at] - mean) ** 2))
    if pure_df < 1 or lack_df < 1 or pure <= 0:
        return None
    ratio = max(rss - pure, 0.0) / lack_df / (pure / pure_df)
    return LackOfFitTest(ratio, (lack_df, pure_df), float(fdtrc(lack_df, pure_df, ratio)))


def _prediction(fit: Fit, value: float, x: Array, how: ReadOff) -> Prediction:
    ln_x = float(inverse(np.array([value]), fit.theta)[0])
    if not np.isfinite(ln_x):
        high_side = value >= max(fit.theta[LOWER], fit.theta[UPPER])
        return Prediction(value, None, (None, None), "above" if high_side else "below")
    seen = replace(unknown(fit, np.array([value])), wells=how.wells)
    found = float(np.exp(ln_x))
    return Prediction(
        value, found, inversion_interval(fit, seen, how.level), _place(found, x, rising=fit.rising)
    )


def _place(found: float, x: Array, *, rising: bool) -> str:
    """Is a concentration between the standards? Else on which side its response lies."""
    if x.min() <= found <= x.max():
        return "ok"
    return "above" if (found > x.max()) == rising else "below"


def _line(x: Array, y: Array, exponent: float, asked: Asked, head: TableFit) -> TableFit:
    line = fit_line(x, y, exponent)
    se = np.sqrt(np.diag(line.covariance))
    half = float(stdtrit(line.df, 0.975))
    values = {"intercept": line.intercept, "slope": line.slope}
    parameters = {
        name: ParameterEstimate(value, float(s), (value - half * float(s), value + half * float(s)))
        for (name, value), s in zip(values.items(), se, strict=True)
    }
    return TableFit(
        head.group, head.model, head.weights, head.n, line.df, parameters, line.rss,
        float((line.rss / line.df) ** 0.5), _lack_of_fit(line.weight, line.rss, 2, x, y), head.warnings,
        tuple(_on_line(line, value, x, asked[1]) for value in asked[0]), level=head.level,
    )  # fmt: skip


def _on_line(line: StraightLine, value: float, x: Array, how: ReadOff) -> Prediction:
    found = line.interval(value, how.level, how.wells)
    if found is None:
        return Prediction(value, None, (None, None), "no_curve")
    return Prediction(value, found[0], found[1], _place(found[0], x, rising=line.slope > 0))


def _log_log(x: Array, y: Array, asked: Asked, head: TableFit) -> TableFit:
    curve = fit_log_log(x, y)
    highest = float(np.exp(curve.ln_y.max()))
    predict, how = asked
    found = [(v, curve.interval(v, how.level), "above" if v > highest else "below") for v in predict]
    rows = tuple(_simple(*one) for one in found)
    return replace(head, residual_df=curve.df, predictions=rows)


def _simple(value: float, found: tuple[float, Ends] | None, otherwise: str) -> Prediction:
    if found is None:
        return Prediction(value, None, (None, None), otherwise)
    return Prediction(value, found[0], found[1], "ok")
