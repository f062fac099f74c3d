"""The command line: simulate, evaluate, print the tables."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from benchmarks.coverage.design import SERIES, designs
from benchmarks.coverage.learned import Laboratory, laboratories
from benchmarks.coverage.measure import Outcome
from benchmarks.coverage.run import CI_PLATES, measured
from benchmarks.coverage.summary import GROUPS
from benchmarks.coverage.tables import learned_report, report, series_report


def main() -> None:
    """Print the report."""
    options = _options()
    start = time.perf_counter()
    found = measured(
        designs(options.plates, options.seed), options.seed, options.calibrator_cv, options.processes
    )
    seconds = time.perf_counter() - start
    outcomes = found.outcomes
    samples = sum(outcome.known for outcome in outcomes)
    print(f"{samples:,} samples on {options.plates:,} plates, seed {options.seed}", end="")
    print(f", calibrator CV {options.calibrator_cv:g} %" if options.calibrator_cv else "")
    print("\n".join(report(outcomes, options.by, markdown=options.markdown)))
    for message, plates in found.warned.most_common():
        print(f"\nwarned on {plates:,} plates: {message}")
    if options.series:
        print("\n".join(series_report(_series(options), markdown=options.markdown)))
    if options.laboratories:
        print("\n".join(learned_report(_laboratories(options), markdown=options.markdown)))
    print(f"\n{len(outcomes):,} evaluations in {seconds:.0f} s, {len(outcomes) / seconds:.0f} a second")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--plates", type=int, default=CI_PLATES, help="about 14 samples each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calibrator-cv", type=float, default=0.0, help="percent, of each calibrator level")
    parser.add_argument("--by", type=_factors, action="append", help=f"a table by {', '.join(GROUPS)}")
    parser.add_argument("--laboratories", type=int, default=0, help="that learned from 20 plates each")
    parser.add_argument("--series", type=int, default=0, help="plates of one design, series beside single")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def _series(options: argparse.Namespace) -> list[Outcome]:
    chosen = [replace(SERIES, fold=fold) for fold in (2, 3, 4) for _ in range(options.series)]
    return measured(chosen, options.seed, 0.0, options.processes).outcomes


def _laboratories(options: argparse.Namespace) -> list[Laboratory]:
    return laboratories(options.laboratories, options.seed, processes=options.processes)


def _factors(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(GROUPS):
        raise argparse.ArgumentTypeError(f"not a factor: {', '.join(sorted(unknown))}")
    return names


if __name__ == "__main__":
    main()
