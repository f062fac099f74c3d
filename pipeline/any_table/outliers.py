"""Which response among the replicates of one x is suspected of being an outlier. Nothing is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.outliers import FEWEST, OUTLIER_TESTS

ALPHA = 0.05
"""Chance that one level without an outlier is suspected, both sides together (Grubbs 1969)."""


@dataclass(frozen=True, slots=True)
class Point:
    """One row of a table: its line in the file, concentration and response."""

    line: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class LevelTest:
    """Replicates of one x: the most suspect response, and whether it is an outlier; None with a reason."""

    x: float
    n: int
    y: float | None
    line: int | None
    statistic: float | None
    critical: float | None
    outlier: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ReplicateOutliers:
    """All levels of one group, in the order of x."""

    test: str
    alpha: float
    levels: tuple[LevelTest, ...]


def replicate_outliers(points: Sequence[Point], test: str) -> ReplicateOutliers:
    """Test the responses of each x, on the scale in which they stand in the table."""
    levels = (_level([point for point in points if point.x == x], test) for x in _ladder(points))
    return ReplicateOutliers(test, ALPHA, tuple(levels))


def _ladder(points: Sequence[Point]) -> list[float]:
    return sorted({point.x for point in points})


def _level(replicates: Sequence[Point], test: str) -> LevelTest:
    found = OUTLIER_TESTS[test](np.array([point.y for point in replicates]), ALPHA)
    suspect = None if found.index is None else replicates[found.index]
    return LevelTest(
        x=replicates[0].x,
        n=found.n,
        y=None if suspect is None else suspect.y,
        line=None if suspect is None else suspect.line,
        statistic=found.statistic,
        critical=found.critical,
        outlier=found.outlier,
        reason=found.reason,
    )


def outlier_lines(found: ReplicateOutliers) -> Iterator[str]:
    """The same for people: how much was tested, then each suspect."""
    tested = [level for level in found.levels if level.outlier is not None]
    few = sum(level.n < FEWEST for level in found.levels)
    chance = f"; chance alone suspects {found.alpha * len(tested):.2g} of them" if tested else ""
    untested = f", {few} with fewer than {FEWEST} responses not" if few else ""
    yield f"  outliers ({found.test}, alpha {found.alpha:g}): {len(tested)} levels tested{untested}{chance}"
    yield from (_suspect_line(level) for level in tested if level.outlier)


def _suspect_line(level: LevelTest) -> str:
    return (
        f"  ? x = {level.x:g}: y = {level.y:g} (line {level.line}) is suspected, "
        f"{level.statistic:.4f} above {level.critical:.4f}; it is in the fit"
    )
