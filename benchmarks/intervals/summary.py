"""Outcomes -> coverage of each figure, whole or in parts, and the lines of the tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.intervals.measure import Outcome
from benchmarks.specificity.summary import Rate

AIM = (0.93, 0.97)
TITERS = ((2_000.0, 7_000.0), (7_000.0, 30_000.0), (30_000.0, math.inf))
"""BTU."""
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of one kind."""

    covered: Rate
    """Of those with an interval."""
    too_low: int
    """Intervals that lie below the truth."""
    too_high: int
    bounds: Rate
    """How many of the bounds hold."""
    without: int
    """Neither an interval nor a bound."""

    @property
    def verdict(self) -> str:
        """Is 93 to 97 % excluded by the interval of the coverage?"""
        low, high = self.covered.interval
        return "below" if high < AIM[0] else "above" if low > AIM[1] else ""


def cell(members: Sequence[Outcome]) -> Cell:
    """Count."""
    known = [(o.truth, o.low, o.high) for o in members if o.low is not None and o.high is not None]
    known_ends = [(truth, low, high) for truth, low, high in known if low is not None and high is not None]
    too_low = sum(high < truth for truth, _, high in known_ends)
    too_high = sum(low > truth for truth, low, _ in known_ends)
    bounds = [o.at_least <= o.truth for o in members if o.at_least is not None]
    return Cell(
        covered=Rate(len(known) - too_low - too_high, len(known)),
        too_low=too_low,
        too_high=too_high,
        bounds=Rate(sum(bounds), len(bounds)),
        without=len(members) - len(known) - len(bounds),
    )


def by_figure(outcomes: Sequence[Outcome]) -> dict[Key, Cell]:
    """(assay, figure) -> counts."""
    return _cells(outcomes, lambda o: (o.assay, o.figure))


def by_titer(outcomes: Sequence[Outcome]) -> dict[Key, Cell]:
    """(assay, figure, band of the true titer) -> counts."""
    return _cells(outcomes, lambda o: (o.assay, o.figure, _band(o.titer)))


def by_dilution(outcomes: Sequence[Outcome]) -> dict[Key, Cell]:
    """(assay, figure, dilution) -> counts, for figures of one dilution."""
    chosen = [o for o in outcomes if o.dilution is not None]
    return _cells(chosen, lambda o: (o.assay, o.figure, f"1:{o.dilution:g}"))


def _cells(outcomes: Sequence[Outcome], key: Callable[[Outcome], Key]) -> dict[Key, Cell]:
    groups: dict[Key, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return {name: cell(groups[name]) for name in sorted(groups)}


def _band(titer: float) -> str:
    low, high = next(band for band in TITERS if band[0] <= titer <= band[1])
    return f"{low:,.0f} or more" if high == math.inf else f"{low:,.0f} to {high:,.0f}"


HEADS = ("n", "coverage % (95 %)", "too low %", "too high %", "bounds", "hold %", "neither", "aim")


def table(cells: Mapping[Key, Cell], heads: Key, *, markdown: bool) -> Iterator[str]:
    """Yield the lines of a table; ``heads`` name the parts of the keys."""
    rows = [(*heads, *HEADS), *((*key, *_numbers(found)) for key, found in cells.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cut = len(heads)
        cells_of = [
            text.ljust(width) if i < cut else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"| {' | '.join(cells_of)} |" if markdown else "  ".join(cells_of).rstrip()
        if markdown and number == 0:
            yield "|".join(["", *[" --- "] * cut, *[" ---: "] * len(HEADS), ""])


def _numbers(found: Cell) -> tuple[str, ...]:
    low, high = found.covered.interval
    n = max(found.covered.n, 1)
    return (
        f"{found.covered.n:,}",
        f"{100 * found.covered.k / n:.1f} ({100 * low:.1f} to {100 * high:.1f})",
        f"{100 * found.too_low / n:.1f}",
        f"{100 * found.too_high / n:.1f}",
        f"{found.bounds.n:,}",
        f"{100 * found.bounds.k / found.bounds.n:.1f}" if found.bounds.n else "-",
        f"{found.without:,}",
        found.verdict,
    )
