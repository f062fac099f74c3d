"""Controls as a yardstick: do the intervals of the titers hold what they say?

A control is the same serum on every plate. Where standard errors are true, its ln titers scatter about their
common mean by them: z = (ln titer - weighted mean) / SE has an SD of 1. What differs between runs and is in
no plate's errors (calibrator lots, days) makes it larger; standard errors that are too large make it smaller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import chdtri

from pipeline.domain.history import ChartKey, PastRun

FEWEST_RUNS = 20
"""As for control limits: an SD from fewer runs says little."""


class IntervalsHold(StrEnum):
    """What the SD of z says of the intervals."""

    YES = "yes"
    TOO_NARROW = "too narrow"
    TOO_WIDE = "too wide"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One control and lot over the runs that were not rejected."""

    label: str
    runs: int
    sd: float
    """Of z; 1 where the standard errors are true."""
    ci95: tuple[float, float]
    """Of that SD, by the chi-square distribution."""

    @property
    def held(self) -> IntervalsHold:
        """Is 1 inside the interval, or on which side does it lie?"""
        if self.ci95[0] > 1:
            return IntervalsHold.TOO_NARROW
        return IntervalsHold.TOO_WIDE if self.ci95[1] < 1 else IntervalsHold.YES


def yardsticks(runs: Sequence[PastRun]) -> list[Yardstick]:
    """One for each control and lot with a titer and its standard error in enough runs.

    Args:
        runs: of one assay; rejected ones do not count.
    """
    found: dict[ChartKey, list[tuple[float, float]]] = {}
    for run in runs:
        for name, one in run.controls.items():
            if not run.rejected and one.value is not None and one.se:
                found.setdefault(ChartKey(name, one.lot, one.measure), []).append((one.value, one.se))
    return [_yardstick(key.label, pairs) for key, pairs in found.items() if len(pairs) >= FEWEST_RUNS]


def _yardstick(label: str, pairs: Sequence[tuple[float, float]]) -> Yardstick:
    value, se = np.array(pairs).T
    mean = float(np.average(value, weights=se**-2))
    scatter, df = float((((value - mean) / se) ** 2).sum()), len(pairs) - 1
    ends = math.sqrt(scatter / float(chdtri(df, 0.025))), math.sqrt(scatter / float(chdtri(df, 0.975)))
    return Yardstick(label, len(pairs), math.sqrt(scatter / df), ends)
