"""A plate with known truth: true curve, true titers, and the errors of pipetting and reading.

Written apart from the pipeline, with formulas of its own, so that a fault there cannot hide here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.coverage.bench import (
    BLANK_WELLS,
    CALIBRATOR_WELLS,
    HIGHEST,
    LOWEST,
    STRENGTHS,
    nominal,
    sera_on,
)
from benchmarks.coverage.design import Design

Array = npt.NDArray[np.float64]

DECIMALS = 4
"""Digits that plate readers print."""
PLACES = {"weak": (0.05, 0.30), "middle": (0.35, 0.65), "strong": (0.70, 0.95)}
"""Where a serum lies between the lowest (0) and the highest calibrator (1), on ln concentration: the first
dilution of a weak serum, the centre of the series of a middle one, the last dilution of a strong one."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """Readings in the order of the layout's wells, and the truth: ln titer and strength of each serum."""

    ods: Array
    ln_titer: Array
    strength: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Curve:
    zero: float
    span: float
    half: float
    slope: float

    def specific(self, ln_x: Array) -> Array:
        """OD that the antibody adds at a ln concentration: the Hill equation."""
        return np.asarray(self.span / (1.0 + np.exp(self.slope * (np.log(self.half) - ln_x))))


def simulate(design: Design, rng: np.random.Generator, calibrator_cv: float = 0.0) -> Simulated:
    """Make one plate.

    Args:
        design: what stands on it and how large its errors are.
        rng: seeded; the same seed gives the same plate.
        calibrator_cv: error of each calibrator level, common to its wells, percent. The pipeline takes the
            calibrators as exact.
    """
    curve = _drawn_curve(rng)
    strength = tuple(STRENGTHS[i % len(STRENGTHS)] for i in range(sera_on(design)))
    ln_titer = _titers(design, strength, rng)
    true = np.concatenate(
        [
            _calibrator_ods(design, curve, calibrator_cv, rng),
            np.full(BLANK_WELLS, curve.zero),
            _serum_ods(design, curve, ln_titer, rng),
        ]
    )
    proportional = 1.0 + design.well_cv / 100 * rng.standard_normal(true.size)
    additive = design.od_noise * rng.standard_normal(true.size)
    return Simulated(np.round(true * proportional + additive, DECIMALS), ln_titer, strength)


def _drawn_curve(rng: np.random.Generator) -> _Curve:
    return _Curve(
        zero=rng.uniform(0.04, 0.08),
        span=rng.uniform(2.4, 2.9),
        half=rng.uniform(1e4, 2e4),
        slope=rng.uniform(0.9, 1.2),
    )


def _titers(design: Design, strength: tuple[str, ...], rng: np.random.Generator) -> Array:
    """Ln titers; the first dilution of a series is the calibrators' reference dilution."""
    low, high = np.array([PLACES[s] for s in strength]).T
    place = np.log(LOWEST) + rng.uniform(low, high) * np.log(HIGHEST / LOWEST)
    length = (design.dilutions - 1) * np.log(design.fold)
    before = {"weak": 0.0, "middle": 0.5, "strong": 1.0}
    return np.asarray(place + length * np.array([before[s] for s in strength]))


def _calibrator_ods(design: Design, curve: _Curve, cv: float, rng: np.random.Generator) -> Array:
    ln_amount = np.log(nominal(design.levels)) + _ln_sd(cv) * rng.standard_normal(design.levels)
    return np.repeat(curve.zero + curve.specific(ln_amount), CALIBRATOR_WELLS)


def _serum_ods(design: Design, curve: _Curve, ln_titer: Array, rng: np.random.Generator) -> Array:
    """True ODs, serum by dilution by coating by well, flat.

    The error of ln amount is a random walk along the series, its first step included; the wells of a dilution
    come from one tube and share it. What sticks without antigen falls with the root of the dilution.
    """
    shape = (ln_titer.size, design.dilutions)
    walk = _ln_sd(design.step_cv) * rng.standard_normal(shape).cumsum(axis=1)
    ln_amount = walk - np.arange(design.dilutions) * np.log(design.fold)
    sticky = np.exp(rng.uniform(np.log(0.005), np.log(0.04), (ln_titer.size, 1)))
    without = curve.zero + sticky * np.exp(ln_amount / 2)
    with_antigen = without + curve.specific(ln_titer[:, None] + ln_amount)
    return np.repeat(np.stack([with_antigen, without], axis=-1), design.wells, axis=-1).ravel()


def _ln_sd(cv_percent: float) -> float:
    """SD of ln of a log-normal amount with this CV."""
    return float(np.sqrt(np.log1p((cv_percent / 100) ** 2)))
