"""A curve through any table of x and y: what ``titerline fit`` computes and prints.

The same models, weights and engines as for plates; a fit that fails says why and has no parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from pipeline.compute.curve.simple import fit_line, fit_log_log

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


@dataclass(frozen=True, slots=True)
class LackOfFitTest:
    """F test of the means against replicate error."""

    f: float
    df: tuple[int, int]
    p: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """A concentration read off the curve; ``below`` and ``above`` are beyond its asymptotes."""

    y: float
    x: float | None
    ci95: Ends
    state: str


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


def fit_table(
    x: Array, y: Array, model: str, weights: str, predict: Sequence[float] = (), group: str | None = None
) -> TableFit:
    """Fit one group of points.

    Args:
        x: concentrations at or above zero, shape (n,).
        y: responses, shape (n,).
        model: one of ``TABLE_MODELS``.
        weights: ``none``, ``1/y``, ``1/y2``, ``power`` (estimated) or ``power:THETA``.
        predict: responses to read off the curve.
        group: its name, for the result.
    """
    exponent = exponent_of(weights)
    try:
        chosen, reason = (model, ()) if model != "auto" else choose_model(x, y, exponent)
        if chosen == "linear":
            return _line(
                x, y, exponent or 0.0, predict, TableFit(group, chosen, weights, len(x), 0, warnings=reason)
            )
        if chosen == "loglog":
            return _log_log(x, y, predict, TableFit(group, chosen, weights, len(x), 0, warnings=reason))
        fit = fit_curve(MODELS[chosen], x, y, exponent, weight_floor(y), _held(chosen, x, y))
    except (ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        return TableFit(group, model, weights, len(x), 0, warnings=(f"no fit: {error}",))
    return _sigmoid(fit, x, y, predict, TableFit(group, chosen, weights, len(x), fit.df, warnings=reason))


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


def _sigmoid(fit: Fit, x: Array, y: Array, predict: Sequence[float], head: TableFit) -> TableFit:
    warnings = [*head.warnings, *_warnings(fit, x)]
    return TableFit(
        head.group, head.model, _weights_text(head.weights, fit), head.n, fit.df,
        parameters=_parameters(fit, x, y),
        rss=fit.rss,
        residual_sd=fit.sd,
        lack_of_fit=_lack_of_fit(fit, x, y),
        warnings=tuple(warnings),
        predictions=tuple(_prediction(fit, value) for value in predict),
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
        return ParameterEstimate(value, None, (None, None))
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
    if not np.isfinite(fit.covariance).all():
        found.append("the points do not determine the parameters")
    if fit.df < 1:
        found.append("no residual degrees of freedom: the fit cannot be tested")
    correlation = highest_correlation(fit)
    if correlation is not None and correlation > MOST_CORRELATED:
        found.append(f"two parameters are correlated by {correlation:.4f}: they are hardly told apart")
    if fit.disagreement > ENGINES_AGREE:
        found.append(f"the two engines differ by {fit.disagreement:.2g} of the span: do not use this fit")
    return found


def _lack_of_fit(fit: Fit, x: Array, y: Array) -> LackOfFitTest | None:
    """Residuals of the level means against the spread within levels (Draper and Smith 1998, section 2.1)."""
    levels = np.unique(x)
    pure_df, lack_df = len(x) - len(levels), len(levels) - len(fit.model.free)
    pure = 0.0
    for level in levels:
        at = x == level
        mean = np.average(y[at], weights=fit.weight[at])
        pure += float(np.sum(fit.weight[at] * (y[at] - mean) ** 2))
    if pure_df < 1 or lack_df < 1 or pure <= 0:
        return None
    ratio = max(fit.rss - pure, 0.0) / lack_df / (pure / pure_df)
    return LackOfFitTest(ratio, (lack_df, pure_df), float(fdtrc(lack_df, pure_df, ratio)))


def _prediction(fit: Fit, value: float) -> Prediction:
    ln_x = float(inverse(np.array([value]), fit.theta)[0])
    if not np.isfinite(ln_x):
        high_side = value >= max(fit.theta[LOWER], fit.theta[UPPER])
        return Prediction(value, None, (None, None), "above" if high_side else "below")
    return Prediction(
        value, float(np.exp(ln_x)), inversion_interval(fit, unknown(fit, np.array([value]))), "ok"
    )


def _line(x: Array, y: Array, exponent: float, predict: Sequence[float], head: TableFit) -> TableFit:
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
        float((line.rss / line.df) ** 0.5), None, head.warnings,
        tuple(_simple(value, line.interval(value), "below") for value in predict),
    )  # fmt: skip


def _log_log(x: Array, y: Array, predict: Sequence[float], head: TableFit) -> TableFit:
    curve = fit_log_log(x, y)
    highest = float(np.exp(curve.ln_y.max()))
    rows = tuple(_simple(v, curve.interval(v), "above" if v > highest else "below") for v in predict)
    return TableFit(
        head.group, head.model, head.weights, head.n, curve.df, warnings=head.warnings, predictions=rows
    )


def _simple(value: float, found: tuple[float, Ends] | None, otherwise: str) -> Prediction:
    if found is None:
        return Prediction(value, None, (None, None), otherwise)
    return Prediction(value, found[0], found[1], "ok")
