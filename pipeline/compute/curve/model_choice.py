"""Which model: a written rule by levels, identifiability and Akaike's criterion, with its reason."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.fitting import Fit, fit_curve
from pipeline.compute.curve.models import LN_ASYMMETRY, MODELS, curve
from pipeline.domain.message import Message
from pipeline.domain.results import ReplicatePrecision

Array = npt.NDArray[np.float64]

LEVELS_FOR_5PL = 7
LEVELS_FOR_4PL = 5
"""Below five levels above zero a 4PL has nothing left to be judged by (ICH M10 asks for six)."""


def choose_model(
    x: Array, y: Array, exponent: float | None, error: ReplicatePrecision | None = None
) -> tuple[str, tuple[str, ...]]:
    """Choose a model by the number of levels, identifiability and Akaike's criterion, and say why.

    Fewer than five levels above zero: the lower asymptote is held at the zero standard where there is one,
    else log-log interpolation. From seven levels the 5PL is tried: it is chosen when its AIC is lower by
    more than 2 and its asymmetry is known (SE of its logarithm below 1, no parameter at a bound).

    Args:
        x: concentrations, shape (n,).
        y: OD of the wells, shape (n,).
        exponent: of the weights; None estimates it.
        error: of a well, known from the whole plate. Without it the points themselves have to tell their
            error, and few points hide an asymmetry (AICc).
    """
    levels = len(np.unique(x[x > 0]))
    if levels < LEVELS_FOR_4PL:
        held = bool((x == 0).any())
        why = Message("auto: {n:n} levels above zero leave a 4PL nothing to be judged by", n=levels)
        return ("4pl-fixed-lower" if held else "loglog"), (why,)
    floor = weight_floor(y) if error is None else noise_floor(error)
    four = fit_curve(MODELS["4pl"], x, y, exponent, floor)
    if not np.isfinite(four.covariance).all():
        return "loglog", ("auto: the points do not determine a 4PL",)
    if levels < LEVELS_FOR_5PL:
        return "4pl", (Message("auto: 4PL, {n:n} levels are too few for a 5PL", n=levels),)
    five = fit_curve(MODELS["5pl"], x, y, four.exponent, floor)
    criterion, gain = _gain(four, five, x, y, error)
    said = {"criterion": criterion, "n": f"{gain:.1f}"}
    if gain > 2 and _asymmetry_known(five):  # noqa: PLR2004 - Burnham and Anderson 2002, section 2.6
        template = "auto: 5PL, {criterion} lower by {n:n} and the asymmetry is identified"
        return "5pl", (Message(template, **said),)
    template = "auto: 4PL, the 5PL's {criterion} is lower by {n:n} only, or its asymmetry unknown"
    return "4pl", (Message(template, **said),)


def _gain(four: Fit, five: Fit, x: Array, y: Array, error: ReplicatePrecision | None) -> tuple[str, float]:
    """By how much Akaike's criterion prefers the 5PL, and its name."""
    if error is None or not error.df:
        return "AICc", aicc(four, len(x)) - aicc(five, len(x))
    sd = np.array([error.sd(mean) for mean in curve(x, four.theta)])
    better = [float(np.sum(((y - curve(x, fit.theta)) / sd) ** 2)) for fit in (four, five)]
    return "AIC", better[0] - better[1] - 2


def noise_floor(error: ReplicatePrecision) -> float:
    """OD below which the additive noise outweighs the proportional one."""
    return error.additive_od / max(error.proportional, 0.01)


def aicc(fit: Fit, n: int) -> float:
    """Akaike's criterion with the correction for small samples (Hurvich and Tsai 1989)."""
    k = len(fit.model.free) + 1
    spare = n - k - 1
    if spare < 1:
        return float("inf")
    likelihood = n * np.log(max(fit.rss, 1e-300) / n) - float(np.sum(np.log(fit.weight)))
    return float(likelihood + 2 * k + 2 * k * (k + 1) / spare)


def _asymmetry_known(fit: Fit) -> bool:
    variance = fit.covariance[LN_ASYMMETRY, LN_ASYMMETRY]
    return bool(np.isfinite(variance)) and variance < 1 and not fit.at_bound


def highest_correlation(fit: Fit) -> float | None:
    """Largest correlation between two parameters, in size; None without a covariance."""
    free = list(fit.model.free)
    covariance = fit.covariance[np.ix_(free, free)]
    scale = np.sqrt(np.diag(covariance))
    if not np.isfinite(scale).all() or (scale <= 0).any():
        return None
    return float(np.abs(covariance / np.outer(scale, scale) - np.eye(len(free))).max())


def weight_floor(y: Array) -> float:
    """A thousandth of the highest response, below which no weight looks."""
    return max(float(np.abs(y).max()) * 1e-3, 1e-12)
