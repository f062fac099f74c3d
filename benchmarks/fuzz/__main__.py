"""The command line: try many seeds, or one again."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.readers import readers

from .corpus import REAL, Source, choose, corpus, named
from .digit import flipped, followed, judged_digit, judged_sign
from .mutant import mutant
from .run import CI_DIGITS, CI_MUTANTS, Judge, judged_mutant, tally_in_processes, with_values

PROPERTIES = ("mutant", "digit", "sign")


def main() -> int:
    """Print the report; 1 when a rule was broken, 2 when there was nothing to try."""
    options = _options()
    sources = corpus(options.file)
    if not sources:
        print(f"no export has {options.file!r} in its name")
        return 2
    if options.replay is not None:
        return _replay(options.replay, sources, options)
    print(f"{len(sources)} exports; readers: {', '.join(reader.NAME for reader in readers())}")
    if not REAL.is_dir():
        print("skipped: the real exports are not beside this checkout")
    first = options.first
    mutants = range(first, first + options.mutants)
    failed = _campaign("mutants", judged_mutant, sources, mutants, options.processes)
    with_digits = with_values(sources)
    wells = sum(value.wells for source in with_digits for value in followed(source).values)
    print(f"\n{wells:,} wells can be followed, in {len(with_digits)} of {len(sources)} exports")
    if with_digits:
        digits = range(first, first + options.digits)
        failed |= _campaign("changed digits", judged_digit, with_digits, digits, options.processes)
        print()
        failed |= _campaign("changed signs", judged_sign, with_digits, digits, options.processes)
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--mutants", type=int, default=CI_MUTANTS, help="how many spoiled files")
    parser.add_argument("--digits", type=int, default=CI_DIGITS, help="how many changed digits, and signs")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--file", default="", help="only exports with this in their name")
    parser.add_argument("--replay", type=int, metavar="SEED", help="one mutant again, written to a file")
    parser.add_argument("--property", choices=PROPERTIES, default="mutant", help="of --replay")
    parser.add_argument("--out", type=Path, default=Path(), help="the folder for the replayed file")
    return parser.parse_args()


def _campaign(what: str, judge: Judge, sources: Sequence[Source], seeds: range, processes: int) -> bool:
    """Try the seeds and print the report; True when something failed."""
    start = time.perf_counter()
    counted = tally_in_processes(judge, sources, seeds, processes)
    print("\n".join(counted.lines(what)))
    print(f"in {time.perf_counter() - start:.0f} s with {processes} processes", flush=True)
    return bool(counted.failures)


def _replay(seed: int, sources: Sequence[Source], options: argparse.Namespace) -> int:
    source = named(sources, options.file) or choose(sources, seed)
    if options.property != "mutant":
        if not followed(source).values:
            print(f"{source.name} has no value that can be followed")
            return 2
        sign = options.property == "sign"
        place, text, data = flipped(source, seed, sign=sign)
        done = f"{place.text!r} became {text!r} at {place.part} {place.start}".replace("  ", " ")
        outcome = (judged_sign if sign else judged_digit)(seed, source)
    else:
        spoiled = mutant(source, seed)
        data, done = spoiled.data, ", ".join(spoiled.steps)
        outcome = judged_mutant(seed, source)
    path = options.out / f"mutant_{seed}_{Path(source.name).name}"
    path.write_bytes(data)
    print(f"file     {source.name}\ndone     {done}\nwritten  {path}, {len(data):,} bytes")
    print(f"verdict  {outcome.verdict}, {outcome.cost.seconds:.2f} s\nfault    {outcome.fault or 'none'}")
    return int(outcome.fault is not None)


if __name__ == "__main__":
    sys.exit(main())
