"""Intervals with a laboratory's own history beside those of a lone plate, at several true step CVs.

    python -m benchmarks.coverage.history --laboratories 24 --markdown

Every laboratory runs 40 plates whose likelihoods are summed, as ``from = "ledger"`` does it.
Each of the plates that follow is evaluated three times: as a lone plate with a guess of 3 %, with what the
history says, and with the true step CV known.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from benchmarks.coverage.design import Design
from benchmarks.coverage.measure import DECLARED, DECLARED_DF, Outcome, analysed, evaluated
from benchmarks.coverage.simulate import simulate
from pipeline.compute.titer.step_history import pooled

STEP_CVS = (1.0, 2.0, 3.0, 5.0)
"""True CVs of a dilution step, percent."""
WELL_CVS = (2.0, 4.0)
WAYS = ("lone plate", "with history", "step CV known")


@dataclass(frozen=True, slots=True)
class Learned:
    """One laboratory: what its history says, and the sera of its next plates, each way."""

    design: Design
    cv_percent: float
    df: float
    outcomes: tuple[Sequence[Outcome], ...]
    """In the order of ``WAYS``; those with a titer."""


def design(step_cv: float, well_cv: float) -> Design:
    """A plate of 96 wells: seven calibrators and three sera in four dilutions, in duplicate."""
    return Design(
        plate=96, levels=7, dilutions=4, fold=3, wells=2, well_cv=well_cv, od_noise=0.003, step_cv=step_cv
    )


def laboratory(number: int, of: Design, seed: int, past: int, following: int) -> Learned:
    """Simulate one laboratory."""
    rng = np.random.default_rng([seed, number, int(of.step_cv), int(of.well_cv)])
    steps = [analysed(of, simulate(of, rng), DECLARED, DECLARED_DF).step_error for _ in range(past)]
    cv, df = pooled([step.likelihood for step in steps if step is not None and step.likelihood is not None])
    known: tuple[tuple[float, float | None], ...] = ((DECLARED, DECLARED_DF), (cv, df), (of.step_cv, None))
    found: tuple[list[Outcome], ...] = ([], [], [])
    for plate in range(number * following, (number + 1) * following):
        simulated = simulate(of, rng)
        for way, outcomes in zip(known, found, strict=True):
            outcomes += [one for one in evaluated(plate, of, simulated, *way) if one.error is not None]
    return Learned(of, cv, df, found)


def coverage(labs: Sequence[Learned], way: int) -> float:
    """Share of the titers whose 95 % interval holds the truth."""
    return float(np.mean([one.covered for lab in labs for one in lab.outcomes[way]]))


def width(labs: Sequence[Learned], way: int) -> float:
    """Median ln of the interval's upper end over its lower end."""
    widths = [one.width for lab in labs for one in lab.outcomes[way] if one.width is not None]
    return float(np.median(widths))


def _rows(options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    yield ("well CV %", "step CV %", "sera", "learned CV %", "df", *(f"{w}: coverage %, width" for w in WAYS))
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        for well_cv in WELL_CVS:
            for step_cv in STEP_CVS:
                of = design(step_cv, well_cv)
                work = partial(laboratory, of=of, seed=options.seed, past=options.past, following=10)
                yield _row(of, list(pool.map(work, range(options.laboratories))))


def _row(of: Design, labs: Sequence[Learned]) -> tuple[str, ...]:
    sera = sum(len(lab.outcomes[0]) for lab in labs)
    learned = np.median([(lab.cv_percent, lab.df) for lab in labs], axis=0)
    cells = (f"{100 * coverage(labs, way):.1f}, {width(labs, way):.2f}" for way in range(len(WAYS)))
    return f"{of.well_cv:g}", f"{of.step_cv:g}", f"{sera:,}", f"{learned[0]:.2f}", f"{learned[1]:.0f}", *cells


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser("python -m benchmarks.coverage.history", description=__doc__)
    parser.add_argument("--laboratories", type=int, default=8)
    parser.add_argument("--past", type=int, default=40, help="plates of a laboratory's history")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    for number, row in enumerate(_rows(options)):
        print(f"| {' | '.join(row)} |" if options.markdown else "  ".join(row), flush=True)
        if options.markdown and not number:
            print("|".join(["", *(" ---: " for _ in row), ""]), flush=True)


if __name__ == "__main__":
    main()
