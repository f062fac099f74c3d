"""The command line: simulate, evaluate, print the tables."""

from __future__ import annotations

import argparse
import sys
import time

from pipeline.workspace.shipped import sample_data_folder

sys.path.append(str(sample_data_folder()))  # the simulator of the sample data draws the plates

from benchmarks.intervals.plate import Errors
from benchmarks.intervals.run import CI_PLATES, USUAL, measured
from benchmarks.intervals.summary import by_dilution, by_figure, by_titer, table


def main() -> None:
    """Print the report."""
    options = _options()
    errors = Errors(options.calibrator_cv / 100, options.nominal)
    start = time.perf_counter()
    found = measured(options.plates, options.seed, errors, options.processes)
    seconds = time.perf_counter() - start
    print(f"{options.plates:,} plates of each assay, seed {options.seed}, ", end="")
    print(f"calibrator CV {options.calibrator_cv:g} %, {seconds:.0f} s\n")
    print("\n".join(table(by_figure(found), ("assay", "figure"), markdown=options.markdown)))
    for part, cells in (("titer", by_titer(found)), ("dilution", by_dilution(found))):
        if part in options.by:
            print("\n" + "\n".join(table(cells, ("assay", "figure", part), markdown=options.markdown)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.intervals", description=__doc__)
    parser.add_argument("--plates", type=int, default=CI_PLATES, help="of each assay, four sera each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calibrator-cv", type=float, default=100 * USUAL.calibrator_cv, help="percent")
    parser.add_argument("--nominal", action="store_true", help="true ODs at the dilutions as declared")
    parser.add_argument("--by", choices=("titer", "dilution"), action="append", default=[])
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
