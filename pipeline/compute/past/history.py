"""One fixed cut point from the negatives of many plates, wide enough for a further plate.

Plates differ, so the SD of all negatives thrown together understates what the next plate does: its effective
number is the number of plates. One-way random effects (Searle, Casella and McCulloch 1992, Variance
Components, section 3.6), degrees of freedom after Satterthwaite 1946, Biometrics Bulletin 2:110. With one
negative per plate it is the prediction limit of Frey 1998. The result is approximate for unequal plates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.inference import (
    Array,
    only_rounding,
    require_probability,
    t_one_sided,
    unusable,
)


@dataclass(frozen=True, slots=True)
class HistoryCut:
    """A cut point in the unit of the values; where ``use_default`` is True the assay's default counts."""

    value: float | None
    rate: float
    plates: int
    n: int
    """Negatives on all plates."""
    df: float | None
    """Degrees of freedom of the prediction, no whole number where plates differ."""
    between_sd: float | None
    """Between plates beyond the scatter inside them; None where the two cannot be told apart."""
    use_default: bool
    reason: str | None = None
    """Why there is no value, or why the default counts although there is one."""


def fixed_cut(plates: Sequence[Array], rate: float, least_plates: int) -> HistoryCut:
    """The value that one negative on a further plate exceeds with this chance.

    Args:
        plates: negatives of each plate, shapes (n_i,), OD or ln OD; plates without one do not count.
        rate: 0.05 for screening, 0.01 for confirmation.
        least_plates: fewer plates do not replace the default.
    """
    require_probability("rate", rate)
    used = [np.asarray(plate, dtype=float) for plate in plates if len(plate) > 0]
    k, n = len(used), sum(len(plate) for plate in used)
    problem = "no negative" if n == 0 else unusable(*used)
    within, between = (0.0, 0.0) if problem else _squares(used)
    if problem is None:
        problem = _why_not(k, within + between, np.concatenate(used))
    if problem is not None:
        return HistoryCut(None, rate, k, n, None, None, use_default=True, reason=problem)
    sizes = np.array([len(plate) for plate in used], dtype=float)
    between_sd, variance, df = _prediction(sizes, within, between)
    value = float(np.mean(np.concatenate(used))) + t_one_sided(1 - rate, df) * variance**0.5
    reason = f"fewer than {least_plates} plates" if k < least_plates else None
    return HistoryCut(value, rate, k, n, df, between_sd, reason is not None, reason)


def _squares(plates: Sequence[Array]) -> tuple[float, float]:
    """(within, between) sums of squares."""
    mean = float(np.mean(np.concatenate(plates)))
    within = sum(float(np.sum((plate - np.mean(plate)) ** 2)) for plate in plates)
    return within, sum(len(plate) * (float(np.mean(plate)) - mean) ** 2 for plate in plates)


def _why_not(plates: int, squares: float, values: Array) -> str | None:
    if plates <= 1:
        return "one plate cannot say how plates differ"
    return "the negatives do not vary" if only_rounding(squares, values) else None


def _prediction(sizes: Array, within: float, between: float) -> tuple[float | None, float, float]:
    """(between SD, variance of a negative on a further plate about the mean of all, degrees of freedom)."""
    k, n = len(sizes), float(np.sum(sizes))
    crowd = float(np.sum(sizes**2)) / n
    size = (n - crowd) / (k - 1)  # the plate size that unequal plates are worth
    ms_between, ms_within = between / (k - 1), within / (n - k) if n > k else 0.0
    if ms_between < ms_within:  # plates do not differ: both estimate one variance
        ms_between = ms_within = (within + between) / (n - 1)
    # between variance times (1 + crowd / n) plus within variance times (1 + 1 / n), in the two mean squares
    share = (1 + crowd / n) / size
    first, second = ms_between * share, ms_within * (1 + 1 / n - share)
    parts = first**2 / (k - 1) + (second**2 / (n - k) if n > k else 0.0)
    between_sd = ((ms_between - ms_within) / size) ** 0.5 if n > k else None
    return between_sd, first + second, (first + second) ** 2 / parts
