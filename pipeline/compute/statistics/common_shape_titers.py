"""Inflection and endpoint titers of samples that were fitted with one common curve shape.

Endpoint titer at OD c: ln T = a + ln((upper - lower) / (c - lower) - 1) / b, the dilution at which the
sample's curve crosses c. Its variance is the delta method over the sample's own a, the common parameters and
their covariance.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import logit

from pipeline.compute.statistics.common_shape import LN_SLOPE, LOWER, UPPER, CommonShape
from pipeline.compute.statistics.inference import Array


class Position(StrEnum):
    """Where a titer lies among the dilutions tested for its sample."""

    BELOW = "below"
    """Extrapolated: the titer is smaller than the lowest dilution factor."""
    INSIDE = "inside"
    ABOVE = "above"
    """Extrapolated: the titer is larger than the highest dilution factor."""


@dataclass(frozen=True, slots=True)
class SampleTiter:
    """One sample's titer (a dilution factor) and the standard error of its logarithm."""

    sample: str
    titer: float | None
    ln_se: float | None
    """Has the degrees of freedom of the fit."""
    position: Position | None
    reason: str | None = None
    """Why the titer or its standard error is not there."""


def inflection_titers(fit: CommonShape) -> tuple[SampleTiter, ...]:
    """The dilution at which each sample's curve is halfway between the common asymptotes."""
    return _described(fit, 0.0, np.zeros(len(fit.shared)))


def endpoint_titers(fit: CommonShape, od: float) -> tuple[SampleTiter, ...]:
    """The dilution at which each sample's fitted curve crosses an OD.

    Args:
        fit: the samples, m of them.
        od: on the scale of the fit, between the common asymptotes; elsewhere no sample has a titer.
    """
    span = fit.upper - fit.lower
    share = (od - fit.lower) / span
    if not 0 < share < 1:
        reason = f"OD {od:g} does not lie between the common asymptotes"
        return tuple(SampleTiter(name, None, None, None, reason) for name in fit.names)
    distance = -float(logit(share)) / fit.slope
    gradient = np.zeros(len(fit.shared))
    gradient[UPPER] = 1 / (fit.slope * span * (1 - share))
    gradient[LN_SLOPE] = -distance
    if fit.given_lower is None:
        gradient[LOWER] = 1 / (fit.slope * span * share)
    return _described(fit, distance, gradient)


def _described(fit: CommonShape, distance: float, gradient: Array) -> tuple[SampleTiter, ...]:
    """Every sample's titer at a distance in ln dilution from its inflection, with d distance / d shared."""
    errors = _ln_errors(fit, gradient)
    return tuple(
        _one(fit, k, float(fit.ln_inflection[k]) + distance, None if errors is None else float(errors[k]))
        for k in range(len(fit.names))
    )


def _ln_errors(fit: CommonShape, gradient: Array) -> Array | None:
    """Standard errors of the ln titers, shape (m,)."""
    if fit.ln_variance is None or fit.cross_covariance is None or fit.shared_covariance is None:
        return None
    common = float(gradient @ fit.shared_covariance @ gradient)
    return np.sqrt(np.maximum(fit.ln_variance + 2 * fit.cross_covariance @ gradient + common, 0.0))


def _one(fit: CommonShape, k: int, ln_titer: float, ln_se: float | None) -> SampleTiter:
    position = _position(ln_titer, float(fit.tested[k, 0]), float(fit.tested[k, 1]))
    if fit.open_end[k]:
        return SampleTiter(fit.names[k], None, None, position, "the wells do not say where the inflection is")
    return SampleTiter(fit.names[k], float(np.exp(ln_titer)), ln_se, position, fit.reason)


def _position(ln_titer: float, lowest: float, highest: float) -> Position:
    if ln_titer < lowest:
        return Position.BELOW
    return Position.ABOVE if ln_titer > highest else Position.INSIDE
