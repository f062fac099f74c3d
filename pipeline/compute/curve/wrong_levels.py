"""Which calibrator levels were made up wrongly: for the words of a report, never for a result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.checks import FEWEST_LEVELS, LevelMean, degenerate
from pipeline.compute.curve.models import MODELS, curve
from pipeline.compute.curve.own_fit import fit_many
from pipeline.domain.curve_results import OneCurve
from pipeline.domain.results import ReplicatePrecision
from pipeline.domain.steering import Steering

Array = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]
"""Which levels are kept, shape (n,)."""

MOST_WRONG = 3
"""Levels that are looked for; of seven, more than the others cannot be told from a curve."""
NOISE_SD = 2.0
"""A level within so many SE of its mean OD lies on the curve, whatever its recovery: near the blank."""


def one_curve_without(
    levels: Sequence[LevelMean], model: str, precision: ReplicatePrecision, steering: Steering
) -> OneCurve | None:
    """The smallest set of levels without which all others lie on one curve; of several, the best curve's.

    A wrong level pulls a curve towards itself, so that its neighbours look wrong beside it. All sets of up to
    three levels are tried that leave enough levels for a curve, and more than it has parameters.

    Args:
        levels: with usable wells, the zero standard included.
        model: name of the curve's model.
        precision: well-to-well error of the plate.
        steering: how far from nominal a level of the curve may be read.

    Returns:
        Names in the order of ``levels``; None where there is no such set.
    """
    search = _Search(levels, model, precision, steering)
    for wrong in range(1, MOST_WRONG + 1):
        found = search.good(list(search.choices(wrong)))
        if found:
            kept = min(found, key=lambda choice: choice[0])[1]
            without = tuple(level.level for level, stays in zip(levels, kept, strict=True) if not stays)
            return OneCurve(without, only=len(found) == 1)
    return None


class _Search:
    """Level means with the error of each mean, shape (n,), and what a curve through them needs."""

    def __init__(
        self, levels: Sequence[LevelMean], model: str, precision: ReplicatePrecision, steering: Steering
    ) -> None:
        self.levels, self.precision, self.steering = levels, precision, steering
        self.model = MODELS.get(model, MODELS["4pl"])
        self.x = np.array([level.nominal for level in levels])
        self.y = np.array([level.mean_od for level in levels])
        self.error = np.array([precision.sd(level.mean_od) / level.n**0.5 for level in levels])

    def choices(self, wrong: int) -> Iterator[Chosen]:
        """Every choice that leaves out so many levels above zero and can carry a curve."""
        if len(self.levels) - wrong <= len(self.model.free):
            return
        for out in combinations(np.flatnonzero(self.x > 0), wrong):
            kept = ~np.isin(np.arange(len(self.x)), out)
            left = [level for level, stays in zip(self.levels, kept, strict=True) if stays]
            if degenerate(left, self.precision, FEWEST_LEVELS) is None:
                yield kept

    def good(self, choices: Sequence[Chosen]) -> list[tuple[float, Chosen]]:
        """Those choices whose levels lie on one curve, each after its chi-square."""
        if not choices:
            return []
        kept = np.array(choices)
        blank = self.y[self.x == 0]
        lower = float(blank[0]) if blank.size else None
        means = np.array([self._filled(one) for one in choices])
        found = fit_many(self.model, self.x, means, kept / self.error**2, lower)
        fits = zip(found.cost.tolist(), choices, found.theta, strict=True)
        return [(cost, one) for cost, one, theta in fits if self._on_curve(one, theta)]

    def _filled(self, kept: Chosen) -> Array:
        """The means, those left out read from their neighbours: there the fit starts."""
        place = np.log(np.where(self.x > 0, self.x, self.x[self.x > 0].min() / 10))
        order = np.argsort(place)
        known = order[kept[order]]
        return np.where(kept, self.y, np.interp(place, place[known], self.y[known]))

    def _on_curve(self, kept: Chosen, theta: Array) -> bool:
        """Is each level that is kept recovered, or within its noise? The ends have their own setting."""
        middle = self.steering.recovery or 0.0
        share = np.full(len(self.x), middle / 100)
        used = np.flatnonzero(kept & (self.x > 0))
        ends = used[[self.x[used].argmin(), self.x[used].argmax()]]
        share[ends] = (self.steering.recovery_ends or middle) / 100
        low, high = curve(self.x * (1 - share), theta), curve(self.x * (1 + share), theta)
        recovered = (self.y >= np.minimum(low, high)) & (self.y <= np.maximum(low, high))
        near = np.abs(self.y - curve(self.x, theta)) <= NOISE_SD * self.error
        return bool((recovered | near)[kept].all())
