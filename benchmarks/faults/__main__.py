"""The command line: spoil, evaluate, print the tables."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from pipeline.workspace.shipped import sample_data_folder

sys.path.append(str(sample_data_folder()))  # the simulator of the sample data draws the plates

from benchmarks.faults.page import rule_lines, write
from benchmarks.faults.run import CI_CLEAN, CI_PLATES, MOST_FALSE_ALARMS, Summary, clean, mixups, summaries
from benchmarks.faults.scenarios import CLEANS
from benchmarks.faults.series import SLOW_FAULTS, STEADY, series_of
from benchmarks.faults.tables import OverTime, fault_tables, mixup_table, series_tables


def main() -> int:
    """Print all tables; 1 where too many clean plates are marked."""
    options = _options()
    start = time.perf_counter()
    faults = summaries(options.plates, options.seed, options.processes)
    mixed_up = mixups(options.plates, options.seed, options.processes)
    good = clean(options.clean, options.seed, options.processes)
    kinds = range(1, len(CLEANS))
    noisy = [clean(max(options.clean // 4, 1), options.seed, options.processes, kind) for kind in kinds]
    over_time = _over_time(good, options.series, options.seed)
    print("\n".join(fault_tables(faults, good, noisy, markdown=False)), "", sep="\n")
    print("\n".join(series_tables(over_time, markdown=False)), "", sep="\n")
    print("\n".join(mixup_table(mixed_up, markdown=False)), "", sep="\n")
    if options.page is not None:
        tables = fault_tables(faults, good, noisy, markdown=True)
        series = series_tables(over_time, markdown=True)
        parts = {"rules": rule_lines(), "faults": tables, "series": series}
        write(options.page, parts | {"mixups": mixup_table(mixed_up, markdown=True)})
    print(f"{time.perf_counter() - start:.0f} s")
    return int(good.share().value > MOST_FALSE_ALARMS)


def _over_time(good: Summary, number: int, seed: int) -> OverTime:
    pool = [plate.controls for plate in good.outcomes]
    slow = [(fault, series_of(fault, pool, number, seed)) for fault in (STEADY, *SLOW_FAULTS)]
    return OverTime(slow, slow[0][1], pool)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--plates", type=int, default=CI_PLATES, help="of each fault")
    parser.add_argument("--clean", type=int, default=CI_CLEAN, help="plates without a fault")
    parser.add_argument("--series", type=int, default=200, help="of runs, of each fault over time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, help="write rules and tables into this page, such as docs/qc.md")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
