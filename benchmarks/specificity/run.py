"""Many plates, in this process or in several; the result does not depend on how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from benchmarks.plates import flagship
from benchmarks.specificity.plate import evaluated, rejected, slots
from benchmarks.specificity.population import SHARES, Drawn, drawn_sera
from benchmarks.specificity.rules import RULES, Decision, seen
from pipeline.domain.results import PlateResult

CI_SERA = 500
"""The size for every change."""
_CHUNK = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """One serum at one share of sticky sera: the truth, and what each rule says."""

    share: float
    serum: Drawn
    sticky: bool
    classification: str
    reason: str
    """Code of titerline's class."""
    decisions: Mapping[str, Decision]
    """Rule -> decision."""


@dataclass(frozen=True, slots=True)
class Found:
    """All outcomes, plate by plate, and how many plates the rules of QC rejected."""

    outcomes: list[Outcome]
    rejected: int
    plates: int


def found(sera: int, seed: int, unequal: float = 0.0, processes: int = 1) -> Found:
    """Simulate and evaluate ``sera`` sera, rounded up to whole plates, at each share of sticky sera."""
    numbers = range(-(-sera // len(slots())))
    chunks = [numbers[start : start + _CHUNK] for start in numbers[::_CHUNK]]
    work = partial(_chunk, seed=seed, unequal=unequal)
    if processes == 1:
        return _together([work(chunk) for chunk in chunks])
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return _together(list(pool.map(work, chunks)))


def _together(parts: Sequence[Found]) -> Found:
    outcomes = [outcome for part in parts for outcome in part.outcomes]
    return Found(outcomes, sum(part.rejected for part in parts), sum(part.plates for part in parts))


def _chunk(numbers: Sequence[int], seed: int, unequal: float) -> Found:
    return _together([_plate(number, seed, unequal) for number in numbers])


def _plate(number: int, seed: int, unequal: float) -> Found:
    """Evaluate one plate at every share; where the same sera stick, it is the same plate."""
    cutoff = flagship().assay.cutoff
    sera = drawn_sera(np.random.default_rng([seed, number]), len(slots()), cutoff.titer if cutoff else 1.0)
    results: dict[tuple[bool, ...], PlateResult | None] = {}
    outcomes: list[Outcome] = []
    lost = 0
    for share in SHARES:
        sticky = tuple(serum.sticks(share) for serum in sera)
        if sticky not in results:
            result = evaluated(sera, sticky, np.random.default_rng([seed, number, 1]), unequal)
            results[sticky] = None if rejected(result) else result
        valid = results[sticky]
        lost += valid is None
        outcomes += [] if valid is None else _outcomes(valid, share, sera, sticky)
    return Found(outcomes, lost, len(SHARES))


def _outcomes(
    result: PlateResult, share: float, sera: Sequence[Drawn], sticky: Sequence[bool]
) -> list[Outcome]:
    known = [seen(result, record, flagship().assay) for record in result.samples]
    return [
        Outcome(
            share=share,
            serum=serum,
            sticky=stuck,
            classification=look.record.classification,
            reason=look.record.reasons[0],
            decisions={name: rule(look) for name, rule in RULES.items()},
        )
        for serum, stuck, look in zip(sera, sticky, known, strict=True)
    ]
