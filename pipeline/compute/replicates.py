"""Replicate wells: means, CV, agreement, and the well-to-well error of the whole plate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.domain.assay import Limits
from pipeline.domain.results import OdSummary, ReplicatePrecision

Array = npt.NDArray[np.float64]

RESOLUTION_OD = 0.0005
"""Half of the last digit that readers print (0.001): no well is known better than this."""
MIN_DF = 4
"""Fewer replicate degrees of freedom than this say too little about a plate's error."""
ASSUMED = ReplicatePrecision(additive_od=0.01, proportional=0.10, df=0)
"""Used, and said so by df = 0, where a plate has no replicates: a cautious well CV of 10 %."""


def summarise(ods: Sequence[float]) -> OdSummary | None:
    """Mean, n and CV (%, sample SD) of replicate ODs; None for no well, CV None for one well."""
    if not ods:
        return None
    mean = float(np.mean(ods))
    if len(ods) == 1:
        return OdSummary(mean, 1, None)
    cv = 100.0 * float(np.std(ods, ddof=1)) / abs(mean) if mean else None
    return OdSummary(mean, len(ods), cv, max(ods) - min(ods))


def replicates_agree(ods: Sequence[float], limits: Limits) -> bool:
    """CV within ``replicate_cv``, or range within ``replicate_difference_od`` (for low signals)."""
    summary = summarise(ods)
    if summary is None or summary.range_od is None or limits.replicate_cv is None:
        return True
    allowed = limits.replicate_difference_od
    if allowed is not None and summary.range_od <= allowed.value:
        return True
    return summary.cv_percent is not None and summary.cv_percent <= limits.replicate_cv.value


def plate_precision(groups: Iterable[Sequence[float]]) -> ReplicatePrecision:
    """Two-component error of one well from all replicate groups of a plate.

    Group variances are regressed on the squared mean, Var = a² + b² m², by iterated gamma weights
    (variance of a sample variance: 2 sigma^4 / df), both parts kept at or above 0.

    Args:
        groups: ODs of wells that should read alike (same sample, dilution and antigen).
    """
    usable = [np.asarray(group, dtype=float) for group in groups if len(group) > 1]
    if not usable:
        return ASSUMED
    df = np.array([len(group) - 1 for group in usable], dtype=float)
    mean = np.array([group.mean() for group in usable])
    variance = np.array([group.var(ddof=1) for group in usable])
    total = int(df.sum())
    if total < MIN_DF:
        return ASSUMED
    additive, proportional = _two_components(df, mean, variance)
    return ReplicatePrecision(max(additive**0.5, RESOLUTION_OD), proportional**0.5, total)


def _two_components(df: Array, mean: Array, variance: Array, rounds: int = 25) -> tuple[float, float]:
    """(a², b²) of Var = a² + b² m²; non-negative."""
    design = np.column_stack([np.ones_like(mean), mean**2])
    floor = max(float(np.average(variance, weights=df)), 1e-12) * 1e-3
    fitted = np.full_like(mean, float(np.average(variance, weights=df)))
    solution: Array = np.zeros(2)
    for _ in range(rounds):
        weight = df / np.maximum(fitted, floor) ** 2
        solution = _non_negative(design, variance, weight)
        fitted = design @ solution
    return float(solution[0]), float(solution[1])


def _non_negative(design: Array, target: Array, weight: Array) -> Array:
    """Weighted least squares with two columns, coefficients at or above 0."""
    gram = design.T @ (design * weight[:, None])
    right = design.T @ (target * weight)
    if np.linalg.matrix_rank(gram) == 2:  # noqa: PLR2004 - two columns
        both = np.asarray(np.linalg.solve(gram, right))
        if (both >= 0).all():
            return both
    alone = right / np.diag(gram)
    gain = right * alone
    best = int(np.argmax(gain))
    return np.asarray(np.eye(2)[best] * max(float(alone[best]), 0.0))
