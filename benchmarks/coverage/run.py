"""Many plates, in this process or in several; the result does not depend on how many."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from benchmarks.coverage.design import Design
from benchmarks.coverage.measure import Outcome, outcomes

CI_PLATES = 300
"""The size for every change: about 4,000 samples."""
_CHUNK = 20


@dataclass(frozen=True, slots=True)
class Measured:
    """All outcomes in the order of their plates, and what the pipeline warned of: message -> plates."""

    outcomes: list[Outcome]
    warned: Counter[str]


def measured(
    designs: Sequence[Design], seed: int, calibrator_cv: float = 0.0, processes: int = 1
) -> Measured:
    """Simulate and evaluate one plate of each design; plates are numbered from 0."""
    drawn = list(enumerate(designs))
    work = partial(_chunk, seed=seed, calibrator_cv=calibrator_cv)
    if processes == 1:
        return work(drawn)
    chunks = [drawn[start : start + _CHUNK] for start in range(0, len(drawn), _CHUNK)]
    total = Measured([], Counter())
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for found in pool.map(work, chunks):
            total.outcomes.extend(found.outcomes)
            total.warned.update(found.warned)
    return total


def _chunk(drawn: Sequence[tuple[int, Design]], seed: int, calibrator_cv: float) -> Measured:
    total = Measured([], Counter())
    for number, design in drawn:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            total.outcomes.extend(outcomes(number, design, seed, calibrator_cv))
        total.warned.update({f"{w.category.__name__}: {w.message}" for w in warned})
    return total
