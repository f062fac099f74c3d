"""Many plates, in this process or in several; the result does not depend on how many."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from benchmarks.intervals.measure import Outcome, outcomes
from benchmarks.intervals.plate import ASSAYS, Errors

CI_PLATES = 100
"""Of each assay, for every change."""
USUAL = Errors()
_CHUNK = 20


def measured(plates: int, seed: int, errors: Errors = USUAL, processes: int = 1) -> list[Outcome]:
    """Simulate and evaluate ``plates`` plates of each assay."""
    work = [(name, numbers) for name in ASSAYS for numbers in _chunks(plates)]
    one = partial(_chunk, seed=seed, errors=errors)
    if processes == 1:
        return [outcome for item in work for outcome in one(item)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return [outcome for found in pool.map(one, work) for outcome in found]


def _chunks(plates: int) -> list[range]:
    return [range(plates)[start : start + _CHUNK] for start in range(0, plates, _CHUNK)]


def _chunk(work: tuple[str, Sequence[int]], seed: int, errors: Errors) -> list[Outcome]:
    name, numbers = work
    return [outcome for number in numbers for outcome in outcomes(name, number, seed, errors)]
