"""A laboratory that learned its step CV from its first plates: do the intervals of the next plates cover?

Every laboratory has one design and one true step CV. Its first plates are evaluated with a guess of 3 %,
their increments are pooled as ``titerline learn`` does it, and the following plates use what was learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from benchmarks.coverage.design import Design, designs
from benchmarks.coverage.measure import DECLARED, DECLARED_DF, Outcome, analysed, evaluated
from benchmarks.coverage.simulate import simulate
from pipeline.compute.titer.error_components import pooled_step


@dataclass(frozen=True, slots=True)
class Laboratory:
    """What one laboratory learned, and how its next plates came out."""

    design: Design
    cv_percent: float
    """As used; the declared value where nothing could be learned."""
    df: float
    outcomes: Sequence[Outcome]


def laboratories(
    count: int, seed: int, past: int = 20, following: int = 5, processes: int = 1
) -> list[Laboratory]:
    """Simulate laboratories with series of two dilutions or more.

    Args:
        count: laboratories.
        seed: the same seed gives the same plates.
        past: plates that a laboratory learns from.
        following: plates that use what was learned.
        processes: the result does not depend on it.
    """
    drawn = [design for design in designs(5 * count, seed) if design.dilutions > 1]
    work = partial(_laboratory, seed=seed, past=past, following=following)
    numbered = list(enumerate(drawn[:count]))
    if processes == 1:
        return [work(one) for one in numbered]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return list(pool.map(work, numbered))


def _laboratory(numbered: tuple[int, Design], seed: int, past: int, following: int) -> Laboratory:
    number, design = numbered
    rng = np.random.default_rng([seed, 2, number])
    steps = [analysed(design, simulate(design, rng), DECLARED, DECLARED_DF).step_error for _ in range(past)]
    cv, df = pooled_step([step for step in steps if step is not None]) or (DECLARED, DECLARED_DF)
    numbers = range(number * following, (number + 1) * following)
    outcomes = [
        outcome for plate in numbers for outcome in evaluated(plate, design, simulate(design, rng), cv, df)
    ]
    return Laboratory(design, cv, df, outcomes)
