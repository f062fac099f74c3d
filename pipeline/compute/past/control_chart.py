"""A control chart: mean and SD of the first accepted runs, z of every run, and the bridge to a new lot.

Levey and Jennings 1950, Am J Clin Pathol 20:1059. The reference is fixed, the first runs that were not
rejected: limits that move along with the runs would follow a slow drift and never show it. CLSI C24 asks for
20 runs; with fewer a chart is provisional. Mean and SD are the plain ones and **not** robust: one outlier
among 20 reference runs, q SD away, widens the SD by the factor sqrt(1 + q²/20), and a drift inside the
reference goes unseen. An SD from 20 runs is itself known to 16 %: a z beyond 3 is three times as frequent
as the 0.27 % of a known SD.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.change import Limits, geometric_mean_interval, geometric_summary
from pipeline.compute.statistics.inference import Array, sample_sd
from pipeline.domain.message import Message


@dataclass(frozen=True, slots=True)
class ChartSettings:
    """How many runs make a chart."""

    reference_runs: int = 20
    """The first so many accepted runs set mean and SD."""
    enough: int = 20
    """With fewer the chart is provisional."""
    least: int = 5
    """With fewer there is no z: an SD of three runs means nothing."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Mean and SD of the reference runs, on the scale of the values; None with a reason."""

    n: int
    mean: float | None
    sd: float | None
    provisional: bool
    reason: str | None = None

    def z(self, value: float | None) -> float | None:
        """Distance from the mean in SD."""
        if value is None or self.mean is None or self.sd is None:
            return None
        return (value - self.mean) / self.sd


@dataclass(frozen=True, slots=True)
class Chart:
    """Values of one quantity and lot, one a run, with their z."""

    baseline: Baseline
    values: tuple[float | None, ...]
    z: tuple[float | None, ...]


def chart(values: Sequence[float | None], accepted: Sequence[bool], settings: ChartSettings) -> Chart:
    """Chart the runs of one quantity and lot.

    Args:
        values: in the order of time, on the scale on which they scatter evenly (ln for titers).
        accepted: which runs may be reference; same length. The others are judged like any run.
        settings: how many runs are needed.

    While a chart is provisional every run is judged against a mean and SD to which it contributed itself:
    with n runs no z can exceed (n - 1) / sqrt(n).
    """
    pairs = zip(values, accepted, strict=True)
    usable = [value for value, taken in pairs if taken and value is not None]
    base = baseline(np.array(usable[: settings.reference_runs]), settings)
    return Chart(base, tuple(values), tuple(base.z(value) for value in values))


def baseline(values: Array, settings: ChartSettings) -> Baseline:
    """Mean and SD (n - 1) of reference values, shape (n,)."""
    n = len(values)
    provisional = n < settings.enough
    if n < max(settings.least, 2):
        return Baseline(
            n,
            None,
            None,
            provisional,
            Message("{n:n} accepted runs, at least {m:n} needed", n=n, m=settings.least),
        )
    sd = sample_sd(values)
    if not sd:
        return Baseline(n, float(np.mean(values)), None, provisional, "all reference runs are equal")
    return Baseline(n, float(np.mean(values)), sd, provisional)


@dataclass(frozen=True, slots=True)
class Bridge:
    """A new lot against the old one, from runs with both."""

    n: int
    ratio: float | None
    """New over old, geometric mean."""
    interval: Limits | None
    reason: str | None
    """Why the ratio or its interval is not there."""


def bridge(old: Array, new: Array, confidence: float = 0.95) -> Bridge:
    """Ratio of two lots measured side by side.

    Args:
        old: titers of the old lot, shape (n,), above 0.
        new: of the new lot in the same runs, shape (n,).
        confidence: two-sided, of the interval (Student's t on the ln ratios of the runs).

    Raises:
        ValueError: lots of different numbers of runs.
    """
    if old.shape != new.shape:
        raise ValueError("each run needs a titer of both lots")
    if bool((old <= 0).any()):
        return Bridge(len(old), None, None, "a titer of the old lot is not above zero")
    ratios = geometric_summary(new / old)
    interval = geometric_mean_interval(ratios, confidence)
    equal = None if interval or ratios.reason else "all runs give the same ratio"
    return Bridge(ratios.n, ratios.mean, interval, ratios.reason or equal)
