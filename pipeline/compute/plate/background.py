"""Antigen-negative wells: the net signal of each sample and dilution, with its variance.

The difference of the means cancels plastic binding, conjugate background and blank at once, so no blank is
subtracted beside it. Negative differences are kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.results import ReplicatePrecision


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal in OD and its standard error."""

    od: float
    se: float


def mean_signal(ods: Sequence[float], precision: ReplicatePrecision) -> Signal | None:
    """Mean OD of replicate wells; its error comes from the plate's precision, not from two wells."""
    if not ods:
        return None
    mean = sum(ods) / len(ods)
    return Signal(mean, precision.sd(mean) / len(ods) ** 0.5)


def difference(with_antigen: Signal | None, without: Signal | None) -> Signal | None:
    """Net signal D = with - without; Var(D) is the sum of both variances. None when a side is absent."""
    if with_antigen is None or without is None:
        return None
    return Signal(with_antigen.od - without.od, math.hypot(with_antigen.se, without.se))


def specific_fraction(
    pairs: Sequence[tuple[Signal, Signal]],
) -> tuple[float, float] | None:
    """(fraction, SE) of the signal that is specific, pooled over dilutions: sum D / sum with-antigen.

    The pooled ratio 1 - N/M has variance (Var N + (N/M)² Var M) / M² (delta method for a ratio).

    Args:
        pairs: (with antigen, without) for each deciding dilution.
    """
    total = sum(with_antigen.od for with_antigen, _ in pairs)
    if not pairs or total <= 0:
        return None
    share = sum(without.od for _, without in pairs) / total
    variance_without = sum(without.se**2 for _, without in pairs)
    variance_with = sum(with_antigen.se**2 for with_antigen, _ in pairs)
    return 1.0 - share, math.sqrt(variance_without + share**2 * variance_with) / total


def fraction_df(pairs: Sequence[tuple[Signal, Signal]], precision: ReplicatePrecision) -> float:
    """Degrees of freedom behind the variance of :func:`specific_fraction` (Satterthwaite 1946).

    The variances of all wells come from the same two components, so they err together: their standard
    deviations add up, not their squares.
    """
    share = sum(without.od for _, without in pairs) / sum(with_antigen.od for with_antigen, _ in pairs)
    parts = [(without.se**2, precision.df_at(without.od)) for _, without in pairs]
    parts += [(share**2 * main.se**2, precision.df_at(main.od)) for main, _ in pairs]
    spread = sum(variance / math.sqrt(df) for variance, df in parts)
    total = sum(variance for variance, _ in parts)
    return max((total / spread) ** 2, 1.0) if spread > 0 else math.inf
