"""All scenarios and the clean plates, in one process or several; the result does not depend on how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from scipy.special import betaincinv

from benchmarks.faults.measure import Outcome, outcome
from benchmarks.faults.mixups import LAYOUTS, MIXUPS, MixUp
from benchmarks.faults.scenarios import CLEANS, SCENARIOS, Scenario

CI_PLATES, CI_CLEAN = 10, 100
"""Plates of each fault, and clean ones, for every change."""
MOST_FALSE_ALARMS = 0.02
"""Largest share of clean plates that may be marked, by a warning or a fail of any rule."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of plates with its 95 % interval."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """0 to 1."""
        return self.count / self.of

    @property
    def ci95(self) -> tuple[float, float]:
        """Clopper and Pearson 1934."""
        k, n = self.count, self.of
        low = float(betaincinv(k, n - k + 1, 0.025)) if k else 0.0
        return low, float(betaincinv(k + 1, n - k, 0.975)) if k < n else 1.0


@dataclass(frozen=True, slots=True)
class Summary:
    """All plates of one scenario."""

    scenario: Scenario
    outcomes: tuple[Outcome, ...]

    def share(self, rules: frozenset[str] | None = None) -> Share:
        """Plates marked by one of the rules; by any rule where none is given."""
        hits = [o for o in self.outcomes if (o.marked if rules is None else o.marked & rules)]
        return Share(len(hits), len(self.outcomes))

    @property
    def rejected(self) -> Share:
        """Plates with that verdict."""
        return Share(sum(o.rejected for o in self.outcomes), len(self.outcomes))

    @property
    def wrong(self) -> Share:
        """Sera given out with another class than the truth."""
        return Share(sum(o.wrong for o in self.outcomes), sum(o.sera for o in self.outcomes))

    @property
    def unmarked(self) -> Share:
        """Of all sera, those given out wrong on a plate on which no rule warned."""
        silent = sum(o.wrong for o in self.outcomes if not o.marked)
        return Share(silent, sum(o.sera for o in self.outcomes))


def summaries(plates: int, seed: int, processes: int = 1) -> list[Summary]:
    """``plates`` of each scenario, in the order of the scenarios."""
    found = _each(partial(_plates, plates=plates, seed=seed), range(len(SCENARIOS)), processes)
    return [Summary(s, tuple(o)) for s, o in zip(SCENARIOS, found, strict=True)]


@dataclass(frozen=True, slots=True)
class MixUpSummary:
    """All plates of one mix-up on one layout."""

    mixup: MixUp
    layout: str
    plates: Summary

    @property
    def seers(self) -> list[str]:
        """Rules that marked at least half of the plates."""
        seen = Counter(rule for one in self.plates.outcomes for rule in one.marked)
        return sorted(rule for rule, count in seen.items() if 2 * count >= len(self.plates.outcomes))


def mixups(plates: int, seed: int, processes: int = 1) -> list[MixUpSummary]:
    """``plates`` of each mix-up on each layout."""
    work = [(n, layout) for n in range(len(MIXUPS)) for layout in LAYOUTS]
    found = _each(partial(_mixed_up, work=work, plates=plates, seed=seed), range(len(work)), processes)
    return [
        MixUpSummary(MIXUPS[n], layout, Summary(MIXUPS[n].scenario, tuple(outcomes)))
        for (n, layout), outcomes in zip(work, found, strict=True)
    ]


def _mixed_up(number: int, work: Sequence[tuple[int, str]], plates: int, seed: int) -> list[Outcome]:
    mixup, layout = work[number]
    return [outcome(MIXUPS[mixup].scenario, plate, seed, layout) for plate in range(plates)]


def clean(plates: int, seed: int, processes: int = 1, kind: int = 0) -> Summary:
    """Plates without any fault; ``kind`` is the number of one of ``CLEANS``."""
    work = partial(_clean, of=processes, plates=plates, seed=seed, kind=kind)
    parts = _each(work, range(processes), processes)
    return Summary(CLEANS[kind], tuple(o for part in parts for o in part))


def _each(work: partial[list[Outcome]], numbers: Sequence[int], processes: int) -> list[list[Outcome]]:
    if processes == 1:
        return [work(n) for n in numbers]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return list(pool.map(work, numbers))


def _plates(number: int, plates: int, seed: int) -> list[Outcome]:
    return [outcome(SCENARIOS[number], plate, seed) for plate in range(plates)]


def _clean(part: int, of: int, plates: int, seed: int, kind: int) -> list[Outcome]:
    return [outcome(CLEANS[kind], plate, seed) for plate in range(part, plates, of)]
