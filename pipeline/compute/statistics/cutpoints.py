"""Cut-offs from negative samples: the value that a new negative exceeds with a stated chance only.

Prediction limit: mean + f SD with f = t(1 - alpha, n - 1) sqrt(1 + 1/n) (Frey, Di Canzio, Zurakowski 1998,
J Immunol Methods 221:35); a screening cut point has alpha 0.05, a confirmatory one 0.01 (Shankar et al.
2008, J Pharm Biomed Anal 48:1267). By rank: the value at rank (1 - alpha) (n + 1), which exists from
n = 1 / alpha - 1 on: 19 negatives at 5 %, 99 at 1 %. Averaged over all sets of negatives that could have been
taken both hold the chance exactly: the first for normal values, the second for any.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import numpy as np

from pipeline.compute.statistics.inference import (
    Array,
    not_positive,
    require_probability,
    sample_sd,
    t_one_sided,
    unusable,
)
from pipeline.domain.message import Message

_DIGITS = 9
"""1 / 0.05 - 1 is 19, whatever its last binary digit."""


class CutPointMethod(StrEnum):
    """How a cut point was found."""

    PREDICTION = "prediction limit"
    LN_PREDICTION = "prediction limit of the logarithms"
    RANK = "percentile by rank"


class Tail(StrEnum):
    """On which side a sample is not negative."""

    UPPER = "upper"
    LOWER = "lower"
    """For what falls in a positive sample, such as the signal left after inhibition."""


@dataclass(frozen=True, slots=True)
class CutPoint:
    """A cut point in the unit of the values, with how it was found; None with a reason."""

    value: float | None
    method: CutPointMethod
    n: int
    """Negatives used for the mean, or ranked."""
    least_n: int
    """Fewest negatives from which this method gives this cut point."""
    false_positive: float
    """Chance that a new negative lies beyond."""
    factor: float | None = None
    """Multiplies the SD; None by rank."""
    df: int | None = None
    """Degrees of freedom behind the SD; None by rank."""
    reason: str | None = None


def frey_factor(confidence: float, n: int) -> float | None:
    """F of mean + f SD that one new negative stays below with this confidence; None for fewer than two."""
    require_probability("confidence", confidence)
    return t_one_sided(confidence, n - 1) * (1 + 1 / n) ** 0.5 if n > 1 else None


def least_n_by_rank(false_positive: float) -> int:
    """Fewest negatives of which the largest is exceeded by a new one with no more than this chance."""
    require_probability("false_positive", false_positive)
    return max(ceil(round(1 / false_positive - 1, _DIGITS)), 1)


def cut_point(
    values: Array, *, false_positive: float, method: CutPointMethod, least_n: int, tail: Tail = Tail.UPPER
) -> CutPoint:
    """A cut point from one value of each negative sample.

    Args:
        values: of negatives, shape (n,).
        false_positive: 0.05 for screening, 0.01 for confirmation.
        method: prediction limit (plain or of the logarithms) or percentile by rank.
        least_n: fewest negatives that the laboratory accepts; a method may need more.
        tail: on which side a positive lies.
    """
    require_probability("false_positive", false_positive)
    needed = least_n_by_rank(false_positive) if method is CutPointMethod.RANK else 2
    n, needed = len(values), max(least_n, needed)
    problem = not_positive(values) if method is CutPointMethod.LN_PREDICTION else unusable(values)
    if n < needed:
        problem = Message("{n:n} negatives; at least {m:n} are needed", n=n, m=needed)
    if problem is not None:
        return CutPoint(None, method, n, needed, false_positive, reason=problem)
    sign = 1.0 if tail is Tail.UPPER else -1.0
    if method is CutPointMethod.RANK:
        rank = round((1 - false_positive) * (n + 1), _DIGITS)
        ranked = np.sort(sign * values)
        value = sign * float(np.interp(rank, np.arange(1, n + 1), ranked))
        return CutPoint(value, method, n, needed, false_positive)
    ln = method is CutPointMethod.LN_PREDICTION
    used = np.log(values) if ln else values
    factor, sd = frey_factor(1 - false_positive, n) or 0.0, sample_sd(used) or 0.0
    value = float(np.mean(used)) + sign * factor * sd
    value = float(np.exp(value)) if ln else value
    return CutPoint(value, method, n, needed, false_positive, factor, n - 1)
