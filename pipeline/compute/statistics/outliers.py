"""One outlier among replicates: Grubbs' test and Dixon's r10. They tell; leaving a value out is not theirs.

Grubbs 1969, Technometrics 11:1 (critical values as in NIST/SEMATECH e-Handbook 1.3.5.17.1); Dixon 1950, Ann
Math Stat 21:488, with critical values by integration as McBane 2006, J Stat Softw 16(3); the printed tables
(Rorabacher 1991, Anal Chem 63:139) are up to 0.0025 away from these. Both are two-sided and take the other
values as normally distributed, so replicates of log-normal results belong on the ln scale. Among three values
neither can tell much: two that happen to agree make the third an outlier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, stdtrit

from pipeline.compute.statistics.inference import (
    Array,
    only_rounding,
    require_probability,
    sample_sd,
    unusable,
)

FEWEST = 3
"""With two values nothing can be the odd one out."""
_NODES = 120
_REACH = 9.0
"""Normal values beyond this many SD do not occur."""
_HALVINGS = 45


@dataclass(frozen=True, slots=True)
class OutlierTest:
    """The most suspect value, its statistic and the critical value; None with a reason."""

    n: int
    statistic: float | None
    critical: float | None
    index: int | None
    """Place of the most suspect value."""
    outlier: bool | None
    reason: str | None = None


def grubbs_critical(n: int, alpha: float) -> float | None:
    """Largest G that chance gives to n normal values; None for fewer than three."""
    require_probability("alpha", alpha)
    if n < FEWEST:
        return None
    t2 = float(stdtrit(n - 2, alpha / (2 * n))) ** 2
    return float((n - 1) * np.sqrt(t2 / (n - 2 + t2) / n))


def grubbs(values: Array, alpha: float) -> OutlierTest:
    """G = distance of the most distant value from the mean, in sample SD; values of shape (n,)."""
    n, critical = len(values), grubbs_critical(len(values), alpha)
    sd = sample_sd(values)
    problem = _problem(values)
    if problem is not None or sd is None or critical is None:
        return OutlierTest(n, None, critical, None, None, problem)
    distance = np.abs(values - float(np.mean(values))) / sd
    index = int(np.argmax(distance))
    statistic = float(distance[index])
    return OutlierTest(n, statistic, critical, index, statistic > critical)


def dixon(values: Array, alpha: float) -> OutlierTest:
    """r10 = gap between the most extreme value and its neighbour over the range; values of shape (n,)."""
    n, critical = len(values), dixon_critical(len(values), alpha)
    problem = _problem(values)
    if problem is not None or critical is None:
        return OutlierTest(n, None, critical, None, None, problem)
    order = np.argsort(values, kind="stable")
    low, second, next_to_last, high = values[order[[0, 1, -2, -1]]]
    smallest = (float((second - low) / (high - low)), int(order[0]))
    largest = (float((high - next_to_last) / (high - low)), int(order[-1]))
    statistic, index = max(largest, smallest)
    return OutlierTest(n, statistic, critical, index, statistic > critical)


OUTLIER_TESTS: dict[str, Callable[[Array, float], OutlierTest]] = {"grubbs": grubbs, "dixon": dixon}


def _problem(values: Array) -> str | None:
    if len(values) < FEWEST:
        return f"{len(values)} values are too few to call one an outlier"
    problem = unusable(values)
    if problem is None and only_rounding(float(np.sum((values - np.mean(values)) ** 2)), values):
        problem = "all values are equal"
    return problem


@lru_cache(maxsize=256)
def dixon_critical(n: int, alpha: float) -> float | None:
    """Largest r10 that chance gives to n normal values; None for fewer than three.

    Each end gets alpha / 2, as in the published tables.
    """
    require_probability("alpha", alpha)
    if n < FEWEST:
        return None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _chance_beyond(middle, n) > alpha / 2:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=1)
def _nodes() -> tuple[Array, Array]:
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    return node, weight


def _chance_beyond(ratio: float, n: int) -> float:
    """Chance that the gap at the upper end is more than this share of the range.

    The largest and the smallest value lie ``width`` apart; all others must lie below the gap.
    """
    node, weight = _nodes()
    smallest = _REACH * node[:, None]
    width = _REACH * (node + 1)[None, :]
    density = np.exp(-(smallest**2 + (smallest + width) ** 2) / 2) / (2 * np.pi)
    others = ndtr(smallest + (1 - ratio) * width) - ndtr(smallest)
    cells = weight[:, None] * weight[None, :] * _REACH**2
    return float(n * (n - 1) * np.sum(cells * density * others ** (n - 2)))
