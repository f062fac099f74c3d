"""All families, in this process or in several; the result does not depend on how many."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from benchmarks.degenerate.families import FAMILIES, Family, Kind
from benchmarks.degenerate.measure import Outcome, outcome

CI_SEEDS = 10
"""Curves of each family for every change."""


@dataclass(frozen=True, slots=True)
class Summary:
    """All curves of one family; shares are 0 to 1."""

    family: Family
    curves: int
    rejected: float
    by_controls_only: float
    named: float
    """Share of the curves with one of the expected names."""
    released: int
    outside: int
    worst: float
    warned: tuple[str, ...]
    crashed: tuple[str, ...]
    found: tuple[frozenset[str], ...]
    """The names that each curve got."""

    @property
    def wrong(self) -> bool:
        """Was something released that may not be, or did something break?"""
        forbidden = self.released if self.family.kind is Kind.DEGENERATE else self.outside
        return bool(forbidden or self.warned or self.crashed)


def summaries(seeds: int, seed: int, processes: int = 1) -> list[Summary]:
    """``seeds`` curves of each family, in the order of the families."""
    work = partial(_curves, seeds=seeds, seed=seed)
    numbers = range(len(FAMILIES))
    if processes == 1:
        return [summary(family, work(n)) for family, n in zip(FAMILIES, numbers, strict=True)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        found = list(pool.map(work, numbers))
    return [summary(family, curves) for family, curves in zip(FAMILIES, found, strict=True)]


def _curves(number: int, seeds: int, seed: int) -> list[Outcome]:
    return [outcome(FAMILIES[number], curve, seed) for curve in range(seeds)]


def summary(family: Family, found: Sequence[Outcome]) -> Summary:
    """Put the curves of one family together."""
    return Summary(
        family=family,
        curves=len(found),
        rejected=sum(o.rejected for o in found) / len(found),
        by_controls_only=sum(o.by_controls_only for o in found) / len(found),
        named=sum(bool(o.names & set(family.expected)) for o in found) / len(found),
        released=sum(o.released for o in found),
        outside=sum(o.outside for o in found),
        worst=max(o.worst for o in found),
        warned=tuple(text for o in found for text in o.warned),
        crashed=tuple(o.crashed for o in found if o.crashed is not None),
        found=tuple(o.names for o in found),
    )
