"""The common practice to compare with: one dilution, the one nearest the middle of the curve."""

from __future__ import annotations

import math

from pipeline.domain.curve_results import CurveFit
from pipeline.domain.results import SampleResult


def single_dilution(sample: SampleResult, curve: CurveFit, reference_dilution: float) -> float | None:
    """Ln titer from the dilution whose reading lies nearest the middle of the fitted curve in ln OD.

    The middle is halfway between the curve's ODs at the lowest and the highest calibrator; a reading is the
    net OD above the lower asymptote, as the net signal stands on the curve.
    """
    if curve.failure is not None:
        return None
    levels = [c.nominal for c in curve.calibrators if c.nominal > 0]
    lower = curve.parameters["lower"].value
    ends = [_od(curve, min(levels)), _od(curve, max(levels))]
    readings = [(d.dilution, d.net_od + lower) for d in sample.dilutions if d.net_od is not None]
    readable = [(dilution, od) for dilution, od in readings if od > 0]
    if min(ends) <= 0 or not readable:
        return None
    middle = sum(math.log(od) for od in ends) / 2
    dilution, od = min(readable, key=lambda pair: abs(math.log(pair[1]) - middle))
    ln_x = _ln_concentration(curve, od)
    return None if ln_x is None else ln_x + math.log(dilution / reference_dilution)


def _od(curve: CurveFit, x: float) -> float:
    lower, upper, half, slope, power = _parameters(curve)
    return float(upper - (upper - lower) * (1 + (x / half) ** slope) ** -power)


def _ln_concentration(curve: CurveFit, od: float) -> float | None:
    lower, upper, half, slope, power = _parameters(curve)
    if not lower < od < upper:
        return None
    return math.log(half) + math.log(((upper - lower) / (upper - od)) ** (1 / power) - 1) / slope


def _parameters(curve: CurveFit) -> tuple[float, float, float, float, float]:
    """Lower, upper, ec50, slope and asymmetry (1 for the 4PL)."""
    value = {name: parameter.value for name, parameter in curve.parameters.items()}
    return value["lower"], value["upper"], value["ec50"], value["slope"], value.get("asymmetry", 1.0)
