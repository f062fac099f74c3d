"""Limit of blank, limit of detection and limit of quantitation.

After CLSI EP17-A2 (2012): the limit of blank from blanks, parametric (mean + cp SD) or by rank; the limit of
detection from it and from low samples, parametric (LoB + cp SD of the low samples) or by rank; the limit of
quantitation as the lowest level whose error meets a goal. cp = z / (1 - 1 / (4 (n - samples))) corrects the
bias of a sample SD. All limits are in the unit of the results. One lot at a time; see ``lots``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from pipeline.compute.statistics.inference import Array, require_probability, sample_sd, unusable

Mask = npt.NDArray[np.bool_]

_RANK_DIGITS = 9
"""A rank of 10.000000000000002 is rank 10."""


class Method(StrEnum):
    """How a limit was found."""

    PARAMETRIC = "parametric"
    """Results are taken as normally distributed."""
    RANK = "rank"
    """By counting; for results that are not."""


@dataclass(frozen=True, slots=True)
class DetectionLimit:
    """One limit, with the numbers it came from; None with a reason."""

    value: float | None
    method: Method
    n: int
    """Results used."""
    samples: int
    """Different samples among them."""
    reason: str | None = None


def limit_of_blank(
    results: Array, sample: Sequence[str], *, false_positive: float, method: Method
) -> DetectionLimit:
    """The highest result that a blank is expected to give.

    Args:
        results: of blanks of one lot, shape (n,).
        sample: which blank each is of, n names.
        false_positive: share of blank results that may lie above.
        method: parametric, or the value at rank 0.5 + (1 - false_positive) n, interpolated.
    """
    require_probability("false_positive", false_positive)
    _same_length(results, sample)
    n, samples = len(results), len(set(sample))
    problem = unusable(results)
    if problem is not None:
        return DetectionLimit(None, method, n, samples, problem)
    if method is Method.RANK:
        value = _at_rank(results, 0.5 + (1 - false_positive) * n)
        why = None if value is not None else f"{n} blanks are too few for this rank"
        return DetectionLimit(value, method, n, samples, why)
    factor, sd = bias_corrected_factor(1 - false_positive, n, samples), sample_sd(results)
    if factor is None or sd is None:
        return DetectionLimit(None, method, n, samples, "no replicate of any blank")
    return DetectionLimit(float(np.mean(results)) + factor * sd, method, n, samples)


def bias_corrected_factor(confidence: float, n: int, samples: int) -> float | None:
    """EP17's cp: the normal quantile, enlarged for a sample SD; None without replicates."""
    df = n - samples
    return float(ndtri(confidence)) / (1 - 1 / (4 * df)) if df > 0 else None


def _at_rank(values: Array, rank: float) -> float | None:
    """The value at a rank counted from 1, interpolated; None beyond the largest or before the smallest."""
    rank = round(rank, _RANK_DIGITS)
    if not 1 <= rank <= len(values):
        return None
    return float(np.interp(rank, np.arange(1, len(values) + 1), np.sort(values)))


def limit_of_detection(
    blank: DetectionLimit, results: Array, sample: Sequence[str], *, false_negative: float, method: Method
) -> DetectionLimit:
    """The lowest level that is told from a blank.

    Parametric: LoB + cp times the SD within the low samples, pooled. Rank: the median of the lowest sample of
    which, and of every higher one, no more than ``false_negative`` of the results are at or below the LoB.

    Args:
        blank: the limit of blank of the same lot.
        results: of low samples of that lot, shape (n,).
        sample: which sample each is of, n names.
        false_negative: share of results at the limit that may look like a blank.
        method: how to find it; the limit of blank may be of the other kind.
    """
    require_probability("false_negative", false_negative)
    _same_length(results, sample)
    n, samples = len(results), len(set(sample))
    problem = "there is no limit of blank" if blank.value is None else unusable(results)
    if problem is not None or blank.value is None:
        return DetectionLimit(None, method, n, samples, problem)
    if method is Method.RANK:
        value = _lowest_detected(blank.value, results, sample, false_negative)
        why = None if value is not None else "results of the highest sample look like blanks too often"
        return DetectionLimit(value, method, n, samples, why)
    factor, sd = bias_corrected_factor(1 - false_negative, n, samples), pooled_sd(results, sample)
    if factor is None or sd is None:
        return DetectionLimit(None, method, n, samples, "no replicate of any low sample")
    return DetectionLimit(blank.value + factor * sd, method, n, samples)


def pooled_sd(results: Array, sample: Sequence[str]) -> float | None:
    """SD within samples, weighted by degrees of freedom; None without replicates."""
    groups = _groups(results, sample)
    df = len(results) - len(groups)
    squares = sum((len(group) - 1) * (sample_sd(group) or 0.0) ** 2 for group in groups)
    return float(np.sqrt(squares / df)) if df > 0 else None


def _lowest_detected(blank: float, results: Array, sample: Sequence[str], allowed: float) -> float | None:
    found = None
    levels = [(float(np.median(g)), float(np.mean(g <= blank))) for g in _groups(results, sample)]
    for median, missed in sorted(levels, reverse=True):  # of equal medians the worse one comes first
        if missed > allowed:
            break
        found = median
    return found


def _groups(results: Array, sample: Sequence[str]) -> list[Array]:
    names = np.asarray(sample, dtype=str)
    return [results[names == name] for name in np.unique(names)]


def limit_of_quantitation(
    level: Array, error_percent: Array, *, goal_percent: float, detection: DetectionLimit | None = None
) -> DetectionLimit:
    """The lowest level at which, and above which, the error meets the goal; never below the LoD.

    Args:
        level: true or assigned values, shape (n,).
        error_percent: CV or total error (see ``total_error_percent``) at each, shape (n,).
        goal_percent: largest error that is good enough.
        detection: the limit of detection, when there is one.
    """
    n, method = len(level), Method.RANK
    _same_length(level, error_percent)
    problem = "there is no limit of detection" if detection and detection.value is None else None
    problem = problem or ("no level" if n == 0 else unusable(level, error_percent))
    if problem is not None:
        return DetectionLimit(None, method, n, n, problem)
    order = np.argsort(level)[::-1]
    failing = np.flatnonzero(error_percent[order] > goal_percent)
    good = int(failing[0]) if failing.size else n
    # levels that are equal stand or fall together
    passing = [float(v) for v in level[order[:good]] if not (level[order[good:]] == v).any()]
    if not passing:
        return DetectionLimit(None, method, n, n, "the error of the highest level misses the goal")
    lowest = min(passing)
    if detection is not None and detection.value is not None:
        lowest = max(lowest, detection.value)
    return DetectionLimit(lowest, method, n, n)


def total_error_percent(results: Array, true_value: float, multiplier: float) -> float | None:
    """|bias| + multiplier times SD, in percent of the true value; None without replicates or a true value.

    Args:
        results: replicates of one level, shape (n,).
        true_value: its assigned value, in the same unit, above zero.
        multiplier: 1 as in ICH M10, 1.65 or 2 as in models of total analytical error.
    """
    sd = sample_sd(results)
    if sd is None or not true_value > 0 or unusable(results) is not None:
        return None
    return 100.0 * (abs(float(np.mean(results)) - true_value) + multiplier * sd) / true_value


def lots(lot: Sequence[str], alone_up_to: int) -> dict[str, Mask]:
    """Which results to evaluate together: each lot alone, or all of them pooled when there are more lots.

    EP17 evaluates up to three lots alone and reports the largest limit; more lots are pooled.

    Args:
        lot: lot of each result, n names.
        alone_up_to: most lots that are evaluated alone.

    Returns:
        Masks of shape (n,), by lot; one mask named ``all lots`` when pooled.
    """
    names = np.asarray(lot, dtype=str)
    single = np.unique(names)
    if len(single) > alone_up_to:
        return {"all lots": np.ones(len(names), dtype=bool)}
    return {str(name): names == name for name in single}


def largest(limits: Sequence[DetectionLimit]) -> DetectionLimit:
    """The limit to report for several lots; not available while one of them is not."""
    if not limits:
        raise ValueError("no limit to choose from")
    missing = [limit for limit in limits if limit.value is None]
    return missing[0] if missing else max(limits, key=_value)


def _value(limit: DetectionLimit) -> float:
    return -np.inf if limit.value is None else limit.value


def _same_length(values: Array, names: Sequence[str] | Array) -> None:
    if len(values) != len(names):
        raise ValueError(f"{len(values)} results but {len(names)} labels")
