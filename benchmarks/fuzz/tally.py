"""Counts of many outcomes, and how they are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from .check import ACCEPTED, DETAIL, Outcome

EXAMPLES = 4
"""How many seeds are kept for each kind of failure."""


@dataclass(slots=True)
class Tally:
    """Outcomes counted by verdict, the costliest of them, and failures by kind with their seeds."""

    verdicts: Counter[str] = field(default_factory=Counter)
    slowest: Outcome | None = None
    largest: Outcome | None = None
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.verdicts[outcome.verdict] += 1
        self._keep_costliest(outcome)
        if outcome.fault is not None:
            kind, _, detail = outcome.fault.partition(DETAIL)
            self._fail(kind, 1, [f"--replay {outcome.seed} --file {outcome.file}  {detail}"])

    def merge(self, other: Tally) -> None:
        """Add the counts of another tally."""
        self.verdicts += other.verdicts
        for outcome in (other.slowest, other.largest):
            if outcome is not None:
                self._keep_costliest(outcome)
        for kind, count in other.failures.items():
            self._fail(kind, count, other.examples[kind])

    def lost(self, seeds: range) -> None:
        """Count seeds whose process died."""
        self._fail("the process died", len(seeds), [f"one of the seeds {seeds[0]} to {seeds[-1]}"])

    def _fail(self, kind: str, count: int, examples: list[str]) -> None:
        self.failures[kind] += count
        kept = self.examples.setdefault(kind, [])
        kept += examples[: EXAMPLES - len(kept)]

    def _keep_costliest(self, outcome: Outcome) -> None:
        if self.slowest is None or outcome.cost.seconds > self.slowest.cost.seconds:
            self.slowest = outcome
        megabytes = outcome.cost.megabytes
        if megabytes is not None and (self.largest is None or megabytes > (self.largest.cost.megabytes or 0)):
            self.largest = outcome

    def lines(self, what: str) -> Iterator[str]:
        """The report."""
        yield f"{what:<28} {self.verdicts.total():>9,}"
        for verdict, count in sorted(self.verdicts.items(), key=lambda item: (item[0] != ACCEPTED, -item[1])):
            yield f"  {verdict:<26} {count:>9,}"
        if self.slowest is not None:
            yield f"slowest  {self.slowest.cost.seconds:.2f} s, {_which(self.slowest)}"
        if self.largest is not None:
            yield f"largest  {self.largest.cost.megabytes:.0f} MB more, {_which(self.largest)}"
        elif self.verdicts:
            yield "largest  not measured on this system"
        yield f"failures {self.failures.total():,}"
        yield from self.failure_lines()

    def failure_lines(self) -> Iterator[str]:
        """Each kind of failure with its seeds, the most frequent first."""
        for kind, count in self.failures.most_common():
            yield f"  {count:,} x {kind}"
            yield from (f"      {example}" for example in self.examples[kind])


def _which(outcome: Outcome) -> str:
    return f"seed {outcome.seed}, {outcome.file}, {outcome.verdict}"
